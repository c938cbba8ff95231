"""What a step may do where it stands: reads before a gate and after it, changes only in options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Severity
from runbook.document.model import Runbook
from runbook.document.rules.walk import Checked, Phase, Site, verifications
from runbook.document.words import Effect, NotHelped, OnFailure, Role

if TYPE_CHECKING:
    from runbook.document.findings import Finding

_SPOKEN: Final = {
    Phase.SIGNAL: "a signal",
    Phase.SYMPTOM: "a symptom",
    Phase.TRIAGE: "triage",
    Phase.PART: "steps that others include",
    Phase.CHECK: "verification",
    Phase.ITEM: "evidence",
    Phase.FINAL: "'finally'",
}
# observed, and nothing else: none of them is ever performed
_OBSERVED: Final = (Phase.SIGNAL, Phase.SYMPTOM, Phase.PART, Phase.CHECK, Phase.ITEM)
_JUDGED: Final = (Phase.SYMPTOM, Phase.CHECK)


def allowed_effects(doc: Checked) -> Iterator[Finding]:
    """Only reads in symptoms, triage, verification and evidence; reads and messages in `finally`."""
    for site in doc.sites:
        effect, spec = doc.effect(site), doc.spec(site)
        if spec is None or site.phase is Phase.OPTION or "uses" not in doc.raw(site.pointer):
            continue
        where = _SPOKEN[site.phase]
        allowed = (Effect.READ, Effect.NOTIFY) if site.phase is Phase.FINAL else (Effect.READ,)
        if effect not in allowed:
            may = "only reads and messages" if site.phase is Phase.FINAL else "only reads"
            message = f"{site.step.uses} has the effect '{effect}', but {where} may hold {may}"
            yield doc.source.finding((*site.pointer, "uses"), "RB036", message, _way_out(doc, site))
        elif site.phase in _OBSERVED and not doc.is_probe(site):
            message = f"{site.step.uses} is not a probe and cannot be observed in {where}"
            yield doc.source.finding((*site.pointer, "uses"), "RB036", message, "use a kind that reads")


def _way_out(doc: Checked, site: Site) -> str:
    spec = doc.spec(site)
    if spec is not None and spec.effect is None:
        return "if it only reads, say 'effect: read' under 'with'; else move it to an option"
    if site.phase is Phase.ITEM:
        return "collect it with a kind that reads"
    if site.phase is Phase.PART:
        return "write it as a step of an option; only what reads can be included"
    return "move it to an option under 'resolution:'"


def retried_reads(doc: Checked) -> Iterator[Finding]:
    """Nothing that changes the world is ever tried again by itself."""
    for site in doc.sites:
        effect = doc.effect(site)
        if effect not in (None, Effect.READ) and "retry" in doc.raw(site.pointer):
            message = f"'retry' on a step with the effect '{effect}'; a change is never tried again by itself"
            yield doc.source.finding((*site.pointer, "retry"), "RB038", message, "remove 'retry'", key=True)


def previewed_changes(doc: Checked) -> Iterator[Finding]:
    """A preview shows what a change would do; a read shows what there is."""
    for site in doc.sites:
        inputs = doc.raw(site.pointer).get("with", {})
        if "preview" in inputs and doc.effect(site) is Effect.READ:
            message = f"'preview' shows what a change would do, and '{site.step.id}' only reads"
            hint = "remove 'preview', or 'effect: read'"
            yield doc.source.finding((*site.pointer, "with", "preview"), "RB046", message, hint, key=True)


def judged_probes(doc: Checked) -> Iterator[Finding]:
    """`expect` judges what a probe saw; elsewhere it would be believed and never looked at."""
    for site in doc.sites:
        spec, raw = doc.spec(site), doc.raw(site.pointer)
        if spec is not None and "expect" in raw and not doc.is_probe(site):
            message = f"'expect' judges what a probe saw, and {spec.name} is not a probe here"
            hint = "remove it, and add a probe after this step"
            yield doc.source.finding((*site.pointer, "expect"), "RB037", message, hint, key=True)


def judged_checks(doc: Checked) -> Iterator[Finding]:
    """A symptom or a check needs an expectation, its own or its kind's: without one it has no verdict."""
    for site in doc.sites:
        spec = doc.spec(site)
        judged = site.phase in _JUDGED and doc.is_probe(site)
        if judged and spec is not None and not site.step.expect and not spec.expect:
            what = "symptom" if site.phase is Phase.SYMPTOM else "check"
            names = ", ".join(sorted(spec.output_names)[:6])
            message = f"the {what} '{site.step.id}' has no 'expect', and {spec.name} has none of its own"
            hint = f"add 'expect:' over its outputs ({names})" if names else "add 'expect:'"
            yield doc.source.finding(site.pointer, "RB042", message, hint)


def undoable(doc: Checked) -> Iterator[Finding]:
    """An option that promises to undo has no step that says it cannot be undone."""
    assert isinstance(doc.document, Runbook)  # noqa: S101
    for site in doc.sites:
        if site.phase is not Phase.OPTION or not site.step.irreversible:
            continue
        option = doc.document.resolution[int(site.pointer[1])]
        asked = "on_failure" if option.on_failure is OnFailure.UNDO else None
        asked = "when_not_helped" if option.when_not_helped is NotHelped.UNDO else asked
        if asked:
            message = f"'{site.step.id}' cannot be undone, but the option '{option.id}' says '{asked}: undo'"
            place = (*site.pointer, "irreversible")
            yield doc.source.finding(place, "RB041", message, f"remove '{asked}' or 'irreversible'", key=True)


def verified(doc: Checked) -> Iterator[Finding]:
    """A runbook that resolves says how it is known that it helped."""
    book = doc.document
    assert isinstance(book, Runbook)  # noqa: S101
    hint = "add 'verification:' with the checks that must pass"
    unverified = [i for i, o in enumerate(book.resolution) if not o.continue_with and o.verification is None]
    if book.verification is None and unverified and not any(option.verification for option in book.resolution):
        message = "the runbook has options, but no 'verification': nobody would know whether they helped"
        yield doc.source.finding(("resolution",), "RB042", message, hint, key=True)
    elif book.verification is None:
        for i in unverified:
            message = f"neither the option '{book.resolution[i].id}' nor the runbook has a 'verification'"
            yield doc.source.finding(("resolution", i), "RB042", message, hint)
    for place, verification in verifications(book):
        if all(check.advisory for check in verification.checks):
            message = "every check is advisory, so that nothing decides whether an option helped"
            yield doc.source.finding(
                (*place, "checks"), "RB042", message, "remove 'advisory' from one of them", key=True
            )


def gated_changes(doc: Checked) -> Iterator[Finding]:
    """An approval is asked for where something is to be changed; without a change its author would wait in vain."""
    assert isinstance(doc.document, Runbook)  # noqa: S101
    for i, option in enumerate(doc.document.resolution):
        if "approval" not in doc.raw(("resolution", i)) or option.continue_with:
            continue
        steps = [site for site in doc.sites if site.phase is Phase.OPTION and site.pointer[1] == i]
        if any(doc.spec(site) is None or _is_action(doc, site) for site in steps):
            continue
        message = f"nobody is asked for the 'approval' of '{option.id}': none of its steps changes anything"
        hint = "remove it, or ask with a step of 'manual.ask'"
        place = ("resolution", i, "approval")
        yield doc.source.finding(place, "RB068", message, hint, key=True, severity=Severity.WARNING)


def _is_action(doc: Checked, site: Site) -> bool:
    spec, effect = doc.spec(site), doc.effect(site)
    return spec is not None and spec.role is Role.ACTION and effect is not None and effect.changes
