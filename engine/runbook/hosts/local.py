"""The local host: one process, threads, the real world, a journal on this machine.

`started` begins a run, `resumed` goes on with one; both drive it until it is finished or suspended. What a run needs
of the project is a `Place`, what its operator asked for a `Manner` (`place.py`); `claims.py` keeps two of the same
apart, `assembly.py` puts together what drives it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from runbook import __version__
from runbook.core.signing import SIGNED
from runbook.core.words import Mode
from runbook.document.model import Runbook
from runbook.document.words import Effect, Sealed
from runbook.errors import Refused
from runbook.hosts import pinned as pins
from runbook.hosts.assembly import assembled
from runbook.hosts.claims import claim, holder
from runbook.hosts.driver import Driver
from runbook.hosts.hands import LocalHands
from runbook.hosts.incidents import joined, within
from runbook.hosts.interrupts import interruptible
from runbook.hosts.past import stream_of
from runbook.hosts.pinned import Pinned, Start
from runbook.hosts.place import Manner, Place, operator, signatures
from runbook.hosts.ports import Ended, Suspended, Watcher
from runbook.hosts.said import Desk
from runbook.journal import Draft, Lease
from runbook.policy.terms import effective_terms

if TYPE_CHECKING:
    from runbook.hosts.sealing import Sealer


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
    book = _checked(place, documents)
    seal = {} if start.mode is Mode.DRY else _promised(place)
    stream = stream_of(start.run)
    lease = place.journal.lease(stream, holder(place, start, book))
    try:
        if start.continued_from is not None and place.journal.head(stream) is not None:
            raise Refused(f"run {start.run} was started already", hint="nothing was written")
        if start.mode is not Mode.DRY:
            claim(place, start, book, stream)
        start = within(place, start, manner.declares)
        data = {**pins.first_record(start, documents, book, place.specs, source), **seal}
        start = _recorded(place, start, data, lease)
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
    driver, hands = assembled(place, start, documents, manner, desk, sealer or watcher, lease)
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
        driver, hands = assembled(place, start, documents or recorded, manner, desk, sealer or watcher, lease)
        finished = driver.replay()
        if finished is not None:
            lease.release()
            return finished
        if sealer is not None:
            sealer.begin()
        seal = {} if sealer is None else _said_of_seals(place)
        driver.resumed({"by": place.people.me, "engine": __version__, **seal}, operator(place))
        joined(place, start, begins=False)
    except BaseException:
        lease.release()
        raise
    return _driven(driver, hands, lease, sealer)


def _checked(place: Place, documents: Pinned) -> Runbook:
    """The runbook, none of whose gates, nor those of the runbooks that it may go on with, names an unknown person."""
    book, _ = documents.loaded(place.specs)
    for each in (book, *(other.loaded(place.specs)[0] for other in documents.continues.values())):
        for option in each.resolution:
            effective_terms(option.approval, Effect.CHANGE, place.people)
    return book


def _recorded(place: Place, start: Start, data: dict[str, Any], lease: Lease) -> Start:
    """Write the first record, and take from it what the run is driven with.

    As stored, masked and all: with anything else a runner that resumes would make other plans.
    """
    stream = stream_of(start.run)
    if signatures(place, stream).needed:
        data |= {"votes": SIGNED, "words": SIGNED}
    first = place.journal.open_stream(stream, Draft("run.started", None, data, operator(place)), epoch=lease.epoch).data
    return msgspec.structs.replace(start, parameters=first["parameters"], alert=first.get("alert"))


def _driven(driver: Driver, hands: LocalHands, lease: Lease, sealer: Sealer | None) -> Ended:
    """Drive with signals caught."""
    try:
        with interruptible(driver):
            ended = driver.drive()
        if not isinstance(ended, Suspended):
            hands.ended()
        return ended
    finally:
        hands.close()
        lease.release()
        if sealer is not None:
            sealer.close()


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
