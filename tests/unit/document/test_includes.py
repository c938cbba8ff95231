from __future__ import annotations

from typing import Any

import pytest

from runbook.document.includes import expanded, placed, trouble
from runbook.document.load import load
from runbook.document.model import Runbook, Steps
from runbook.document.others import Others, shelved
from runbook.errors import DocumentError
from support.cases import HEAD
from support.specs import SPECS

PART = """\
apiVersion: runbook/v1
kind: Steps
name: {name}
parameters:
  host: {{type: string, pattern: "[a-z.]+"}}
  odd: {{type: string, default: "{{{{ no.template }}}}"}}
steps:
  - {{id: up, uses: tcp.connect, with: {{host: "{{{{ params.host }}}}", port: 1}}}}
"""
LAG = '  - {id: lag, uses: prometheus.query, with: {query: up}, when: steps.up.verdict == "pass", expect: value < 5}\n'
BOOK = HEAD + "parameters:\n  host: {type: string, default: db}\ntriage:\n"


def steps(name: str = "db", more: str = "") -> Steps:
    document = load((PART.format(name=name) + more).encode(), SPECS).document
    assert isinstance(document, Steps)
    return document


def whole(body: str, *parts: Steps) -> Runbook:
    document = load((BOOK + body).encode(), SPECS, path="x.yaml", others=Others(shelved(parts))).document
    assert isinstance(document, Runbook)
    return document


def said(body: str, *parts: Steps) -> list[str]:
    with pytest.raises(DocumentError) as raised:
        whole(body, *parts)
    return [str(finding) for finding in raised.value.findings]


INCLUDE = '  - {include: db, as: main, with: {host: "{{ params.host }}"}}\n'


def test_included_steps_stand_in_the_place_of_their_include() -> None:
    """Under their prefix, in the order of the file, with what their own names mean."""
    body = (
        "  - {id: a, uses: prometheus.query, with: {query: up}}\n"
        + INCLUDE
        + "  - {id: z, uses: prometheus.query, with: {query: up}, when: steps.main_lag.value > 1}\n"
    )
    book = whole(body, steps(more=LAG))
    assert [step.id for step in book.triage] == ["a", "main_up", "main_lag", "z"]
    local = book.triage[2].local
    assert local is not None
    assert local.steps == {"up": "main_up", "lag": "main_lag"}
    assert local.params == {"host": "{{ params.host }}", "odd": '{{ "{{ no.template }}" }}'}


def test_an_include_in_an_option_is_put_in_turn() -> None:
    """An option performs its steps one by one, so each stands after those whose outputs it names."""
    early = '  - {id: early, uses: prometheus.query, with: {query: up}, when: steps.up.verdict == "pass"}\n'
    part = steps(more=early)
    backwards = Steps(name="db", parameters=part.parameters, steps=part.steps[::-1])
    option = "  - {id: q, uses: prometheus.query, with: {query: up}}\nresolution:\n- id: o\n  steps:\n"
    check = "verification:\n  checks: [{id: ok, uses: prometheus.query, with: {query: up}, expect: value > 1}]\n"
    book = whole(option + INCLUDE.replace("main", "again").replace("  -", "    -") + check, backwards)
    assert [step.id for step in book.resolution[0].steps] == ["again_up", "again_early"]


def test_includes_nest_and_prefixes_add_up() -> None:
    """A part may include another; the layers of names lie one in the other."""
    inner = '  - {include: net, as: net, with: {host: "{{ params.host }}.net"}}\n'
    book = whole(INCLUDE, steps(more=inner), steps("net"))
    assert [step.id for step in book.triage] == ["main_up", "main_net_up"]
    local = book.triage[1].local
    assert local is not None
    assert local.outer is not None
    assert (local.steps, local.outer.steps["net_up"]) == ({"up": "net_up"}, "main_net_up")


def test_carrying_includes_out_twice_changes_nothing() -> None:
    """A document that was linked already can be linked again."""
    shelf = shelved([steps(more=LAG)])
    book = whole(INCLUDE, steps(more=LAG))
    assert expanded(book, shelf) == book
    assert [(place, len(each)) for place, each, _ in placed(book.triage, book.includes, ("triage",))] == [
        (("triage", 0), 2)
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (INCLUDE.replace("include: db", "include: dbs"), "RB052: there are no steps 'dbs'; did you mean 'db'?"),
        (INCLUDE.replace("host:", "hots:"), "RB053: the steps 'db' have no parameter 'hots'; did you mean 'host'?"),
        ("  - {include: db, as: main}\n", "RB053: the steps 'db' need the parameter 'host', which is not given"),
        (INCLUDE.replace('"{{ params.host }}"', "[a]"), "RB043: the parameter 'host' of the steps 'db' expects text"),
        (INCLUDE.replace("params.host", "params.hots"), "RB032: 'host' in step 'main': params has no 'hots'"),
        (INCLUDE.replace("params.host", "1 + 1"), "RB048: 'host' in step 'main' expects a string"),
        (INCLUDE.replace("main", "m" * 61), f"RB070: the id '{'m' * 61}_up' of an included step has 64 characters"),
        (
            INCLUDE + "  - {id: main_up, uses: prometheus.query, with: {query: up}}\n",
            "RB030: the id 'main_up' is used a second time; "
            "the first is at line 8, by the steps 'db', included as 'main'",
        ),
        (
            INCLUDE + "  - {id: q, uses: prometheus.query, with: {query: up}, when: steps.main_up.rechable}\n",
            "RB032: 'when' in step 'q': steps.main_up has no 'rechable'; did you mean 'reachable'?",
        ),
        (
            INCLUDE.replace("params.host", "steps.q.value | string")
            + "  - {id: q, uses: prometheus.query, with: {query: up}, when: steps.main_up.reachable}\n",
            "RB034: these steps wait for each other: main_up → q → main_up",
        ),
    ],
    ids=["missing", "unknown", "needed", "typed", "name", "template", "long", "clash", "output", "circle"],
)
def test_what_is_wrong_with_an_include_is_said_where_it_stands(body: str, expected: str) -> None:
    """In the document that includes; the steps themselves are checked in their own file."""
    assert any(expected in line and line.startswith("x.yaml:") for line in said(body, steps())), said(body, steps())


def test_what_an_include_in_a_repeated_option_is_given_may_name_the_item() -> None:
    """The steps that it becomes are repeated with the option."""
    text = """resolution:
  - id: o
    for_each: {items: ["a", "b"], as: one}
    steps:
      - {include: db, as: main, with: {host: "{{ one }}"}}
verification:
  checks: [{id: ok, uses: prometheus.query, with: {query: up}, expect: value > 1}]
"""
    assert [step.id for step in whole("  []\n" + text, steps()).resolution[0].steps] == ["main_up"]
    [wrong] = said("  []\n" + text.replace("{{ one }}", "{{ on }}"), steps())
    assert "there is no name 'on' here; did you mean 'one'?" in wrong


@pytest.mark.fault(18)
def test_a_circle_is_spelt_out_and_a_deep_nest_refused() -> None:
    """Eight documents, one inside the other, are the most."""

    def part(name: str, inner: str) -> Steps:
        return steps(name, f'  - {{include: {inner}, as: i, with: {{host: "a"}}}}\n')

    circle = [part("db", "net"), part("net", "dns"), part("dns", "net")]
    assert "RB070: the steps 'net' include themselves: net → dns → net" in said(INCLUDE, *circle)[0]
    deep = [part(f"p{n}", f"p{n + 1}") for n in range(8)] + [steps("p8")]
    [include] = steps("x", "  - {include: p0, as: a}\n").includes
    found: Any = trouble(include, shelved(deep))
    assert found.message.startswith("steps are included more than 8 deep: p0 → p1")
    assert trouble(include, shelved([*deep[:7], steps("p7")])) is None


def test_without_the_others_nothing_is_said_about_them() -> None:
    """A file alone cannot know what an include becomes."""
    text = BOOK + INCLUDE + "  - {id: q, uses: prometheus.query, with: {query: up}, when: steps.main_up.anything}\n"
    assert load(text.encode(), SPECS).findings == ()
