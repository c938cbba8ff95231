"""Performs commands through kinds and channels, in threads, and says what came of them as results.

Here is the one place that catches every exception: a probe that raises has failed, and an `apply` that raises is a
doubt, which `confirm` settles by looking at the world, or a person. A change is never sent twice from here.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from runbook import kinds
from runbook.clients.attempts import Attempt, boot_id, made
from runbook.core import extraction, polling
from runbook.core.addresses import whole
from runbook.core.changes import (
    CannotTell,
    Change,
    DidApply,
    DidNotApply,
    Error,
    NothingToDo,
    Observation,
    Outcome,
)
from runbook.core.changes import Refused as NotPlanned
from runbook.core.commands import Announce, Apply, Command, Observe, Page, PlanChange, Preserve, Undo
from runbook.core.redrawn import PREVIEW
from runbook.core.results import SETTLED
from runbook.core.verdicts import judge, silence
from runbook.core.words import Applied, StepStatus, Verdict
from runbook.document.words import Effect, Series
from runbook.errors import NotConfigured, RunbookError
from runbook.hosts.anchors import astray
from runbook.hosts.clock import Clock, WallClock
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.leases import Advice
from runbook.hosts.messenger import Messenger
from runbook.hosts.ports import Held, Result
from runbook.hosts.unproven import unproven
from runbook.hosts.watchdog import GRACE, Watchdog
from runbook.hosts.workers import Workers
from runbook.hosts.world import LocalWorld, Surroundings
from runbook.journal.record import Record

Deliver = Callable[[Result | Held], None]
ARRIVAL_EVERY = (0.25, 2.0)  # seconds between two looks at whether a change has arrived: first, at most
SHORTEST_LOOK = 0.2  # seconds that such a look needs at least
CONFIRM_EVERY = 0.5
PROBE = 30.0  # seconds: how long a read may take, unless its step says otherwise
CHANGE = 300.0  # a change, accepted and arrived
LOOK = 30.0  # one look at what became of a change
SENDING = 120.0  # a message, through all its channels


class LocalHands:
    """Performs commands for the local host. `attempts` is the folder of the attempts' locked files."""

    def __init__(
        self,
        *,
        around: Surroundings,
        gatekeeper: Gatekeeper,
        messenger: Messenger,
        attempts: Path,
        attested: Mapping[str, tuple[Verdict, str, str]] | None = None,
        proven_only: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._around = around
        self._gatekeeper = gatekeeper
        self._messenger = messenger
        self._folder = attempts
        self._attested = attested or {}
        self._proven_only = proven_only
        self._clock = clock or WallClock()
        self._workers = Workers()
        self._watchdog = Watchdog()
        self._cancels: dict[str, threading.Event] = {}
        self._attempts: dict[str, Attempt] = {}
        self._leases = Advice(around, gatekeeper.runbook, gatekeeper.mode)

    # --- what the driver asks -----------------------------------------------------------------------------

    def perform(self, command: Command, deliver: Deliver) -> None:
        """Begin performing; the result is delivered from another thread."""
        perform = _PERFORM[type(command)]
        self._begun(command, lambda cancel: perform(self, command, cancel), self._longest(command), deliver)

    def confirm(self, command: Apply, intents: list[Record], deliver: Deliver) -> None:
        """Look what became of a change that was intended and has no result."""
        intent = intents[-1]
        path = self._attempt_path(command, int(intent.data.get("attempt", 1)))
        attempt = Attempt.earlier(path, str(intent.data.get("boot", "")))
        until = intent.time + float(intent.data.get("timeout") or 0.0)

        def look(cancel: threading.Event) -> Result:
            return self._confirmed(command, attempt, cancel, until, "the runner ended before its result", deliver)

        self._begun(command, look, max(0.0, until - self._clock.now()) + LOOK, deliver)

    def intent(self, command: Apply, attempt: int) -> dict[str, Any]:
        """Make the locked file of an attempt; what the intent's record says of it."""
        made(self._folder)
        self._attempts[command.key] = Attempt.create(self._attempt_path(command, attempt))
        return {"boot": boot_id(), "intent": self._intent_id(command)}

    def maybe_sent(self, keys: set[str]) -> None:
        """These messages may be out already: the last runner ended while they were being sent."""
        self._messenger.resumed(keys)

    def withdraw(self, key: str) -> None:
        """Ask it to end soon."""
        if key in self._cancels:
            self._cancels[key].set()

    def hurry(self) -> None:
        """Ask everything to end soon, changes included."""
        for cancel in self._cancels.values():
            cancel.set()

    def ended(self) -> None:
        """The run has ended, and nothing of it is being performed any more."""
        self._leases.ended()

    def close(self) -> None:
        """Let go of attempts that were never begun, because their intent could not be recorded."""
        while self._attempts:
            self._attempts.popitem()[1].close()

    def _begun(
        self, command: Command, perform: Callable[[threading.Event], Result], longest: float, deliver: Deliver
    ) -> None:
        """Do it in a thread, and deliver what came of it, or that it did not end within `longest` seconds."""
        cancel = self._cancels[command.key] = threading.Event()

        def give_up() -> None:
            cancel.set()
            self._workers.give_up(number)
            deliver(_failed(command, "timeout", f"it has not ended after {longest + GRACE:.0f}s, and was given up"))

        def job() -> None:
            self._watchdog.watch(command.key, longest + GRACE, give_up)
            try:
                result = perform(cancel)
            except BaseException as error:  # noqa: BLE001 - recorded, whatever it is; a kind may even call sys.exit
                result = _failed(command, "bug", f"{type(error).__name__}: {error}")
            if self._watchdog.ended(command.key) or isinstance(command, Apply):
                deliver(result)

        number = self._workers.submit(job)

    def _longest(self, command: Command) -> float:
        """Seconds within which a command that keeps its timeout has ended; a change is looked at afterwards."""
        if isinstance(command, Apply):
            return (command.timeout or CHANGE) + LOOK
        if isinstance(command, Preserve):
            return max(0.0, command.deadline - self._clock.now())
        if isinstance(command, Announce | Page):
            return SENDING
        timeout = float(getattr(command, "timeout", None) or PROBE)
        if not isinstance(command, Observe) or command.sent is not None:
            return timeout
        pauses, delay = 0.0, float(command.retry.delay)
        for _ in range(command.retry.attempts - 1):
            pauses += delay * (1 + command.retry.jitter)
            delay = min(delay * command.retry.backoff, float(command.retry.max_delay))
        return command.retry.attempts * timeout + pauses

    def _attempt_path(self, command: Apply, attempt: int) -> Path:
        return attempt_path(self._folder, self._around.run, command.key, attempt)

    def _intent_id(self, command: Apply) -> str:
        return f"{self._around.run}/{command.key}"

    def _world(
        self, command: Command, timeout: float, cancel: threading.Event, attempt: Attempt | None = None
    ) -> LocalWorld:
        limit = (
            command.limit
            if isinstance(command, PlanChange)
            else command.timeout
            if isinstance(command, Apply)
            else None
        )
        return LocalWorld(
            self._around,
            timeout=timeout,
            limit=limit or CHANGE,
            connection=getattr(command, "connection", None) or _connection_of(command),
            cancel=cancel,
            attempt=attempt,
            intent=self._intent_id(command) if isinstance(command, Apply) else None,
        )

    # --- reads --------------------------------------------------------------------------------------------

    def _observe(self, command: Command, cancel: threading.Event) -> Result:
        assert isinstance(command, Observe)  # noqa: S101 - by the table below
        started = self._clock.now()
        if command.sent is not None:
            text = kinds.get(command.kind).SPEC.text
            seen, tries = extraction.arrived(command.outputs, self._arrived(command, cancel), text), 1
        else:
            seen, tries = self._seen(command, cancel)
        return Result(command.key, "step.observed", self._observed(command, seen, tries, started))

    def _observed(self, command: Observe, seen: Observation, tries: int, started: float) -> dict[str, Any]:
        """The record of an observation, with its verdict, or what a person attested in the place of `unknown`."""
        if command.sent is None:
            verdict, reason = judge(command.expect, command.series, seen, command.scope)
        else:
            verdict, reason = seen.verdict, seen.unknown
        attested = None
        if verdict is Verdict.UNKNOWN or (verdict is None and seen.error):
            attested = self._attested.get(command.id) or self._attested.get(whole(command.id))
        if attested is not None:
            verdict, reason = attested[0], f"attested by {attested[2]}: {attested[1]}"
        failed = seen.error is not None and attested is None
        silent = silence(command.expect, command.scope, seen.output)
        return {
            "id": command.id,
            "phase": command.phase,
            "kind": command.kind,
            "title": command.title,
            "status": str(StepStatus.FAILED if failed else StepStatus.SUCCEEDED),
            "verdict": str(verdict) if verdict else None,
            "reason": reason,
            "output": seen.output,
            "error": msgspec.to_builtins(seen.error) if seen.error else None,
            "warnings": list(seen.warnings),
            "tries": tries,
            "started": started,
            "round": command.round,
            **polling.told(command, verdict, self._clock.now()),
            "attested": attested is not None,
            "asked": not (command.if_configured and seen.error is not None and seen.error.code == NotConfigured.code),
            "arrived": command.sent is not None,
            **({"silent": silent} if silent else {}),
        }

    def _seen(self, command: Observe, cancel: threading.Event) -> tuple[Observation, int]:
        """Read, and read again where the step says so; waiting grows with each try."""
        retry = command.retry
        delay = float(retry.delay)
        for attempt in range(1, retry.attempts + 1):
            seen = self._read(command.kind, command.inputs, command, command.timeout or PROBE, cancel)
            if seen.error is None or attempt == retry.attempts or cancel.is_set():
                break
            cancel.wait(delay * (1 + retry.jitter * random.random()))  # noqa: S311 - spreads retries, no secret
            delay = min(delay * retry.backoff, float(retry.max_delay))
        if seen.error is not None and seen.error.code == NotConfigured.code and command.if_configured:
            seen = Observation(output=_outputs(command.kind, {}), verdict=Verdict.FAIL, error=seen.error)
        silent = silence(command.expect, command.scope, seen.output)
        return extraction.observed(command.outputs, seen, kinds.get(command.kind).SPEC.text, silent), attempt

    def _read(
        self, kind: str, inputs: Mapping[str, Any], command: Command, timeout: float, cancel: threading.Event
    ) -> Observation:
        """One look. What the world does not answer is an error, never a guess."""
        module = kinds.get(kind)
        doubted = self._unproven(module, inputs, command)
        if doubted is not None:
            return Observation(output=_outputs(kind, {}), error=Error(code="unproven_read", message=doubted))
        try:
            seen: Observation = module.observe(inputs, self._world(command, timeout, cancel))
        except RunbookError as error:
            return Observation(output=_outputs(kind, {}), error=Error(code=error.code, message=str(error)))
        return msgspec.structs.replace(seen, output=_outputs(kind, seen.output))

    def _unproven(self, module: Any, inputs: Mapping[str, Any], command: Command) -> str | None:
        """Why a claim to be read-only is not believed where nothing may be risked (`plan`, `auto`, `doctor`)."""
        if not self._proven_only:
            return None
        world = self._world(command, 0.0, threading.Event())
        return unproven(self._gatekeeper.policy, module.SPEC, inputs, world)

    def _unproven_preview(self, command: PlanChange) -> str | None:
        """Why a plan's preview is not run: it claims to be a read like any other."""
        preview = command.inputs.get(PREVIEW)
        if not isinstance(preview, Mapping):
            return None
        why = self._unproven(kinds.get(command.kind), preview, command)
        return f"its preview was {why}" if why else None

    def _arrived(self, command: Observe, cancel: threading.Event) -> Observation:
        """Look until an accepted change has taken effect, or until the step's time is over."""
        assert command.sent is not None  # noqa: S101
        assert command.outcome is not None  # noqa: S101
        word = command.outcome.state.get(SETTLED)
        if word is not None:  # what it left is not known, so no kind can tell; the verification looks at the world
            return Observation(output=command.outcome.output, verdict=Verdict.PASS, warnings=(_taken_from(word),))
        module = kinds.get(command.kind)
        world = self._world(command, command.timeout or CHANGE, cancel)
        pause, longest = ARRIVAL_EVERY
        while True:
            try:
                lost = astray(command.sent, world)
                if lost is not None:
                    return Observation(verdict=Verdict.UNKNOWN, unknown=lost)
                seen: Observation = module.arrived(command.sent, command.outcome, world)
            except RunbookError as error:
                seen = Observation(verdict=Verdict.UNKNOWN, unknown=str(error))
            left = world.remaining()
            if seen.verdict in (Verdict.PASS, Verdict.FAIL) or left <= SHORTEST_LOOK or cancel.is_set():
                return seen  # what stands in the way says more than that there was no time for another look
            cancel.wait(min(pause, left - SHORTEST_LOOK))
            pause = min(pause * 2, longest)

    def _preserve(self, command: Command, cancel: threading.Event) -> Result:
        assert isinstance(command, Preserve)  # noqa: S101
        timeout = max(0.0, command.deadline - self._clock.now())
        seen = self._read(command.kind, command.inputs, command, timeout, cancel)
        data = {
            "id": command.id,
            "plan": command.plan,
            "kind": command.kind,
            "title": command.title,
            "status": "missing" if seen.error else "preserved",
            "output": seen.output,
            "error": msgspec.to_builtins(seen.error) if seen.error else None,
        }
        return Result(command.key, "evidence.preserved", data)

    # --- plans --------------------------------------------------------------------------------------------

    def _plan(self, command: Command, cancel: threading.Event) -> Result:
        assert isinstance(command, PlanChange)  # noqa: S101
        data = {"id": command.id, "phase": command.phase, "kind": command.kind, "title": command.title}
        if command.waits_for:
            return Result(command.key, "change.planned", {**data, "waits_for": list(command.waits_for)})
        refused = None
        if command.grant is not None:
            refused = self._gatekeeper.refuses_grant(command.grant, self._clock.now())
        if refused is not None:
            return Result(command.key, "change.planned", {**data, "refused": refused, "by": "policy"})
        unproven = self._unproven_preview(command)
        if unproven is not None:
            failed = {"code": "unproven_read", "message": unproven}
            return Result(command.key, "change.planned", {**data, "error": failed})
        world = self._world(command, command.timeout or PROBE, cancel)
        try:
            adrift = self._gatekeeper.anchors.adrift(command.kind, command.connection, world)
            if adrift is not None:
                return Result(command.key, "change.planned", {**data, "refused": adrift, "by": "kind"})
            planned = kinds.get(command.kind).plan(command.inputs, world)
        except RunbookError as error:
            failed = {"code": error.code, "message": str(error)}
            return Result(command.key, "change.planned", {**data, "error": failed})
        return Result(command.key, "change.planned", {**data, **self._judged(command, planned, world)})

    def _judged(self, command: PlanChange, planned: Any, world: LocalWorld) -> dict[str, Any]:
        if isinstance(planned, NothingToDo):
            return {"nothing": planned.reason}
        if isinstance(planned, NotPlanned):
            return {"refused": planned.reason, "by": planned.by}
        change = msgspec.structs.replace(planned, connection=command.connection, known_as=_known_as(command, world))
        claimed = command.inputs.get("effect")
        if claimed is not None:
            change = msgspec.structs.replace(change, effect=change.effect.at_least(Effect(claimed)))
        if command.must_undo and change.undo is None:
            why = change.irreversible or "the kind has none"
            return {"refused": f"an undo is asked for, and there is none: {why}", "by": "kind"}
        forbidden = self._gatekeeper.refuses_change(change)
        if forbidden is not None:
            return {"refused": forbidden, "by": "policy"}
        change, lease = self._leases.taken(change, command, world)
        return {"change": msgspec.to_builtins(change), "digest": change.digest, **lease}

    # --- changes ------------------------------------------------------------------------------------------

    def _apply(self, command: Command, cancel: threading.Event) -> Result:
        assert isinstance(command, Apply)  # noqa: S101
        attempt = self._attempts.pop(command.key)
        timeout = command.timeout or CHANGE
        world = self._world(command, timeout, cancel, attempt)
        why = "the answer did not say whether it was applied"
        try:
            outcome: Outcome | None = _unsent(command.change, world)
            if outcome is None:
                outcome = kinds.get(command.change.kind).apply(command.change, world)
        except Exception as error:  # noqa: BLE001 - whatever happened after the intent is a doubt
            outcome, why = None, f"{type(error).__name__}: {error}"
        finally:
            attempt.close()
        if outcome is not None and outcome.applied is not Applied.UNKNOWN:
            return _resulted(command, outcome)
        if outcome is not None and outcome.error is not None:
            why = outcome.error.message
        until = self._clock.now() + world.remaining()
        return self._confirmed(command, Attempt.earlier(attempt.path, boot_id()), cancel, until, why)

    def _confirmed(
        self,
        command: Apply,
        attempt: Attempt,
        cancel: threading.Event,
        until: float,
        why: str,
        deliver: Deliver | None = None,
    ) -> Result:
        """Ask the world until it can tell, at most until nothing of this attempt can arrive any more.

        What outlived its runner is waited for, and shown to whoever waits with us.
        """
        module = kinds.get(command.change.kind)
        while True:
            world = self._world(command, LOOK, cancel, attempt)
            try:
                lost = astray(command.change, world)
                found = CannotTell(reason=lost) if lost else module.confirm(command.change, world)
            except RunbookError as error:
                found = CannotTell(reason=str(error))
            over = self._clock.now() >= until
            if isinstance(found, DidApply):
                return _resulted(command, found.outcome)
            if isinstance(found, DidNotApply):
                data = {"found": "not_applied", "reason": found.reason, "id": command.id, "phase": command.phase}
                return Result(command.key, "change.confirmed", data, again=True)
            if over or cancel.is_set() or (found.running is None and not attempt.look().locked):
                return _doubt(command, f"{why}; {found.reason}", found.running)
            if deliver is not None and found.running is not None:
                deliver(Held(f"{command.id} has outlived its runner: {found.running} still runs"))
                deliver = None
            cancel.wait(CONFIRM_EVERY)

    # --- messages -----------------------------------------------------------------------------------------

    def _announce(self, command: Command, cancel: threading.Event) -> Result:
        del cancel
        assert isinstance(command, Announce)  # noqa: S101
        return Result(command.key, "message.sent", self._messenger.announce(command))

    def _page(self, command: Command, cancel: threading.Event) -> Result:
        del cancel
        assert isinstance(command, Page)  # noqa: S101
        return Result(command.key, "page.sent", self._messenger.page(command))


def _connection_of(command: Command) -> str | None:
    if isinstance(command, Apply):
        return command.change.connection
    return None


def _taken_from(word: object) -> str:
    return f"{word} says that it was applied; whether it has taken effect is for the verification to see"


def _known_as(command: PlanChange, world: LocalWorld) -> str:
    """What people call the server that a change would be made on, where its client has a name for it."""
    type_ = kinds.get(command.kind).SPEC.connection
    return str(getattr(world.client(type_), "known_as", "")) if type_ else ""


def _outputs(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every declared output, null where the kind said nothing."""
    return dict.fromkeys(kinds.get(kind).SPEC.output_names) | dict(given)


def _unsent(change: Change, world: LocalWorld) -> Outcome | None:
    """What comes of a change that must not be sent, because it would go elsewhere; None where it may be sent."""
    try:
        lost = astray(change, world)
    except RunbookError as error:
        return Outcome(applied=Applied.NO, error=Error(code=error.code, message=str(error)))
    return None if lost is None else Outcome(applied=Applied.NO, error=Error(code="elsewhere", message=lost))


def _resulted(command: Apply, outcome: Outcome) -> Result:
    spec = kinds.get(command.change.kind).SPEC
    if spec.arrives and outcome.applied is Applied.YES and outcome.error is None:
        outcome = extraction.awaited(command.outputs, outcome)
    else:
        outcome = extraction.resulted(command.outputs, outcome, spec.text)
    data = msgspec.to_builtins(outcome)
    return Result(command.key, "change.resulted", {"id": command.id, "phase": command.phase, **data})


def _doubt(command: Apply, reason: str, running: str | None = None) -> Result:
    data = {"found": "unknown", "reason": reason, "running": running, "id": command.id, "phase": command.phase}
    return Result(command.key, "change.confirmed", data)


def attempt_path(folder: Path, run: str, key: str, attempt: int) -> Path:
    """The locked file of an attempt of the change with this key."""
    name = key.replace("/", "~").replace(":", "~").replace("#", "~")
    if "[" in key:  # an item's key may be long, and another one's once it is part of a file's name
        name = f"{name[:100]}~{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return folder / f"{run}~{name}~{attempt}"


def _failed(command: Command, code: str, message: str) -> Result:
    """Something that is ours, or a stranger's kind's, went wrong: the step failed, or the change is in doubt."""
    said = {"code": code, "message": message}
    if isinstance(command, Apply):
        return _doubt(command, said["message"])
    about = {"id": getattr(command, "id", None), "phase": getattr(command, "phase", None)}
    if isinstance(command, Observe):
        seen = Observation(error=Error(**said))
        verdict, reason = judge(command.expect, Series.ONE, seen, {})
        judged = {"verdict": str(verdict) if verdict else None, "reason": reason, "kind": command.kind}
        data = {"status": "failed", "output": {}, "error": said, "arrived": command.sent is not None, **judged}
        return Result(command.key, "step.observed", {**about, **data})
    if isinstance(command, PlanChange):
        return Result(command.key, "change.planned", {**about, "kind": command.kind, "error": said})
    if isinstance(command, Preserve):
        return Result(command.key, "evidence.preserved", {**about, "status": "missing", "error": said})
    type_ = "page.sent" if isinstance(command, Page) else "message.sent"
    return Result(command.key, type_, {**about, "status": "failed", "error": said})


_PERFORM: dict[type[Command], Callable[[LocalHands, Command, threading.Event], Result]] = {
    Observe: LocalHands._observe,
    PlanChange: LocalHands._plan,
    Apply: LocalHands._apply,
    Undo: LocalHands._apply,
    Preserve: LocalHands._preserve,
    Announce: LocalHands._announce,
    Page: LocalHands._page,
}
