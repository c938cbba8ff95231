"""Incidents for statistics: made by hand, or ten thousand of them by lot, the same for the same seed."""

from __future__ import annotations

import random
from typing import Any

from runbook.incident.metrics.compute import Question, metrics
from runbook.incident.metrics.facts import Facts
from runbook.incident.metrics.runs import run_metrics
from runbook.incident.words import TIMES, Status
from runbook.report.metrics.words import Told

START = 1_767_225_600.0  # 2026-01-01T00:00:00Z
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
SEVERITIES = ("SEV1", "SEV2", "SEV3", "SEV4")


def incident(number: int = 1, *, at: float = START, status: Status | None = None, **given: Any) -> Facts:
    """An incident that was declared at `at`; times are given in seconds after that, words as they are."""
    given = dict(given)
    times = {name: at + given.pop(name) for name in TIMES if name in given}
    over = Status.RESOLVED if "resolved" in times else Status.MITIGATED if "mitigated" in times else Status.OPEN
    severity = given.pop("severity", "SEV1")
    words = {"service": "api", "type": "Service", "declared_severity": severity} | given
    return Facts(id=f"INC-{number}", severity=severity, status=status or over, **({"declared": at} | times), **words)


def generated(count: int, seed: int = 1) -> list[Facts]:
    """Incidents of three years as they are: skewed, with times missing, a few the wrong way round, some still open."""
    lot = random.Random(seed)
    return [_generated(number, lot) for number in range(1, count + 1)]


def _generated(number: int, lot: random.Random) -> Facts:
    began = START - lot.random() * 3 * 365 * DAY
    steps = {"detected": 200, "alerted": 20, "declared": 240, "acknowledged": 90, "mobilised": 300, "mitigated": 2400}
    times, now = {"impact_started": round(began, 6)}, began
    for name, usual in (*steps.items(), ("resolved", 3600)):
        now += lot.lognormvariate(0, 1.2) * usual - (usual * 3 if lot.random() < 0.004 else 0)
        times[name] = round(now, 6)
    for name in TIMES:
        if name != "declared" and lot.random() < 0.12:
            del times[name]
    status = Status.RESOLVED
    if lot.random() < 0.02:
        status = lot.choice((Status.OPEN, Status.MITIGATED))
        times = {name: at for name, at in times.items() if name not in _ends(status)}
    return Facts(
        id=f"INC-{number}",
        severity=lot.choice(SEVERITIES),
        declared_severity=lot.choice(SEVERITIES),
        service=lot.choice((*"abcdefgh", None)),
        type=lot.choice(("Service", "Security", "Data", None)),
        status=status,
        imported=lot.random() < 0.1,
        **times,
    )


def _ends(status: Status) -> tuple[str, ...]:
    return ("resolved",) if status is Status.MITIGATED else ("mitigated", "resolved")


def told(incidents: list[Facts], at: float = START + 30 * DAY, **question: Any) -> Told:
    """Measures of incidents, and no runs, ready to be drawn; with the Catalog's usual targets."""
    asked = {"targets": {"mttd": 300.0, "mtta": 300.0, "mttr": 1800.0}, "severities": SEVERITIES} | question
    return Told(metrics(incidents, Question(**asked), at), run_metrics([], [], None), at)


def night(number: int = 1, **given: Any) -> Facts:
    """An incident of which everything is known, longer the higher its number."""
    times = {"impact_started": -120, "detected": -30, "alerted": -20, "acknowledged": 60 + number, "mobilised": 240}
    times |= {"mitigated": 1200 + 10 * number, "resolved": 3000 + 60 * number}
    return incident(number, **({"at": START + number * HOUR} | times | given))


# What a report has to be able to draw: (incidents, more of the question).
ODD: dict[str, tuple[list[Facts], dict[str, Any]]] = {
    "nothing at all": ([], {}),
    "nothing in the window": ([night()], {"since": START + 20 * DAY}),
    "one": ([night()], {}),
    "one that goes on": ([incident()], {}),
    "all missing": ([incident(n, status=Status.RESOLVED) for n in range(3)], {}),
    "all impossible": ([night(n, resolved=-9999, mitigated=-9999, detected=-9999) for n in range(30)], {}),
    "no length": ([night(n, impact_started=0, detected=0, alerted=0, resolved=0, mitigated=0) for n in range(9)], {}),
    "huge": ([night(1), night(2, resolved=500 * 365 * DAY), night(3, resolved=0.0005)], {}),
    "many groups": ([night(n, service=f"service-{n}") for n in range(40)], {}),
    "many": ([night(n, at=START + n) for n in range(400)], {}),
    "hostile": ([night(1, service='<b>"&\x1b[31m\u202e', type="=1+1", severity="SEV1\n# EOF")], {}),
    "long names": ([night(1, service="s" * 200), night(2, service="数" * 60)], {}),
    "trend": (
        [night(n, at=START + (n % 50) * HOUR, resolved=600 * (1 + n % 50)) for n in range(100)],
        {"since": START + DAY},
    ),
}
BY = [("severity",), ("service",), ("type",), ("month",), ("severity", "service")]
