"""Are the symptoms there? Asked before anything is done, and once more before the first change.

Any symptom that passes starts the work; all failing means `not_needed`; if none passes and one is unknown, nobody
acts unless a person says that they see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from runbook.core.commands import Ask, Flow, Observe, Together
from runbook.core.context import Run, RunEnded
from runbook.core.results import Given, Observed
from runbook.core.verdicts import any_of
from runbook.core.words import Mode, RunOutcome, StepStatus, Verdict
from runbook.document.expressions import Unknown
from runbook.document.language.values import text
from runbook.document.model import Symptom
from runbook.document.templates import template
from runbook.document.words import Verb

ALERTS = "prometheus.alerts"


def confirmed(run: Run) -> Flow:
    """Observe all symptoms; returns when one is there, raises RunEnded otherwise."""
    symptoms = run.book.symptoms
    if not symptoms:
        run.auto = False  # the policy decides only where the trouble itself can be observed
        return
    seen = yield from _looked(run, symptoms, again=False)
    run.confirmed = [id_ for id_, verdict in seen.items() if verdict is Verdict.PASS]
    yield from _judged(run, any_of(seen.values()), "none of the symptoms is there")


def still_there(run: Run) -> Flow:
    """The symptoms that passed, observed once more between the decision and the first change."""
    symptoms = tuple(symptom for symptom in run.book.symptoms if symptom.id in run.confirmed)
    if not symptoms:
        return
    seen = yield from _looked(run, symptoms, again=True)
    yield from _judged(run, any_of(seen.values()), "the symptoms were gone before anything was changed")


def _judged(run: Run, verdict: Verdict, gone: str) -> Flow:
    if verdict is Verdict.PASS:
        return
    if verdict is Verdict.FAIL:
        raise RunEnded(RunOutcome.NOT_NEEDED, gone)
    if run.situation.mode is Mode.AUTO:
        raise RunEnded(RunOutcome.UNDETERMINED, "the symptoms could not be seen, and nobody acts on that")
    given: Given = yield Ask(
        key=run.key("symptoms", Verb.ASK),
        path="symptoms",
        purpose="symptoms",
        question="The symptoms could not be seen. Do you see them yourself?",
        choices=("yes", "no"),
    )
    if given.value != "yes":
        raise RunEnded(RunOutcome.UNDETERMINED, "the symptoms could not be seen, and nobody acts on that")


def look(run: Run, *, again: bool = False) -> Flow:
    """Verdicts of all symptoms by id, without deciding anything. `again`: an alert's own word is not enough."""
    return (yield from _looked(run, run.book.symptoms, again=again))


def _looked(run: Run, symptoms: tuple[Symptom, ...], *, again: bool) -> Flow:
    """Verdicts by symptom id."""
    branches = {symptom.id: (frozenset[str](), partial(_one, run, symptom, again=again)) for symptom in symptoms}
    return (yield Together(branches))


def _one(run: Run, symptom: Symptom, *, again: bool) -> Flow:
    path = f"symptoms/{symptom.id}"
    if symptom.probe is not None:
        observed: Observed = yield from run.observe(path, symptom.probe, "symptoms")
        return observed.verdict
    try:
        symptom = filled(symptom, run.scope())
    except Unknown as unknown:
        yield from run.note(path, "step", id=symptom.id, status="failed", verdict="unknown", reason=unknown.reason)
        run.facts.set(symptom.id, StepStatus.FAILED, Verdict.UNKNOWN)
        run.saw(Verdict.UNKNOWN)
        return Verdict.UNKNOWN
    started_by_it = any(matches(symptom, alert) for alert in run.situation.alerts)
    if started_by_it and not again:
        run.facts.set(symptom.id, StepStatus.SUCCEEDED, Verdict.PASS, {"firing": True})
        yield from run.note(path, "step", id=symptom.id, status="succeeded", verdict="pass", reason="the alert")
        return Verdict.PASS
    observed = yield Observe(
        key=run.key(path, Verb.OBSERVE),
        path=path,
        title=symptom.title or f"Alert {symptom.alert}",
        id=symptom.id,
        phase="symptoms",
        kind=ALERTS,
        inputs={"name": symptom.alert, "labels": symptom.labels},
        timeout=30.0,
        expect="firing",
        if_configured=True,
        scope=run.scope(),
    )
    verdict = observed.verdict
    if not observed.asked and started_by_it:  # by hand the alert's own word stands; auto needs something observed now
        verdict = Verdict.UNKNOWN if run.situation.mode is Mode.AUTO else Verdict.PASS
    run.facts.set(symptom.id, observed.status, verdict, observed.output)
    run.saw(verdict)
    return verdict


def filled(symptom: Symptom, scope: Mapping[str, object]) -> Symptom:
    """The symptom with the templates in its labels filled in, as text; raises Unknown."""
    labels = {name: text(template(value).render(scope)) for name, value in symptom.labels.items()}
    return msgspec.structs.replace(symptom, labels=labels)


def fixed(symptom: Symptom) -> Symptom:
    """The symptom with only those labels that are known before the run: parameters may come from the alert itself."""
    labels = {name: value for name, value in symptom.labels.items() if template(value).is_constant}
    return msgspec.structs.replace(symptom, labels=labels)


def matches(symptom: Symptom, alert: Mapping[str, Any]) -> bool:
    """Whether a firing alert is this symptom: its name and every label that the symptom names."""
    labels = alert.get("labels", {})
    return (
        symptom.alert is not None
        and alert.get("status", "firing") == "firing"
        and labels.get("alertname") == symptom.alert
        and all(labels.get(name) == value for name, value in symptom.labels.items())
    )
