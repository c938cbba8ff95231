"""One run, killed again and again, brought to its end; and what must hold of it then.

A doubt is settled as a person would: by looking into the world, which here is the ledger, once nothing of the
attempt lives any more.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from runbook.authoring.adhoc import STEP
from runbook.core.addresses import last
from runbook.core.history import History, address
from runbook.errors import Exit, Refused
from runbook.hosts import settling
from runbook.hosts.past import stream_of
from runbook.journal.verify import verify
from support.crash import place, relay
from support.crash.nursery import Nursery

KILLED = -9


@dataclass
class Life:
    """What became of a run: the exit code of every process, the last point that each passed, the doubts settled."""

    folder: Path
    run: str
    exits: list[int] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    @property
    def doubted(self) -> int:
        return len(self.settled)

    def told(self) -> History:
        return place.told(place.opened(self.folder).journal, self.run)


def lived(
    nursery: Nursery,
    folder: Path,
    run: str,
    kills: tuple[int, ...],
    *,
    within: str | None = None,
    died: Callable[[], None] = lambda: None,
    elsewhere: bool = False,
) -> Life:
    """Start it, kill it at these points of its processes in turn, then let it be; resume and settle to its end.

    `within`: it is a command by hand within that run. `died` is called after each kill. `elsewhere`: each of its
    processes is on another machine.
    """
    life = Life(folder, run)
    left = list(kills)
    begun = False
    for _ in range(20 + len(kills)):
        kill = left.pop(0) if left else None
        machine = f"machine-{len(life.exits)}" if elsewhere else None
        answer = nursery.live(folder, run, kill=kill, resume=begun, within=within, machine=machine)
        code = answer["exit"]
        life.exits.append(code)
        life.points.append(answer["points"][-1] if answer["points"] else "")
        journal = place.opened(folder).journal
        begun = journal.head(stream_of(run)) is not None
        journal.close()
        if code == KILLED:
            died()
        if code == Exit.IN_DOUBT:
            settled(life)
        elif code != KILLED:
            return life
    raise AssertionError(f"{run} does not end: {life.exits}")


def settled(life: Life) -> None:
    """Say of every doubt what the ledger says."""
    of = place.opened(life.folder)
    for run in relay.runs(of):
        for key in place.told(of.journal, run).doubts:
            step = last(address(key)).replace("[", "_").rstrip("]")
            line = f"un{step}" if ":undo#" in key else place.BY_HAND if step == STEP else step
            _patiently(lambda run=run, key=key, line=line: _settled(life, of, run, key, line))
            life.settled.append(key)
    of.journal.close()


def _settled(life: Life, of: place.Project, run: str, key: str, line: str) -> bool:
    if _somebody_at_work(life.folder):
        return False
    try:
        there = "applied" if line in place.ledger(life.folder) else "not_applied"
        settling.settle(of.place, run, key, there, "the ledger says so")
    except Refused:
        return False
    return True


def _somebody_at_work(folder: Path) -> bool:
    """Whether a process of any attempt lives: commands run in the project's folder. Where there is no /proc: no."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == folder:
                return True
    return False


def _patiently(done: object, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    assert callable(done)
    while not done():
        assert time.monotonic() < until, "it cannot be settled"
        time.sleep(0.05)


def check(life: Life) -> None:
    """Nothing twice, nothing lost, every doubt said, the record whole, nothing left locked."""
    lines = place.ledger(life.folder)
    told = life.told()
    journal = place.opened(life.folder).journal
    twice = [line for line, count in Counter(lines).items() if count > 1]
    assert not twice, f"applied twice: {twice}"
    assert [line for line in place.LINES if line in lines] == lines, f"out of order: {lines}"
    assert told.finished is not None, f"not finished: {life.exits}"
    records = list(journal.read(stream_of(life.run)))
    refused = [r.key for r in records if r.type == "change.resulted" and r.data["applied"] == "no"]
    settled = [r.key for r in records if r.type == "settlement.given"]
    assert settled == life.settled
    if not refused and not any(r.type == "settlement.given" and ":undo#" in (r.key or "") for r in records):
        assert str(told.outcome) == "resolved", f"{told.outcome}: {told.finished}"
        assert lines == place.LINES, f"lost: {lines}"
    bad = [verdict for verdict in verify(journal) if not verdict.ok]
    assert not bad, bad
    _check_records(life)
    _check_messages(life)
    assert journal.locks() == []
    assert journal.holder(stream_of(life.run)) is None
    journal.close()


def _check_records(life: Life) -> None:
    """One result for a key; an effect has an intent before it, and a second intent a proof before that."""
    results: Counter[str] = Counter()
    open_: set[str] = set()
    proven: set[str] = set()  # not to have been applied
    for record in place.opened(life.folder).journal.read(stream_of(life.run)):
        key = record.key or ""
        if record.type == "change.intended":
            assert key not in open_, f"intended again without a proof: {key}"
            open_.add(key)
        elif record.type in ("change.resulted", "settlement.given"):
            refused = key in proven and record.data.get("applied") == "no"
            assert key in open_ or refused, f"a result without an intent: {key}"
            results[key] += 1
            open_.discard(key)
        elif record.type == "change.confirmed" and record.data["found"] == "not_applied":
            open_.discard(key)
            proven.add(key)
        elif record.type in ("step.observed", "decision.given", "message.sent", "wait.ended", "change.planned"):
            results[key] += 1
    again = [key for key, count in results.items() if count > 1]
    assert not again, f"two results: {again}"
    assert not open_, f"intended without a result: {open_}"


def _check_messages(life: Life) -> None:
    """The team is told at least once, customers at most once; what may have been sent is said to be unknown."""
    team = (life.folder / "team.md").read_text()
    customers = (life.folder / "customers.md").read_text() if (life.folder / "customers.md").exists() else ""
    assert team.count("We look at it.") >= 1
    assert team.count("It ended:") >= 1
    assert customers.count("We are sorry.") <= 1
    statuses = [message["status"] for message in life.told().messages if message["channel"] == "customers"]
    assert statuses in (["sent"], ["unknown"])
    assert customers or statuses == ["unknown"]
