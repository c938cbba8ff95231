"""How long it can take, at the worst, until a runbook has called a person. A pure function of the document."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from runbook.core.context import CHANGE_TIMEOUT, MANUAL_TIMEOUT, seconds
from runbook.core.stages import needs
from runbook.document.model import ForEach, Option, Runbook, Step
from runbook.document.spec import Specs
from runbook.document.words import Role

GATE_TIMEOUT = 900.0
GateTimeout = Callable[[Option], float]


def longest_way(book: Runbook, specs: Specs, gate_timeout: GateTimeout | None = None) -> float:
    """Seconds from the start of a run until somebody is paged, at the worst; infinite where nobody ever is.

    A run pages when its escalation's `after` has passed, when a gate expires, when a verification stays unknown, and
    at its end if nothing helped. The longest way to any of them is the one on which everything takes as long as it
    may and yet nothing pages: symptoms and triage answer just before their timeouts, every gate is opened in its
    last second (one that is not would page), every change takes its whole timeout, and every option fails its
    verification at the end of `within`, until the last one has, which pages. `after` counts from the confirmed
    symptoms and cuts that short. A question without a deadline is not counted: it is asked of somebody who is there.
    A gate that opens again, because the world moved, is not counted either: people are looking at it.

    `gate_timeout` gives the timeout that policy and runbook together give an option's gate; without it the runbook's
    own, else 15 minutes.
    """
    if book.escalation is None:
        return math.inf
    start = _symptoms(book, specs)
    whole = start + _parallel(book.triage, specs)
    whole += sum(_option(book, option, specs, gate_timeout or _own) for option in book.resolution)
    return min(whole, start + book.escalation.after) if book.escalation.after is not None else whole


def _own(option: Option) -> float:
    given = option.approval.timeout if option.approval else None
    return float(given) if given is not None else GATE_TIMEOUT


def _symptoms(book: Runbook, specs: Specs) -> float:
    """All are read at once; an alert symptom is a read like any other."""
    return max((_read(one.probe, specs) if one.probe else 30.0 for one in book.symptoms), default=0.0)


def _parallel(steps: Sequence[Step], specs: Specs) -> float:
    """The longest chain of steps that wait for each other."""
    siblings = frozenset(step.id for step in steps)
    waits_for = {step.id: needs(step, siblings) for step in steps}
    by_id = {step.id: step for step in steps}
    ends: dict[str, float] = {}

    def end(id_: str) -> float:
        if id_ not in ends:
            ends[id_] = 0.0  # a cycle is refused when the document is loaded
            before = max((end(other) for other in waits_for[id_]), default=0.0)
            ends[id_] = before + _step(by_id[id_], specs)
        return ends[id_]

    return max((end(id_) for id_ in by_id), default=0.0)


def _option(book: Runbook, option: Option, specs: Specs, gate_timeout: GateTimeout) -> float:
    """One option that takes as long as it may and does not help; what another runbook takes is that one's to say."""
    if option.continue_with is not None:
        return 0.0
    total = _times(option.for_each, sum(_step(step, specs) for step in option.steps), specs)
    if any(specs[step.uses].role is Role.ACTION for step in option.steps):
        total += gate_timeout(option) + _symptoms(book, specs)
    verification = book.verification_of(option.id)
    return total + option.settle + (verification.within if verification else 0.0)


def _step(step: Step, specs: Specs) -> float:
    return _times(step.for_each, _once(step, specs), specs)


def _times(loop: ForEach | None, once: float, specs: Specs) -> float:
    """As long as it takes for as many items as there may be, with what is looked at between them."""
    if loop is None:
        return once
    most = loop.max if isinstance(loop.items, str) else len(loop.items)
    return most * once + max(0, most - 1) * sum(_step(probe, specs) for probe in loop.between)


def _once(step: Step, specs: Specs) -> float:
    role = specs[step.uses].role
    if role is Role.MANUAL:
        return seconds(step.timeout, None, MANUAL_TIMEOUT)
    within = step.until.within if step.until else 0.0  # the last look may begin at its end
    if role is Role.ACTION:
        return within + seconds(step.timeout, None, CHANGE_TIMEOUT)
    return within + _read(step, specs)


def _read(step: Step, specs: Specs) -> float:
    """All tries of a read and the pauses between them."""
    retry, total = step.retry, 0.0
    delay = float(retry.delay)
    for _ in range(retry.attempts - 1):
        total += delay
        delay = min(delay * retry.backoff, float(retry.max_delay))
    return total + retry.attempts * seconds(step.timeout, specs[step.uses].timeout)
