"""A catalog beside what it was."""

from __future__ import annotations

from support.cases import CASES
from support.sides import said

CATALOG = (CASES / "valid" / "catalog.yaml").read_text()


def told(*changes: tuple[str, str]) -> list[str]:
    text = CATALOG
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    found = said({"catalog.yaml": CATALOG}, {"catalog.yaml": text})
    return [f"{one.place}: {one.sentence}" if one.place else one.sentence for one in found]


def test_what_changed_of_a_severity_is_told_with_its_name() -> None:
    """A cadence that is halved means more messages at night."""
    assert told(("update_every: 15m", "update_every: 30m"), ("Nobody can buy", "Nobody buys")) == [
        "severity P1: 'description' changed",
        "severity P1: 'response' changed",
    ]


def test_entries_that_go_and_come_are_told() -> None:
    """A severity that is gone is one that runbooks may still name."""
    gone = "  - {name: P3, title: It can wait, response: {acknowledge: business hours}}\n"
    assert told((gone, ""), ("- {name: legal,", "- {name: press}\n  - {name: legal,")) == [
        "the severity 'P3' is gone",
        "the role 'press' is new",
    ]


def test_targets_are_told_one_by_one() -> None:
    """They are what the numbers are held against."""
    assert told(("mttr: 30m", "mttr: 2h")) == ["targets: 'mttr' changed"]
