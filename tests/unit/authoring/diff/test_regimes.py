"""A regime beside what it was."""

from __future__ import annotations

from support.cases import CASES
from support.sides import said

REGIME = (CASES / "valid" / "regime.yaml").read_text()


def told(*changes: tuple[str, str]) -> list[str]:
    text = REGIME
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    found = said({"acme.yaml": REGIME}, {"acme.yaml": text})
    return [f"{one.place}: {one.sentence}" if one.place else one.sentence for one in found]


def test_a_time_that_is_another_is_told_with_its_report() -> None:
    """A contract that gives less time is why the document changed."""
    assert told(("hours: 48", "hours: 24")) == ["report notice: 'limits' changed"]


def test_reports_that_come_and_go_are_told() -> None:
    """A report that is gone is one that nobody will be reminded of."""
    assert told(("id: account", "id: summary"), ("Account of it", "Summary of it")) == [
        "the report 'account' is gone",
        "the report 'summary' is new",
    ]


def test_what_else_changed_of_a_regime_is_told() -> None:
    """Other questions may lead to another judgement."""
    assert told(("Were systems hit that hold data of Acme?", "Were data of Acme hit?")) == ["'questions' changed"]
