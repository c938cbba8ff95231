"""Scenarios that contradict themselves: nothing that could come of the run would be as they say, or they never say it.

What cannot be heard is no better: an entry of `given` that a later one always covers, or a second name for a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from runbook.core.addresses import parts
from runbook.core.history import short
from runbook.document.model import ScenarioCase, ScenarioExpect
from runbook.document.source import Pointer
from runbook.lint.library import Entry

if TYPE_CHECKING:
    from runbook.document.findings import Finding

_WHEN: Final = {"at", "after"}
_ALONE: Final = ("error", "nothing", "refused")


def contradictions(entry: Entry, place: Pointer, case: ScenarioCase) -> Iterator[Finding]:
    """Findings in one scenario."""
    found = [*_expected(case.expect), *_given(case.given), *_people(case), *_chosen(case)]
    for pointer, message, hint in found:
        yield entry.finding((*place, *pointer), "RB060", message, hint)


_Found = tuple[tuple[str | int, ...], str, str]


def _expected(expect: ScenarioExpect) -> Iterator[_Found]:
    """What no run can come to."""
    outcome, applied = expect.outcome, expect.applied
    if outcome is not None and expect.status not in (None, "finished"):
        hint = f"remove 'outcome: {outcome}', or write 'status: finished'"
        yield ("expect", "status"), f"a run that is {expect.status} has no outcome", hint
    for key, of in (("option", "resolved"), ("continues", "continued")):
        value = getattr(expect, key)
        if value is not None and outcome not in (None, of):
            hint = f"remove it, or write 'outcome: {of}'"
            yield ("expect", key), f"with the outcome {outcome} there is no '{key}'", hint
    if outcome == "not_needed" and (applied or expect.changes):
        key = "applied" if applied else "changes"
        yield ("expect", key), "nothing is applied where nothing is needed", "'not_needed' ends before the first change"
    if applied is not None:
        steps = {short(step).rpartition("/")[2] for step in applied}
        for i, step in enumerate(expect.undone or ()):
            if step.rpartition("/")[2] not in steps:
                hint = "'applied' lists what was taken back as well"
                yield ("expect", "undone", i), f"'{step}' is undone, but not applied", hint
        if expect.changes is not None and len(expect.changes) != len(applied):
            message = f"'applied' has {len(applied)} changes, and 'changes' {len(expect.changes)}"
            yield ("expect", "changes"), message, "both are all changes in their order; one of them is enough"


def _given(given: Mapping[str, Any]) -> Iterator[_Found]:
    """What is given and cannot be heard."""
    for name, answers in given.items():
        alias = next((other for other in given if other != name and _only_id(other) == name), None)
        if alias is not None:
            yield ("given", name), f"'{name}' and '{alias}' are one step", "write both answers under one name"
        listed = isinstance(answers, list)
        entries = answers if listed else [answers]
        always = max((i for i, entry in enumerate(entries) if not _WHEN & entry.keys()), default=0)
        for i, entry in enumerate(entries):
            place = ("given", name, i) if listed else ("given", name)
            if i < always:
                hint = "the last entry that applies counts: what always holds stands first"
                yield place, f"this answer is never heard: entry {always + 1} of '{name}' always applies", hint
            yield from _of_one(place, name, entry)


def _only_id(address: str) -> str | None:
    """The id in a step's address; None for what an id alone does not mean: evidence, one option's verification."""
    split = parts(address)
    return split[-1] if split[0] != "evidence" and len(split) in (2, 3) else None


def _of_one(place: tuple[str | int, ...], name: str, entry: Mapping[str, Any]) -> Iterator[_Found]:
    for word in _ALONE:
        others = sorted(entry.keys() - _WHEN - {word})
        if word in entry and others:
            message = f"'{word}' of '{name}' stands beside {', '.join(others)}, which nobody hears"
            yield (*place, word), message, "remove one of them, or say with 'at' or 'after' when each holds"
            return


def _chosen(case: ScenarioCase) -> Iterator[_Found]:
    """Options that are asked for and left out."""
    if case.only and not set(case.only) - set(case.skip):
        yield ("skip",), "'only' and 'skip' leave nothing to try", "name an option that is not skipped"


def _people(case: ScenarioCase) -> Iterator[_Found]:
    """Who says two things at once."""
    for option, approval in case.approvals.items():
        words = [("denied_by", approval.denied_by), ("skipped_by", approval.skipped_by)]
        for key, person in words:
            if person is not None and person in approval.granted_by:
                message = f"{person} says yes and no at the gate of {option}"
                yield ("approvals", option, key), message, "remove one of them"
