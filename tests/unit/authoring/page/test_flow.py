"""The way of a run as a graph: as SVG that is well-formed and fits, as Mermaid that no title can break."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook import kinds
from runbook.authoring.page.flow import Flow, Node, flow
from runbook.authoring.page.mermaid import mermaid
from runbook.authoring.page.svg import svg
from support.books import Book, every, one

SVG = "{http://www.w3.org/2000/svg}"


def test_options_stand_in_order_and_end_with_the_page() -> None:
    """Each leads to what verifies it, and to the next where it does not help."""
    made = flow(one("high-api-error-rate").book, kinds.specs())
    assert [node.id for node in made.main] == ["symptoms", "triage", "o1", "o2", "o3", "escalation"]
    ways = {(edge.start, edge.end): edge.label for edge in made.edges}
    assert ways["o1", "o2"] == "left out, or does not help" and ways["o2", "o3"] == "does not help"
    assert {start for start, end in ways if end == "verify"} == {"o1", "o2", "o3"}
    assert ways["verify", "done"] == "all pass"


@pytest.mark.parametrize("book", every(), ids=lambda book: book.book.name)
def test_nothing_overlaps_and_no_text_leaves_its_box(book: Book) -> None:
    """Boxes keep apart, each line stands inside of one, and the drawing is as large as they are."""
    made = flow(book.book, kinds.specs())
    root = ElementTree.fromstring(svg(made))
    boxes = [box for box in root.iter(f"{SVG}rect") if box.get("class") != "bar"]
    places = [tuple(float(str(box.get(key))) for key in ("x", "y", "width", "height")) for box in boxes]
    assert len(places) == len(made.main) + len(made.side)
    for at, (x, y, width, height) in enumerate(places):
        assert x + width <= float(str(root.get("width"))) and y + height <= float(str(root.get("height")))
        for ox, oy, ow, oh in places[:at]:
            assert x + width <= ox or ox + ow <= x or y + height <= oy or oy + oh <= y
    for text in root.iter(f"{SVG}text"):
        if text.get("class") != "l":
            tx, ty = float(str(text.get("x"))), float(str(text.get("y")))
            assert any(x <= tx <= x + width and y <= ty <= y + height for x, y, width, height in places)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@settings(deadline=None, max_examples=60)
@given(WORDS, st.lists(WORDS, max_size=3))
def test_any_title_can_be_drawn(title: str, lines: list[str]) -> None:
    """Marks of XML and of Mermaid, other scripts, words without an end."""
    node = Node("o1", "option", title, tuple(lines), gate=title or None)
    made = Flow(title, (node,), (), ())
    ElementTree.fromstring(svg(made))
    [_, box, *_] = mermaid(made).split("\n")
    inside = box.removeprefix('  o1["').removesuffix('"]:::option').replace("<br/>", "")
    assert not set('"<>`|\\') & set(inside)


def test_a_title_is_found_as_text() -> None:
    """A drawing can be searched and copied from."""
    text = svg(flow(one("high-api-error-rate").book, kinds.specs()))
    assert "1. Roll back the last deployment</text>" in text and "<title>High API error rate</title>" in text
