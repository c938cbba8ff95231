"""What is known of the steps of a run, as expressions see it.

`steps.<id>.status` and `.verdict` are always known. Touching another output of a step that was skipped, failed, has
not run, or whose verdict is unknown raises `Unknown`: nothing is guessed from silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runbook.core.situation import Situation
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

    __slots__ = ("id", "output", "status", "verdict")

    def __init__(
        self,
        id_: str,
        status: StepStatus = StepStatus.PENDING,
        verdict: Verdict | None = None,
        output: Mapping[str, Any] | None = None,
    ) -> None:
        self.id = id_
        self.status = status
        self.verdict = verdict
        self.output = output or {}

    def __getitem__(self, name: str) -> object:
        if name == "status":
            return str(self.status)
        if name == "verdict":
            return str(self.verdict) if self.verdict else None
        if self.status in _SILENT:
            raise Unknown(f"step {self.id} {_SILENT[self.status]}")
        if self.verdict is Verdict.UNKNOWN:
            raise Unknown(f"step {self.id} is unknown")
        return self.output[name]

    def __iter__(self) -> Iterator[str]:
        return iter(("status", "verdict", *self.output))

    def __len__(self) -> int:
        return 2 + len(self.output)


class Facts(Mapping[str, StepView]):
    """All steps by id, those included that have not run."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._views = {id_: StepView(id_) for id_ in ids}

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
    ) -> None:
        """Remember how a step came out; the newest try counts."""
        self._views[id_] = StepView(id_, status, verdict, output)


def step_ids(book: Runbook) -> list[str]:
    """Ids of all steps of a runbook, in order."""
    ids = [symptom.id for symptom in book.symptoms]
    ids += [step.id for step in book.triage]
    ids += [step.id for option in book.resolution for step in option.steps]
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
    }
