"""Nothing that strangers wrote becomes a tag, an attribute or a script."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.report.markup import Markup, element, joined, text


class _Heard(HTMLParser):
    """What a browser would make of it: tags, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


def _heard(markup: str) -> _Heard:
    heard = _Heard()
    heard.feed(markup)
    heard.close()
    return heard


@given(st.text())
def test_text_stays_text_for_every_text(said):
    """Whatever stands in a cell or an attribute, there is one element, and XML can hold it."""
    made = element("td", said, title=said)
    assert [tag for tag, _ in _heard(made).tags] == ["td"]
    assert ElementTree.fromstring(made).tag == "td"


def test_markup_stays_markup_and_what_is_joined_by_hand_is_escaped():
    """Text that was put together with `+` or an f-string is escaped once more, never once less."""
    bold = element("b", "loud")
    assert element("p", bold) == "<p><b>loud</b></p>"
    assert element("p", f"{bold}!") == "<p>&lt;b&gt;loud&lt;/b&gt;!</p>"
    assert not isinstance(bold + "", Markup)


def test_lists_and_nothing_are_children_too():
    """A function that draws rows gives a list; what is not there is None."""
    assert element("ul", [element("li", n) for n in (1, 2.5)], None) == "<ul><li>1</li><li>2.5</li></ul>"
    assert joined(["a", None, "<"], " & ") == "a &amp; &lt;"


def test_elements_without_content_end_as_html_and_xml_both_read_it():
    """`<td/>` would be a cell that goes on; `<br></br>` two breaks."""
    assert element("td") == "<td></td>"
    assert element("path", d="M0 0") == '<path d="M0 0"/>'
    assert element("rect", element("title", "x")) == "<rect><title>x</title></rect>"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "file:///etc/passwd", " x"])
def test_a_link_that_does_more_than_open_a_page_is_none(url):
    """An address comes from an incident, and anybody may have written it."""
    assert _heard(element("a", "see", href=url)).tags == [("a", {})]


def test_attributes_are_spelt_as_html_spells_them():
    """`class_`, `aria_label`; True stands without a value, None and False are left out."""
    made = element("p", class_="x", aria_label="a", hidden=True, id=None, title=False)
    assert made == '<p class="x" aria-label="a" hidden=""></p>'


def test_what_cannot_be_seen_is_shown():
    """As in the terminal: a direction mark is an escape, a line break stays one."""
    assert text("a\u202eb\nc") == "a\\u202eb\nc"
