"""Measures of incidents, and reading those from a store, beside a bare loop of SQL and JSON decoding over its records.

Arguments: a file of incidents (JSON lines, as `benchmarks.documents` writes them), a store's file that is made of them
when it is not there, rounds. Prints JSON: lists of milliseconds for all of them together.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runbook.incident import records as r
from runbook.incident.metrics import desk
from runbook.incident.metrics.compute import Question, metrics
from runbook.journal import Actor, Draft, Journal, open_store
from runbook.journal.record import stamp

WHO = Actor(kind="person", id="ana")
SEVERITIES = ("SEV1", "SEV2", "SEV3", "SEV4")
BY = [("severity",), ("service",), ("type",), ("month",)]


def written(journal: Journal, incidents: list[dict[str, Any]]) -> None:
    """Every incident as a stream: what it is, when what happened, and what was sent of it."""
    for number, one in enumerate(incidents, 1):
        words = {name: one[name] for name in ("severity", "service", "type")}
        at = {"at": stamp(one["declared"]), "source": "benchmark"}
        stream = f"{r.PREFIX}INC-{number}"
        journal.open_stream(stream, Draft(r.DECLARED, None, {"title": "It is down", **words, **at}, WHO), epoch=0)
        with journal.writing(stream, relaxed=True) as writer:
            for name in ("impact_started", "detected", "alerted", "acknowledged", "mobilised"):
                if one[name] is not None:
                    said = {"time": name, "at": stamp(one[name]), "source": "benchmark", "reason": None}
                    writer.append(Draft(r.TIMED, None, said, WHO))
            for message in range(3):
                text = {"message": f"update/{message}", "channel": "incidents", "text": "We are still looking. " * 10}
                writer.append(Draft(r.MESSAGE_INTENDED, None, text, WHO))
            for type_, name in ((r.MITIGATED, "mitigated"), (r.RESOLVED, "resolved")):
                if one[name] is not None:
                    writer.append(Draft(type_, None, {"at": stamp(one[name]), "source": "benchmark"}, WHO))


def main() -> None:
    incidents = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    store = Path(sys.argv[2]).resolve()
    journal = open_store(f"sqlite:///{store}")
    there = len(journal.names(r.PREFIX))
    if not there:
        written(journal, incidents)
    elif there != len(incidents):
        raise SystemExit(f"{store} was made half-way: delete it")
    facts = desk.incidents(journal, SEVERITIES, [])
    now = max(one.declared for one in facts) + 86400

    def bare() -> None:
        connection = sqlite3.connect(store)
        for (raw,) in connection.execute("SELECT raw FROM records WHERE stream LIKE 'incident/%'"):
            json.loads(raw)
        connection.close()

    def read() -> None:
        if len(desk.incidents(journal, SEVERITIES, [])) != len(incidents):
            raise SystemExit("incidents are missing")

    def measured() -> None:
        found = metrics(facts, Question(by=BY, severities=SEVERITIES), now)
        if found.whole.incidents != len(incidents):
            raise SystemExit("incidents are missing")

    def timed(thing: Callable[[], None]) -> float:
        begun = time.perf_counter()
        thing()
        return (time.perf_counter() - begun) * 1000

    taken: dict[str, list[float]] = {"bare": [], "read": [], "measured": []}
    for _ in range(int(sys.argv[3]) + 1):
        taken["bare"].append(timed(bare))
        taken["read"].append(timed(read))
        taken["measured"].append(timed(measured))
    print(json.dumps({name: values[1:] for name, values in taken.items()}))


main()
