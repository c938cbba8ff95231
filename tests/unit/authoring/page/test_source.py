"""A page carries its document: exactly, invisibly, and with a digest that tells whether it was changed."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook.authoring.page.source import taken_out, with_source

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DATA = st.dictionaries(
    TEXTS, TEXTS | st.integers() | st.lists(TEXTS | st.dictionaries(TEXTS, TEXTS, max_size=2), max_size=3), max_size=4
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DATA)
def test_any_document_comes_back_as_it_was(data: dict[str, object]) -> None:
    """Whatever its texts hold, `-->` too."""
    page = with_source("# A page\n", data)
    kept = taken_out(page)
    assert (kept.document, kept.unchanged) == (data, True)
    assert page.count("-->") == 1 and page.rstrip().endswith("-->")


def test_what_editors_do_to_lines_is_no_change_and_what_people_do_is() -> None:
    """Ends of lines and white space before them do not count; a word does."""
    page = with_source("# A page\n\nText\n", {"a": 1})
    assert taken_out(page.replace("Text\n", "Text  \n")).unchanged
    assert not taken_out(page.replace("Text", "Texts")).unchanged
    assert taken_out("# None\n") == ("# None\n", None, False, ())
    assert taken_out(page.replace('{\n"a"', "{{")).document is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DATA, st.lists(DATA, max_size=3))
def test_so_do_the_documents_that_it_uses(data: dict[str, object], parts: list[dict[str, object]]) -> None:
    """In their order; whoever changes one of them has changed the page."""
    page = with_source("# A page\n", data, parts)
    kept = taken_out(page)
    assert (kept.text.strip(), kept.document, kept.unchanged) == ("# A page", data, True)
    assert list(kept.parts) == parts


def test_comments_that_nobody_closes_are_read_once() -> None:
    """A page of a hundred thousand beginnings is no page of ours, and says so at once."""
    opened = "<!-- runbook source, for `runbook import`; sha256 of what stands above: " + "0" * 64 + "\n"
    assert taken_out(opened * 10_000).document is None
    page = with_source("# A page\n\n" + "<!-- runbook part `a`\n" * 10_000, {"a": 1})
    assert taken_out(page).document == {"a": 1}
