"""A run whose disk fails at one operation; what must hold of it at once, and after it was resumed on one that is well.

The run prints a secret and more output than a record holds, changes two things, and can see whether it has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runbook.errors import Exit
from runbook.hosts.past import stream_of
from runbook.journal.verify import verify
from support.crash import place
from support.crash.lives import KILLED, Life, settled
from support.crash.nursery import Nursery

SECRET = "Tr0ub4dor&3-on-a-failing-disk"
LINES = ["restart", "purge"]
LOOKS = """\
triage:
  - {id: tell, uses: command.run, with: {argv: [bin/tell], effect: read, env: {TOKEN: {file: token}}}, expect: "true"}
resolution:
"""
TELL = '#!/bin/sh\necho "$TOKEN"\nhead -c 100000 /dev/zero | tr "\\\\0" x\n'
ENDS = (Exit.OK, Exit.NOT_RESOLVED)  # of the run; of a process there are more
OURS = {"token"}  # where the secret is meant to be


@dataclass
class Suffered:
    """What became of the process whose disk failed, and of those after it."""

    folder: Path
    run: str
    exits: list[int] = field(default_factory=list)
    said: list[tuple[str, str | None]] = field(default_factory=list)


def project(folder: Path) -> Path:
    place.project(folder, confirm=True, runbook=place.one().replace("resolution:\n", LOOKS))
    (folder / "bin" / "tell").write_text(TELL)
    (folder / "bin" / "tell").chmod(0o755)
    (folder / "token").write_text(SECRET)
    return folder


def operations(folder: Path) -> list[str]:
    """What the last process did to the disk."""
    return (folder / "operations").read_text().splitlines()


def suffered(nursery: Nursery, folder: Path, run: str, fault: dict[str, Any]) -> Suffered:
    """Start it with this fault, check what holds at once, resume it without to its end, and check what holds then."""
    told = Suffered(project(folder), run)
    _live(nursery, told, fault=fault, resume=False)
    _check_intents(told)
    for _ in range(6):
        if told.exits[-1] in ENDS:
            break
        journal = place.opened(folder).journal
        begun = journal.head(stream_of(run)) is not None
        journal.close()
        if told.exits[-1] == Exit.IN_DOUBT:
            settled(Life(folder, run))
        _live(nursery, told, fault=None, resume=begun)
    _check_end(told)
    return told


def _live(nursery: Nursery, told: Suffered, *, fault: dict[str, Any] | None, resume: bool) -> None:
    (told.folder / "error").unlink(missing_ok=True)
    told.exits.append(nursery.live(told.folder, told.run, fault=fault, resume=resume)["exit"])
    ways = (*ENDS, Exit.UNDETERMINED, Exit.IN_DOUBT, KILLED)
    assert told.exits[-1] in ways, (told, (told.folder / "said").read_text())
    if (told.folder / "error").exists():
        message, hint = json.loads((told.folder / "error").read_text())
        told.said.append((message, hint))


def _check_intents(told: Suffered) -> None:
    """I1: whatever happened in the world was intended in the record before."""
    journal = place.opened(told.folder).journal
    intended = [(r.key or "") for r in journal.read(stream_of(told.run)) if r.type == "change.intended"]
    for line in place.ledger(told.folder):
        assert any(f"/{line}:" in key for key in intended), f"{line} without an intent: {intended}"
    journal.close()


def _check_end(told: Suffered) -> None:
    journal = place.opened(told.folder).journal
    assert told.exits[-1] in ENDS, told
    results = [r for r in journal.read(stream_of(told.run)) if r.type in ("change.resulted", "settlement.given")]
    done = [
        r for r in results if "applied" in (r.data.get("as"), r.data.get("applied")) or r.data.get("applied") == "yes"
    ]
    assert place.ledger(told.folder) == LINES[: len(done)], "I2: something twice, or other than the record says"
    assert (told.exits[-1] == Exit.OK) == (len(done) == len(LINES)), "what could be done was not"
    assert [verdict for verdict in verify(journal) if not verdict.ok] == [], "I3"
    kept = {f"{r.stream} {r.seq} {r.hash}" for r in journal.read(stream_of(told.run))}
    seen = set((told.folder / "seen").read_text().splitlines())
    assert seen <= kept, f"I4: acknowledged, and not there: {seen - kept}"
    assert journal.locks() == []
    journal.close()
    files = [file for file in told.folder.rglob("*") if file.is_file() and file.name not in OURS]
    assert [file for file in files if SECRET.encode() in file.read_bytes()] == [], "I5"
    for message, hint in told.said:
        assert ".runbook" in message or "attempt" in message, f"I6: it does not say where: {message}"
        assert hint, f"I6: it does not say what next: {message}"
