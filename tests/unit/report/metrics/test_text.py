"""Measures in a terminal: as wide as it, readable without colours and without block characters."""

from __future__ import annotations

import re

import pytest

from runbook.report.metrics.text import metrics_text
from runbook.report.safe import columns
from runbook.report.style import Style
from support.measured import BY, DAY, ODD, START, incident, night, told


@pytest.mark.parametrize("width", [40, 66, 80, 120])
@pytest.mark.parametrize("name", ODD)
def test_whatever_there_is_it_fits_the_terminal(name, width):
    """And every line is harmless."""
    incidents, question = ODD[name]
    text = metrics_text(told(incidents, by=BY, **question), Style(width=width))
    assert max(map(columns, text.split("\n"))) <= width
    assert "\x1b" not in text and "\u202e" not in text


@pytest.mark.parametrize("name", ODD)
def test_colours_repeat_what_is_said(name):
    """The same words in the same places, with and without them."""
    incidents, question = ODD[name]
    asked = told(incidents, by=BY, **question)
    coloured, plain = (metrics_text(asked, Style(colour=colour)) for colour in (True, False))
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_a_stream_that_says_no_blocks_gets_ascii():
    """A terminal of the serial console is one too."""
    incidents, question = ODD["trend"]
    text = metrics_text(told([*incidents, night(200)], by=BY, **question), Style(blocks=False))
    assert text.isascii()
    assert "impact started -> detected" in text and "<=" in text


def test_an_empty_store_says_how_to_begin():
    """No tables of nothing."""
    text = metrics_text(told([]), Style())
    assert "none in this window; `runbook incident declare` begins one" in text
    assert "MTTD" not in text


def test_a_measure_says_what_it_is_made_of():
    """From when to when, what is missing and why, what stood in, what is not over; MTTR by its full name."""
    several = [night(1), night(2), incident(3), incident(4, detected=-20, acknowledged=60, resolved=600)]
    text = " ".join(metrics_text(told(several), Style(width=120)).split())
    assert "MTTR (resolve) time to resolve: detected (else alerted, declared) → resolved; target < 30m" in text
    assert "MTTR (repair)" not in text
    assert "2 missing, never counted as zero: 2 without impact started" in text
    assert "1 not over yet" in text
    assert "another time stood in where one was missing: detected in 1" in text
    assert "MTTR (repair)" in metrics_text(told(several, mttr="mttr_repair"), Style())


def test_a_mean_has_n_and_median_beside_it():
    """Where there is no room for all three, it is the mean that goes."""
    wide, narrow = (metrics_text(told([night(1), night(2)]), Style(width=width)) for width in (120, 80))
    assert " mean" in wide and " n " in wide and " median" in wide
    header = next(line for line in narrow.split("\n") if " median" in line)
    assert "mean" not in header and " n " in header


def test_what_cannot_be_is_listed_by_incident():
    """So that somebody puts it right; a long list is cut, and says so."""
    text = metrics_text(told([night(7, resolved=-180)]), Style())
    assert "INC-7     MTTR (resolve): resolved is 2m30s before detected" in text
    many = metrics_text(told(ODD["all impossible"][0]), Style())
    assert "--output json has them all" in many


def test_a_trend_is_said_only_where_one_can_be_told():
    """Not without a window before, not of a few, and not of chance."""
    incidents, question = ODD["trend"]
    wide = Style(width=140)
    assert "trend" not in metrics_text(told(incidents), wide)
    assert "longer than before, beyond chance" in metrics_text(told(incidents, **question), wide)
    few = metrics_text(told([night(1), night(30)], since=START + DAY), wide)
    assert "no trend: fewer than 20 in this window or the one before" in few


def test_months_are_drawn_in_a_row():
    """Their medians, the first and the last named."""
    months = [night(n, at=START + 31 * DAY * n, impact_started=0, mitigated=600 * (n + 1)) for n in range(3)]
    text = metrics_text(told(months, at=START + 100 * DAY, by=[("month",)]), Style())
    assert "medians   2026-01 ▃▆█ 2026-03" in text
