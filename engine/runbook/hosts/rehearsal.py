"""The rehearsal host: a runbook against a scenario, with a virtual clock. The same loop, the same procedure, no world.

`rehearsed` plays one scenario to its end in milliseconds; at a terminal a person may play the scenario's people.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from runbook.core.history import History, history
from runbook.core.ids import ulid
from runbook.core.procedure import Finished
from runbook.core.target import named
from runbook.core.words import Mode
from runbook.document.model import Environment, Policy, Runbook, ScenarioCase
from runbook.document.parameters import validate_parameters, values_from_alert
from runbook.document.spec import Specs
from runbook.hosts import pinned as pins
from runbook.hosts.clock import VirtualClock
from runbook.hosts.driver import Driver
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.pinned import Pinned, Start
from runbook.hosts.ports import Ended, Suspended, Watcher
from runbook.hosts.said import Desk
from runbook.hosts.simulated import PlayedDesk, SimulatedDesk, SimulatedHands
from runbook.journal import Actor, Draft, Journal, Record, open_store
from runbook.messages.templates import Lookup
from runbook.policy.people import People
from runbook.scenario.happened import happened
from runbook.scenario.judging import Difference, differences
from runbook.scenario.people import initiator, policy_of
from runbook.scenario.unheard import unheard

EPOCH = datetime(2026, 1, 5, 10, 0, tzinfo=UTC).timestamp()  # a Monday morning: when every simulated run starts


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one scenario. `took` is simulated seconds; `unheard` what its people said in vain, and why.

    `records` are those of its journal, in order.
    """

    case: ScenarioCase
    run: str
    ended: Ended
    history: History
    took: float
    differences: tuple[Difference, ...]
    unheard: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything came as the scenario says."""
        return not self.differences


class Silent:
    """Watches nothing."""

    def record(self, record: Any) -> None:
        """Not shown."""

    def performing(self, command: Any) -> None:
        """Not shown."""

    def held(self, what: str) -> None:
        """Not shown."""


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal is played from: documents, the policy if there is one, message templates, the environment."""

    book: Runbook
    documents: Pinned
    specs: Specs
    policy: Policy | None = None
    templates: Lookup = lambda name: None  # noqa: ARG005
    environment: Environment | None = None


def rehearsed(
    script: Script,
    case: ScenarioCase,
    *,
    journal: Journal | None = None,
    watcher: Watcher | None = None,
    clock: VirtualClock | None = None,
    seat: Callable[[str], Desk] | None = None,
    world: Callable[..., SimulatedHands] = SimulatedHands,
) -> Rehearsal:
    """Play one scenario. Its people answer; with a `seat`, whoever sits there plays them. `world` answers for the rest.

    Raises ParameterError for parameters that the runbook does not accept.
    """
    clock = clock or VirtualClock(EPOCH)
    journal = journal or open_store("memory:", clock=clock.now)
    start = _start(script, case, clock)
    stream = f"rehearsal/{start.run}"
    lease = journal.lease(stream, {"rehearsal": case.name})
    data = pins.first_record(start, script.documents, script.book, script.specs, {"scenario": case.name})
    first = Draft("run.started", None, data, Actor(kind="person", id=start.initiator))
    try:
        journal.open_stream(stream, first, epoch=lease.epoch)
        desk = PlayedDesk(case, clock, seat) if seat is not None else SimulatedDesk(case, clock)
        driver = _driver(script, case, start, journal, stream, lease, clock, watcher or Silent(), desk, world)
        driver.replay()
        ended = driver.drive()
    finally:
        lease.release()
    records = list(journal.read(stream))
    seen = history(records)
    took = (seen.ended_at or clock.now()) - seen.started_at
    reason = ended.reason if isinstance(ended, Finished | Suspended) else None
    vain = unheard(case, seen, People(policy_of(case, script.book, script.policy), initiator(case)))
    moments = list(happened(records)) if case.expect.order else []
    found = differences(case.expect, seen, took=took, reason=reason, moments=moments)
    return Rehearsal(
        case=case,
        run=start.run,
        ended=ended,
        history=seen,
        took=took,
        differences=tuple(found),
        unheard=tuple(vain),
        records=tuple(records),
    )


def _start(script: Script, case: ScenarioCase, clock: VirtualClock) -> Start:
    alert: Mapping[str, Any] | None = case.alert
    parameters = script.book.parameters
    here = script.environment
    env = here.values if here is not None else {}
    given = {**(values_from_alert(parameters, alert) if alert else {}), **case.parameters}
    values = validate_parameters(parameters, given)
    return Start(
        run=ulid(clock.now(), os.urandom(10)),
        mode=Mode(case.mode),
        parameters=values,
        initiator=initiator(case),
        alert=alert,
        incident=case.incident,
        environment=here.name if here is not None else None,
        env=env,
        only=case.only,
        skip=case.skip,
        target=named(script.book, parameters=values, alert=alert, env=env),
    )


def _driver(
    script: Script,
    case: ScenarioCase,
    start: Start,
    journal: Journal,
    stream: str,
    lease: Any,
    clock: VirtualClock,
    watcher: Watcher,
    desk: Desk,
    world: Callable[..., SimulatedHands],
) -> Driver:
    book, evidence = script.documents.loaded(script.specs)
    people = People(policy_of(case, book, script.policy), initiator(case))
    gatekeeper = Gatekeeper(
        people=people,
        policy_digest="rehearsal",
        runbook=book.name,
        mode=start.mode,
        past=lambda _: [],
        environment=start.environment,
        target=start.target,
    )
    return Driver(
        journal=journal,
        stream=stream,
        lease=lease,
        machine=pins.machine(start, book, evidence, script.specs, script.documents.others(script.specs)),
        hands=world(case, gatekeeper, clock, script.templates),
        gatekeeper=gatekeeper,
        desk=desk,
        clock=clock,
        watcher=watcher,
        hold=lambda _: (),
    )
