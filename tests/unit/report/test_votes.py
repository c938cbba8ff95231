"""A yes that does not count says so where it is shown."""

from __future__ import annotations

import io
from datetime import UTC

import pytest

from runbook.report.gate import gate_text
from runbook.report.lines import Lines
from runbook.report.sheet import sheet_from
from runbook.report.style import Style
from support import histories

STYLE = Style(zone=UTC, width=200)

VAIN = [
    ({"reason_required": True}, "ben", None, "this gate asks for a reason"),
    ({"reason_required": True}, "ben", "seen", None),
    ({"exclude_initiator": True}, "ann", None, "ann started, resumed or settled this run"),
    ({}, "eve", None, "eve may not answer this gate"),
    ({}, "ben", None, None),
]


@pytest.mark.parametrize(("terms", "who", "reason", "why"), VAIN)
def test_a_vote_says_whether_it_counts(terms: dict, who: str, reason: str | None, why: str | None) -> None:
    """In the lines of the run; and only a yes that counts stands at the gate for the next person."""
    tape, stream = histories.waiting(terms=terms), io.StringIO()
    gate = tape.history.open_gates[0]
    tape.add("vote.given", who=who, gate=gate.key, digest=gate.digest, verdict="grant", reason=reason)
    lines = Lines(stream, STYLE)
    for record in tape.records:
        lines.record(record)
    assert ("it does not count: " in stream.getvalue()) is (why is not None)
    assert why is None or f"it does not count: {why}" in stream.getvalue()
    text = gate_text(sheet_from(tape.history.open_gates[0], tape.history), STYLE, histories.START)
    assert ("yes from" in text) is (why is None)
