"""What an observation says of a step on a quiet day."""

from __future__ import annotations

from typing import Any

import pytest

from runbook import kinds
from runbook.core.changes import Error, Observation
from runbook.core.words import Verdict
from runbook.doctor.checks import Reads, Status
from runbook.doctor.telling import judged
from runbook.document.words import Series

REFUSED = {"verdict": Verdict.FAIL, "output": {"reachable": False}}
ROWS = {"value": None, "rows": [{"labels": {}, "value": 1}, {"labels": {}, "value": 2}], "count": 2}


@pytest.mark.parametrize(
    ("kind", "expect", "seen", "status", "said"),
    [
        ("prometheus.query", "value > 9", {"output": {"value": 0.25, "rows": []}}, Status.OK, "value 0.25"),
        ("prometheus.query", "value > 9", {"unknown": "no data"}, Status.FINDING, "no data"),
        ("prometheus.query", "value > 9", {"output": ROWS}, Status.FINDING, "2 series where one is expected"),
        ("prometheus.query", "value > steps.a.value", {"output": {"value": 1.0}}, Status.OK, "value 1"),
        ("http.get", None, {"verdict": Verdict.FAIL, "output": {"error": "refused"}}, Status.UNREACHABLE, "refused"),
        ("http.get", None, {"output": {"status": 200}}, Status.OK, "status 200"),
        ("http.get", None, {"output": {"status": 404}}, Status.FINDING, "status 404"),
        ("http.get", "status == 404", {"output": {"status": 404}}, Status.OK, "status 404"),
        (
            "tcp.connect",
            "not reachable",
            {"verdict": Verdict.FAIL, "output": {"reachable": False}},
            Status.OK,
            "answers",
        ),
        ("kubernetes.can_i", None, {"output": {"allowed": False, "message": "no"}}, Status.FINDING, "no"),
        ("command.run", None, {"output": {"exit_code": 1}}, Status.OK, "exit code 1"),
        ("command.run", None, {"error": Error(code="output", message="no line 3")}, Status.FINDING, "no line 3"),
    ],
)
def test_a_quiet_day_is_no_finding_and_silence_is_no_health(
    kind: str, expect: str | None, seen: dict[str, Any], status: Status, said: str
) -> None:
    """A symptom need not be there; what cannot be judged, or does not answer, is said."""
    work = Reads(link=None, kind=kind, inputs={}, expect=expect, series=Series.ONE, outputs={}, scope={}, timeout=1)
    found, text, hint = judged(work, kinds.get(kind).SPEC, Observation(**seen), "by hand: look")
    assert found is status
    assert said in text
    assert (hint is None) is (status is Status.OK)
