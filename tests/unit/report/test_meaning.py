"""What triage means is shown under its step, before the options, and wherever somebody decides."""

from __future__ import annotations

import io
from datetime import UTC

import pytest

from runbook.report.final import report
from runbook.report.gate import gate_text
from runbook.report.lines import Lines
from runbook.report.run_json import run_object
from runbook.report.sheet import sheet_from
from runbook.report.style import Style
from support import histories

STYLE = Style(zone=UTC)
NOW = histories.START


def night(**gate: object) -> histories.Tape:
    """Triage points to the rollback, whose gate opens; of redis nobody can tell."""
    tape = histories.started()
    said = {"say": "The release broke it", "points_to": "rollback", "about": "finding", "id": "endpoints"}
    tape.add("note.added", "triage/endpoints:note#1", **said)
    tape.add("note.added", "triage/redis:note#1", about="finding", id="redis", say="cannot tell: x", unknown=True)
    change = histories.rollback()
    return histories.gated(histories.planned(tape, histories.ROLLBACK, change), histories.ROLLBACK, change, **gate)


def printed(tape: histories.Tape) -> str:
    stream = io.StringIO()
    lines = Lines(stream, STYLE)
    for record in tape.records:
        lines.record(record)
    return stream.getvalue()


def test_a_finding_stands_under_its_step_and_all_before_the_first_option() -> None:
    """Once where it was read, once as a whole, once at the gate."""
    text = printed(night())
    lines = [line for line in text.splitlines() if "The release broke it" in line]
    assert [line[:11] for line in lines] == ["03:00:06Z →", "03:00:08Z →", "    → endpo"]
    assert text.index("What this means") < text.index("Option rollback, pointed to by endpoints")


@pytest.mark.parametrize(
    "line",
    [
        "Gate rollback, pointed to by endpoints\n  What this means\n",
        "    → endpoints: The release broke it. It points to rollback\n",
        "    ? redis: cannot tell: x\n",
    ],
)
def test_a_gate_says_what_is_known_and_what_is_not(line: str) -> None:
    """Whoever approves sees what speaks for it."""
    history = night().history
    assert line in gate_text(sheet_from(history.open_gates[0], history), STYLE, NOW)


def test_the_report_and_scripts_know_the_findings() -> None:
    """Keys are added, none renamed."""
    tape = night()
    tape.add("note.added", "resolution/rollback:note#1", about="option", option="rollback", ended="denied")
    text = report(tape.history, histories.RUN, STYLE, NOW)
    assert "What this means\n  → endpoints: The release broke it. It points to rollback\n" in text
    assert "rollback, pointed to by endpoints - denied" in text
    found = run_object(tape.history, histories.RUN, alive=False)
    first = {"step": "endpoints", "say": "The release broke it", "points_to": "rollback", "unknown": False}
    assert found["findings"][0] == first
    assert found["options"][0]["pointed_to_by"] == ["endpoints"]


def test_a_newer_reading_forgets_what_the_older_one_meant() -> None:
    """Triage is read anew when it is too old; a reading without a meaning has none."""
    tape = histories.observed(night(), "triage/endpoints", "triage", None, {"value": 0}, 2)
    assert [found.step for found in tape.history.findings.values()] == ["redis"]


def dark(*steps: str) -> histories.Tape:
    """Nothing of triage could be read, and a gate opens all the same."""
    tape = histories.started()
    for step in steps:
        said = {"about": "finding", "id": step, "say": f"cannot tell what it means: step {step} failed"}
        tape.add("note.added", f"triage/{step}:note#1", **said, unknown=True)
    change = histories.rollback()
    return histories.gated(histories.planned(tape, histories.ROLLBACK, change), histories.ROLLBACK, change)


def test_where_nothing_could_be_read_one_line_says_so() -> None:
    """At the gate and before the options; why stands under each step, and in what scripts see."""
    tape = dark("lag", "members", "alarms")
    line = "? none of it can be told: lag, members, alarms"
    gate = gate_text(sheet_from(tape.history.open_gates[0], tape.history), STYLE, NOW)
    assert f"  What this means\n    {line}\n" in gate
    assert gate.count("cannot tell") == 0
    assert printed(tape).count(line) == 2
    assert len(run_object(tape.history, histories.RUN, alive=False)["findings"]) == 3


def test_a_single_reading_that_cannot_be_told_says_why() -> None:
    """One line it is already."""
    history = dark("lag").history
    assert "? lag: cannot tell what it means: step lag failed\n" in gate_text(
        sheet_from(history.open_gates[0], history), STYLE, NOW
    )
