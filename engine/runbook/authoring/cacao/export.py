"""A runbook as a CACAO 2.0 playbook: symptoms, triage at once, options in order, a question whether it helped.

What CACAO cannot say is said to people: a gate is a manual step before its changes, a condition the words of an
if-condition. The runbook itself stands in an extension, from which `import` takes it back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from runbook import kinds
from runbook.authoring.cacao.words import CREATOR, ENGINE, EPOCH, EXTENSION, IMPACTS, PERSON, SPEC_VERSION, identifier
from runbook.authoring.page import words
from runbook.authoring.page.shell import Names
from runbook.document.model import Option, Parameter, Runbook, Step, Verification
from runbook.document.spec import Specs
from runbook.document.words import Role

_TYPES = {
    "string": "string",
    "integer": "integer",
    "number": "string",
    "boolean": "bool",
    "array": "list",
    "object": "dictionary",
}
_HELPED = "Whether all of these pass"


def playbook(book: Runbook, source: Mapping[str, Any], specs: Specs) -> str:
    """The playbook as JSON; `source` is the document as it was written."""
    return json.dumps(_Playbook(book, specs).made(source), ensure_ascii=False, indent=2) + "\n"


class _Playbook:
    def __init__(self, book: Runbook, specs: Specs) -> None:
        self._book = book
        self._specs = specs
        self._names = Names(book.target)
        self._workflow: dict[str, dict[str, Any]] = {}

    def made(self, source: Mapping[str, Any]) -> dict[str, Any]:
        book = self._book
        day = f"{book.reviewed}T00:00:00.000Z" if book.reviewed else EPOCH
        start = self._way()
        made: dict[str, Any] = {
            "type": "playbook",
            "spec_version": SPEC_VERSION,
            "id": identifier("playbook", book.name),
            "name": book.title,
            "description": "\n\n".join(filter(None, (book.description, book.impact, book.about))),
            "playbook_types": ["investigation", "mitigation", "remediation"],
            "created_by": CREATOR,
            "created": day,
            "modified": day,
            "labels": [*book.tags],
            "external_references": [{"name": link.title, "url": link.url} for link in book.links],
            "playbook_variables": {f"__{name}__": _variable(one) for name, one in book.parameters.items()},
            "workflow_start": start,
            "workflow": self._workflow,
            "agent_definitions": {
                PERSON: {"type": "individual", "name": "Whoever is on call"},
                ENGINE: {"type": "organization", "name": "Where the commands are run"},
            },
            "extension_definitions": {
                EXTENSION: {
                    "type": "extension-definition",
                    "name": "runbook",
                    "description": "The runbook that the playbook was made of.",
                    "created_by": CREATOR,
                    "schema": "runbook/v1",
                    "version": "1",
                }
            },
            "playbook_extensions": {EXTENSION: {"type": "runbook", "document": dict(source)}},
        }
        if book.severity in IMPACTS:
            made["severity"] = IMPACTS[book.severity]
        return {key: value for key, value in made.items() if value not in ([], {}, "")}

    # --- the workflow, made from its end to its beginning ----------------------------------------------------------

    def _way(self) -> str:
        end = self._step("end", "end")
        otherwise = self._escalation(end)
        for option in reversed(self._book.resolution):
            otherwise = self._option(option, otherwise, end)
        first = self._triage(otherwise)
        seen = self._condition("symptoms", "Any symptom is seen", self._symptoms(), first, end)
        return self._step("start", "start", on_completion=seen if self._book.symptoms else first)

    def _symptoms(self) -> str:
        return " or ".join(s.title or (f"the alert {s.alert} fires" if s.alert else s.id) for s in self._book.symptoms)

    def _triage(self, after: str) -> str:
        """All probes at once; each says itself that it is done."""
        return self._together("triage", "triage", "Triage", self._book.triage, after) if self._book.triage else after

    def _option(self, option: Option, otherwise: str, end: str) -> str:
        verification = self._book.verification_of(option.id)
        if option.continue_with is not None:
            then = self._manual(option.id, "continue", f"Go on with the runbook {option.continue_with.runbook}.", end)
        else:
            then = self._verification(option, verification, end, otherwise) if verification else otherwise
        for step in reversed(option.steps):
            then = self._action(f"resolution/{option.id}", step, then)
        gate = words.gate(option, self._specs)
        if gate:
            then = self._manual(option.id, "gate", f"{option.title or option.id}: {gate}.", then)
        if option.when:
            then = self._condition(f"when/{option.id}", option.title or option.id, option.when, then, otherwise)
        return then

    def _verification(self, option: Option, verification: Verification, end: str, otherwise: str) -> str:
        passed = self._condition(f"helped/{option.id}", "Has it helped?", _HELPED, end, otherwise)
        place, checks = f"verification/{option.id}", verification.checks
        return self._together(f"checks/{option.id}", place, "Verification", checks, passed, words.rounds(verification))

    def _together(self, place: str, within: str, name: str, steps: Sequence[Step], after: str, said: str = "") -> str:
        """Side by side; one alone is no parallel step (CACAO 2.0 §4.10 asks for two)."""
        if len(steps) == 1:
            id_ = self._action(within, steps[0], after)
            if said:
                self._workflow[id_]["description"] = "\n\n".join(
                    filter(None, (self._workflow[id_].get("description"), said))
                )
            return id_
        made = [self._action(within, step, None) for step in steps]
        return self._step("parallel", place, name=name, description=said, next_steps=made, on_completion=after)

    def _escalation(self, end: str) -> str:
        one = self._book.escalation
        if one is None:
            return end
        said = f"Page {one.to}. {self._names.prose(one.message or '')}".strip()
        return self._manual("escalation", "page", said, end)

    def _action(self, place: str, step: Step, after: str | None) -> str:
        person = self._specs[step.uses].role in (Role.MANUAL, Role.NOTICE, Role.PAUSE)
        line = self._line(step, person=person)
        names = self._names.within(step.local)
        facts = [f"only when {names.expression(step.when)}"] if step.when else []
        facts += [f"passes when {names.expression(step.expect)}"] if step.expect else []
        return self._step(
            "action",
            f"{place}/{step.id}",
            name=step.title or step.id,
            description="\n\n".join(filter(None, (step.description, step.caution, "; ".join(facts)))),
            commands=[{"type": "manual" if person else "bash", "command": line}],
            agent=PERSON if person else ENGINE,
            on_completion=after,
        )

    def _line(self, step: Step, *, person: bool) -> str:
        kind, names = kinds.get(step.uses), self._names.within(step.local)
        return names.prose(kind.by_hand(step.inputs)) if person else names.line(kind.by_hand, step.inputs)

    def _manual(self, place: str, name: str, text: str, after: str) -> str:
        command = {"type": "manual", "command": text}
        return self._step("action", f"{place}/{name}", name=name, commands=[command], agent=PERSON, on_completion=after)

    def _condition(self, place: str, name: str, said: str, yes: str, no: str) -> str:
        return self._step("if-condition", place, name=name, condition=said, on_true=yes, on_false=no)

    def _step(self, kind: str, place: str, **more: Any) -> str:
        id_ = identifier(kind, self._book.name, place)
        self._workflow[id_] = {
            "type": kind,
            **{key: value for key, value in more.items() if value not in (None, "", [])},
        }
        return id_


def _variable(parameter: Parameter) -> dict[str, Any]:
    default = "" if parameter.required or parameter.secret else parameter.default
    value = default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)
    made = {
        "type": _TYPES[parameter.type],
        "description": parameter.description or "",
        "value": value,
        "external": True,
    }
    return {key: one for key, one in made.items() if one not in ("",)}
