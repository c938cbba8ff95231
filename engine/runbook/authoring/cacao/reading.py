"""A CACAO 2.0 playbook as a draft: the steps of its workflow in the order in which they are reached.

One option, since a playbook knows one way only. Branches and loops are not ours to guess: their steps are kept in
order, each says the condition under which it is reached, and all of that is listed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from runbook.authoring.cacao.words import EXTENSION, SPEC_VERSION
from runbook.authoring.importing.draft import TODO, Draft, Ids, Left, Parameters, completed
from runbook.authoring.importing.workflow import Machine, parameter_name
from runbook.authoring.walk import name_of
from runbook.document.findings import Finding
from runbook.errors import DocumentError

_VALUE = re.compile(r"__([A-Za-z0-9_-]+?)__(?::value)?")
_MOST = 1000  # steps of a workflow
_NEXT: Final = ("on_completion", "on_success", "on_true", "on_false", "on_failure")
_SHELL: Final = ("bash", "ssh", "powershell")
_KNOWN: Final = frozenset(
    [
        "type",
        "spec_version",
        "id",
        "name",
        "description",
        "playbook_types",
        "playbook_activities",
        "created_by",
        "created",
        "modified",
        "revoked",
        "labels",
        "external_references",
        "playbook_variables",
        "workflow_start",
        "workflow",
        "agent_definitions",
        "target_definitions",
        "extension_definitions",
        "playbook_extensions",
        "severity",
        "priority",
        "impact",
    ]
)
_PARAMETERS: Final = {
    "integer": "integer",
    "long": "integer",
    "bool": "boolean",
    "list": "array",
    "dictionary": "object",
}
Data = dict[str, Any]


def draft(data: bytes, path: str) -> Draft:
    """The draft of a playbook; DocumentError for what is none."""
    try:
        book = json.loads(data)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        _no(path, "RB004", f"it is not JSON: {error}", line)
    if not isinstance(book, dict) or book.get("type") != "playbook" or not isinstance(book.get("workflow"), dict):
        _no(path, "RB020", "it is no CACAO playbook: `type: playbook` and a `workflow` are missing")
    if book.get("spec_version") != SPEC_VERSION:
        _no(path, "RB020", f"its version is {str(book.get('spec_version'))[:40]!r}; {SPEC_VERSION} is read")
    ours = (book.get("playbook_extensions") or {}).get(EXTENSION)
    if isinstance(ours, dict) and isinstance(ours.get("document"), dict):
        return Draft(ours["document"])
    return _Reader(book, path).draft()


def _no(path: str, code: str, message: str, line: int = 1) -> NoReturn:
    hint = "a file of another kind is named with --from"
    raise DocumentError([Finding(path=path, line=line, column=1, code=code, message=message, hint=hint)])


class _Reader:
    def __init__(self, book: Data, path: str) -> None:
        self._book = book
        self._file = path.replace("\\", "/").rsplit("/", 1)[-1]
        self._ids = Ids()
        self._parameters = Parameters()
        self._machine = Machine(self._ids, self._parameters, _VALUE, parameter_name)
        self._left: list[Left] = []

    def draft(self) -> Draft:
        book = self._book
        title = str(book.get("name") or self._file)
        self._variables(book.get("playbook_variables"))
        option = self._ids.of("playbook")
        steps = [step for id_, why in self._order() for step in self._steps(id_, why)]
        found: Data = {
            "name": name_of(self._file),
            "title": title,
            "description": book.get("description") if isinstance(book.get("description"), str) else "",
            "tags": [str(label) for label in _list(book.get("labels"))],
            "severity": self._severity(),
            "links": [
                {"title": str(one.get("name") or one["url"]), "url": one["url"]}
                for one in _list(book.get("external_references"))
                if isinstance(one, dict) and isinstance(one.get("url"), str)
            ],
            "about": self._rest(),
            "parameters": self._parameters.used,
            "resolution": [{"id": option, "title": title, "steps": steps}] if steps else [],
        }
        return Draft(completed(found, self._ids), tuple(self._left))

    def _severity(self) -> str | None:
        said = self._book.get("severity")
        if not isinstance(said, int | float) or isinstance(said, bool) or not said:
            return None
        return f"SEV{1 if said > 75 else 2 if said > 50 else 3 if said > 25 else 4}"

    def _variables(self, variables: Any) -> None:
        for spelt, one in (variables if isinstance(variables, dict) else {}).items():
            if not isinstance(one, dict):
                continue
            name = parameter_name(spelt.strip("_"))
            kind = _PARAMETERS.get(str(one.get("type")), "string")
            definition: Data = {"type": kind, "description": str(one.get("description") or TODO)}
            value = one.get("value")
            if isinstance(value, str) and value and kind == "string":
                definition["default"] = value
            elif kind == "integer" and str(value).lstrip("-").isdecimal():
                definition["default"] = int(str(value))
            elif value not in (None, ""):
                definition["description"] += f" ({TODO}: by default {value})"
            self._parameters.declare(name, name, definition)

    # --- the workflow ----------------------------------------------------------------------------------------------

    def _order(self) -> Iterator[tuple[str, str]]:
        """Every step, as it is reached from the start, with the condition under which it is; the others last."""
        workflow = self._book["workflow"]
        seen: set[str] = set()
        left = [(str(self._book.get("workflow_start")), "")]
        while left and len(seen) < _MOST:
            id_, why = left.pop(0)
            step = workflow.get(id_)
            if id_ in seen or not isinstance(step, dict):
                continue
            seen.add(id_)
            yield id_, why
            left = [*self._following(step, why), *left]
        for id_ in workflow:
            if id_ not in seen and isinstance(workflow[id_], dict):
                self._left.append(Left(f"workflow/{id_}", "nothing leads to this step", "kept, as the last one"))
                yield id_, f"{TODO}: nothing leads here"

    def _following(self, step: Data, why: str) -> list[tuple[str, str]]:
        said = str(step.get("condition") or step.get("switch") or "")
        found = [(str(id_), why) for id_ in _list(step.get("next_steps"))]
        for key, id_ in (step.get("cases") or {}).items() if isinstance(step.get("cases"), dict) else ():
            found.append((str(id_), f"{said} is {key}"))
        for key in _NEXT:
            if isinstance(step.get(key), str):
                more = {"on_true": said, "on_false": f"not ({said})", "on_failure": "the step before failed"}.get(
                    key, ""
                )
                found.append((step[key], " and ".join(filter(None, (why, more)))))
        return found

    def _steps(self, id_: str, why: str) -> Iterator[Data]:
        step: Data = self._book["workflow"][id_]
        kind, title = str(step.get("type")), str(step.get("name") or "")
        about = "\n\n".join(filter(None, (str(step.get("description") or ""), f"Only if: {why}" if why else "")))
        if kind in ("start", "end", "parallel"):
            return
        if kind in ("if-condition", "while-condition", "switch-condition"):
            said = step.get("condition") or step.get("switch")
            self._left.append(Left(f"workflow/{id_}", f"{kind}: {said}", "kept as words of the steps that follow"))
            if kind == "while-condition":
                yield self._machine.by_hand(title or "Loop", f"{TODO}: repeat what follows while: {said}", about)
            return
        if kind != "action":
            self._left.append(Left(f"workflow/{id_}", f"a step of type {kind!r}", "kept as a step by hand"))
            yield self._machine.by_hand(title or kind, f"{TODO}: {json.dumps(step, ensure_ascii=False)}", about)
            return
        for command in _list(step.get("commands")):
            if isinstance(command, dict):
                yield from self._command(id_, title, about, command)
                about = ""

    def _command(self, id_: str, title: str, about: str, command: Data) -> Iterator[Data]:
        kind, text = str(command.get("type")), command.get("command")
        if not isinstance(text, str) and isinstance(command.get("command_b64"), str):
            text = _decoded(command["command_b64"])
        if kind == "manual" and isinstance(text, str):
            yield self._machine.by_hand(title, text, about)
        elif kind == "bash" and isinstance(text, str) and text.strip():
            yield from self._machine.command(title, text, about)
        else:
            self._left.append(Left(f"workflow/{id_}", f"a command of type {kind!r}", "kept as a step by hand"))
            said = (
                text if isinstance(text, str) and kind in _SHELL else json.dumps(command, ensure_ascii=False, indent=1)
            )
            yield self._machine.by_hand(title or kind, f"{TODO} ({kind}):\n\n```\n{said}\n```", about)

    def _rest(self) -> str:
        """What a runbook has no key for: as it stands, in the background."""
        keys = {key: value for key, value in self._book.items() if key not in _KNOWN}
        keys |= {key: self._book[key] for key in ("agent_definitions", "target_definitions") if self._book.get(key)}
        for key in keys:
            self._left.append(Left(key, "no part of a runbook", "kept in `about`"))
        return f"From the playbook:\n\n```json\n{json.dumps(keys, ensure_ascii=False, indent=1)}\n```" if keys else ""


def _decoded(text: str) -> str | None:
    import base64

    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
