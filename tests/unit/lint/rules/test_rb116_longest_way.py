"""RB116: a runbook that tries for hours before it calls anybody."""

from __future__ import annotations

from runbook.lint.samples import SYMPTOM, VERIFICATION
from support.rulings import said

HAND = """\
resolution:
  - id: by_hand
    steps:
      - {id: repair, uses: manual.do, timeout: 4h, with: {text: Find out what holds the queue.}}
"""
PAGES = "escalation: {to: mail%s}\n"
CONFIG = "apiVersion: runbook/v1\nkind: Config\nlint: {limits: {longest_way: %s}}\n"


def book(severity: str, after: str) -> tuple[str, ...]:
    return severity, SYMPTOM, HAND, VERIFICATION, PAGES % after


def test_it_is_the_longest_way_that_counts():
    """Four hours by hand, five minutes of verification."""
    assert said("RB116", *book("severity: SEV1\n", "")) == [
        "it can take 4h5m until anybody is paged, and 1h is the limit"
    ]


def test_after_cuts_it_short():
    """The seconds in which the symptoms are read are not counted."""
    assert said("RB116", *book("severity: SEV2\n", ", after: 1h")) == []
    assert len(said("RB116", *book("severity: SEV2\n", ", after: 2h"))) == 1


def test_what_is_light_may_wait_and_what_nobody_weighed_may_not():
    """SEV3 and SEV4 are for the morning."""
    assert said("RB116", *book("severity: SEV3\n", "")) == []
    assert len(said("RB116", *book("", ""))) == 1


def test_the_limit_is_the_projects():
    """`limits.longest_way` of the config."""
    parts = book("", ", after: 30m")
    assert said("RB116", *parts, files={"runbook.yaml": CONFIG % "20m"}) == [
        "it can take 30m until anybody is paged, and 20m is the limit"
    ]
    assert said("RB116", *book("", ""), files={"runbook.yaml": CONFIG % "1d"}) == []


def test_a_runbook_that_calls_nobody_is_another_rules():
    """It has no way to be measured."""
    assert said("RB116", SYMPTOM, HAND, VERIFICATION) == []
