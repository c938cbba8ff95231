"""The local host: one process, threads, the real world, a journal on this machine.

`started` begins a run, `resumed` goes on with one; both drive it until it is finished or suspended. What a run needs
of the project is a `Place`; what its operator asked for on the command line is a `Manner`.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from runbook import __version__
from runbook.clients.secrets import Secrets
from runbook.core.canonical import digest
from runbook.core.ids import ulid
from runbook.core.signing import SIGNED
from runbook.core.target import spoken
from runbook.core.words import Mode, RunOutcome, Verdict
from runbook.document.expressions import Unknown
from runbook.document.model import Channel, Runbook
from runbook.document.spec import Specs
from runbook.document.templates import render_value
from runbook.document.words import Effect, Sealed
from runbook.errors import Exit, Refused
from runbook.hosts import pinned as pins
from runbook.hosts.clock import WallClock
from runbook.hosts.connections import Connections
from runbook.hosts.correspondence import Correspondence
from runbook.hosts.driver import Driver
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.hands import LocalHands
from runbook.hosts.incidents import Declares, joined, within
from runbook.hosts.layout import Layout
from runbook.hosts.messenger import Messenger
from runbook.hosts.past import past_runs, stream_of, taken_back
from runbook.hosts.pinned import Pinned, Start
from runbook.hosts.ports import Ended, Suspended, Watcher
from runbook.hosts.said import Desk, Gate, Yes
from runbook.hosts.signatures import Signatures, Signing
from runbook.hosts.world import Surroundings
from runbook.journal import Actor, Draft, Journal, Lease
from runbook.policy.people import People
from runbook.policy.rights import may_approve
from runbook.policy.terms import effective_terms

if TYPE_CHECKING:
    from runbook.hosts.sealing import Sealer, Sealing


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run takes place: the project's folder, journal, connections, channels and people."""

    journal: Journal
    project: Path
    environ: Mapping[str, str]
    connections: Connections
    secrets: Secrets
    channels: tuple[Channel, ...]
    people: People
    policy_digest: str | None
    attempts: Path
    layout: Layout
    specs: Specs
    console: Callable[[str], None]
    sealing: Sealing | None = None


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How the operator wants this drive: `--yes`, `--confirm-symptoms REASON`, `--attest ID=VERDICT`, `--key FILE`.

    `declares` is for a run that begins: it declares an incident for it (`--declare`).
    """

    yes: bool = False
    confirm_symptoms: str | None = None
    attested: Mapping[str, tuple[Verdict, str, str]] = {}
    key: Path | None = None
    declares: Declares | None = None


def signatures(place: Place, stream: str) -> Signatures:
    """What a run's words are signed and judged by."""
    return Signatures(place.journal, place.people, stream)


class AlreadyOpen(Refused):
    """A run of the same runbook with the same parameters is open."""

    code = "already-open"

    def __init__(self, message: str, *, run: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.run = run


def started(
    place: Place,
    start: Start,
    documents: Pinned,
    source: Mapping[str, Any],
    manner: Manner,
    desk: Desk,
    watcher: Watcher,
) -> Ended:
    """Begin a run and drive it.

    Raises AlreadyOpen, StoreError when nothing can be recorded, UsageError for an incident that there is not, and
    DocumentError for a gate that names somebody whom the policy does not know: it is found now, not when half of the
    run is done.
    """
    book, _ = documents.loaded(place.specs)
    for each in (book, *(other.loaded(place.specs)[0] for other in documents.continues.values())):
        for option in each.resolution:
            effective_terms(option.approval, Effect.CHANGE, place.people)
    seal = {} if start.mode is Mode.DRY else _promised(place)
    stream = stream_of(start.run)
    lease = place.journal.lease(stream, _holder(place, start, book))
    try:
        if start.continued_from is not None and place.journal.head(stream) is not None:
            raise Refused(f"run {start.run} was started already", hint="nothing was written")
        if start.mode is not Mode.DRY:
            _claimed(place, start, book, stream)
        start = within(place, start, manner.declares)
        data = {**pins.first_record(start, documents, book, place.specs, source), **seal}
        if signatures(place, stream).needed:
            data |= {"votes": SIGNED, "words": SIGNED}
        actor = Actor(kind="alert", id=start.initiator) if start.initiator == "alert" else _person(place)
        first = place.journal.open_stream(stream, Draft("run.started", None, data, actor), epoch=lease.epoch).data
        # as stored, masked and all: with anything else a runner that resumes would make other plans
        start = msgspec.structs.replace(start, parameters=first["parameters"], alert=first.get("alert"))
    except BaseException:
        if start.continued_from is None:  # what was handed over stays with the run that goes on, whoever starts it
            place.journal.release_locks(stream)
        lease.release()
        raise
    try:
        joined(place, start)
    except BaseException:  # the run has begun, and joins when it is resumed
        lease.release()
        raise
    sealer = _sealer(place, start, watcher)
    driver, hands = _driver(place, start, documents, manner, desk, sealer or watcher, lease)
    if sealer is not None:
        sealer.begin()
    driver.replay()
    return _driven(driver, hands, lease, sealer)


def resumed(
    place: Place, run: str, manner: Manner, desk: Desk, watcher: Watcher, documents: Pinned | None = None
) -> Ended:
    """Go on with a run; one that is finished is left as it is, and its end given.

    `documents` are those of its first record, where the caller has loaded them already. Raises Busy while somebody
    else runs it, Diverged for another version's log.
    """
    stream = stream_of(run)
    lease = place.journal.lease(stream, {"user": place.people.me, "host": os.uname().nodename, "pid": os.getpid()})
    try:
        first = next(iter(place.journal.read(stream)))
        start, recorded = pins.recalled(run, first.data)
        sealer = _sealer(place, start, watcher)
        driver, hands = _driver(place, start, documents or recorded, manner, desk, sealer or watcher, lease)
        finished = driver.replay()
        if finished is not None:
            lease.release()
            return finished
        if sealer is not None:
            sealer.begin()
        seal = {} if sealer is None else _said_of_seals(place)
        driver.resumed({"by": place.people.me, "engine": __version__, **seal}, _person(place))
        joined(place, start, begins=False)
    except BaseException:
        lease.release()
        raise
    return _driven(driver, hands, lease, sealer)


def _sealer(place: Place, start: Start, watcher: Watcher) -> Sealer | None:
    if place.sealing is None or start.mode is Mode.DRY:
        return None
    from runbook.hosts.sealing import Sealer

    return Sealer(place.sealing, stream_of(start.run), watcher)


def _said_of_seals(place: Place) -> Mapping[str, Any]:
    if place.sealing is None:
        return {}
    from runbook.hosts.sealing import promised

    return promised(place.sealing)


def _promised(place: Place) -> Mapping[str, Any]:
    """What the first record says of seals. Refused where the policy wants them and there is no key."""
    seal = _said_of_seals(place)
    policy = place.people.policy
    if policy is not None and policy.seals is Sealed.REQUIRED and "key" not in seal.get("seal", {}):
        why = seal.get("seal", {}).get("missing", "the configuration has no `seals`")
        raise Refused(
            f"the policy wants every run to be sealed, and this one cannot be: {why}",
            hint="nothing was started; `runbook seal show` says which key would be taken",
        )
    return seal


def _driver(
    place: Place, start: Start, documents: Pinned, manner: Manner, desk: Desk, watcher: Watcher, lease: Lease
) -> tuple[Driver, LocalHands]:
    book, evidence = documents.loaded(place.specs)
    machine = pins.machine(start, book, evidence, place.specs, documents.others(place.specs))
    signs = signatures(place, stream_of(start.run))
    gatekeeper = Gatekeeper(
        people=place.people,
        policy_digest=place.policy_digest,
        runbook=book.name,
        mode=start.mode,
        planned=start.planned,
        past=lambda targets: past_runs(place.journal, book.name, start, targets),
        environment=start.environment,
        target=start.target,
        confirm_symptoms=manner.confirm_symptoms,
        skip_unknown=manner.yes,
        signatures=signs,
    )
    messenger = Messenger(
        run=start.run,
        runbook=book.name,
        channels=place.channels,
        project=place.project,
        secret=place.secrets.resolve,
        console=place.console,
        templates=documents.templates.get if documents.reviewed else None,
        about=Correspondence(place.journal, start.run, (start.incident or {}).get("id")),
    )
    clock = WallClock()
    hands = LocalHands(
        around=_around(place, start, documents),
        gatekeeper=gatekeeper,
        messenger=messenger,
        attempts=place.attempts,
        attested=manner.attested,
        proven_only=start.mode is not Mode.BY_HAND,
        clock=clock,
    )
    driver = Driver(
        journal=place.journal,
        stream=stream_of(start.run),
        lease=lease,
        machine=machine,
        hands=hands,
        gatekeeper=gatekeeper,
        desk=Signing(
            Yes(desk, place.people.me, _may(place, gatekeeper)) if manner.yes else desk,
            signs,
            manner.key,
            clock.now,
            place.console,
        ),
        clock=clock,
        watcher=watcher,
        hold=lambda names: place.journal.take_locks(names, stream_of(start.run), _holder(place, start, book)),
        successor=lambda: ulid(clock.now(), os.urandom(10)),
    )
    return driver, hands


def _around(place: Place, start: Start, documents: Pinned) -> Surroundings:
    return Surroundings(
        run=start.run,
        initiator=start.initiator,
        project=_files(place, documents),
        home=place.project,
        environ=place.environ,
        connections=place.connections,
        secrets=place.secrets,
        masker=place.journal.masker,
        run_key=place.journal.key(start.run),
        policy=place.people.policy,
    )


def _files(place: Place, documents: Pinned) -> Path:
    """Where the steps of a run find their files: the project's, or those of the commit that it was started from."""
    if not documents.reviewed:
        return place.project
    own = documents.reviewed[0]
    return place.layout.again(own) if own.files else place.layout.nowhere()


def _may(place: Place, gatekeeper: Gatekeeper) -> Callable[[Gate], bool]:
    return lambda gate: may_approve(place.people.me, gate.terms, gatekeeper.initiators) is None


def _driven(driver: Driver, hands: LocalHands, lease: Lease, sealer: Sealer | None) -> Ended:
    """Drive with signals caught."""
    try:
        with _signals(driver):
            ended = driver.drive()
        if not isinstance(ended, Suspended):
            hands.ended()
        return ended
    finally:
        hands.close()
        lease.release()
        if sealer is not None:
            sealer.close()


@contextmanager
def _signals(driver: Driver) -> Iterator[None]:
    """Ctrl-C, SIGTERM and, unless under `nohup`, SIGHUP suspend the run; only the main thread may catch them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    exits = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED, signal.SIGHUP: Exit.HANGUP}
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        del exits[signal.SIGHUP]
    before = {
        number: signal.signal(number, lambda n, _: driver.interrupt(exits[signal.Signals(n)])) for number in exits
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _person(place: Place) -> Actor:
    return Actor(kind="person", id=place.people.me)


def _holder(place: Place, start: Start, book: Runbook) -> dict[str, Any]:
    where = {"environment": start.environment} if start.environment else {}
    target = {"target": spoken(start.target)} if start.target else {}
    return {
        "run": start.run,
        "runbook": book.name,
        **where,
        **target,
        "user": place.people.me,
        "host": os.uname().nodename,
        "pid": os.getpid(),
    }


# --- one run at a time, and the runs before it ---------------------------------------------------------------


def concurrency_key(start: Start, book: Runbook) -> str:
    """What two runs may not share: the runbook's `concurrency`, else its name and environment, and what it is about.

    That is its target, or its parameters where it declares none. Nothing for what is typed by hand: two of the same
    command are kept apart by the target of their change.
    """
    if start.undoes is not None:
        return f"undo/{start.undoes.run}"
    if start.within is not None:
        return f"exec/{start.run}"
    if book.concurrency is None:
        about = start.parameters if start.target is None else {"target": start.target}
        where = f"{book.name}@{start.environment}" if start.environment else book.name
        return f"runbook/{where}/{digest(dict(about))[:16]}"
    scope: dict[str, object] = {
        "params": start.parameters,
        "runbook": {"name": book.name},
        "env": start.env,
        "target": start.target or {},
        "run": {"environment": start.environment},
    }
    with suppress(Unknown):
        return f"runbook/{render_value(book.concurrency, scope)}"
    return f"runbook/{book.name}"


def _not_taken_back(place: Place, start: Start) -> None:
    """Now that no other run can be at it: was something of this taken back since it was looked at?"""
    if start.undoes is None:
        return
    gone = taken_back(place.journal, start.undoes.run)
    if any(change.key in gone for change in start.undoes.changes):
        raise Refused(f"what run {start.undoes.run} changed was taken back already; there is nothing to undo")


def _claimed(place: Place, start: Start, book: Runbook, stream: str) -> None:
    """Take the run's own lock, or say which run has it. A lock whose run was never recorded is let go."""
    name = concurrency_key(start, book)
    for _ in range(2):
        held = place.journal.take_locks([name], stream, _holder(place, start, book))
        if not held:
            return
        owner, first = held[0].owner, held[0].info.get("continued_from")
        if first is not None and place.journal.head(owner) is None:
            raise AlreadyOpen(
                f"run {first} has handed over to {held[0].info.get('runbook')}, which has not been started yet",
                run=str(first),
                hint=f"go on with it: `runbook resume {first}`",
            )
        if place.journal.head(owner) is not None or place.journal.holder(owner) is not None:
            run = owner.partition("/")[2]
            raise AlreadyOpen(
                f"run {run} of {book.name} {_about(start)} is open since {held[0].since}",
                run=run,
                hint=f"see it with `runbook watch {run}`, or end it with `runbook abort {run}`",
            )
        place.journal.release_locks(owner)


def _about(start: Start) -> str:
    where = f" in {start.environment}" if start.environment else ""
    return f"{f'on {spoken(start.target)}' if start.target else 'with these parameters'}{where}"


def exit_of(ended: Ended) -> Exit:
    """The exit code of a drive."""
    return ended.exit if isinstance(ended, Suspended) else RunOutcome(ended.outcome).exit
