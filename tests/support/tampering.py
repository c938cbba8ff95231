"""A store whose run was sealed, and what somebody who can write to everything may do to it.

Cases are data (`tests/cases/tampering`): each entry of `store`, `export` or `seals` is one deed by its name here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from runbook.journal import Actor, Draft, Journal, open_store
from runbook.journal.canonical import canonical
from runbook.journal.export import export, verify_export
from runbook.journal.merkle import Growing
from runbook.journal.problems import Verdict
from runbook.journal.record import genesis, sha256
from runbook.journal.seals import Seal, SealKey, new_key, sign
from runbook.journal.trust import TrustedKey, trusted
from runbook.journal.verify import verify
from support.journals import Ticks

RUN = "run/1"
SIZES = (1, 5, 10)  # of the seals: at the start, at a gate, at the end
TEXT = "an output of some length. " * 1000
OLD = new_key(bytes(range(32)), "ops-2026")
NEW = new_key(bytes(range(1, 33)), "ops-2027")
THIEF = new_key(bytes(32), "ops-2026")
KEYS = {"old": OLD, "new": NEW, "thief": THIEF}
ENGINE = Actor(kind="engine", id="runbook-engine")


class Scene:
    """Records by stream, the run's payload, the seals that were kept elsewhere, the lines of an export.

    In a file below the folder, or in the database at `url`, which is dealt with by SQL.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.url = url or str(folder / "journal.db")
        with closing(open_store(self.url, clock=Ticks())) as journal:
            _written(journal)
            self.own = str(journal.own_stream())
            self.streams = {name: list(journal.raw(name)) for name in journal.names()}
            self.kept = [sealed(self.streams[RUN][:size], OLD) for size in SIZES]
        self.keys: list[TrustedKey] = [trusted(OLD.public, None, "2027-01-01"), trusted(NEW.public, "2027-01-01")]
        self.lines: list[bytes] = []

    def payload(self, data: bytes | None) -> None:
        """Put this in the place of the run's payload, or nothing."""
        digest = sha256(TEXT.encode())
        if self.in_database:
            sql, values = "DELETE FROM runbook.payloads WHERE digest = %s", [digest]
            if data is not None:
                sql, values = "UPDATE runbook.payloads SET data = %s WHERE digest = %s", [data, digest]
            with self._connected() as connection:
                connection.execute(sql, values)
            return
        file = self.folder / "journal.db.d" / "payloads" / "sha256" / digest[:2] / digest
        file.unlink() if data is None else file.write_bytes(data)

    @property
    def in_database(self) -> bool:
        return self.url.startswith("postgresql:")

    def verdict(self, case: dict[str, Any]) -> Verdict:
        """Do what the case says, and verify: the store, or an export of it."""
        for deed in case.get("store", []):
            self.do(STORE, deed)
        self.save()
        with closing(open_store(self.url)) as journal:
            if "export" not in case:
                for deed in case.get("seals", []):
                    self.do(SEALS, deed)
                found = {one.stream: one for one in verify(journal, seals=self.kept, keys=self.keys)}
                return found[self.own if case["says"].get("stream") == "store" else RUN]
            self.lines = list(export(journal, RUN))
        for deed in case["export"]:
            self.do(EXPORT, deed)
        for deed in case.get("seals", []):
            self.do(SEALS, deed)
        file = self.folder / "run.jsonl"
        file.write_bytes(b"".join(self.lines))
        return verify_export(file, seals=self.kept, keys=self.keys)

    def do(self, deeds: dict[str, Callable[..., None]], deed: dict[str, Any]) -> None:
        """One deed, by its name."""
        [(name, what)] = deed.items()
        deeds[name](self, what)

    def save(self) -> None:
        """Put the records back into the store as they are now."""
        places = ("%s, %s, %s", "runbook.") if self.in_database else ("?, ?, ?", "")
        names = (self.own, *sorted(self.streams.keys() - {self.own}))
        rows = [(name, seq, raw) for name in names for seq, raw in enumerate(self.streams.get(name, []))]
        with self._connected() as connection:
            connection.execute(f"DELETE FROM {places[1]}records")
            insert = f"INSERT INTO {places[1]}records (stream, seq, raw) VALUES ({places[0]})"
            connection.cursor().executemany(insert, rows)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """Past the program, as who administers the store may; what was done is kept."""
        if self.in_database:
            import psycopg

            with psycopg.connect(self.url) as connection:
                yield connection
            return
        with closing(sqlite3.connect(self.folder / "journal.db")) as connection:
            yield connection
            connection.commit()


def _written(journal: Journal) -> None:
    """Ten records, the fourth with a payload, sealed thrice; the store keeps the seals too."""
    lease = journal.lease(RUN, {})
    promise = {"runbook": "cache", "seal": {"key": OLD.called}}
    journal.open_stream(RUN, Draft("run.started", None, promise, ENGINE), epoch=lease.epoch)
    for number in range(1, 10):
        type_ = {4: "gate.opened", 9: "run.finished"}.get(number, "note.added")
        with journal.writing(RUN, lease) as writer:
            writer.tail(-1)
            data = {"output": TEXT} if number == 3 else {"number": number}
            writer.append(Draft(type_, None, data, ENGINE))
            if number == 9:
                writer.seal()
    lease.release()
    raws = list(journal.raw(RUN))
    for size in SIZES:
        journal.note("seal.made", {"stream": RUN, "size": size, "seal": sealed(raws[:size], OLD)})


def sealed(raws: list[bytes], key: SealKey, stream: str = RUN) -> str:
    """The seal of these records by this key."""
    tree = Growing()
    for raw in raws:
        tree.add(raw)
    return sign(Seal(stream, tree.size, tree.root.hex()), key)


def chained(raws: list[bytes], stream: str) -> list[bytes]:
    """The same records with places and links made to fit, as a forger with time does it."""
    done, prev = [], genesis(stream)
    for seq, raw in enumerate(raws):
        done.append(canonical({**json.loads(raw), "stream": stream, "seq": seq, "prev": prev}))
        prev = sha256(done[-1])
    return done


# --- deeds against the store ------------------------------------------------------------------------------------


def _change(scene: Scene, what: dict[str, Any]) -> None:
    raws = scene.streams[what.get("stream", RUN)]
    before, after = what["from"].encode(), what["to"].encode()
    assert before in raws[what["record"]], raws[what["record"]]
    raws[what["record"]] = raws[what["record"]].replace(before, after)


def _remove(scene: Scene, records: list[int]) -> None:
    scene.streams[RUN] = [raw for seq, raw in enumerate(scene.streams[RUN]) if seq not in records]


def _cut(scene: Scene, size: int) -> None:
    scene.streams[RUN] = scene.streams[RUN][:size]


def _exchange(scene: Scene, places: list[int]) -> None:
    raws, (one, other) = scene.streams[RUN], places
    raws[one], raws[other] = raws[other], raws[one]


def _repeat(scene: Scene, record: int) -> None:
    raws = scene.streams[RUN]
    raws.insert(record + 1, raws[record])


def _rewrite(scene: Scene, record: int) -> None:
    """Another record there, every link after it made to fit, and the store's own stream told of the new end."""
    raws = scene.streams[RUN]
    raws[record] = canonical({**json.loads(raws[record]), "data": {"forged": True}})
    _fit(scene, raws)


def _drop(scene: Scene, records: list[int]) -> None:
    """Records are gone, and everything is made to fit."""
    _remove(scene, records)
    _fit(scene, scene.streams[RUN])


def _replace(scene: Scene, size: int) -> None:
    """Another, shorter log in its place, in which everything fits."""
    forged = [canonical({**json.loads(raw), "data": {"other": 1}}) for raw in scene.streams[RUN][:size]]
    _fit(scene, forged)


def _fit(scene: Scene, raws: list[bytes]) -> None:
    scene.streams[RUN] = fitted = chained(raws, RUN)
    own = []
    for raw in scene.streams[scene.own]:
        record = json.loads(raw)
        if record["type"] == "stream.sealed":
            record["data"] |= {"size": len(fitted), "head": sha256(fitted[-1])}
        own.append(canonical(record))
    scene.streams[scene.own] = chained(own, scene.own)


def _forget(scene: Scene, types: list[str]) -> None:
    """The store's own stream has never known of these things about the run, and hangs together."""
    records = [(raw, json.loads(raw)) for raw in scene.streams[scene.own]]
    own = [raw for raw, one in records if one["type"] not in types or one["data"]["stream"] != RUN]
    scene.streams[scene.own] = chained(own, scene.own)


def _payload(scene: Scene, what: str) -> None:
    scene.payload(None if what == "gone" else TEXT.replace("some", "more").encode())


def _vanish(scene: Scene, _: Any) -> None:
    del scene.streams[RUN]


# --- deeds against an export, and against seals -----------------------------------------------------------------


def _line_removed(scene: Scene, at: int) -> None:
    del scene.lines[at]


def _line_changed(scene: Scene, what: dict[str, Any]) -> None:
    before, after = what["from"].encode(), what["to"].encode()
    assert before in scene.lines[what["line"]]
    scene.lines[what["line"]] = scene.lines[what["line"]].replace(before, after)


def _line_added(scene: Scene, copy: int) -> None:
    scene.lines.append(scene.lines[copy])


def _strip(scene: Scene, _: Any) -> None:
    """The export's own seals are gone."""
    end = json.loads(scene.lines[-1])
    scene.lines[-1] = canonical({"checkpoint": end["checkpoint"], "v": 1}) + b"\n"


def _recount(scene: Scene, _: Any) -> None:
    """The last line is made to fit what is there."""
    raws = [line.rstrip(b"\n") for line in scene.lines if line.startswith(b'{"actor"')]
    end = json.loads(scene.lines.pop())
    end["checkpoint"] |= {"size": len(raws), "head": sha256(raws[-1])}
    scene.lines.append(canonical(end) + b"\n")


def _lose(scene: Scene, which: Any) -> None:
    """Seals that were kept elsewhere are lost: all, or those of these sizes."""
    sizes = SIZES if which == "all" else which
    scene.kept = [text for text in scene.kept if int(text.split("\n")[1]) not in sizes]


def _misquote(scene: Scene, what: dict[str, Any]) -> None:
    assert any(what["from"] in text for text in scene.kept)
    scene.kept = [text.replace(what["from"], what["to"], 1) for text in scene.kept]


def _reseal(scene: Scene, by: str) -> None:
    """Everything that is there now is sealed anew by some key, at all sizes."""
    raws = scene.streams[RUN]
    scene.kept = [sealed(raws[:size], KEYS[by]) for size in SIZES if size <= len(raws)]


def _also(scene: Scene, what: dict[str, Any]) -> None:
    """One more seal by a key, of other records than there are."""
    forged = [canonical({"other": number}) for number in range(what["size"])]
    scene.kept.append(sealed(forged, KEYS[what["by"]]))


STORE: dict[str, Callable[..., None]] = {
    "change": _change,
    "remove": _remove,
    "cut": _cut,
    "exchange": _exchange,
    "repeat": _repeat,
    "rewrite": _rewrite,
    "drop": _drop,
    "replace": _replace,
    "forget": _forget,
    "payload": _payload,
    "vanish": _vanish,
}
EXPORT: dict[str, Callable[..., None]] = {
    "remove": _line_removed,
    "change": _line_changed,
    "add": _line_added,
    "strip": _strip,
    "recount": _recount,
}
SEALS: dict[str, Callable[..., None]] = {"lose": _lose, "misquote": _misquote, "reseal": _reseal, "also": _also}
