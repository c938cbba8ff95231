"""The way that a run of a runbook goes, as boxes and arrows: one column of what is tried, beside it what decides.

    symptoms → triage → option 1 → option 2 → … → escalation
                            ↘          ↘
                             verification → resolved

Texts are for people; ids are ours, so that an option called `end` breaks no grammar of graphs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from runbook.authoring.page import words
from runbook.authoring.page.shell import Names
from runbook.authoring.page.steps import called
from runbook.document.model import Option, Runbook, Step, Symptom, Verification
from runbook.document.spec import Specs
from runbook.document.words import Role

Role_ = Literal["start", "look", "option", "verify", "good", "bad", "over"]


class Node(NamedTuple):
    """A box: what it is, its title, and what stands below it in smaller letters."""

    id: str
    role: Role_
    title: str
    lines: tuple[str, ...] = ()
    gate: str | None = None


class Edge(NamedTuple):
    """An arrow, with what must be the case for it."""

    start: str
    end: str
    label: str = ""


class Flow(NamedTuple):
    """The whole graph: `main` from top to bottom, `side` beside the options."""

    title: str
    main: tuple[Node, ...]
    side: tuple[Node, ...]
    edges: tuple[Edge, ...]


def flow(book: Runbook, specs: Specs) -> Flow:
    """The graph of a runbook."""
    return _Way(book, specs).flow()


class _Way:
    def __init__(self, book: Runbook, specs: Specs) -> None:
        self._book = book
        self._specs = specs
        self._names = Names(book.target)
        self._options = [self._option(option, at) for at, option in enumerate(book.resolution, 1)]

    def flow(self) -> Flow:
        main = (*self._before(), *self._options, *self._after())
        checks = self._verification()
        side = (checks, Node("done", "good", "Resolved")) if checks else ()
        return Flow(self._book.title, main, side, tuple(self._edges(main, bool(side))))

    def _before(self) -> Iterator[Node]:
        seen = tuple(map(_seen, self._book.symptoms))
        title = "Any of these is seen" if len(seen) > 1 else "It is seen" if seen else "Somebody starts it"
        yield Node("symptoms", "start", title, seen)
        if self._book.triage:
            yield Node("triage", "look", "Triage", tuple(map(self._called, self._book.triage)))

    def _after(self) -> Iterator[Node]:
        if self._book.escalation is not None:
            after = self._book.escalation.after
            late = (f"in any case after {words.spoken(after)}",) if after is not None else ()
            yield Node("escalation", "bad", f"Page {self._book.escalation.to}", late)
        elif self._options:
            yield Node("escalation", "bad", "Not resolved")

    def _option(self, option: Option, number: int) -> Node:
        lines = [f"when {option.when}"] if option.when else []
        if option.continue_with is not None:
            return Node(
                f"o{number}",
                "over",
                f"{number}. {option.title or option.id}",
                (*lines, f"goes on with {option.continue_with.runbook}"),
            )
        for step in option.steps:
            spec = self._specs[step.uses]
            hand = " (by hand)" if spec.role is Role.MANUAL else ""
            lines.append(f"{self._called(step)}{hand}")
        return Node(
            f"o{number}",
            "option",
            f"{number}. {option.title or option.id}",
            tuple(lines),
            words.gate(option, self._specs),
        )

    def _called(self, step: Step) -> str:
        return called(step, self._specs, self._names)

    def _verification(self) -> Node | None:
        own = [option.verification for option in self._book.resolution if option.verification]
        lines = [line for one in (self._book.verification, *own) if one for line in _checks(one)]
        return Node("verify", "verify", "Verified", tuple(dict.fromkeys(lines))) if lines and self._options else None

    def _edges(self, main: tuple[Node, ...], verified: bool) -> Iterator[Edge]:
        for node, following in pairwise(main):
            yield Edge(node.id, following.id, _otherwise(node))
        if verified:
            yield from (Edge(node.id, "verify") for node in main if node.role == "option")
            yield Edge("verify", "done", "all pass")


def _checks(verification: Verification) -> list[str]:
    return [f"{check.title or check.id}{' (shown only)' if check.advisory else ''}" for check in verification.checks]


def _seen(symptom: Symptom) -> str:
    measured = symptom.probe.title if symptom.probe else None
    return symptom.title or (f"alert {symptom.alert}" if symptom.alert else measured or symptom.id)


def _otherwise(node: Node) -> str:
    """Why the next one is tried."""
    left_out = any(line.startswith("when ") for line in node.lines)
    if node.role == "over":
        return "otherwise"
    return ("left out, or does not help" if left_out else "does not help") if node.role == "option" else ""
