"""When a run is sealed, and that nothing of it can hold the run up."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.secrets import Secrets
from runbook.document.durations import Duration
from runbook.document.model import SealPlace, Seals
from runbook.errors import StoreError
from runbook.hosts import sealing as module
from runbook.hosts.publishing import Places
from runbook.hosts.sealing import Sealer, Sealing
from runbook.journal import Draft, Journal
from runbook.journal.seals import Seal, make_key, parsed, seals_in
from runbook.journal.verify import seals_of, verify
from support.journals import ANA, Ticks, in_memory

STREAM = "run/1"


class Watched:
    """A watcher that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def record(self, record: Any) -> None:
        self.told.append(record.type)

    def performing(self, command: Any) -> None:
        self.told.append("performing")

    def held(self, what: str) -> None:
        self.told.append(what)


class Case:
    """A journal with a lease on one run, and a sealer that is told what is appended."""

    def __init__(self, folder: Path, every: float = 600.0, places: tuple[SealPlace, ...] = ()) -> None:
        make_key(folder / "seal.key")
        self.said: list[str] = []
        self.journal: Journal = in_memory(Ticks())
        secrets = Secrets({}, folder, lambda _: None)
        self.places = Places(
            places, project=folder, environ={}, channels=(), secret=secrets.resolve, console=self.said.append
        )
        self.sealing = Sealing(
            Seals(key={"file": "seal.key"}, every=Duration(every)),
            journal=self.journal,
            project=folder,
            secrets=secrets,
            places=self.places,
            tell=self.said.append,
        )
        self.watched = Watched()
        self.sealer = Sealer(self.sealing, STREAM, self.watched)
        self.lease = self.journal.lease(STREAM, {})

    def begins(self) -> None:
        self.sealer.begin()
        self.sealer.record(
            self.journal.open_stream(STREAM, Draft("run.started", None, {}, ANA), epoch=self.lease.epoch)
        )

    def appends(self, type_: str) -> None:
        with self.journal.writing(STREAM, self.lease) as writer:
            writer.tail(-1)
            record = writer.append(Draft(type_, None, {}, ANA))
        self.sealer.record(record)

    def sizes(self) -> list[int]:
        return [parsed(text).size for text in seals_of(self.journal, STREAM)]


def test_moments_are_sealed_and_what_is_left_at_the_end(tmp_path: Path) -> None:
    """Each with all that was there then; every seal verifies."""
    case = Case(tmp_path)
    case.begins()
    for type_ in ("change.planned", "gate.opened", "decision.given", "change.resulted"):
        case.appends(type_)
    case.sealer.close()
    assert case.sizes() == [1, 3, 5]
    [verdict] = verify(case.journal, STREAM, keys=case.sealing.keys())
    assert (verdict.ok, verdict.sealed) == (True, 5)
    assert case.watched.told[0] == "run.started"
    assert len(case.watched.told) == 5


def test_what_may_be_lost_with_the_power_is_not_sealed_alone(tmp_path: Path) -> None:
    """A key that has sealed a read which is gone afterwards would contradict itself."""
    case = Case(tmp_path)
    case.begins()
    case.appends("step.observed")
    case.sealer.close()
    assert case.sizes() == [1]


def test_the_past_is_not_sealed_again(tmp_path: Path) -> None:
    """A run that is resumed is sealed from there on, over all of its records."""
    case = Case(tmp_path)
    case.begins()
    case.sealer.close()
    again = case.sealer = Sealer(case.sealing, STREAM, case.watched)
    for record in case.journal.read(STREAM):
        again.record(record)
    again.begin()
    again.close()
    assert case.sizes() == [1]
    again = case.sealer = Sealer(case.sealing, STREAM, case.watched)
    for record in case.journal.read(STREAM):
        again.record(record)
    again.begin()
    case.appends("run.resumed")
    again.close()
    assert case.sizes() == [1, 2]


def test_time_alone_asks_for_a_seal_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that waits for hours between two gates is sealed meanwhile."""
    monkeypatch.setattr(module, "SOONEST", 0.01)
    case, made = Case(tmp_path, every=0.0), threading.Event()
    note = case.journal.note

    def noticed(type_: str, data: dict[str, Any]) -> None:
        note(type_, data)
        if data["size"] == 2:
            made.set()

    monkeypatch.setattr(case.journal, "note", noticed)
    case.begins()
    case.appends("change.planned")
    assert made.wait(30)
    case.sealer.close()
    assert case.sizes() == [1, 2]


@pytest.mark.fault(93)
def test_a_store_that_refuses_a_seal_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told; the run's own records tell the rest."""
    case = Case(tmp_path)

    def refuses(type_: str, data: dict[str, Any]) -> None:
        raise StoreError("cannot write")

    monkeypatch.setattr(case.journal, "note", refuses)
    case.begins()
    case.sealer.close()
    assert case.said == [
        "warning: the seal of run/1 up to record 0 (made): cannot write",
        "warning: that could not be recorded: cannot write",
    ]


@pytest.mark.fault(93)
def test_a_place_that_hangs_delays_only_the_very_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that by no more than is said."""
    case, free = Case(tmp_path), threading.Event()
    monkeypatch.setattr(module, "LAST_WORDS", 0.05)
    monkeypatch.setattr(case.places, "publish", lambda seal, text: [(seal.stream, text)] * (not free.wait(30)))
    case.begins()
    case.appends("gate.opened")
    case.sealer.close()
    assert case.said == ["warning: the last seal of this run is still not published everywhere"]
    free.set()


def test_a_published_file_is_never_written_over(tmp_path: Path) -> None:
    """The same seal once more is no trouble; another one of its size is."""
    places = Case(tmp_path, places=(SealPlace(file="seals"),)).places
    seal = Seal(STREAM, 1, "ab" * 32)
    text = "runbook-journal/v1/run/1\n1\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n\n— a AAAA\n"
    assert places.publish(seal, text) == places.publish(seal, text) == []
    [(where, why)] = places.publish(seal, text.replace("— a", "— b"))
    assert (where, "another seal of this size" in why) == ("file seals", True)
    assert places.found(STREAM) == [text] == seals_in(text)


def test_a_key_whose_parts_do_not_belong_together_is_not_used(tmp_path: Path) -> None:
    """It would sign what nobody can check."""
    case = Case(tmp_path)
    key = tmp_path / "seal.key"
    key.write_text(key.read_text().replace("runbook+", "ops+"))
    case.begins()
    case.sealer.close()
    assert "no public key of a seal" in case.said[0]
