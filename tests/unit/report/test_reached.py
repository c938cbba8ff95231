"""What no scenario reaches is told with its line; a percentage never says more than there is."""

from __future__ import annotations

import pytest

from runbook.report.reached import Covered, coverage_object, coverage_text, percent, total
from runbook.report.style import Style
from runbook.scenario.coverage import Coverage, Point

POINTS = tuple(Point("step", f"triage/{number}", "done") for number in range(1000))


@pytest.mark.parametrize(("reached", "text"), [(1000, "100 %"), (999, "99.9 %"), (0, "0 %"), (3, "0.3 %")])
def test_a_percentage_is_rounded_down(reached: int, text: str) -> None:
    """100 % is all of it."""
    assert percent(Coverage(POINTS, frozenset(POINTS[:reached]))) == text


def test_the_whole_counts_the_same_step_of_two_runbooks_twice() -> None:
    """One of them says nothing about the other."""
    one = Coverage(POINTS[:1], frozenset(POINTS[:1]))
    none = Coverage(POINTS[:1], frozenset())
    covered = [Covered(runbook=name, path="x", scenarios=1, coverage=c) for name, c in (("a", one), ("b", none))]
    assert total(covered).percent == 50
    assert coverage_object(covered, 90)["percent"] == 50


def test_each_point_is_told_in_words() -> None:
    """Options and gates by their id, checks by their address."""
    points = (
        Point("gate", "resolution/scale", "denied"),
        Point("verdict", "verification/right", "unknown"),
        Point("loop", "resolution/scale/up", "over no item"),
    )
    lines = {"resolution/scale": 12, "verification/right": 30, "resolution/scale/up": 14}
    one = Covered(runbook="a", path="a.yaml", scenarios=2, coverage=Coverage(points, frozenset()), lines=lines)
    assert coverage_text([one], Style()).splitlines() == [
        "a: 0 %, 0 of 3, 2 scenarios",
        "  a.yaml:12  gate scale          nobody ever says no, or stays silent",
        "  a.yaml:30  verification/right  never unknown",
        "  a.yaml:14  loop scale/up       never over no item",
    ]


def test_a_runbook_without_a_scenario_needs_no_list() -> None:
    """All of it is missing."""
    one = Covered(runbook="a", path="a.yaml", scenarios=0, coverage=Coverage(POINTS, frozenset()))
    assert coverage_text([one], Style()) == "a: 0 %, 0 of 1000, no scenario\n  a.yaml: nothing of it is rehearsed"
