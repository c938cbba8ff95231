"""The runs of a store, as lists need them: a finished run from its first and last record, an open one whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from runbook.cli.unread import missed
from runbook.core.history import History, history
from runbook.core.words import Mode, Status
from runbook.errors import BrokenChain
from runbook.report.next_steps import Waits, handed_over
from runbook.report.run_json import Listed, listed

if TYPE_CHECKING:
    from runbook.journal import Journal, Record, StreamInfo, Unread
    from runbook.report.follow_ups import Listed as FollowedUp


Row = TypeVar("Row")

_PAGE = 8  # records read at a time, from the end of a run on


class Open(NamedTuple):
    """A run without an end: what its records tell, and whether somebody runs it."""

    run: str
    history: History
    alive: bool


class Runs:
    """All runs of a store as they are now, newest first: read once, asked several things.

    Whether a dry run, or what was done by hand within another, counts is said with each. Runs that cannot be read go to
    `unread`.
    """

    def __init__(self, journal: Journal, unread: list[Unread]) -> None:
        self._journal = journal
        self._unread = unread
        self._infos = journal.streams("run/", unread)

    def open(self) -> Iterator[Open]:
        """Every run that is not finished."""
        return self._each(self._open)

    def listed(self, *, dry: bool, execs: bool = False) -> Iterator[Listed]:
        """Every run; dry runs, and what was done by hand within others, only if asked for."""

        def row(info: StreamInfo) -> Listed | None:
            if (_is_dry(info) and not dry) or (info.first.data.get("within") and not execs):
                return None
            end = _end(info, self._journal)
            if end is not None:
                return _finished(info, end, self._journal)
            return listed(self._past(info), _id(info), alive=self._is_held(info))

        return self._each(row)

    def follow_ups(self) -> list[FollowedUp]:
        """Everything temporary that is not taken back yet; a run says at its end whether there is any."""
        return [row for rows in self._each(self._followed_up) for row in rows if row.left]

    def unstarted(self) -> Iterator[tuple[str, str, Waits]]:
        """Those that went on with a runbook whose run was never started: `(run, its runbook, what waits)`."""

        def row(info: StreamInfo) -> tuple[str, str, Waits] | None:
            waits = _unstarted(info, self._journal)
            return (_id(info), str(info.first.data.get("runbook", "")), waits) if waits else None

        return self._each(row)

    def _each(self, look: Callable[[StreamInfo], Row | None]) -> Iterator[Row]:
        """What is found of each run that can be read."""
        for info in self._infos:
            try:
                row = look(info)
            except BrokenChain as error:
                missed(self._unread, error)
            else:
                if row is not None:
                    yield row

    def _open(self, info: StreamInfo) -> Open | None:
        if _end(info, self._journal) is not None:
            return None
        past = self._past(info)
        return Open(_id(info), past, self._is_held(info)) if past.finished is None else None

    def _followed_up(self, info: StreamInfo) -> list[FollowedUp] | None:
        from runbook.hosts.past import taken_back
        from runbook.report.follow_ups import Listed as FollowedUp

        end = _end(info, self._journal)
        if _is_dry(info) or (end is not None and not end.data.get("follow_ups")):
            return None
        past = self._past(info)
        if past.finished is None or not past.follow_ups:
            return None
        gone = taken_back(self._journal, _id(info))
        return [
            FollowedUp(_id(info), past.runbook, one, past.left(one, gone), past.target, past.environment)
            for one in past.follow_ups.values()
            if one.closed is None
        ]

    def _past(self, info: StreamInfo) -> History:
        return history(self._journal.read(info.stream))

    def _is_held(self, info: StreamInfo) -> bool:
        return self._journal.holder(info.stream) is not None


def _is_dry(info: StreamInfo) -> bool:
    return info.first.data.get("mode") == Mode.DRY


def _unstarted(info: StreamInfo, journal: Journal) -> Waits | None:
    end = _end(info, journal)
    continued = (end.data.get("continued") if end is not None else None) or {}
    if continued.get("run") is None or journal.head(f"run/{continued['run']}") is not None:
        return None
    return handed_over(_id(info), str(continued.get("runbook")))


def _end(info: StreamInfo, journal: Journal) -> Record | None:
    """The record of its end, None of one that is open. What was written down afterwards stands behind it."""
    if info.last.type == "run.finished":
        return info.last
    before = info.size - 1 if info.sealed else 0
    while before > 0:
        before, upto = max(0, before - _PAGE), before
        page = islice(journal.read(info.stream, before - 1), upto - before)
        if (end := next((record for record in page if record.type == "run.finished"), None)) is not None:
            return end
    return None


def _finished(info: StreamInfo, end: Record, journal: Journal) -> Listed:
    """From two records, without the thousand between them."""
    first, continued = info.first.data, end.data.get("continued") or {}
    waits = _unstarted(info, journal)
    return Listed(
        run=_id(info),
        runbook=str(first.get("runbook", "")),
        status=Status.FINISHED,
        outcome=str(end.data.get("outcome")),
        started=info.first.time,
        finished=end.time,
        initiator=str(first.get("initiator", "")),
        mode=str(first.get("mode", "")),
        waits=(waits.text,) if waits else (),
        within=first.get("within"),
        environment=first.get("environment"),
        target=first.get("target"),
        continued_from=first.get("continued_from"),
        continued=continued.get("run"),
        seal=first.get("seal"),
    )


def _id(info: StreamInfo) -> str:
    return info.stream.partition("/")[2]
