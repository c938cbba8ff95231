"""Why a step's claim to be read-only is not believed where nothing may be risked: in `plan`, `--auto` and `doctor`."""

from __future__ import annotations

from collections.abc import Mapping
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


def _host(connection: str | None, inputs: Mapping[str, Any], world: World) -> str | None:
    """What the policy calls the machine that a command runs on; None for this one."""
    if connection == "ssh":
        return ssh_commands.host_of(inputs, world).name
    if connection == "kubernetes":
        from runbook.kinds import pod_commands

        return pod_commands.host(inputs, world)
    return None
