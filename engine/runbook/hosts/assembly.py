"""What drives a run on this machine, put together: machine, gatekeeper, messenger, hands, desk and driver.

One place says which part is given what; no part makes another. Nothing is read or sent while they are put together, but
for the files of a reviewed commit, which are laid out.
"""

from __future__ import annotations

import os
from pathlib import Path

from runbook.core.ids import ulid
from runbook.core.words import Mode
from runbook.document.model import Runbook
from runbook.hosts import pinned as pins
from runbook.hosts.claims import holder
from runbook.hosts.clock import Clock, WallClock
from runbook.hosts.correspondence import Correspondence
from runbook.hosts.driver import Driver
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.hands import LocalHands
from runbook.hosts.messenger import Messenger
from runbook.hosts.past import past_runs, stream_of
from runbook.hosts.pinned import Pinned, Start
from runbook.hosts.place import Manner, Place, signatures
from runbook.hosts.ports import Watcher
from runbook.hosts.said import Desk, Gate, Yes
from runbook.hosts.signatures import Signing
from runbook.hosts.world import Surroundings
from runbook.journal import Lease
from runbook.policy.rights import may_approve


def assembled(
    place: Place, start: Start, documents: Pinned, manner: Manner, desk: Desk, watcher: Watcher, lease: Lease
) -> tuple[Driver, LocalHands]:
    """The driver of a run, and the hands that it was given, which want to be closed."""
    book, evidence = documents.loaded(place.specs)
    clock = WallClock()
    gatekeeper = _gatekeeper(place, start, book, manner)
    hands = LocalHands(
        around=_around(place, start, documents),
        gatekeeper=gatekeeper,
        messenger=_messenger(place, start, book, documents),
        attempts=place.attempts,
        attested=manner.attested,
        proven_only=start.mode is not Mode.BY_HAND,
        clock=clock,
    )
    driver = Driver(
        journal=place.journal,
        stream=stream_of(start.run),
        lease=lease,
        machine=pins.machine(start, book, evidence, place.specs, documents.others(place.specs)),
        hands=hands,
        gatekeeper=gatekeeper,
        desk=_desk(place, start, manner, desk, gatekeeper, clock),
        clock=clock,
        watcher=watcher,
        hold=lambda names: place.journal.take_locks(names, stream_of(start.run), holder(place, start, book)),
        successor=lambda: ulid(clock.now(), os.urandom(10)),
    )
    return driver, hands


def _gatekeeper(place: Place, start: Start, book: Runbook, manner: Manner) -> Gatekeeper:
    return Gatekeeper(
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
        signatures=signatures(place, stream_of(start.run)),
    )


def _messenger(place: Place, start: Start, book: Runbook, documents: Pinned) -> Messenger:
    return Messenger(
        run=start.run,
        runbook=book.name,
        channels=place.channels,
        project=place.project,
        secret=place.secrets.resolve,
        console=place.console,
        templates=documents.templates.get if documents.reviewed else None,
        about=Correspondence(place.journal, start.run, (start.incident or {}).get("id")),
    )


def _desk(place: Place, start: Start, manner: Manner, desk: Desk, gatekeeper: Gatekeeper, clock: Clock) -> Desk:
    """The desk that people sit at, behind `--yes` where that was said, behind what signs their words."""

    def may(gate: Gate) -> bool:
        return may_approve(place.people.me, gate.terms, gatekeeper.initiators) is None

    asked = Yes(desk, place.people.me, may) if manner.yes else desk
    return Signing(asked, signatures(place, stream_of(start.run)), manner.key, clock.now, place.console)


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
