"""A Rundeck job (YAML) as a draft: its options as parameters, its commands as steps of one option, in their order.

Which nodes it ran on, when, and who was told, has no place in a runbook: it is kept as background, and listed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from runbook.authoring.importing.draft import TODO, Draft, Ids, Left, Parameters, completed, ordered
from runbook.authoring.importing.workflow import Machine, parameter_name
from runbook.authoring.walk import name_of
from runbook.document.findings import Finding
from runbook.document.source import read
from runbook.errors import DocumentError

_VALUE = re.compile(r"(?:\$\{|@)(?:option|data)\.([A-Za-z0-9_.-]+?)(?:\}|@)")
_VARIABLE = re.compile(r"\bRD_OPTION_([A-Z0-9_]+)")
_READ: Final = frozenset({"name", "description", "sequence", "options", "id", "uuid"})
_STEP: Final = frozenset({"exec", "script", "scriptargs", "args", "scriptInterpreter", "description"})
Data = dict[str, Any]


def draft(data: bytes, path: str, *, each: bool = False) -> Draft:
    """The draft of the first job of a file; DocumentError for what is none.

    Further jobs stand in its background; with `each` they are drafts of their own, beside it.
    """
    first, *more = _jobs(data, path) or [None]
    if not _is_job(first):
        hint = "it is exported as YAML: a list of jobs, each with a `sequence`; another kind is named with --from"
        _no(path, "it is no Rundeck job", hint)
    made = _Reader(first).draft()
    beside = [job for job in more if each and _is_job(job)]
    about, left = [made.document.get("about", "")], list(made.left)
    for at, job in enumerate(more, 2):
        if job in beside:
            continue
        kept = "kept in `about`; `-o FOLDER` makes it a runbook of its own" if _is_job(job) else "kept in `about`"
        left.append(Left(f"job {at}", f"{_name(job)!r} is a further job", kept))
        about.append(f"A further job of the file:\n\n{_fenced(job)}")
    rest = {"about": "\n\n".join(filter(None, about))} if any(about) else {}
    further = tuple(_Reader(job).draft() for job in beside)
    return Draft(ordered({**made.document, **rest}), tuple(left), further)


def _is_job(job: Any) -> bool:
    return isinstance(job, dict) and isinstance(job.get("sequence"), dict)


def _fenced(data: Any) -> str:
    """Data as it stands, in a block."""
    return f"```json\n{json.dumps(data, ensure_ascii=False, indent=1)}\n```"


def _jobs(data: bytes, path: str) -> list[Any]:
    """The list of jobs; a single job is one. Read as strictly as a document of ours."""
    text = re.sub(r"\A(?:#[^\n]*\n|\s*\n)*---[^\n]*\n", "", data.decode("utf-8-sig").replace("\r\n", "\n"))
    listed = re.match(r"(?:\s*#[^\n]*\n|\s)*-\s", text) is not None
    value = read((f"jobs:\n{text}" if listed else text).encode(), path)[0].data
    found = value.get("jobs") if listed else [value]
    return found if isinstance(found, list) else []


def _no(path: str, message: str, hint: str) -> NoReturn:
    raise DocumentError([Finding(path=path, line=1, column=1, code="RB020", message=message, hint=hint)])


def _name(job: Any) -> str:
    return str(job.get("name")) if isinstance(job, dict) else str(job)[:40]


class _Reader:
    def __init__(self, job: Data) -> None:
        self._job = job
        self._ids = Ids()
        self._parameters = Parameters()
        self._machine = Machine(self._ids, self._parameters, _VALUE, parameter_name)
        self._left: list[Left] = []

    def draft(self) -> Draft:
        name = _name(self._job)
        self._options()
        option = self._ids.of("job")
        steps = list(self._steps())
        found: Data = {
            "name": name_of(f"{name}.job"),
            "title": name,
            "description": str(self._job.get("description") or ""),
            "about": self._rest(),
            "parameters": self._parameters.used,
            "resolution": [{"id": option, "title": name, "steps": steps}] if steps else [],
        }
        return Draft(completed(found, self._ids), tuple(self._left))

    def _options(self) -> None:
        options = self._job.get("options")
        for one in options if isinstance(options, list) else []:
            if not isinstance(one, dict) or not one.get("name"):
                continue
            name = parameter_name(str(one["name"]))
            definition: Data = {"type": "string", "description": str(one.get("description") or TODO)}
            secret = bool(one.get("secure") or one.get("valueExposed"))
            values = one.get("values")
            if isinstance(values, list) and values and one.get("enforced"):
                definition["enum"] = [str(value) for value in values]
            if secret:
                definition |= {"secret": True}
                self._left.append(Left(f"option {one['name']}", "a secret", f"give it as {{env: NAME}} ({TODO})"))
            elif one.get("value") is not None:
                definition["default"] = str(one["value"])
            rest = _rest_of(one)
            if rest:
                self._left.append(Left(f"option {one['name']}", ", ".join(rest), "kept in `about`"))
            self._parameters.declare(name, name, definition)

    def _steps(self) -> Iterator[Data]:
        commands = self._job["sequence"].get("commands")
        for at, written in enumerate(commands if isinstance(commands, list) else [], 1):
            command = written if isinstance(written, dict) else {"unknown": written}
            title = str(command.get("description") or "")
            rest = {key: value for key, value in command.items() if key not in _STEP}
            known = next((key for key in ("exec", "script") if isinstance(command.get(key), str)), None)
            if known is None:
                self._left.append(
                    Left(f"command {at}", ", ".join(map(str, rest)) or "nothing", "kept as a step by hand")
                )
                said = f"{TODO}: in Rundeck this was\n\n{_fenced(command)}"
                yield self._machine.by_hand(title or f"Step {at}", said)
                continue
            about = f"In Rundeck also: {json.dumps(rest, ensure_ascii=False)}" if rest else ""
            if rest:
                self._left.append(
                    Left(f"command {at}", ", ".join(map(str, rest)), "kept in the description of its step")
                )
            if known == "exec":
                yield from self._machine.command(title, command["exec"], about)
            else:
                yield self._script(title, command, about)

    def _script(self, title: str, command: Data, about: str) -> Data:
        args = command.get("args") or command.get("scriptargs")
        if args:
            about = "\n\n".join(filter(None, (about, f"{TODO}: it was given the arguments: {args}")))
        first = command["script"].strip("\n").split("\n", 1)[0]
        shell = ["/bin/bash", "-c"] if re.match(r"#!.*\bbash\b", first) else None
        if first.startswith("#!") and not re.match(r"#!.*\b(?:ba|da|k|z)?sh\b", first):
            about = "\n\n".join(filter(None, (about, f"{TODO}: it is no script of a shell: {first}")))
        made = self._machine.script(title or f"Script: {first}", command["script"], about, shell)
        named = {
            name: name.lower() for name in _VARIABLE.findall(command["script"]) if name.lower() in self._parameters.used
        }
        given = {f"RD_OPTION_{name}": f"{{{{ params.{one} }}}}" for name, one in named.items()}
        if given:
            made["with"]["values"] = {**made["with"].get("values", {}), **given}
        return made

    def _rest(self) -> str:
        """What a runbook has no key for: as it stands, in the background."""
        rest = {key: value for key, value in self._job.items() if key not in _READ}
        rest |= {f"sequence.{key}": v for key, v in self._job["sequence"].items() if key != "commands"}
        options = [one for one in self._job.get("options") or [] if isinstance(one, dict)]
        more = {str(one.get("name")): left for one in options if (left := _rest_of(one))}
        rest |= {"options": more} if more else {}
        self._left += [Left(key, "no part of a runbook", "kept in `about`") for key in rest if key != "options"]
        return f"From the job:\n\n{_fenced(rest)}" if rest else ""


def _rest_of(option: Data) -> Data:
    """What an option says that a parameter cannot."""
    read_ = (
        "name",
        "description",
        "value",
        "secure",
        "required",
        *(("values", "enforced") if option.get("enforced") else ()),
    )
    return {str(key): value for key, value in option.items() if key not in read_}
