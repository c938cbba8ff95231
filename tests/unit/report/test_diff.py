"""What a change means, drawn: for people, for scripts, and as a comment that nobody can write into."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from markdown_it import MarkdownIt

from runbook.authoring.diff.meaning import Meaning
from runbook.report.diff import diff_object, diff_summary, diff_text
from runbook.report.diff_markdown import ROOM, code, diff_markdown
from runbook.report.style import Style

DANGER = Meaning(
    "gate-removed", "runbook api", "runbooks/api.yaml", 23, "option 'a', gate", "the gate is gone", "2", "1"
)
CAUTION = Meaning(
    "option-added", "runbook api", "runbooks/api.yaml", 30, "option 'b'", "the option 'b' is new", None, "s"
)
NOTE = Meaning("words-changed", "runbook api", "runbooks/api.yaml", 3, "", "'title' changed", "a", "b")
SCRIPT = DANGER._replace(code="script-changed", lines=("@@ -1 +1 @@", "-ls", "+rm -rf /"), more=2, in_base=True)

HOSTILE = [
    "</code></details><img src=x onerror=alert(1)>",
    "[click](https://evil.example.com)",
    "https://evil.example.com www.evil.example.com",
    "@everyone #123 GH-123 someone@example.com",
    "| a | b |\n|---|---|\n# heading",
    "``` \n**bold** `code` _x_ ~~y~~ <!-- --> &amp; &#64;root",
    ":tada: \u202e reversed \x1b[31m red",
]


def test_dangers_stand_with_what_was_and_what_is() -> None:
    """Level, heading, code, place, sentence, both values, and why it matters."""
    text = diff_text([DANGER], Style())
    assert text.splitlines() == [
        "DANGER  A gate asks for nothing of its own any more  gate-removed",
        "  runbooks/api.yaml:23  runbook api, option 'a', gate",
        "  the gate is gone",
        "  - 2",
        "  + 1",
        "  What stood in front of a change is gone: whoever starts the run says yes once,",
        "  or the policy decides alone.",
    ]


def test_notes_take_a_line_each_and_come_last() -> None:
    """They are said, and stand in nobody's way."""
    text = diff_text([DANGER, NOTE, NOTE._replace(line=4)], Style())
    assert text.splitlines()[-2:] == [
        "note  runbooks/api.yaml:3  runbook api: 'title' changed",
        "note  runbooks/api.yaml:4  runbook api: 'title' changed",
    ]


def test_lines_of_a_script_are_shown_and_the_rest_counted() -> None:
    """With the side on which the place is."""
    text = diff_text([SCRIPT], Style())
    assert "  runbooks/api.yaml:23 (base)  runbook api" in text
    assert "  -ls\n  +rm -rf /\n  … and 2 lines more" in text


def test_nothing_of_a_document_reaches_the_terminal_as_it_is() -> None:
    """Escape sequences and direction marks become visible."""
    text = diff_text([DANGER._replace(before="\x1b[31m", after="\u202e", lines=("+\x1b]52;c;x\x07",))], Style())
    assert not re.search("[\x1b\u202e\x07]", text)


@pytest.mark.parametrize(
    ("meanings", "words"),
    [
        ([], "it means the same"),
        ([DANGER], "1 danger"),
        ([DANGER, DANGER, CAUTION, NOTE], "2 dangers, 1 caution, 1 note"),
    ],
)
def test_the_summary_counts_by_level(meanings: Sequence[Meaning], words: str) -> None:
    """The riskiest level first."""
    assert diff_summary(meanings) == words


def test_the_object_has_everything_that_the_text_says() -> None:
    """For scripts; a meaning's side says in which file its line is."""
    found = diff_object("main", "HEAD", [SCRIPT, NOTE], 2, 5)
    assert found["counts"] == {"danger": 1, "caution": 0, "note": 1}
    first = found["meanings"][0]
    assert (first["level"], first["side"], first["line"]) == ("danger", "base", 23)
    assert first["lines"] == list(SCRIPT.lines)
    assert (found["documents"], found["scenarios"], found["scenarios_left"]) == (2, 5, 0)


def test_a_comment_shows_dangers_at_once_and_folds_the_rest() -> None:
    """A table of the dangers, then everything, by level."""
    text = diff_markdown("main", "HEAD", [DANGER, CAUTION, NOTE])
    assert text.startswith("<!-- runbook diff -->\n### Runbooks: 1 danger, 1 caution, 1 note\n")
    assert text.count("<details>") == text.count("</details>") == 3
    assert "| **A gate asks for nothing of its own any more**: <code>the gate is gone</code> |" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_document_is_markup_a_link_or_a_mention(text: str) -> None:
    """Wherever it stands: in a place, a sentence, a value, a path or a line of a file."""
    meaning = DANGER._replace(
        sentence=text, before=text, after=text, place=text, path=text, document=text, lines=(text, f"+{text}"), more=1
    )
    comment = diff_markdown(text, text, [meaning, meaning._replace(code="words-changed")])
    drawn = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(comment)
    allowed = "(/?(code|details|summary|p|br ?/?|table|thead|tbody|tr|th|td|h3|strong|pre)|!-- runbook diff --)"
    tags = re.findall(r"<[^>]*>", drawn)
    assert [tag for tag in tags if not re.fullmatch(rf"<{allowed}( class=\"language-diff\")?>", tag)] == []
    fences = re.compile(r"^(`{3,})diff\n.*?^\1$", re.MULTILINE | re.DOTALL)
    assert len(fences.findall(comment)) == 2
    assert not re.search(r"@|://|www\.|\[", fences.sub("", comment), re.IGNORECASE)
    outside = re.sub(r"<code[^>]*>.*?</code>", "", drawn, flags=re.DOTALL)
    assert not re.search(r"evil|everyone|GH-123|heading|bold|tada|reversed|red", outside)


def test_a_comment_stays_within_the_room_that_there_is() -> None:
    """However much there is to say; what did not fit is counted, and what is shown is whole."""
    many = [DANGER._replace(line=line, before="&" * 300, after="<" * 300) for line in range(500)]
    text = diff_markdown("main", "HEAD", many)
    assert len(text) < ROOM
    assert text.count("<details>") == text.count("</details>")
    left = int(re.findall(r"(\d+) more did not fit", text)[0])
    assert 0 < left < 500
    assert text.count("(`gate-removed`)") == 500 - left


def test_code_is_empty_for_nothing() -> None:
    """An empty cell, not an empty box."""
    assert (code(""), code("a|b")) == ("", "<code>a&#124;b</code>")
