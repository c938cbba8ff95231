"""Other machines, through the system's own `ssh`: one command on one host, and what became of it.

What the user's configuration says counts only where the connection names a file of it. Otherwise ssh gets everything
from here: no agent or port is forwarded, no terminal asked for, no connection shared, nobody asked anything, and a host
is believed only by a key that is pinned already (`StrictHostKeyChecking=yes`); none is ever added.

What is run there, and how it tells its own end from the connection's, is in `scripts.py`; whose fault it is when
nothing was run, in `faults.py`.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runbook.clients.http import access
from runbook.clients.ssh.hosts import Host
from runbook.errors import ParameterError, UsageError

TIMEOUT = 10.0  # seconds until there is a connection, where the settings say nothing

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:%-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]*")


class SshClient:
    """A connection of type `ssh`: how hosts are reached, and which one where a step names none."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self.user: str | None = settings.get("user")
        self.port: int | None = settings.get("port")
        self.timeout = access.seconds(settings) or TIMEOUT
        self.identity = f"ssh {settings['host']}" if settings.get("host") else "ssh"

    def host(self, name: str | None, project: Path, environ: Mapping[str, str]) -> Host:
        """The host of a step, else the connection's; files are relative to `project`. ParameterError without one."""
        name = name or self._settings.get("host")
        if name is None:
            raise ParameterError("neither the step nor its ssh connection names a host")
        return Host(
            name=_checked(name, _NAME, "the name of a host"),
            user=self.user or (None if self._settings.get("config") else pwd.getpwuid(os.getuid()).pw_name),
            port=self.port,
            jump=self._settings.get("jump"),
            config=_file(self._settings.get("config"), project),
            known_hosts=_file(self._settings.get("known_hosts"), project),
            key=_file((self._settings.get("identity") or {}).get("file"), project),
            connect_timeout=self.timeout,
            folder=project,
            environ={**environ, "LC_ALL": "C"},
        )

    def check(self, timeout: float) -> str:
        """That the connection's host lets us in, and what it calls itself. Raises as `Host.run`."""
        if not self._settings.get("host"):
            return "each step names its host"
        host = self.host(None, Path.cwd(), os.environ)
        return f"{host.identity} lets us in: {host.ask(timeout).system}"


def connect(settings: Mapping[str, Any], secret: access.Secret) -> SshClient:  # noqa: ARG001 - of every client
    """From settings `{host?, user?, port?, known_hosts?, identity?, jump?, config?, timeout?}`; UsageError where one
    would be read as an option of ssh."""
    if settings.get("host"):
        _checked(settings["host"], _NAME, "the name of a host")
    if settings.get("user"):
        _checked(settings["user"], _USER, "the name of a user")
    if settings.get("jump"):
        user, _, host = str(settings["jump"]).rpartition("@")
        _checked(host, _NAME, "the name of a host")
        _checked(user or "x", _USER, "the name of a user")
    return SshClient(settings)


def _checked(name: Any, form: re.Pattern[str], what: str) -> str:
    """A name that ssh cannot take for an option, nor a shell for anything; UsageError for others."""
    if not isinstance(name, str) or not form.fullmatch(name):
        raise UsageError(f"{name!r} cannot be {what}")
    return name


def _file(path: str | None, project: Path) -> str | None:
    return None if path is None else str(project / Path(path).expanduser())
