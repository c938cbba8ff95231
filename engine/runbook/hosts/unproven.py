"""Why a step's claim to be read-only is not believed where nothing may be risked: in `plan`, `--auto` and `doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runbook.document.model import Policy
from runbook.document.spec import KindSpec
from runbook.document.words import Role
from runbook.errors import RunbookError
from runbook.kinds import ssh_commands
from runbook.kinds.protocol import World


def unproven(policy: Policy | None, spec: KindSpec, inputs: Mapping[str, Any], world: World) -> str | None:
    """None where it is believed: by its kind, by the policy's list, or because it is a GET."""
    if spec.effect is not None or spec.role is not Role.ACTION:
        return None
    if inputs.get("stdin") is not None:  # `psql --file=-` reads whatever it is told
        return "not run: unproven read; what a command is given on stdin stands in no list of `commands.read`"
    argv = inputs.get("argv")
    if isinstance(argv, list) and policy is not None:
        elsewhere = _elsewhere(spec, argv, inputs, world)
        if elsewhere is not None:
            return f"not run: unproven read; {elsewhere}"
        try:
            host = _host(spec.connection, inputs, world)
        except RunbookError as error:
            return f"not run: unproven read; on which host is not known: {error}"
        env = inputs.get("env") or {}
        if world.believed(tuple(map(str, argv)), host, tuple(env)):
            return None
        if env:
            names = ", ".join(sorted(env))
            return f"not run: unproven read; list it under `commands.read` in the policy, with its `env` ({names})"
        if host is not None:
            return f"not run: unproven read; list it under `commands.read` in the policy, with its host ({host})"
    if spec.name == "http.request" and str(inputs.get("method", "GET")).upper() in ("GET", "HEAD"):
        return None
    return "not run: unproven read; list it under `commands.read` in the policy"


def _elsewhere(spec: KindSpec, argv: list[Any], inputs: Mapping[str, Any], world: World) -> str | None:
    """Why a folder makes another command of what the policy lists: a list says nothing of where it is run."""
    folder = inputs.get("cwd")
    if folder is None:
        return None
    program = str(argv[0]) if argv else ""
    if "/" in program and not program.startswith("/"):
        return f"what {program} is in {folder} stands in no list of `commands.read`"
    if spec.connection is None and not _within(world.project, str(folder)):
        return f"{folder} is outside of the project, and what a command reads there nobody has reviewed"
    return None


def _within(project: Path, folder: str) -> bool:
    there = (project / folder).resolve()
    return there.is_relative_to(project.resolve())


def _host(connection: str | None, inputs: Mapping[str, Any], world: World) -> str | None:
    """What the policy calls the machine that a command runs on; None for this one."""
    if connection == "ssh":
        return ssh_commands.host_of(inputs, world).name
    if connection == "kubernetes":
        from runbook.kinds import pod_commands

        return pod_commands.host(inputs, world)
    return None
