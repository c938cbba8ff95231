"""Which payloads may be dropped, by rule or by a person's word, and their dropping: recorded first, then gone.

Never one that a record names which may not lose it: of a run that is open or held, of another stream than a run's. By
rule neither the documents that a run was started with, nor what is too small to tell anything. What an undo needs stays
for as long as the configuration keeps payloads, and what belongs to a doubt stays, unless somebody insists.

What no record names goes by rule too, where the store verifies: a crash has left it.

The store is locked only for moments: what is to go is found out before, and looked at again while nobody else writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from runbook.core.addresses import last
from runbook.core.dropped import undo_needs
from runbook.core.history import address, history, short
from runbook.core.words import Mode, RunOutcome
from runbook.document.model import Retention
from runbook.errors import BrokenChain, Refused, UsageError
from runbook.hosts.past import RUNS
from runbook.incident.desk import stream_of, told
from runbook.journal import Journal
from runbook.journal.drops import Why, entry
from runbook.journal.naming import Naming, Place
from runbook.journal.payloads import JSON
from runbook.journal.port import PayloadRef
from runbook.journal.verify import verify

OPEN, HELD, YOUNG, DOUBT, UNDO = "open", "held", "young", "in_doubt", "undo"
DOCUMENT, NUMBER, ELSEWHERE = "document", "number", "elsewhere"
UNSURE, WHOSE = "unsure", "whose"
WORDS: Mapping[str, str] = {
    OPEN: "their run is not finished",
    HELD: "their run is held, or its incident",
    YOUNG: "their run has not ended long enough ago",
    DOUBT: "their run ended in doubt",
    UNDO: "an undo of their run may need them",
    DOCUMENT: "documents that runs were started with",
    NUMBER: "numbers",
    ELSEWHERE: "something else than a run names them",
    UNSURE: "no record names them that can be read, and the store does not verify: see `runbook store check`",
    WHOSE: "no record names them, and something is held: nobody knows whose they were",
}
_BATCH = 50  # streams, or payloads, in one transaction: others wait for it


class Going(NamedTuple):
    """A payload that is to go, and where it is named."""

    digest: str
    size: int
    media: str
    places: tuple[Place, ...]

    @property
    def streams(self) -> set[str]:
        """Whose records name it."""
        return {place.stream for place in self.places}


class Unnamed(NamedTuple):
    """A payload that no record names: whoever put it there was killed before its record was written."""

    digest: str
    size: int


class Plan(NamedTuple):
    """What is to go; what stays, counted by why; and the runs that can be undone now, and cannot be afterwards."""

    going: tuple[Going, ...]
    kept: Mapping[str, int]
    undone: tuple[str, ...]
    unnamed: tuple[Unnamed, ...] = ()

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(one.size for one in self.going) + sum(one.size for one in self.unnamed)

    @property
    def runs(self) -> list[str]:
        """Ids of the runs that lose something."""
        return sorted({name.removeprefix(RUNS) for one in self.going for name in one.streams})


class Done(NamedTuple):
    """What was dropped: payloads that lay there, the streams of runs that say so, and how many no record had named."""

    payloads: int
    streams: tuple[str, ...]
    unnamed: int = 0


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What may go: how many seconds after its end a run keeps its payloads, by its mode; and which runs keep all.

    For `undo` seconds after the end what an undo needs is kept; None: for ever. `insists` sets that, and doubts, aside.
    """

    now: float
    payloads: float = 0.0
    dry_runs: float = 0.0
    hold: frozenset[str] = frozenset()
    undo: float | None = None
    insists: bool = False

    def window(self, mode: str) -> float:
        """Seconds that a run of this mode keeps its payloads."""
        return self.dry_runs if mode == Mode.DRY else self.payloads


def rules(config: Retention, now: float, *, older_than: float | None, insists: bool) -> Rules:
    """The configuration's, or those of this call; UsageError where neither says how long."""
    payloads = older_than if older_than is not None else config.payloads
    if payloads is None:
        raise UsageError(
            "nothing says how long payloads are kept",
            hint="`retention: {payloads: 90d}` in runbook.yaml, or --older-than 90d",
        )
    dry = payloads if older_than is not None or config.dry_runs is None else config.dry_runs
    undo = payloads if config.payloads is None else config.payloads
    hold = frozenset(config.hold)
    return Rules(now=now, payloads=payloads, dry_runs=dry, hold=hold, undo=undo, insists=insists)


class Keeper:
    """Decides over the payloads of one store. `naming` is read from it, and brought up to date by `update`."""

    def __init__(self, journal: Journal, rules: Rules) -> None:
        self.journal = journal
        self.naming = Naming(journal)
        self.naming.update()
        self._rules = rules
        self._held = self._holding()
        self._undoable: dict[str, bool] = {}
        self._gone: dict[str, set[str]] | None = None

    def _holding(self) -> set[str]:
        """The streams of all runs that are held: by their ids, by an incident or a run that they belong to.

        BrokenChain where such an incident cannot be read: then nobody knows which they are.
        """
        incidents = [name for name in self._rules.hold if name.startswith("INC-")]
        held = {RUNS + name for name in self._rules.hold}
        held |= {name for name, stream in self.naming.streams.items() if stream.incident in incidents}
        for name in incidents:
            if self.journal.head(stream_of(name)) is not None:
                incident = told(self.journal, name)
                held |= {RUNS + joined.run for joined in incident.runs}
                held |= {RUNS + link.id for link in incident.links if link.what == "run"}
        while more := {name for name, stream in self.naming.streams.items() if stream.of & held} - held:
            held |= more
        return held

    # --- by rule ------------------------------------------------------------------------------------------

    def due(self) -> Plan:
        """Everything that the rules let go."""
        kept: Counter[str] = Counter()
        going = []
        for one in self._there():
            whys = [why for place in one.places if (why := self._by_rule(place)) is not None]
            if whys:
                kept[min(whys, key=list(WORDS).index)] += 1
            else:
                going.append(one)
        unnamed = self._unnamed()
        why = self._not_unnamed() if unnamed else None
        if why is not None:
            kept[why] = len(unnamed)
            unnamed = ()
        return Plan(tuple(going), dict(kept), self._losing(going), unnamed)

    def _unnamed(self) -> tuple[Unnamed, ...]:
        """What lies there and is named by no record that can be read.

        A payload is put in the transaction of the record that names it, so nobody is about to name one of these.
        """
        said = {digest for stream in self.naming.streams.values() for digest in stream.dropped}
        known = (
            said | self.naming.places.keys()
        )  # what was said and lies there still is finished without saying it again
        found = sorted(digest for digest in self.journal.payloads() if digest not in known)
        there = ((digest, self.journal.payload(digest)) for digest in found)
        return tuple(Unnamed(digest, len(data)) for digest, data in there if data is not None)

    def _not_unnamed(self) -> str | None:
        """Why what no record names stays: a record that is damaged or gone may have named it, or one that is held."""
        if self._rules.hold:
            return WHOSE
        return None if all(verdict.ok for verdict in verify(self.journal)) else UNSURE

    def _by_rule(self, place: Place) -> str | None:
        stream = self.naming.streams[place.stream]
        why = self._forbidden(place)
        if why is not None:
            return why
        if self._rules.now - (stream.ended or 0.0) < self._rules.window(stream.mode):
            return YOUNG
        if place.type == "run.started" and place.path[:1] == ("documents",):
            return DOCUMENT
        return NUMBER if place.ref.media == JSON else None

    # --- by a person's word -------------------------------------------------------------------------------

    def named(self, stream: str) -> list[Going]:
        """What a stream names that is there, in the order of its records."""
        found = [one for one in self._there() if stream in one.streams]
        return sorted(found, key=lambda one: min(place.seq for place in one.places if place.stream == stream))

    def chosen(self, stream: str, digests: Collection[str], steps: Collection[str]) -> Plan:
        """These payloads of a run, and all that stands inside of them. Refused, or UsageError, saying why not."""
        of_run = self.named(stream)
        wanted = {_only(of_run, digest) for digest in digests}
        for step in steps:
            wanted |= _of_step(of_run, stream, step)
        going = [one for one in of_run if one.digest in wanted or self._inside(one, wanted)]
        for one in going:
            for place in one.places:
                why = self._forbidden(place)
                if why is not None:
                    raise Refused(
                        f"payload {one.digest[:19]} stays: {_said(why, place)}", hint=_HINTS.get(why, _HINTS[HELD])
                    )
        return Plan(tuple(going), {}, self._losing(going))

    def _inside(self, one: Going, wanted: set[str]) -> bool:
        """Whether it is named by nothing but what goes."""
        outer = {(p.stream, p.seq, p.path) for digest in wanted for p in self.naming.places[digest]}
        return all(any((p.stream, p.seq, p.path[:n]) in outer for n in range(len(p.path))) for p in one.places)

    # --- what holds for both ------------------------------------------------------------------------------

    def _there(self) -> Iterator[Going]:
        for digest, places in self.naming.places.items():
            named = tuple(place for place in places if digest not in self.naming.streams[place.stream].dropped)
            if named:
                yield Going(digest, named[0].ref.size, named[0].ref.media, named)

    def _forbidden(self, place: Place) -> str | None:
        stream, rules = self.naming.streams[place.stream], self._rules
        if not place.stream.startswith(RUNS):
            return ELSEWHERE
        if stream.ended is None or (stream.heir and RUNS + stream.heir not in self.naming.streams):
            return OPEN
        if place.stream in self._held:
            return HELD
        if rules.insists:
            return None
        if stream.outcome == RunOutcome.IN_DOUBT:
            return DOUBT
        kept = rules.undo is None or rules.now - stream.ended < rules.undo
        return UNDO if kept and undo_needs(place.type, place.path) and self._can_be_undone(place.stream) else None

    def _losing(self, going: Sequence[Going]) -> tuple[str, ...]:
        """The runs whose undo is given up."""
        needed = {place.stream for one in going for place in one.places if undo_needs(place.type, place.path)}
        return tuple(sorted(name.removeprefix(RUNS) for name in needed if self._can_be_undone(name)))

    def _can_be_undone(self, stream: str) -> bool:
        if stream not in self._undoable:
            try:
                past = history(self.journal.read(stream))
            except BrokenChain:
                return True  # whoever looks into it needs all that is left
            gone = self._taken_back().get(stream.removeprefix(RUNS), set())
            left = [done for done in past.standing if done.key not in gone]
            self._undoable[stream] = any(done.change.undo is not None and done.lost is None for done in left)
        return self._undoable[stream]

    def _taken_back(self) -> dict[str, set[str]]:
        """The keys of changes that other runs have taken back, by run."""
        if self._gone is None:
            self._gone = {}
            for info in self.journal.streams(RUNS):
                if run := info.first.data.get("takes_back"):
                    self._gone.setdefault(str(run), set()).update(history(self.journal.read(info.stream)).took_back)
        return self._gone

    # --- dropping -----------------------------------------------------------------------------------------

    def drop(self, plan: Plan, why: Why) -> Done:
        """Record it, then let the bytes go; what was cut short before is finished too."""
        entries = {one.digest: self._entry(one) for one in plan.going}
        going = {one.digest: one.streams for one in plan.going if entries[one.digest]}
        said: list[str] = []
        for some in _batches(sorted({name for streams in going.values() for name in streams})):
            said += self.journal.record_drops(partial(self._said_by, some, going, entries), why)
        unnamed = [one.digest for one in plan.unnamed]
        lost = sum(self.journal.record_unnamed(partial(self._still_unnamed, some), why) for some in _batches(unnamed))
        self.naming.update()
        done = 0
        for some in _batches(sorted({*going, *unnamed, *self.naming.unfinished()})):
            done += self.journal.drop(partial(self._free, some))
        return Done(done, tuple(said), lost)

    def _still_unnamed(self, digests: Sequence[str]) -> list[dict[str, Any]]:
        """What the stream about all others is to say of them, now that nobody else writes."""
        self.naming.update()
        there = ((digest, self.journal.payload(digest)) for digest in digests if digest not in self.naming.places)
        return [entry(PayloadRef(digest, len(data)), data) for digest, data in there if data is not None]

    def _entry(self, one: Going) -> dict[str, Any]:
        """Empty for what is missing: nobody dropped it."""
        data = self.journal.payload(one.digest)
        return {} if data is None else entry(one.places[0].ref, data)

    def _said_by(
        self, some: Sequence[str], going: Mapping[str, set[str]], entries: Mapping[str, dict[str, Any]]
    ) -> dict[str, list[dict[str, Any]]]:
        """What each of these streams is to say; without what is named by now where nobody has looked."""
        self.naming.update()
        said: dict[str, list[dict[str, Any]]] = {name: [] for name in some}
        for digest, streams in going.items():
            needing = self.naming.needing(digest)
            for name in needing & said.keys() if needing <= streams else ():
                said[name].append(entries[digest])
        return {name: entries_ for name, entries_ in said.items() if entries_}

    def _free(self, digests: Sequence[str]) -> list[str]:
        """Those that no record needs, now that nobody else writes."""
        self.naming.update()
        return [digest for digest in digests if not self.naming.needing(digest)]


_HINTS: Mapping[str, str] = {
    OPEN: "end it first: `runbook resume`, or `runbook abort`",
    HELD: "`retention.hold` in runbook.yaml says so",
    DOUBT: "what became of its change is not known; --force drops it all the same",
    UNDO: "--force gives the undo up",
    ELSEWHERE: "what is not of a run cannot be dropped",
}


def _said(why: str, place: Place) -> str:
    run = place.stream.removeprefix(RUNS)
    return {
        OPEN: f"run {run}, which names it, is not finished",
        HELD: f"run {run}, which names it, is held",
        DOUBT: f"run {run}, which names it, ended in doubt",
        UNDO: f"run {run} can be undone, and its undo may need it",
        ELSEWHERE: f"{place.stream} names it too",
    }[why]


def _only(of_run: Sequence[Going], prefix: str) -> str:
    wanted = prefix.removeprefix("sha256:").lower()
    if len(wanted) < SHORTEST:
        raise UsageError(f"a digest needs at least {SHORTEST} hexadecimal digits, got {prefix!r}")
    found = [one.digest for one in of_run if one.digest.removeprefix("sha256:").startswith(wanted)]
    if len(found) != 1:
        many = "several payloads" if found else "no payload"
        raise UsageError(f"{many} of this run begin with {prefix!r}", hint="`runbook log redact RUN` lists them")
    return found[0]


SHORTEST = 12  # hexadecimal digits by which a payload is named


def _of_step(of_run: Sequence[Going], stream: str, step: str) -> set[str]:
    def named(key: str | None) -> bool:
        path = address(key or "")
        return step in (key, path, short(path), last(path)) if key else False

    found = {one.digest for one in of_run if any(p.stream == stream and named(p.key) for p in one.places)}
    if not found:
        raise UsageError(
            f"nothing of {step!r} lies beside the record of this run",
            hint="`runbook log redact RUN` lists what does; what stands in a record itself cannot be dropped",
        )
    return found


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _BATCH):
        yield names[start : start + _BATCH]
