"""How the steps of an option are cut into stages: changes that are planned, shown and approved together.

A change starts a new stage when its inputs or `when` name an output of a change of this option, or of a step that
stands after the first change of its stage: neither can be known before that change has been made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from runbook.core.loops import listed_from
from runbook.document.expressions import parse
from runbook.document.meanings import meant, read_by
from runbook.document.model import Step
from runbook.document.templates import references_of

IsChange = Callable[[Step], bool]


class Stage(msgspec.Struct, frozen=True):
    """`lead` runs before the gate, in order; `body` starts with the first change and runs after it."""

    lead: tuple[Step, ...]
    body: tuple[Step, ...]


def stages(steps: Sequence[Step], is_change: IsChange) -> list[Stage]:
    """The stages of an option, in order; the last one may have an empty body (no change at all)."""
    result: list[Stage] = []
    lead: list[Step] = []
    body: list[Step] = []
    for step in steps:
        if not body and not is_change(step):
            lead.append(step)
            continue
        if body and is_change(step) and waits_for(step, body):
            result.append(Stage(tuple(lead), tuple(body)))
            lead, body = [], []
        body.append(step)
    if lead or body:
        result.append(Stage(tuple(lead), tuple(body)))
    return result


def waits_for(step: Step, earlier: Sequence[Step]) -> tuple[str, ...]:
    """Ids among `earlier` whose outputs this step's inputs or `when` name."""
    names = {path[1] for path in used(step) if path[0] == "steps" and len(path) > 1}
    return tuple(other.id for other in earlier if other.id in names)


def used(step: Step) -> frozenset[tuple[str, ...]]:
    """Every path that a step's inputs, `when` and list refer to, in the names of the whole document."""
    paths = references_of(step.inputs)
    if step.when:
        paths |= parse(step.when).references
    if step.for_each:
        paths |= listed_from(step.for_each)
    return meant(paths, step.local)


def needs(step: Step, siblings: frozenset[str]) -> frozenset[str]:
    """Which of its siblings a parallel step waits for: those that its inputs, `when`, `expect` or `means` name."""
    paths = read_by(step)
    return frozenset(path[1] for path in paths if path[0] == "steps" and len(path) > 1 and path[1] in siblings) - {
        step.id
    }
