"""Pages stand for themselves, and their pieces escape what they are given."""

from __future__ import annotations

import re

from runbook.report import html

EVIL = '<script>alert("x")</script>'


def _everything() -> str:
    return html.page(
        EVIL,
        html.section(EVIL, html.paragraph(EVIL, soft=True), anchor="one"),
        html.part(EVIL, html.facts([(EVIL, EVIL)]), html.bullets([EVIL], ordered=True)),
        html.table([EVIL], [[EVIL]], heads=True, caption=EVIL, numbers={0}),
        html.figure(html.badge(EVIL, "bad"), EVIL),
        html.banner(EVIL, role="warn"),
        html.moments([(EVIL, EVIL, "good")]),
        html.figures([(EVIL, EVIL, EVIL)]),
        html.folded(EVIL, html.code(EVIL), html.commands(EVIL), html.prose(EVIL), html.link(EVIL, "javascript:x")),
        head=[(EVIL, EVIL)],
        mark=html.severity(EVIL),
        nav=[("one", EVIL)],
        foot=EVIL,
    )


def test_no_piece_lets_a_tag_through():
    """Titles, impacts and names come from people and alerts."""
    assert "<script" not in _everything().lower()


def test_a_page_needs_nothing_else():
    """No scripts, no fonts, no pictures; a browser that finds one does not fetch it."""
    page = _everything()
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
    assert "url(" not in page and "@import" not in page
    assert "default-src 'none'" in page


def test_a_table_tells_who_listens_what_its_cells_are():
    """A header for each column, one for each row where the first cell names it; numbers stand to the right."""
    made = html.table(["group", "n"], [["SEV1", 3]], heads=True, numbers={1}, caption="by severity")
    assert '<th scope="col">group</th>' in made
    assert '<th scope="row">SEV1</th>' in made
    assert '<td class="number-cell">3</td>' in made
    assert "<caption>by severity</caption>" in made


def test_a_link_is_one_only_where_it_opens_a_page():
    """Another address can be read all the same."""
    assert html.link("war room", "https://example.com/x?a=1&b=2").startswith('<a href="https://example.com/x?a=1&amp;b')
    assert html.link("war room", "javascript:x") == "war room: <code>javascript:x</code>"


def test_a_page_follows_the_reader_and_the_paper():
    """Dark where the reader has it dark, light in print, and as wide as a phone."""
    page = html.page("t")
    assert "prefers-color-scheme:dark" in page
    assert "@media print" in page
    assert 'name="viewport"' in page
