"""`log verify` of a run beside a bare loop of SHA-256 and JSON decoding over the same records.

Arguments: a store's file, rounds. Prints JSON: lists of milliseconds for a thousand records.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from runbook.journal import open_store
from runbook.journal.verify import verify

TIMES = 10  # how often the run is gone through in one measurement


def main() -> None:
    journal = open_store(f"sqlite:///{Path(sys.argv[1]).resolve()}")
    stream = max(journal.streams("run/"), key=lambda info: info.size)
    records = list(journal.raw(stream.stream))

    def bare() -> None:
        for raw in records:
            hashlib.sha256(raw).hexdigest()
            json.loads(raw)

    def verified() -> None:
        [verdict] = verify(journal, stream.stream)
        if not verdict.ok:
            raise SystemExit(verdict.message)

    def timed(thing: Callable[[], None]) -> float:
        begun = time.perf_counter()
        for _ in range(TIMES):
            thing()
        return (time.perf_counter() - begun) * 1000 / (len(records) * TIMES / 1000)

    taken: dict[str, list[float]] = {"bare": [], "verify": []}
    for _ in range(int(sys.argv[2]) + 1):
        taken["bare"].append(timed(bare))
        taken["verify"].append(timed(verified))
    print(json.dumps({name: values[1:] for name, values in taken.items()}))


main()
