"""What of a command is exact: what the plan names is what runs, or nothing does.

Named are the resolved program, the arguments, the step's variables (a secret as its HMAC), the folder, the
input, and the SHA-256 of each argument that is a file of the project. Not named are the environment that the
command starts from, which differs by terminal, and files that the command itself opens.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from runbook.clients.programs import NoFolder, resolve
from runbook.clients.secrets import is_reference, named
from runbook.core.changes import Change
from runbook.errors import WorldError
from runbook.kinds.invocations import Invocation
from runbook.kinds.protocol import World


def exact(call: Invocation, world: World) -> dict[str, Any]:
    """The request of a change; WorldError if something of it is not there, or a limit would not hold."""
    where = folder(call, world)
    if limits := call.limited():
        limits.kept()
    return _limited(call) | {
        "argv": list(call.argv),
        "path": resolve(call.argv[0], _path_only(call, world), where),
        "files": _files(call, where, world.project),
        "env": {name: _concealed(value, world) for name, value in call.env.items()},
        "cwd": str(where),
        "stdin": call.stdin,
    }


def rehearsed(call: Invocation) -> dict[str, Any]:
    """The request as far as it is known without a world."""
    return _limited(call) | {
        "argv": list(call.argv),
        "path": call.argv[0],
        "files": {},
        "env": {k: {"secret": named(*next(iter(v.items())))} if is_reference(v) else v for k, v in call.env.items()},
        "cwd": call.cwd or ".",
        "stdin": call.stdin,
    }


def _limited(call: Invocation) -> dict[str, Any]:
    """Limits in numbers, so that `1Gi` and `1024Mi` are one change; without any, nothing stands in the request."""
    limits = call.limited()
    return {"limits": {k: v for k, v in msgspec.structs.asdict(limits).items() if v is not None}} if limits else {}


def changed(change: Change, call: Invocation, world: World) -> str | None:
    """What is not as it was approved, or None."""
    now = _files(call, Path(change.request["cwd"]), world.project)
    planned = change.precondition.get("files", {})
    different = sorted(name for name in now.keys() | planned.keys() if now.get(name) != planned.get(name))
    if different:
        return f"{', '.join(different)} changed after the plan was approved; nothing was started"
    env = {name: _concealed(value, world) for name, value in call.env.items()}
    if env != change.request["env"]:
        return "a secret in the command's environment changed after the plan was approved; nothing was started"
    return None


def folder(call: Invocation, world: World) -> Path:
    """Where it runs; NoFolder if that is not there."""
    path = Path(os.path.normpath(world.project / call.cwd)) if call.cwd else world.project
    if not path.is_dir():
        raise NoFolder(f"there is no folder {path} to run {call.argv[0]} in")
    return path


def environment(call: Invocation, world: World) -> dict[str, str]:
    """All variables that it gets; here, and only here, its secrets are resolved into it."""
    own = {k: world.secret(v) if is_reference(v) else v for k, v in call.env.items()}
    ours = {"RUNBOOK_RUN": world.run}
    if world.intent:
        ours["RUNBOOK_IDEMPOTENCY_KEY"] = world.intent
    return {**world.environ, **own, **ours}


def _path_only(call: Invocation, world: World) -> Mapping[str, str]:
    """The environment as far as finding a program needs it: no secret is resolved for that."""
    path = call.env.get("PATH")
    return {**world.environ, "PATH": path} if isinstance(path, str) else world.environ


def _concealed(value: Any, world: World) -> Any:
    return {"secret": world.conceal(world.secret(value))} if is_reference(value) else value


def _files(call: Invocation, folder: Path, project: Path) -> dict[str, str]:
    """SHA-256 of each argument that is a file of the project, by its path in there."""
    root = os.path.normpath(project) + os.sep
    found = {}
    for element in call.argv:
        path = os.path.normpath(os.path.join(folder, element))  # noqa: PTH118 - per argument of every step
        if path.startswith(root) and "\0" not in path and os.path.isfile(path):  # noqa: PTH113
            found[path.removeprefix(root)] = _sha256(path)
    return found


def _sha256(path: str) -> str:
    import hashlib

    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WorldError(f"{path} cannot be read, so its plan would not be exact: {error.strerror}") from error
