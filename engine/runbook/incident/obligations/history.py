"""What people have said about an incident's obligations: the fold of its `obligation.*` and `anchor.set` records.

Total, as every fold: other records, and keys that are not known, are passed over. Nothing is forgotten: what was said
anew stands behind what was said before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from runbook.core.records import Written
from runbook.incident import records as r
from runbook.journal.record import seconds


class Judgement(msgspec.Struct, frozen=True):
    """Whether a regime, or a report of it, applies: who says so, when, why, and the `digest` of its text.

    `seq` is the place of its record: of two judgements the later one holds, whatever the clocks said.
    """

    applicable: bool
    reason: str
    by: str
    at: float
    seq: int
    digest: str | None = None


class Anchor(msgspec.Struct, frozen=True):
    """A moment that times count from: when it was, who says so, and when that was recorded."""

    at: float
    source: str | None
    reason: str | None
    by: str
    recorded: float


class Answer(msgspec.Struct, frozen=True):
    """What a report says about one of its items."""

    text: str
    by: str
    at: float


class Filing(msgspec.Struct, frozen=True):
    """A report that was filed. `partial`: why information was missing, with the ids of what was."""

    at: float
    recorded: float
    by: str
    reference: str | None
    how: str | None
    partial: str | None = None
    missing: tuple[str, ...] = ()


class Waiver(msgspec.Struct, frozen=True):
    """A report that nobody will file, and why."""

    reason: str
    by: str
    at: float
    seq: int


class Extension(msgspec.Struct, frozen=True):
    """More time that an authority gave: until when, who gave it, under which number, who says so, when it was given.

    `until` None: the one before it does not hold any more. `by` is who recorded it.
    """

    until: float | None
    authority: str
    reference: str | None
    source: str | None
    reason: str | None
    at: float
    by: str
    recorded: float


class Said(msgspec.Struct, frozen=True):
    """All that was said, the newest last. Keys are addresses: `gdpr`, `gdpr.authority`; of anchors their names."""

    judgements: dict[str, tuple[Judgement, ...]] = {}
    anchors: dict[str, tuple[Anchor, ...]] = {}
    answers: dict[str, dict[str, Answer]] = {}
    filings: dict[str, tuple[Filing, ...]] = {}
    waivers: dict[str, tuple[Waiver, ...]] = {}
    extensions: dict[str, tuple[Extension, ...]] = {}

    def judged(self, address: str) -> Judgement | None:
        """The newest judgement of a regime or a report."""
        return self.judgements.get(address, (None,))[-1]

    def anchor(self, regime: str, name: str) -> tuple[Anchor, ...]:
        """An anchor as it was set for this regime, else for all; nothing where it was not."""
        return self.anchors.get(f"{regime}.{name}") or self.anchors.get(name, ())

    def extended(self, address: str) -> Extension | None:
        """The extension of a report that holds: the newest, unless it takes back the one before."""
        newest = self.extensions.get(address, (None,))[-1]
        return newest if newest is not None and newest.until is not None else None

    def waived(self, address: str) -> Waiver | None:
        """The waiver that holds: one that was given after the report was last judged."""
        waiver = self.waivers.get(address, (None,))[-1]
        judged = self.judged(address)
        return None if waiver is None or (judged is not None and judged.seq > waiver.seq) else waiver


def said(records: Iterable[Written]) -> Said:
    """The fold of an incident's records."""
    all_ = Said({}, {}, {}, {}, {}, {})
    for record in records:
        if (fold := _FOLDS.get(record.type)) is not None:
            fold(all_, record)
    return all_


def _judged(said: Said, record: Written) -> None:
    data = record.data
    applicable, reason = data.get("applicable") is True, _text(data.get("reason"))
    judgement = Judgement(applicable, reason, record.actor.id, record.time, record.seq, data.get("digest"))
    _append(said.judgements, str(data.get("report") or data.get("regime")), judgement)


def _anchored(said: Said, record: Written) -> None:
    data = record.data
    anchor = Anchor(_at(record), data.get("source"), data.get("reason"), record.actor.id, record.time)
    _append(said.anchors, str(data.get("anchor")), anchor)


def _answered(said: Said, record: Written) -> None:
    answers = said.answers.setdefault(str(record.data.get("report")), {})
    answers[str(record.data.get("item"))] = Answer(_text(record.data.get("text")), record.actor.id, record.time)


def _filed(said: Said, record: Written) -> None:
    data = record.data
    filing = Filing(
        _at(record),
        record.time,
        record.actor.id,
        data.get("reference"),
        data.get("how"),
        data.get("partial"),
        tuple(map(str, data.get("missing") or ())),
    )
    _append(said.filings, str(data.get("report")), filing)


def _waived(said: Said, record: Written) -> None:
    waiver = Waiver(_text(record.data.get("reason")), record.actor.id, record.time, record.seq)
    _append(said.waivers, str(record.data.get("report")), waiver)


def _extended(said: Said, record: Written) -> None:
    data = record.data
    extension = Extension(
        until=seconds(data["until"]) if data.get("until") else None,
        authority=_text(data.get("authority")),
        reference=data.get("reference"),
        source=data.get("source"),
        reason=data.get("reason"),
        at=_at(record),
        by=record.actor.id,
        recorded=record.time,
    )
    _append(said.extensions, str(data.get("report")), extension)


def _append(table: dict[str, Any], key: str, value: object) -> None:
    table[key] = (*table.get(key, ()), value)


def _at(record: Written) -> float:
    at = record.data.get("at")
    return seconds(at) if at else record.time


def _text(value: object) -> str:
    return "" if value is None else str(value)


_FOLDS: Final[dict[str, Callable[[Said, Written], None]]] = {
    r.JUDGED: _judged,
    r.ANCHORED: _anchored,
    r.ANSWERED: _answered,
    r.FILED: _filed,
    r.WAIVED: _waived,
    r.EXTENDED: _extended,
}
