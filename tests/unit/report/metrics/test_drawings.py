"""Plots and the page: well-formed, told to who cannot see them, and nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from runbook.report.metrics.page import metrics_page
from runbook.report.metrics.plots import WIDTH, files
from support.measured import BY, DAY, ODD, START, generated, night, told

NS = "{http://www.w3.org/2000/svg}"


class _Page(HTMLParser):
    """Ids, tags that are open, and what refers to something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [one for key, one in given.items() if key == "id" and one]
        self.links += [one for key, one in given.items() if key in ("href", "src") and one]
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize("name", ODD)
def test_every_plot_is_well_formed_and_told(name):
    """Whatever there is to draw; nothing lies outside of its frame."""
    incidents, question = ODD[name]
    for file, text in files(told(incidents, by=BY, **question).metrics).items():
        root = ElementTree.fromstring(text)
        assert root.find(f"{NS}title").text and root.find(f"{NS}desc").text, file
        for dot in root.iter(f"{NS}circle"):
            assert 0 <= float(dot.get("cx")) <= WIDTH
            assert 0 <= float(dot.get("cy")) <= float(root.get("height"))


@pytest.mark.parametrize("name", ODD)
def test_every_page_is_whole(name):
    """Elements end, no id is there twice, links lead to something on it, and nothing is fetched."""
    incidents, question = ODD[name]
    page = metrics_page(told(incidents, by=BY[:4], **question))
    read = _Page(page)
    assert (read.open, read.wrong) == ([], [])
    assert len(set(read.ids)) == len(read.ids)
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)


def test_names_of_strangers_are_text_on_a_page():
    """A service is called whatever somebody typed."""
    incidents, question = ODD["hostile"]
    page = metrics_page(told(incidents, by=BY, **question))
    assert "&lt;b&gt;&quot;&amp;" in page
    assert '<b>"' not in page and "\x1b" not in page


def test_a_plot_of_many_is_no_longer_than_one_of_some():
    """Ten thousand dots would be a file that no browser likes."""
    few, many = (files(told(generated(count), imported=True).metrics) for count in (300, 3000))
    assert len(many["mttd-strip.svg"]) < 2 * len(few["mttd-strip.svg"])
    assert len(many["mttd-ecdf.svg"]) < 2 * len(few["mttd-ecdf.svg"])


def test_a_staircase_ends_at_all():
    """The last value has everything at or below it."""
    text = files(told([night(n) for n in range(5)]).metrics)["mttm-ecdf.svg"]
    path = ElementTree.fromstring(text).find(f".//{NS}path").get("d")
    heights = [float(one) for one in re.findall(r"V([\d.]+)", path)]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] == min(heights) == 36


def test_files_are_named_by_measure_and_kind():
    """An ECDF and a strip of each that is known; months where they were asked for."""
    named = set(files(told([night(1), night(2, at=START + 9 * DAY)], by=[("month",)]).metrics))
    assert {"mttr-resolve-ecdf.svg", "mttr-resolve-strip.svg", "mttr-resolve-month.svg", "mtbf-strip.svg"} <= named
    assert not [name for name in files(told(ODD["all missing"][0]).metrics) if name.startswith("mttd")]


def test_the_page_names_the_mttr_it_shows_and_has_the_others():
    """In a table of their own, with their clocks."""
    page = metrics_page(told([night(1)], mttr="mttr_repair"))
    assert '<h2 id="mttr-repair">MTTR (repair): time to repair</h2>' in page
    assert '<h2 id="mttr-resolve">' not in page
    assert "MTTR (recovery)" in page and "The four MTTRs" in page
