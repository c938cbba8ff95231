"""One run while it is interpreted: its document, what is known, what was applied; and the flows that every phase uses.

A phase is a module with generator functions over a `Run`. They yield commands and decide from results; whatever
they need to know of time or people came out of a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.core import polling
from runbook.core.advice import Found, advice_of
from runbook.core.asking import SKIPPED, NothingToChoose, answers, purpose
from runbook.core.bindings import bound
from runbook.core.changes import Change, Outcome
from runbook.core.commands import Announce, Ask, Flow, Note, Observe, Page, Wait
from runbook.core.facts import Facts, scope_of, step_ids
from runbook.core.loops import Loop
from runbook.core.polling import Look
from runbook.core.results import Delivered, Observed
from runbook.core.situation import Situation
from runbook.core.verdicts import truth
from runbook.core.words import Ended, Mode, RunOutcome, StepStatus, Verdict
from runbook.document.durations import Duration
from runbook.document.expressions import Unknown
from runbook.document.model import EvidencePlan, Message, Runbook, Step
from runbook.document.spec import KindSpec, Specs
from runbook.document.templates import render_value
from runbook.document.words import Effect, Role, Verb

if TYPE_CHECKING:
    from runbook.core.handing_over import Continued

MANUAL_TIMEOUT = 3600.0
CHANGE_TIMEOUT = 300.0


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A change that reached the world: what was sent, what came of it and when, under which decision."""

    step: Step
    path: str
    key: str
    change: Change
    outcome: Outcome
    grant: str | None
    option: str
    at: float = 0.0


class OptionEnded(Exception):
    """Raised inside a phase to leave an option. `unknown`: because something cannot be told; nothing is undone then."""

    def __init__(self, ended: Ended, reason: str | None = None, *, unknown: bool = False) -> None:
        super().__init__(reason)
        self.ended = ended
        self.reason = reason
        self.unknown = unknown


class RunEnded(Exception):
    """Raised inside a phase to leave the run."""

    def __init__(self, outcome: RunOutcome, reason: str | None = None) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


class Run:
    """State of one interpretation. `auto` is True while the policy itself may still decide."""

    def __init__(
        self,
        book: Runbook,
        situation: Situation,
        specs: Specs,
        evidence: EvidencePlan | None = None,
        others: Mapping[str, Runbook] | None = None,
    ) -> None:
        self.book = book
        self.situation = situation
        self.specs = specs
        self.evidence = evidence
        self.others = others or {}  # each runbook that it may go on with
        self.facts = Facts(step_ids(book))
        self.auto = situation.mode is Mode.AUTO
        self.findings: dict[str, Found] = {}  # what triage means, by step
        self.confirmed: list[str] = []  # ids of the symptoms that passed
        self.seen_at = 0.0  # when triage was last observed, and the symptoms just before
        self.loops: dict[str, Loop] = {}  # by the id of each step that one of them repeats
        self.done: list[Done] = []
        self.ends: list[Ended] = []
        self.option: str | None = None
        self.outcome: RunOutcome | None = None
        self.paged: set[str] = set()
        self.updates: dict[str, float] = {}  # when each message that goes out every so often is due next
        self.gathering = False
        self.changing = False  # True once a change has reached the world
        self.worked = 0  # how often something was done to the world, by us or by hand
        self.working = False  # True once the symptoms are confirmed
        self.continued: Continued | None = None  # the runbook that it was handed over to
        self.attested = False  # True where a person said what the last verification could not see

    @property
    def now(self) -> float:
        """The time of the latest record."""
        return self.situation.now

    def key(self, path: str, verb: Verb) -> str:
        """The next key of a path and verb."""
        return self.situation.key(path, verb)

    def scope(self, step: Step | None = None) -> Mapping[str, object]:
        """What expressions see; those of a step with the names of its loop, or of the part that it was taken from."""
        run: dict[str, Any] = {
            "id": self.situation.run,
            "runbook": self.book.name,
            "mode": str(self.situation.mode),
            "initiator": self.situation.initiator,
            "started": utc(self.situation.started),
            "option": self.option,
            "outcome": str(self.outcome) if self.outcome else None,
            "attested": self.attested,
            "environment": self.situation.environment,
        }
        return bound(scope_of(self.book, self.situation, self.facts, run), step.local if step else None)

    def spec(self, step: Step) -> KindSpec:
        """The spec of a step's kind."""
        return self.specs[step.uses]

    def effect(self, step: Step) -> Effect:
        """The effect that a step claims: its kind's, or for generic kinds what `with.effect` says."""
        effect = self.spec(step).effect
        return effect if effect is not None else Effect(step.inputs.get("effect", Effect.CHANGE))

    def current(self, step: Step) -> Step:
        """A repeated step with its item as it was last listed; any other as it stands."""
        loop = self.loops.get(step.id)
        return loop.steps[step.id] if loop else step

    def changes(self, step: Step) -> bool:
        """True where a step goes through plan and gate."""
        return self.spec(step).role is Role.ACTION and self.effect(step).changes

    def reads(self, step: Step) -> bool:
        """True where a step only looks, and so may be performed in a dry run too."""
        return self.spec(step).role in (Role.PROBE, Role.ACTION) and self.effect(step) is Effect.READ

    def pointed_by(self, option: str) -> tuple[str, ...]:
        """The steps whose findings point to an option."""
        return tuple(found.step for found in self.findings.values() if found.points_to == option)

    def saw(self, verdict: Verdict | None) -> None:
        """The first thing that cannot be told ends `auto`: from then on people decide."""
        if verdict is Verdict.UNKNOWN:
            self.auto = False

    # --- flows that every phase uses ------------------------------------------------------------------------

    def wanted(self, path: str, step: Step) -> Flow:
        """Whether a step's `when` holds; a step that is left out is noted with the reason."""
        verdict, reason = truth(step.when, self.scope(step))
        if verdict is Verdict.PASS:
            return True
        self.saw(verdict)
        said = f"cannot tell: {reason}" if verdict is Verdict.UNKNOWN else reason
        yield from self.left_out(path, step, StepStatus.SKIPPED, said)
        return False

    def left_out(self, path: str, step: Step, status: StepStatus, reason: str | None) -> Flow:
        """Note that a step was not performed, and why."""
        self.facts.set(step.id, status)
        yield from self.note(path, "step", id=step.id, status=str(status), reason=reason, kind=step.uses)

    def rendered(self, step: Step) -> dict[str, Any]:
        """A step's inputs with their templates filled in; raises Unknown."""
        values: dict[str, Any] = render_value(dict(step.inputs), self.scope(step))
        return values

    def observe(
        self, path: str, step: Step, phase: str, *, round_: int | None = None, look: Look | None = None
    ) -> Flow:
        """Observe one step and remember what was seen; gives `Observed`. Which of several looks counts, others say."""
        spec = self.spec(step)
        expect = step.expect or spec.expect
        try:
            inputs = self.rendered(step)
        except Unknown as unknown:
            verdict = Verdict.UNKNOWN if expect else None
            yield from self.left_out(path, step, StepStatus.FAILED, f"cannot tell its inputs: {unknown.reason}")
            self.facts.set(step.id, StepStatus.FAILED, verdict)
            self.saw(Verdict.UNKNOWN)
            return Observed(status=StepStatus.FAILED, verdict=verdict, reason=unknown.reason)
        observed: Observed = yield Observe(
            key=self.key(path, Verb.OBSERVE),
            path=path,
            title=step.title,
            id=step.id,
            phase=phase,
            kind=step.uses,
            inputs=inputs,
            connection=step.connection,
            timeout=seconds(step.timeout, spec.timeout),
            retry=step.retry,
            expect=expect,
            series=step.series,
            round=look.number if look else round_,
            until=look.until if look else None,
            again=look.again if look else None,
            outputs=step.outputs,
            scope=self.scope(step),
        )
        self.facts.set(step.id, observed.status, observed.verdict, observed.output, observed.silent)
        if not step.advisory and look is None:
            self.saw(observed.verdict)
        return observed

    def perform(self, path: str, step: Step, phase: str) -> Flow:
        """Perform a step that changes nothing; gives the verdict (pass for what has none)."""
        try:
            return (yield from self._performed(path, step, phase))
        except Unknown as unknown:
            self.saw(Verdict.UNKNOWN)
            yield from self.left_out(path, step, StepStatus.FAILED, f"cannot tell its inputs: {unknown.reason}")
            return Verdict.UNKNOWN

    def _performed(self, path: str, step: Step, phase: str) -> Flow:
        role = self.spec(step).role
        if role is Role.MANUAL:
            return (yield from self._asked(path, step, phase))
        if role is Role.PAUSE:
            return (yield from self._paused(path, step, phase))
        if role is Role.NOTICE:
            return (yield from self._noticed(path, step, phase))
        observed: Observed = yield from polling.observed(self, path, step, phase)
        if observed.verdict is not None:
            return observed.verdict
        return Verdict.PASS if observed.status is StepStatus.SUCCEEDED else Verdict.UNKNOWN

    def _asked(self, path: str, step: Step, phase: str) -> Flow:
        """A manual step: a person does or answers it; gives pass, or fail when it did not work or nobody came."""
        inputs = self.rendered(step)
        about = purpose(step.uses, inputs)
        try:
            taken = answers(about, inputs)
        except NothingToChoose as nothing:
            yield from self.left_out(path, step, StepStatus.FAILED, str(nothing))
            return Verdict.FAIL
        deadline = self.now + seconds(step.timeout, None, MANUAL_TIMEOUT)
        given = yield from self._heard(path, step, phase, inputs, tuple(taken), deadline)
        while about == "choice" and not given.expired and str(given.value) not in taken:
            given = yield from self._heard(path, step, phase, inputs, tuple(taken), deadline)
        if about == "manual" and given.value == SKIPPED:
            self.facts.set(step.id, StepStatus.SKIPPED, None, {})
            return Verdict.PASS
        failed = given.expired or (about == "manual" and given.value == "failed")
        if about == "manual" and not failed:
            self.worked += 1
        value = taken.get(str(given.value)) if about == "choice" else given.value
        output = {"value": value, "done": not failed, "note": given.reason}
        self.facts.set(step.id, StepStatus.FAILED if failed else StepStatus.SUCCEEDED, None, output)
        return Verdict.FAIL if failed else Verdict.PASS

    def _heard(
        self, path: str, step: Step, phase: str, inputs: Mapping[str, Any], taken: tuple[str, ...], deadline: float
    ) -> Flow:
        """Ask once; gives `Given`."""
        return (
            yield Ask(
                key=self.key(path, Verb.ASK),
                path=path,
                title=step.title,
                id=step.id,
                phase=phase,
                kind=step.uses,
                purpose=purpose(step.uses, inputs),
                question=str(inputs.get("question") or inputs.get("text") or step.title or step.id),
                type=str(inputs.get("type", "string")),
                choices=taken,
                deadline=deadline,
                advice=advice_of(step, self.scope(step)),
            )
        )

    def _paused(self, path: str, step: Step, phase: str) -> Flow:
        """A step that lets time pass."""
        inputs = self.rendered(step)
        try:
            until = instant(inputs["time"]) if "time" in inputs else self.now + Duration.parse(inputs["for"])
        except ValueError as error:
            raise Unknown(str(error)) from None
        yield Wait(key=self.key(path, Verb.WAIT), path=path, title=step.title, id=step.id, phase=phase, until=until)
        self.facts.set(step.id, StepStatus.SUCCEEDED, None, {})
        return Verdict.PASS

    def _noticed(self, path: str, step: Step, phase: str) -> Flow:
        """A step that tells a channel; a failure to tell never stops anything."""
        inputs = self.rendered(step)
        delivered: Delivered = yield Announce(
            key=self.key(path, Verb.ANNOUNCE),
            path=path,
            title=step.title,
            id=step.id,
            phase=phase,
            to=str(inputs["to"]),
            words=str(inputs["message"]),
        )
        sent = None if delivered.status in ("unknown", "sending") else delivered.status == "sent"
        self.facts.set(step.id, StepStatus.SUCCEEDED, None, {"sent": sent})
        return Verdict.PASS

    def told(self, message: Message) -> Flow:
        """Send one message of `communication`; what cannot be told for certain is sent all the same."""
        if truth(message.when, self.scope())[0] is Verdict.FAIL:
            return
        path = f"communication/{message.id}"
        yield Announce(
            key=self.key(path, Verb.ANNOUNCE),
            path=path,
            to=message.to,
            template=message.template,
            text=message.text,
            scope={**self.scope(), "next_update": self._next_update()},
        )

    def _next_update(self) -> str | None:
        """When the next message is due, in words; None when the run is over, or none is."""
        if self.outcome is not None or not self.updates:
            return None
        return datetime.fromtimestamp(min(self.updates.values()), UTC).strftime("%H:%M UTC")

    def page(self, reason: str) -> Flow:
        """Page the escalation once for each reason."""
        escalation = self.book.escalation
        if escalation is None or reason in self.paged:
            return
        self.paged.add(reason)
        message: str | None
        try:
            message = str(render_value(escalation.message, self.scope())) if escalation.message else None
        except Unknown as unknown:
            message = f"{self.book.title} ({unknown.reason})"
        yield Page(
            key=self.key("escalation", Verb.PAGE), path="escalation", to=escalation.to, reason=reason, message=message
        )

    def note(self, path: str, about: str, **data: Any) -> Flow:
        """Write down what was decided."""
        yield Note(key=self.key(path, Verb.NOTE), path=path, about=about, data=data)


def seconds(given: float | None, default: str | None, otherwise: float = CHANGE_TIMEOUT) -> float:
    """A timeout in seconds: the step's, else the kind's, else a general one."""
    if given is not None:
        return float(given)
    return float(Duration.parse(default)) if default else otherwise


def instant(text: Any) -> float:
    """Seconds since the epoch of an RFC 3339 time; ValueError without a time zone, whose meaning would be a guess."""
    at = datetime.fromisoformat(str(text))
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at.timestamp()


def utc(at: float) -> str:
    """RFC 3339 with seconds, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
