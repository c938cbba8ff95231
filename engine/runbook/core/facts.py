"""What is known of the steps of a run, as expressions see it.

`steps.<id>.status` and `.verdict` are always known. Touching another output of a step that was skipped, failed, has
not run, or whose verdict is unknown raises `Unknown`, and so does the text of a command that failed and printed none:
nothing is guessed from silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runbook.core import exits
from runbook.core.situation import Situation
from runbook.core.verdicts import all_of
from runbook.core.words import StepStatus, Verdict
from runbook.document.expressions import Unknown
from runbook.document.model import Runbook

_SILENT = {
    StepStatus.PENDING: "has not run",
    StepStatus.PLANNED: "is only planned",
    StepStatus.SKIPPED: "was skipped",
    StepStatus.FAILED: "failed",
    StepStatus.DENIED: "was denied",
    StepStatus.IN_DOUBT: "is in doubt",
    StepStatus.UNDONE: "was undone",
}


class StepView(Mapping[str, object]):
    """One step's outputs by name, with `status` and `verdict`."""

    __slots__ = ("id", "output", "silent", "status", "verdict")

    def __init__(
        self,
        id_: str,
        status: StepStatus = StepStatus.PENDING,
        verdict: Verdict | None = None,
        output: Mapping[str, Any] | None = None,
        silent: str | None = None,
    ) -> None:
        self.id = id_
        self.status = status
        self.verdict = verdict
        self.output = output or {}
        self.silent = silent

    def __getitem__(self, name: str) -> object:
        if name == "status":
            return str(self.status)
        if name == "verdict":
            return str(self.verdict) if self.verdict else None
        if self.status in _SILENT:
            raise Unknown(f"step {self.id} {_SILENT[self.status]}")
        if self.verdict is Verdict.UNKNOWN:
            raise Unknown(f"step {self.id} is unknown")
        if not self.tells(name):
            raise Unknown(f"step {self.id} has no answer: {self.silent}")
        return self.output[name]

    def tells(self, name: str) -> bool:
        """Whether an output of a step that has an answer is part of it."""
        return self.silent is None or name != exits.TEXT

    def __iter__(self) -> Iterator[str]:
        return iter(("status", "verdict", *self.output))

    def __len__(self) -> int:
        return 2 + len(self.output)


class LoopView(StepView):
    """The whole of a step that is repeated: how it went with each item is known, whatever came of it."""

    __slots__ = ()

    def __getitem__(self, name: str) -> object:
        return self.output[name] if name in ("results", "failed") else super().__getitem__(name)


class Facts(Mapping[str, StepView]):
    """All steps by id, those included that have not run. A repeated step is there for each item, and as a whole."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._views = {id_: StepView(id_) for id_ in ids}
        self._items: dict[str, dict[str, str]] = {}  # of the whole: the id for each key
        self._whole: dict[str, str] = {}

    def __getitem__(self, id_: str) -> StepView:
        return self._views[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def set(
        self,
        id_: str,
        status: StepStatus,
        verdict: Verdict | None = None,
        output: Mapping[str, Any] | None = None,
        silent: str | None = None,
    ) -> None:
        """Remember how a step came out; the newest try counts."""
        self._views[id_] = StepView(id_, status, verdict, output, silent)
        if id_ in self._whole:
            self._sum_up(self._whole[id_])

    def copy(self, id_: str, to: str) -> None:
        """What is known of a step is what is known of another one too."""
        seen = self._views[id_] if id_ in self._views else StepView(id_)
        self.set(to, seen.status, seen.verdict, seen.output, seen.silent)

    def repeat(self, id_: str, keys: Iterable[str]) -> None:
        """From now on a step is the whole of what it is for these items; what is known of one stays known."""
        items = self._items[id_] = {key: f"{id_}[{key}]" for key in keys}
        for item in items.values():
            self._views.setdefault(item, StepView(item))
            self._whole[item] = id_
        self._sum_up(id_)

    def _sum_up(self, id_: str) -> None:
        self._views[id_] = whole(id_, {key: self._views[item] for key, item in self._items[id_].items()})


_WHOLE = (  # what one item was is what the whole is, the first of these
    StepStatus.IN_DOUBT,
    StepStatus.FAILED,
    StepStatus.DENIED,
    StepStatus.SUCCEEDED,
    StepStatus.UNDONE,
    StepStatus.PLANNED,
    StepStatus.PENDING,
    StepStatus.SKIPPED,
)


def whole(id_: str, items: Mapping[str, StepView]) -> LoopView:
    """How a loop went: its status is the worst of its items', or that it has begun; its verdict is that of all."""
    statuses = [view.status for view in items.values()]
    told = next((status for status in _WHOLE if status in statuses), StepStatus.SKIPPED)
    if told is StepStatus.SUCCEEDED and StepStatus.PENDING in statuses:
        told = StepStatus.STARTED
    verdicts = [view.verdict for view in items.values() if view.verdict is not None]
    results = [_result(key, view) for key, view in items.items()]
    failed = [key for key, view in items.items() if _failed(view)]
    return LoopView(
        id_,
        told,
        all_of(verdicts) if verdicts else None,
        {"results": results, "failed": failed},
    )


def _result(key: str, view: StepView) -> dict[str, Any]:
    silent = view.status in _SILENT or view.verdict is Verdict.UNKNOWN
    verdict = str(view.verdict) if view.verdict else None
    return {
        "key": key,
        "status": str(view.status),
        "verdict": verdict,
        "output": None if silent else {name: view.output[name] for name in view.output if view.tells(name)},
    }


def _failed(view: StepView) -> bool:
    return view.status in (StepStatus.FAILED, StepStatus.IN_DOUBT) or view.verdict is Verdict.FAIL


def step_ids(book: Runbook) -> list[str]:
    """Ids of all steps of a runbook, in order."""
    ids = [symptom.id for symptom in book.symptoms]
    ids += [step.id for step in book.triage]
    ids += [step.id for option in book.resolution for step in option.every]
    ids += [check.id for check in book.checks]
    return ids + [step.id for step in book.finally_]


INCIDENT_FIELDS = (
    "id",
    "title",
    "severity",
    "class",
    "status",
    "lead",
    "started",
    "affected",
    "user_facing",
    "url",
)


def scope_of(book: Runbook, situation: Situation, facts: Facts, run: Mapping[str, Any]) -> dict[str, object]:
    """The names that expressions and templates may use. `incident` is always there, with nulls."""
    incident = dict.fromkeys(INCIDENT_FIELDS) | dict(situation.incident or {})
    alert = situation.alerts[0] if situation.alerts else {}
    return {
        "params": situation.parameters,
        "steps": facts,
        "alert": {"name": None, "labels": {}, "annotations": {}, **alert},
        "incident": incident,
        "run": run,
        "runbook": {
            "name": book.name,
            "title": book.title,
            "service": book.service,
            "owners": list(book.owners),
            "severity": book.severity,
            "impact": book.impact,
            "user_facing": book.user_facing,
            "tags": list(book.tags),
        },
        "env": situation.env,
        "target": situation.target,
    }
