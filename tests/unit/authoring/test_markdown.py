"""Markdown as people have it becomes steps; none of its text is lost, and none is read as anything but text."""

from __future__ import annotations

import pytest

from runbook.authoring.markdown import MOST_STEPS, Block, blocks, outline, without_comments
from runbook.errors import UsageError


def titles(text: str) -> list[str]:
    return [step.title for step in outline(text.encode()).steps]


def test_a_section_is_a_step_under_the_headings_above_it() -> None:
    """The document's own title stands above all of them, and what it says first is known before the first step."""
    found = outline(b"# Slow database\n\nAn intro.\n\n## Check\n\nLook.\n\n## Recover\n\n### Stop\n\nStop it.\n")
    assert (found.title, found.description) == ("Slow database", "An intro.")
    assert [(step.title, step.text) for step in found.steps] == [("Check", "Look."), ("Recover > Stop", "Stop it.")]


@pytest.mark.parametrize(
    "entries", ["1. {}\n2. {}\n", "1) {}\n2) {}\n", "- [ ] {}\n- [x] {}\n", "* [ ] {}\n* [ ] {}\n"]
)
def test_numbered_entries_and_check_boxes_are_steps(entries: str) -> None:
    """Each with what is nested in it, and with what follows it."""
    text = f"## Do\n\nFirst of all.\n\n{entries.format('one', 'two')}\nAfterwards.\n"
    found = outline(text.encode())
    assert [step.title for step in found.steps] == ["Do: one", "Do: two"]
    assert [step.text for step in found.steps] == ["First of all.\n\none", "two\n\nAfterwards."]


def test_a_plain_list_is_one_step() -> None:
    """Its entries say what to know, not what to do one after the other."""
    assert titles("## Look\n\n- here\n- there\n") == ["Look"]


def test_nested_lists_and_blocks_stay_with_their_entry() -> None:
    """Also a block that stands between two entries of a list."""
    found = outline(b"1. Stop\n   - gently\n   ```sh\n   stop\n   ```\n2. Start\n\n```sh\nstart\n```\n\n3. Look\n")
    assert [step.title for step in found.steps] == ["Stop", "Start", "Look"]
    assert found.steps[0].text == "Stop\n- gently\n```sh\nstop\n```"
    assert [block.text for block in blocks(found.steps[1].text)] == ["start"]


def test_text_above_further_headings_stands_with_the_first_step_below() -> None:
    """And what holds something to run is a step itself."""
    found = outline(
        b"# T\n\n## A\n\nKnow this.\n\n### B\n\nDo.\n\n## C\n\n```\nrun\n```\n\n### D\n\nx\n\n## E\n\ny\n\n### F\n"
    )
    assert [(s.title, s.text) for s in found.steps] == [
        ("A > B", "Know this.\n\nDo."), ("C", "```\nrun\n```"), ("C > D", "x"), ("E", "y"),
    ]  # fmt: skip


def test_without_headings_it_is_a_step_all_the_same() -> None:
    """Text is one; a numbered list is as many as it has entries."""
    assert (titles("Just do it."), titles("1. a\n2. b\n")) == ([""], ["a", "b"])


def test_front_matter_comments_and_rules_are_left_out() -> None:
    """What a site generator or a reviewer needs is nobody's step; a title in it is a title."""
    found = outline(
        b"---\ntitle: 'Restart'\nowner: x\n---\n\n<!-- todo:\nall -->\n\n## A\n\n---\n\nDo <!-- not --> it.\n"
    )
    assert (found.title, found.description, [s.text for s in found.steps]) == ("Restart", "", ["Do  it."])


def test_comments_in_code_are_code() -> None:
    """They are what is run."""
    [step] = outline(b"## A\n\n```sh\necho '<!-- x -->'\n```\n").steps
    assert blocks(step.text)[0].text == "echo '<!-- x -->'"


@pytest.mark.parametrize("word", ["", "sh", "bash", "shell", "console", "zsh", "Bash", "sh title=x", "{.bash}"])
def test_blocks_for_a_shell_can_be_run(word: str) -> None:
    """Whatever the site generator adds to the word."""
    assert [block.text for block in blocks(f"```{word}\ndf -h\n```\n")] == ["df -h"]


@pytest.mark.parametrize("word", ["yaml", "python", "json", "sql", "text", "output"])
def test_other_blocks_cannot(word: str) -> None:
    """A configuration is to be read, not to be run."""
    assert blocks(f"```{word}\ndf -h\n```\n") == ()


def test_prompts_and_output_of_a_session_are_not_typed() -> None:
    """In a block that shows a session; elsewhere a `$` at the front only goes where all lines have one."""
    session = "```console\n$ df -h \\\n>  /var\nFilesystem  Size\n\n$ date\nMon\n```\n"
    assert blocks(session)[0].text == "df -h \\\n/var\ndate"
    assert blocks("```sh\n$ a\n\n$ b\n```")[0].text == "a\nb"
    assert blocks("```sh\necho a \\\n$ b\n```")[0].text == "echo a \\\n$ b"
    assert blocks("```console\ndf -h\n```")[0].text == "df -h"


def test_what_must_be_replaced_is_seen() -> None:
    """`<name>` as people write it; a redirection is none."""
    block = Block("kubectl -n <namespace> get pod <POD_NAME> < in > out; cat <<EOF; <namespace>")
    assert block.placeholders == ("<namespace>", "<POD_NAME>")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b" \n\n", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"# Only\n\n## headings\n", "nothing to do"),
        (b"<!-- all of it -->", "nothing to do"),
        (b"a \xff b", "byte 2 of it is not UTF-8"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MiB"),
        (b"1. x\n" * (MOST_STEPS + 1), "501 steps; the limit is 500"),
    ],
)
def test_what_cannot_be_walked_through_is_said(data: bytes, said: str) -> None:
    """In a sentence each."""
    with pytest.raises(UsageError, match=said):
        outline(data)


def test_five_hundred_steps_are_not_too_many() -> None:
    """Nor are windows' line ends."""
    assert len(outline(b"1. x\r\n" * MOST_STEPS).steps) == MOST_STEPS


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a <!-- b --> c", "a  c"),
        ("<!-- a\nb --><!-- c -->d", "d"),
        ("a <!-- b", "a <!-- b"),
        ("a <!-- b <!-- c --> d", "a  d"),
        ("a --> b", "a --> b"),
        ("<!--> a -->b", "b"),
    ],
)
def test_comments_are_left_out_and_what_is_never_closed_stays(text: str, left: str) -> None:
    """A comment ends at the first end."""
    assert without_comments(text) == left


def test_a_hundred_thousand_beginnings_are_looked_at_once() -> None:
    """Each beginning looking for an end of its own took minutes."""
    text = "<!-- " * 100_000
    assert without_comments(text) == text
