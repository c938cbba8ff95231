"""Drawings are well-formed, say what they show, and do not depend on colours."""

from __future__ import annotations

from xml.etree import ElementTree

from runbook.report import svg

NS = "{http://www.w3.org/2000/svg}"


def _drawn(**more):
    return svg.drawing("d", svg.dot(1, 2, said="<a>"), width=480, height=99.96, title="<t>", told="& so on", **more)


def test_a_drawing_tells_its_title_and_what_it_shows():
    """Both are named by the picture itself, for whoever hears it."""
    root = ElementTree.fromstring(_drawn())
    assert root.get("role") == "img"
    ids = root.get("aria-labelledby").split()
    assert [root.find(f"*[@id='{one}']").text for one in ids] == ["<t>", "& so on"]


def test_only_a_drawing_that_stands_alone_has_a_style():
    """A page with thirty drawings has it once."""
    assert ElementTree.fromstring(_drawn()).find(f"{NS}style") is None
    assert ".drawn" in ElementTree.fromstring(_drawn(alone=True)).find(f"{NS}style").text


def test_series_differ_without_colours():
    """Each line but the first has dashes, and no two the same."""
    dashes = [rule.partition("stroke-dasharray:")[2].partition("}")[0] for rule in svg.STYLE.split(".drawn path.")]
    told = dict(zip(svg.SERIES, dashes[-5:], strict=True))
    assert len(set(told.values())) == len(svg.SERIES)


def test_steps_go_across_before_they_rise():
    """Between two values the share is what it was."""
    assert svg.steps([(0, 10), (5, 8), (9, 0)]) == '<path d="M0 10H5V8H9V0" class="s1"/>'


def test_coordinates_have_one_decimal():
    """More is a longer file, and no better drawing."""
    assert [svg.number(value) for value in (1, 1.04, 2.26)] == ["1", "1", "2.3"]
