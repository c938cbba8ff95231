"""`log verify` of a run, plain and sealed, beside a bare loop of SHA-256 and JSON decoding over the same records.

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
from runbook.journal.merkle import Growing
from runbook.journal.seals import Seal, SealKey, new_key, sign
from runbook.journal.trust import trusted
from runbook.journal.verify import verify

TIMES = 10  # how often the run is gone through in one measurement
APART = 100  # records between two seals, besides those at the start and the end: a run with a gate every few minutes


def sealed(records: list[bytes], stream: str, key: SealKey) -> list[str]:
    """The seals of a run, as they would have been made while it went on."""
    tree, seals = Growing(), []
    for raw in records:
        tree.add(raw)
        if tree.size in (1, len(records)) or tree.size % APART == 0:
            seals.append(sign(Seal(stream, tree.size, tree.root.hex()), key))
    return seals


def main() -> None:
    journal = open_store(f"sqlite:///{Path(sys.argv[1]).resolve()}")
    stream = max(journal.streams("run/"), key=lambda info: info.size)
    records = list(journal.raw(stream.stream))
    key = new_key(bytes(range(32)))
    seals, keys = sealed(records, stream.stream, key), [trusted(key.public)]

    def bare() -> None:
        for raw in records:
            hashlib.sha256(raw).hexdigest()
            json.loads(raw)

    def verified() -> None:
        [verdict] = verify(journal, stream.stream)
        if not verdict.ok:
            raise SystemExit(verdict.message)

    def with_seals() -> None:
        [verdict] = verify(journal, stream.stream, seals=seals, keys=keys)
        if not verdict.ok or verdict.sealed != len(records):
            raise SystemExit(f"{verdict.message}, sealed are {verdict.sealed}")

    def timed(thing: Callable[[], None]) -> float:
        begun = time.perf_counter()
        for _ in range(TIMES):
            thing()
        return (time.perf_counter() - begun) * 1000 / (len(records) * TIMES / 1000)

    taken: dict[str, list[float]] = {"bare": [], "verify": [], "sealed": []}
    for _ in range(int(sys.argv[2]) + 1):
        taken["bare"].append(timed(bare))
        taken["verify"].append(timed(verified))
        taken["sealed"].append(timed(with_seals))
    print(json.dumps({name: values[1:] for name, values in taken.items()}))


main()
