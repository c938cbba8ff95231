"""What an answer says to the person who asked: whether all is well, in a word or two, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from runbook.core.changes import Observation
from runbook.core.verdicts import judge
from runbook.core.words import Verdict
from runbook.doctor.checks import Reads, Status
from runbook.doctor.filling import is_told_by_a_run
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.kinds.kubernetes_needs import Need

Said = tuple[Status, str, str | None]  # what came of it, in words, and what to do next


def judged(work: Reads, spec: KindSpec, seen: Observation, by_hand: str) -> Said:
    """What an observation says of the step: no answer is out of reach, an answer without a value is a finding.

    `by_hand` is what a person would do to see it too.
    """
    if seen.error is not None:
        return Status.FINDING, seen.error.message, by_hand
    expect = None if is_told_by_a_run(work.expect) else work.expect
    verdict, reason = judge(expect, work.series, seen, work.scope)
    if seen.verdict is Verdict.FAIL and verdict is Verdict.FAIL and spec.reach is Reach.ASKS:
        return (
            Status.UNREACHABLE,
            f"no answer: {seen.output.get('error') or 'refused'}",
            by_hand,
        )
    if seen.unknown is not None or verdict is Verdict.UNKNOWN:
        return Status.FINDING, str(seen.unknown or reason), _without_value(spec) or by_hand
    if spec.role is Role.PROBE and spec.expect and verdict is not Verdict.PASS:
        usual, _ = judge(spec.expect, work.series, seen, {})
        if usual is Verdict.FAIL:
            return Status.FINDING, f"{_seen(seen)}: not `{spec.expect}`, as it is when all is well", by_hand
    return Status.OK, _seen(seen), None


def _without_value(spec: KindSpec) -> str | None:
    if spec.connection == "prometheus":
        return "check metric and labels; where nothing means zero, say `empty_means` with `present`"
    return None


def _seen(seen: Observation) -> str:
    """What was seen, in a word or two."""
    output = seen.output
    for name, said in (("value", "value"), ("status", "status"), ("exit_code", "exit code"), ("count", "count")):
        value = output.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{said} {value:.4g}" if isinstance(value, float) else f"{said} {value}"
    message = output.get("message")
    return str(message) if isinstance(message, str) and message else "answers"


def spoken(needs: Sequence[Need]) -> str:
    """`patch deployments.apps; list pods, replicasets.apps`."""
    verbs: dict[str, list[str]] = {}
    for need in needs:
        verbs.setdefault(need.verb, []).append(f"{need.resource} {need.name}" if need.name else need.resource)
    return "; ".join(f"{verb} {', '.join(resources)}" for verb, resources in verbs.items())


def rule(needs: Sequence[Need]) -> str:
    """What to add to the Role of these credentials, as RBAC writes it."""
    rules = []
    for need in needs:
        resource = f"{need.place.plural}/{need.sub}" if need.sub else need.place.plural
        rules.append(f'{{apiGroups: ["{need.group}"], resources: [{resource}], verbs: [{need.verb}]}}')
    return f"add to their Role: {', '.join(rules)}"
