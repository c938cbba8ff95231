"""RB125: told that it began, never that it is over."""

from __future__ import annotations

from runbook.lint.samples import TRIAGE
from support.rulings import said

CONFIG = {"runbook.yaml": "apiVersion: runbook/v1\nkind: Config\nchannels: {a: {console: {}}, b: {console: {}}}\n"}


def book(*messages: str) -> tuple[str, ...]:
    return TRIAGE, "communication:\n", *(f"  - {{{message}, text: Hello.}}\n" for message in messages)


def test_each_channel_waits_for_its_own_end():
    """Once for each."""
    told = book("at: start, to: a", "every: 15m, to: a", "every: 15m, to: b", "at: not_resolved, to: b")
    assert said("RB125", *told, files=CONFIG) == [
        "'a' hears that it began, and never that it is over",
        "'b' hears that it began, and never that it is over",
    ]


def test_a_good_end_or_any_end_is_enough():
    """And who heard of no beginning waits for nothing."""
    told = book("at: start, to: a", "at: resolved, to: a", "every: 5m, to: b", "at: finished, to: b")
    assert said("RB125", *told, files=CONFIG) == []
    assert said("RB125", *book("at: not_resolved, to: a"), files=CONFIG) == []
