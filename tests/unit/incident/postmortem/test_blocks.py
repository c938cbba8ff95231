"""Facts between markers, and the prose around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.errors import DocumentError
from runbook.incident.postmortem.blocks import block, prose, regenerated

FACTS = {"header": "- Severity: SEV1", "timeline": "| a | b |\n|---|---|\n| 1 | 2 |"}
HEADER, TIMELINE = (block(name, "INC-7", FACTS[name]) for name in FACTS)
TEXT = f"# Postmortem\n\n{HEADER}\n\nOur words.\n\n{TIMELINE}\n"


def lines(error: DocumentError) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in error.findings]


def test_making_the_same_facts_anew_changes_no_byte() -> None:
    """The file of an incident that did not move has no diff."""
    assert regenerated(TEXT, FACTS, "INC-7").text == TEXT


def test_new_facts_stand_in_their_block_and_prose_stays() -> None:
    """Only the block that changed is another."""
    anew = regenerated(TEXT, {**FACTS, "header": "- Severity: SEV2"}, "INC-7")
    assert anew.changed == ("header",)
    assert anew.text == TEXT.replace(
        block("header", "INC-7", FACTS["header"]), block("header", "INC-7", "- Severity: SEV2")
    )


@given(
    st.lists(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r")), min_size=3, max_size=3)
)
def test_no_prose_is_ever_lost(words: list[str]) -> None:
    """Whatever people write around the blocks is there afterwards, to the character."""
    before, between, after = (text.replace("<!--", "") for text in words)
    text = "\n".join(
        [before, block("header", "INC-7", "old"), between, block("timeline", "INC-7", FACTS["timeline"]), after]
    )
    anew = regenerated(text, FACTS, "INC-7").text
    assert anew == text.replace(block("header", "INC-7", "old"), block("header", "INC-7", FACTS["header"]))


def test_words_inside_of_a_block_are_refused_and_named_by_line() -> None:
    """They would be overwritten: so nothing is."""
    edited = TEXT.replace("Severity: SEV1", "Severity: SEV1, in truth SEV2")
    with pytest.raises(DocumentError) as caught:
        regenerated(edited, FACTS, "INC-7")
    assert lines(caught.value) == [(3, "RB204")]
    assert regenerated(edited, FACTS, "INC-7", discard=True).text == TEXT


def test_an_aligned_table_is_no_edit() -> None:
    """Formatters align; the words are the same."""
    aligned = TEXT.replace("| a | b |\n|---|---|\n| 1 | 2 |", "| a   | b   |\n| --- | --- |\n| 1   | 2   |")
    assert regenerated(aligned.replace("| --- | --- |", "|-----|-----|"), FACTS, "INC-7").text == TEXT


def test_a_block_that_somebody_took_out_stays_out_and_is_named() -> None:
    """People decide what stands in their postmortem."""
    without = TEXT.replace(block("header", "INC-7", FACTS["header"]), "")
    anew = regenerated(without, FACTS, "INC-7")
    assert anew.absent == ("header",)
    assert anew.text == without


def test_the_file_of_another_incident_is_not_written_over() -> None:
    """A wrong name on the command line costs nothing."""
    with pytest.raises(DocumentError) as caught:
        regenerated(TEXT, FACTS, "INC-8")
    assert lines(caught.value) == [(3, "RB203"), (9, "RB203")]


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (TEXT.replace("<!-- end of facts: header -->\n", ""), [(3, "RB201")]),
        (TEXT.replace("<!-- facts: header", "<!-- facts:  header"), [(3, "RB201"), (5, "RB201")]),
        (TEXT + TEXT, [(16, "RB202"), (22, "RB202")]),
        (TEXT.replace("facts: header", "facts: heather"), [(3, "RB202")]),
    ],
)
def test_markers_that_do_not_fit_are_all_named(broken: str, where: list[tuple[int, str]]) -> None:
    """All of them at once, and nothing is written."""
    with pytest.raises(DocumentError) as caught:
        regenerated(broken, FACTS, "INC-7")
    assert lines(caught.value) == where


def test_line_ends_of_other_systems_are_kept() -> None:
    """A file from Windows stays one."""
    windows = TEXT.replace("\n", "\r\n")
    assert regenerated(windows, FACTS, "INC-7").text == windows


def test_prose_is_what_stands_outside_with_its_line_numbers() -> None:
    """What is judged for its words is what people wrote."""
    assert [(n, line) for n, line in prose(TEXT) if line] == [(1, "# Postmortem"), (7, "Our words.")]
