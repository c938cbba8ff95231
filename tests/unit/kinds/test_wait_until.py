"""`wait.until` names how long or until when; the core waits."""

from __future__ import annotations

import re

import pytest
from jsonschema import Draft202012Validator

from runbook.document.words import Role
from runbook.kinds import wait_until

VALID = Draft202012Validator(wait_until.SPEC.inputs)


@pytest.mark.parametrize("inputs", [{"for": "90s"}, {"for": "1h30m"}, {"time": "2026-12-24T06:00:00Z"}], ids=str)
def test_a_duration_or_an_instant_is_taken(inputs: dict[str, str]) -> None:
    """One of the two."""
    VALID.validate(inputs)


@pytest.mark.parametrize(
    "inputs",
    [{}, {"for": "90s", "time": "2026-12-24T06:00:00Z"}, {"for": "90"}, {"time": "2026-12-24T06:00:00+01:00"}],
    ids=str,
)
def test_anything_else_is_not(inputs: dict[str, str]) -> None:
    """Neither, both, a bare number, a time zone."""
    assert not VALID.is_valid(inputs)


def test_it_reads_as_a_wait() -> None:
    """For people, on a plan and by hand."""
    assert wait_until.describe({"for": "90s"}) == "wait 90s"
    assert wait_until.by_hand({"time": "2026-12-24T06:00:00Z"}) == "wait until 2026-12-24T06:00:00Z"


def test_the_core_waits() -> None:
    """It is a pause without outputs or functions of its own."""
    assert (wait_until.SPEC.role, wait_until.SPEC.output_names) == (Role.PAUSE, frozenset())
    assert re.fullmatch(wait_until.INSTANT, "2026-12-24T06:00:00.123456Z")
    assert not hasattr(wait_until, "observe")
