"""A runbook held against a Prometheus' past: its symptoms at every moment, its checks while trouble lasted, its options
at the moment at which they would have been chosen.

Each look is the kind's own, judged as a run judges it; only the clock is another one. What no Prometheus keeps (a
request, a pod, a command) is unknown, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from runbook import kinds
from runbook.authoring.backtest import Episode, Past, Terms, Way, past
from runbook.clients.prometheus import PrometheusClient
from runbook.core import extraction
from runbook.core.bindings import bound
from runbook.core.changes import Error, Observation
from runbook.core.context import Run
from runbook.core.situation import Situation
from runbook.core.symptoms import ALERTS, filled
from runbook.core.verdicts import judge, truth
from runbook.core.words import Mode, StepStatus, Verdict
from runbook.document.expressions import Unknown
from runbook.document.model import Environment, Runbook, Step, Symptom, Verification
from runbook.document.spec import Specs
from runbook.document.templates import render_value
from runbook.errors import NotConfigured, RunbookError
from runbook.hosts.connections import Connections
from runbook.hosts.metrics_past import At, Recorded, Window, alert_series

MEASURED: Final = frozenset({"prometheus.query", "prometheus.compare", ALERTS})  # what can be told of every moment
ONCE: Final = MEASURED | {"prometheus.range"}  # and of a few
MOST_LOOKED_INTO: Final = 200  # episodes whose options are asked about

Told = Callable[[str], None]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one version of a runbook. `notes` say what of it could not be held against measurements, and why."""

    past: Past
    notes: tuple[str, ...]
    holds: float
    verified_by: tuple[str, ...]


class Backtest:
    """One server's past. `told` hears of each query before it is read."""

    def __init__(
        self,
        connections: Connections,
        window: Window,
        specs: Specs,
        environment: Environment | None = None,
        told: Told = lambda _: None,
    ) -> None:
        self._connections = connections
        self._window = window
        self._specs = specs
        self._environment = environment
        self._told = told
        self._recorded: dict[str | None, Recorded] = {}

    def of(self, book: Runbook, parameters: Mapping[str, Any]) -> Version:
        """When this runbook would have started, and what would have come of it."""
        looked = _Looked(book, parameters, self._specs, self._environment, self)
        verification = _verification(book)
        deciding = [check for check in verification.checks if not check.advisory] if verification else []
        measured = bool(deciding) and all(check.uses in MEASURED for check in deciding)
        terms = Terms(
            deciding=tuple(check.id for check in deciding),
            hold=float(verification.hold) if verification else 0.0,
            measured=measured,
        )
        found = past(self._window.moments, looked.symptoms, looked.checks(deciding if measured else []), terms)
        known = tuple(
            msgspec.structs.replace(one, options=looked.options(one)) if number < MOST_LOOKED_INTO else one
            for number, one in enumerate(found.episodes)
        )
        return Version(
            past=msgspec.structs.replace(found, episodes=known),
            notes=tuple(_notes(book, verification)),
            holds=terms.hold,
            verified_by=terms.deciding,
        )

    def recorded(self, connection: str | None) -> Recorded:
        """What a connection answered over the window."""
        if connection not in self._recorded:
            self._recorded[connection] = Recorded(self.client(connection), self._window, self._told)
        return self._recorded[connection]

    def client(self, connection: str | None) -> PrometheusClient:
        """The client of a connection; NotConfigured."""
        found: PrometheusClient = self._connections.client("prometheus", connection)
        return found


class _Looked:
    """One version of a runbook, looked at again and again."""

    def __init__(
        self, book: Runbook, parameters: Mapping[str, Any], specs: Specs, here: Environment | None, world: Backtest
    ) -> None:
        self._book = book
        self._parameters = parameters
        self._specs = specs
        self._here = here
        self._world = world
        self._run = self._fresh()
        self._scopes: dict[str, Mapping[str, object]] = {}
        self._steps = [(symptom.id, _probe(symptom, self._run.scope())) for symptom in book.symptoms]

    def symptoms(self, at: float) -> Mapping[str, tuple[Verdict, str | None]]:
        """The verdict of each symptom at a moment."""
        return {id_: self._look(step, at) if isinstance(step, Step) else step for id_, step in self._steps}

    def checks(self, checks: list[Step]) -> Callable[[float], Mapping[str, tuple[Verdict, str | None]]]:
        """The verdicts of these at a moment."""
        return lambda at: {check.id: self._look(check, at) for check in checks}

    def options(self, episode: Episode) -> tuple[Way, ...]:
        """Which options would have been tried when an episode started, by what its readings were then."""
        run = self._fresh()
        for id_, step in self._steps:
            if isinstance(step, Step):
                self._observed(run, msgspec.structs.replace(step, id=id_), episode.started)
        for step in self._book.triage:
            if step.for_each is None and truth(step.when, run.scope(step))[0] is Verdict.PASS:
                self._observed(run, step, episode.started)
        judged = ((option.id, *truth(option.when, run.scope())) for option in self._book.resolution)
        return tuple(Way(option=id_, verdict=verdict, reason=reason) for id_, verdict, reason in judged)

    def _observed(self, run: Run, step: Step, at: float) -> None:
        """Ask the server once, and remember it as a run does."""
        if step.uses not in ONCE:
            return
        scope = run.scope(step)
        seen = self._seen(step, scope, lambda: At(self._world.client(step.connection), at))
        verdict, _ = judge(step.expect or self._specs[step.uses].expect, step.series, seen, scope)
        status = StepStatus.FAILED if seen.error is not None else StepStatus.SUCCEEDED
        run.facts.set(step.id, status, verdict, seen.output)

    def _look(self, step: Step, at: float) -> tuple[Verdict, str | None]:
        if step.uses not in MEASURED:
            return Verdict.UNKNOWN, _unmeasured(step)
        scope = self._scopes.setdefault(step.id, bound(self._run.scope(), step.local))

        def then() -> Recorded:
            recorded = self._world.recorded(step.connection)
            recorded.now = round(at)
            return recorded

        seen = self._seen(step, scope, then)
        verdict, reason = judge(step.expect or self._specs[step.uses].expect, step.series, seen, scope)
        return (Verdict.UNKNOWN, "the step has no `expect`") if verdict is None else (verdict, reason)

    def _seen(self, step: Step, scope: Mapping[str, object], client: Callable[[], Recorded | At]) -> Observation:
        """What the kind sees with such a client; what stands in its way is an error, as in a run."""
        module = kinds.get(step.uses)
        nothing = dict.fromkeys(module.SPEC.outputs.get("properties", {}))
        try:
            inputs = render_value(dict(step.inputs), scope)
            asked = client()
            if step.uses == ALERTS:
                asked.wanted = alert_series(inputs)
            seen: Observation = module.observe(inputs, _World(asked))
        except Unknown as unknown:
            return Observation(output=nothing, error=Error(code="unknown", message=unknown.reason))
        except NotConfigured:
            raise
        except RunbookError as error:
            return Observation(output=nothing, error=Error(code=error.code, message=error.message))
        seen = msgspec.structs.replace(seen, output={**nothing, **seen.output})
        return extraction.observed(step.outputs, seen, module.SPEC.text)

    def _fresh(self) -> Run:
        here = self._here
        situation = Situation(
            run="backtest",
            mode=Mode.DRY,
            parameters=self._parameters,
            env=here.values if here else {},
            environment=here.name if here else None,
        )
        return Run(self._book, situation, self._specs)


class _World:
    """As much of a world as the kinds of Prometheus ask for."""

    def __init__(self, client: Recorded | At) -> None:
        self._client = client

    def client(self, type_: str) -> Any:
        """The client of then."""
        assert type_ == "prometheus"  # noqa: S101 - by the kinds that come here
        return self._client

    def remaining(self) -> None:
        """As long as the connection allows."""


def _probe(symptom: Symptom, scope: Mapping[str, object]) -> Step | tuple[Verdict, str]:
    """The step that looks at a symptom; or why nothing can."""
    if symptom.probe is not None:
        return symptom.probe
    try:
        asked = filled(symptom, scope)
    except Unknown as unknown:
        return Verdict.UNKNOWN, unknown.reason
    return Step(id=symptom.id, uses=ALERTS, inputs={"name": asked.alert, "labels": asked.labels}, expect="firing")


def _verification(book: Runbook) -> Verification | None:
    """The runbook's; else that of its first option that has one."""
    own = (option.verification for option in book.resolution if option.verification)
    return book.verification or next(own, None)


def _notes(book: Runbook, verification: Verification | None) -> list[str]:
    steps = [symptom.probe for symptom in book.symptoms if symptom.probe]
    checks = [check for check in verification.checks if not check.advisory] if verification else []
    notes = [f"{step.id}: {_unmeasured(step)}" for step in (*steps, *checks) if step.uses not in MEASURED]
    polled = [step.id for step in (*steps, *checks) if step.until is not None]
    notes += [f"{', '.join(polled)}: looked at once in each moment, without `until`"] if polled else []
    own = [option.id for option in book.resolution if option.verification and option.verification is not verification]
    notes += [f"the verification of {', '.join(own)} alone is not looked at"] if own else []
    if any(check.uses not in MEASURED for check in checks):
        notes.append("so an episode ends here when its symptoms are gone, and nothing is verified")
    elif not checks:
        notes.append("nothing verifies it: an episode ends when its symptoms are gone")
    return notes


def _unmeasured(step: Step) -> str:
    return f"no Prometheus keeps what {step.uses} sees"
