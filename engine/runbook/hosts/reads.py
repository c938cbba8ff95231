"""Looks at the world for steps: probes, what was sent and has yet to arrive, evidence.

What the world does not answer is an error, never a guess; a claim to only read is believed where that is safe.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from typing import Any

import msgspec

from runbook import kinds
from runbook.core import extraction, polling
from runbook.core.addresses import whole
from runbook.core.changes import Error, Observation
from runbook.core.commands import Command, Observe, PlanChange, Preserve
from runbook.core.redrawn import PREVIEW
from runbook.core.results import SETTLED
from runbook.core.verdicts import judge, silence
from runbook.core.words import StepStatus, Verdict
from runbook.errors import NotConfigured, RunbookError
from runbook.hosts.anchors import astray
from runbook.hosts.ports import Result
from runbook.hosts.unproven import unproven
from runbook.hosts.worlds import CHANGE, PROBE, Worlds
from runbook.kinds.invocations import beside

ARRIVAL_EVERY = (0.25, 2.0)  # seconds between two looks at whether a change has arrived: first, at most
SHORTEST_LOOK = 0.2  # seconds that such a look needs at least
Attested = Mapping[str, tuple[Verdict, str, str]]  # id of a check → verdict, reason and who says so


class Reads:
    """The reads of one run. `proven_only`: a command that claims to read must be one that the policy believes."""

    def __init__(self, worlds: Worlds, attested: Attested, *, proven_only: bool) -> None:
        self._worlds = worlds
        self._attested = attested
        self._proven_only = proven_only

    def observe(self, command: Observe, cancel: threading.Event) -> Result:
        """Look, judge what was seen, and say it."""
        started = self._worlds.clock.now()
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
            **polling.told(command, verdict, self._worlds.clock.now()),
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
            seen: Observation = module.observe(inputs, self._worlds.of(command, timeout, cancel))
        except RunbookError as error:
            return Observation(output=_outputs(kind, {}), error=Error(code=error.code, message=str(error)))
        return msgspec.structs.replace(seen, output=_outputs(kind, seen.output))

    def _unproven(self, module: Any, inputs: Mapping[str, Any], command: Command) -> str | None:
        """Why a claim to be read-only is not believed where nothing may be risked (`plan`, `auto`, `doctor`)."""
        if not self._proven_only:
            return None
        world = self._worlds.of(command, 0.0, threading.Event())
        return unproven(self._worlds.around.policy, module.SPEC, inputs, world)

    def unproven_preview(self, command: PlanChange) -> str | None:
        """Why a plan's preview is not run: it claims to be a read like any other."""
        preview = command.inputs.get(PREVIEW)
        if not isinstance(preview, Mapping):
            return None
        # with what it takes over from its step: a PATH of the step's makes another program of it
        why = self._unproven(kinds.get(command.kind), beside(command.inputs, preview), command)
        return f"its preview was {why}" if why else None

    def _arrived(self, command: Observe, cancel: threading.Event) -> Observation:
        """Look until an accepted change has taken effect, or until the step's time is over."""
        assert command.sent is not None  # noqa: S101
        assert command.outcome is not None  # noqa: S101
        word = command.outcome.state.get(SETTLED)
        if word is not None:  # what it left is not known, so no kind can tell; the verification looks at the world
            return Observation(output=command.outcome.output, verdict=Verdict.PASS, warnings=(_taken_from(word),))
        module = kinds.get(command.kind)
        world = self._worlds.of(command, command.timeout or CHANGE, cancel)
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

    def preserve(self, command: Preserve, cancel: threading.Event) -> Result:
        """Keep what the world shows now, before it is changed."""
        timeout = max(0.0, command.deadline - self._worlds.clock.now())
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


def _taken_from(word: object) -> str:
    return f"{word} says that it was applied; whether it has taken effect is for the verification to see"


def _outputs(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every declared output, null where the kind said nothing."""
    return dict.fromkeys(kinds.get(kind).SPEC.output_names) | dict(given)
