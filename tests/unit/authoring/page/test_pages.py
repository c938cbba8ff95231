"""A runbook as a page: the sections that people know, everything that its author says, and nothing that runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from runbook import kinds
from runbook.authoring.page.build import page
from runbook.authoring.page.html import html
from runbook.authoring.page.index import Row, html_index, markdown_index
from runbook.authoring.page.markdown import code, fenced, markdown, plain
from runbook.authoring.page.rendering import rendered
from runbook.document.load import load
from runbook.document.model import Runbook
from support.books import every, one

FORMS = ("markdown", "html", "mermaid", "svg", "cacao")
FULL = b"""
apiVersion: runbook/v1
kind: Runbook
name: full
title: "All <b>of</b> it | `here`"
severity: SEV1
owners: [team-a]
caution: Nobody else may *touch* it.
description: Short.
about: "# How it works\\n\\nWith `care`.\\n"
impact: It hurts.
links: [{title: "A [board]", url: "https://example.com/a(b)"}, {title: Bad, url: "javascript:alert(1)"}]
parameters:
  host: {type: string, description: The host., from_alert: labels.host}
  path: {type: string, default: "/var/lib/a b"}
  key: {type: string, secret: true, default: {env: THE_KEY}}
target: {kind: Host, name: "{{ params.host }}"}
triage:
  - id: look
    title: Look
    description: First of all.
    caution: It is slow.
    links: [{title: More, url: "https://example.com/more"}]
    uses: command.run
    with: {argv: [cat, "{{ params.path }}"], effect: read}
    outputs: {first: {line: 1}}
    means:
      - {if: exit_code > 0, say: It is gone., points_to: fix}
      - {else: true, say: It is there.}
resolution:
  - id: fix
    title: Fix it
    when: steps.look.exit_code > 0
    caution: Slowly.
    temporary: 2h
    steps:
      - id: each
        uses: command.run
        with: {argv: [touch, "{{ item }}"], undo: {argv: [rm, "{{ item }}"]}, preview: {argv: [ls, "{{ item }}"]}}
        for_each: {items: [a, b]}
      - id: hand
        uses: manual.do
        with: {text: "Now <script>alert(1)</script> turn it.\\n\\n1. Left\\n2. Right", expect: It hums.}
      - {id: wait, uses: wait.until, with: {for: 90s}}
  - id: over
    continue_with: {runbook: another}
verification:
  checks: [{id: well, uses: tcp.connect, with: {host: "{{ target.name }}", port: 22}}]
communication:
  - {at: start, to: chat, text: "It began | on {{ params.host }}"}
  - {every: 10m, to: chat, template: update, when: runbook.user_facing}
escalation: {to: team-b, after: 20m, message: Help., contacts: [{name: Storage, reach: "+49 1"}]}
"""


def full() -> Runbook:
    document = load(FULL, kinds.specs()).document
    assert isinstance(document, Runbook)
    return document


@pytest.mark.parametrize("form", FORMS)
def test_the_same_runbook_gives_the_same_bytes(form: str) -> None:
    """Whenever, and wherever, it is made: a page that is checked in can be held to it."""
    for book in every():
        first = rendered(book.book, book.data, kinds.specs(), form, origin="a.yaml").text
        assert rendered(load_again(book.data), book.data, kinds.specs(), form, origin="a.yaml").text == first
        assert first.endswith("\n") and "\r" not in first


def load_again(data: bytes) -> Runbook:
    return next(book.book for book in every() if book.data == data)


def test_the_sections_stand_in_the_order_that_people_know() -> None:
    """Symptoms, impact, triage, resolution, verification, communication, escalation; the rest around them."""
    made = page(one("high-api-error-rate").book, kinds.specs())
    assert [section.title for section in made.sections] == [
        "Symptoms", "Impact", "Before you start", "Triage", "Resolution", "Verification", "Communication", "Escalation",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        "> **Caution:** Nobody else may *touch* it.", "> **Caution:** It is slow.", "> **Caution:** Slowly.",
        "works on Host $HOST".replace("$", "\\$"), "#### How it works".removeprefix("#"), "[More](<https://example.com/more>)",
        "HOST=  # to be filled in", "MY_PATH='/var/lib/a b'", "KEY=  # a secret: env THE_KEY", 'cat "$MY_PATH"',
        "| `exit_code > 0` | It is gone. | `fix` |", "| otherwise | It is there. |  |",
        "for a while: to be taken back after 2h",
        "To take it back:\n\n```sh\nrm '<item>'\n```", "What it would do:\n\n```sh\nls '<item>'\n```", "`a, b`",
        "Afterwards: It hums.", "go on with: the runbook `another`", "- [ ] **", 'nc -vz -w 5 "$HOST" 22',
        "It began \\| on $HOST", "template update (only when runbook.user\\_facing)".replace("\\_", "_"),
        "Page **team-b**", "| Storage | +49 1 |", "> Help.", "wait 90s",
    ],
)  # fmt: skip
def test_everything_that_the_author_says_stands_on_the_page(said: str) -> None:
    """Cautions, links, meanings, loops, contacts: what somebody needs who has no engine at hand."""
    assert said in markdown(page(full(), kinds.specs()))


class Tags(HTMLParser):
    """All tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses |= {str(value) for name, value in attrs if name in ("href", "src", "action", "style")}
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in ("meta", "input", "br", "hr", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


def test_a_page_of_html_needs_nothing_else_and_runs_nothing() -> None:
    """What an author wrote is text, links open pages only, and all that is opened is closed."""
    text = html(page(full(), kinds.specs(), "x.yaml"), "<svg></svg>")
    found = Tags(text)
    assert not found.open
    assert not found.tags & {"script", "link", "img", "iframe", "b-of", "object", "form"}
    assert {address for address in found.addresses if not address.startswith(("#", "https://example.com/"))} == set()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text and "url(" not in text and "@import" not in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text


def test_every_page_of_the_library_is_well_formed() -> None:
    """Each tag is closed where it should be."""
    for book in every():
        assert not Tags(rendered(book.book, book.data, kinds.specs(), "html").text).open


@pytest.mark.parametrize("text", ["`", "``a`", "a`b", "`x`", "~", ""])
def test_no_text_ends_its_code(text: str) -> None:
    """A span and a fence have more marks than what they hold."""
    from markdown_it import MarkdownIt

    if text:
        [_, inline, _] = MarkdownIt().parse(f"a {code(text)} b")
        assert [child.content for child in inline.children or () if child.type == "code_inline"] == [text]
    [block] = MarkdownIt().parse(fenced(f"a\n```\n{text}\n````", "sh"))
    assert block.content == f"a\n```\n{text}\n````\n"


@pytest.mark.parametrize("text", ["# a", "*a*", "[a](b)", "<b>", "1. a", "- a", "a_b_c", "a | b", "$x$", "`a`"])
def test_plain_words_stay_words(text: str) -> None:
    """Whatever they look like."""
    from markdown_it import MarkdownIt

    assert re.sub(r"<[^>]*>", "", MarkdownIt().render(plain(text))).strip() == text.replace("<", "&lt;").replace(
        ">", "&gt;"
    )


def test_the_index_says_which_runbook_is_for_which_alert_worst_first() -> None:
    """That is how it is looked for at night."""
    rows = [Row(book.book, f"{book.book.name}.md") for book in every()]
    text = markdown_index(rows, "Runbooks")
    found = re.findall(r"^\| (SEV\d)", text, re.MULTILINE)
    assert found == sorted(found)
    assert "[High API error rate](<high-api-error-rate.md>) | `ApiErrorRateHigh` |" in text
    assert not Tags(html_index(rows, "Runbooks")).open


def test_steps_that_are_included_stand_below_what_their_document_says() -> None:
    """With what they are given, in the names of the runbook; in the order of the file."""
    book = one("database-replication-lag")
    text = rendered(book.book, book.data, kinds.specs(), "markdown", parts=book.parts).text
    triage = text[text.index("## Triage") : text.index("## Resolution")]
    headings = re.findall(r"^(#{3,4}) (.+)$", triage, re.MULTILINE)
    assert headings[:4] == [
        ("###", "How a PostgreSQL server is doing"),
        ("####", "Its role, its connections, its locks"),
        ("####", "Who stands at the head of a lock queue"),
        ("###", "What the primary sends, and where each replica is"),
    ]
    assert "`primary` · include · postgres-basics" in triage
    queue = one("queue-backlog")
    text = rendered(queue.book, queue.data, kinds.specs(), "markdown", parts=queue.parts).text
    assert "- with: `namespace=$NAMESPACE, deployment=$CONSUMER`" in text and "$DEPLOYMENT" not in text


def test_a_step_asks_the_server_of_its_own_connection() -> None:
    """Two databases on one page: what is asked of the replica must not be asked of its primary."""
    book = one("database-replication-lag")
    text = rendered(book.book, book.data, kinds.specs(), "markdown", parts=book.parts).text
    assert (
        "DATABASE_URL=  # address of database\n" in text
        and "DATABASE_REPLICA_URL=  # address of database_replica" in text
    )
    replay = text[text.index("### The replica receives and replays") :]
    assert replay[: replay.index("###", 5)].count('psql "$DATABASE_REPLICA_URL"') == 1


def test_steps_are_included_in_an_option_too() -> None:
    """They run in their turn."""
    book = one("cpu-throttling-high")
    text = rendered(book.book, book.data, kinds.specs(), "markdown", parts=book.parts).text
    option = text[text.index("## Resolution") : text.index("## Verification")]
    assert re.search(r"^#### .+\n\n`rollout` · include · deployment-rolled-out$", option, re.MULTILINE)
    assert re.search(r"^##### .+\n\n`rollout_complete` ·", option, re.MULTILINE)
    page_ = html(page(book.book, kinds.specs()))
    assert '<article class="card include" id="rollout">' in page_


def test_an_address_that_goes_on_from_a_connection_s_is_said_whole() -> None:
    """`curl cluster` would ask nobody; the connection's address is one of the things to be set before."""
    book = one("database-failover")
    text = rendered(book.book, book.data, kinds.specs(), "markdown").text
    assert "PATRONI_URL=  # address of patroni" in text[: text.index("## Triage")]
    assert 'curl --silent --show-error --include "$PATRONI_URL/cluster"' in text
    assert """--request PATCH --json '{"pause": true}' "$PATRONI_URL/config\"""" in text


def test_what_is_kept_before_the_first_change_is_said_before_it() -> None:
    """In the names of the runbook; a plan that is required says so."""
    book = one("credentials-leaked")
    text = rendered(book.book, book.data, kinds.specs(), "markdown", parts=book.parts).text
    kept = text[text.index("## Evidence") : text.index("## Resolution")]
    assert "Change nothing before you have all of it." in kept and "`evidence/trail` · `command.run` · reads" in kept
    assert kept.count("```sh") == 6 and '"--user-name=$MY_USER"' in kept
    assert text.index("## Triage") < text.index("## Evidence")
    alone = rendered(book.book, book.data, kinds.specs(), "markdown").text
    assert "## Evidence" not in alone
