"""What was seen, in lines; of each check the pair of before and after."""

from __future__ import annotations

from runbook.report.known import Known
from runbook.report.observed import seen_lines
from runbook.report.style import Style
from support import histories


def drawn(tape: histories.Tape, *, known: bool = True) -> list[str]:
    return seen_lines(tape.history, Known(histories.book() if known else None), Style())


def test_a_check_is_shown_before_and_after():
    """The last round stands beside the look before the change."""
    (line,) = [line for line in drawn(histories.resolved()) if "errors_low" in line]
    assert line.split("  ")[1:] == ["errors_low", "fail, value 0.12", "pass, value 0", "", " value < 0.01"]


def test_without_the_runbook_expectations_are_left_out():
    """No empty column."""
    assert not any("expects" in line for line in drawn(histories.resolved(), known=False))


def test_what_was_skipped_says_why():
    """A probe that did not run is not silent."""
    tape = histories.started()
    tape.add("note.added", "triage/history:note#1", about="step", status="skipped", reason="when: false", id="history")
    assert "  - history: Recent deployments: skipped; when: false" in drawn(tape)


def test_what_a_person_attested_says_so():
    """Nobody takes it for a measurement."""
    tape = histories.Tape()
    histories.observed(
        tape, "symptoms/error_rate", "symptoms", "pass", {}, attested=True, reason="attested by ann: saw it"
    )
    assert "is there (attested); attested by ann: saw it" in " ".join(" ".join(drawn(tape)).split())


def test_what_could_not_be_read_says_why():
    """In the morning nobody has the lines that went by."""
    tape = histories.Tape()
    error = {"code": "unreachable", "message": "the API server does not answer"}
    histories.observed(tape, "triage/history", "triage", None, {}, status="failed", error=error)
    assert "not read; the API server does not answer" in " ".join(" ".join(drawn(tape)).split())
