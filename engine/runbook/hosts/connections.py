"""The connections of a project, opened when a step first needs them and kept for the run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from runbook.clients import connect
from runbook.document.model import Connection
from runbook.errors import NotConfigured, WorldError

Secret = Callable[[Any], str]

_ADD = "add it under `connections` in runbook.yaml"


class Connections:
    """Clients by connection name; safe to use from several threads."""

    def __init__(self, connections: tuple[Connection, ...], secret: Secret) -> None:
        self._known: Mapping[str, Connection] = {connection.name: connection for connection in connections}
        self._secret = secret
        self._clients: dict[str, Any] = {}
        self._locks: dict[str, threading.Lock] = {}

    def named(self, type_: str, name: str | None) -> Connection:
        """The connection that a step means: by its name, else the default of its type.

        NotConfigured where the type has no default, which some kinds can do without; WorldError for a name that
        is not there or is of another type, which never falls back to anything.
        """
        connection = self._known.get(name or type_)
        if connection is None and name is None:
            raise NotConfigured(f"no connection of type {type_} is configured", hint=_ADD)
        if connection is None:
            raise WorldError(f"no connection {name!r} is configured", hint=_ADD)
        if connection.type != type_:
            raise WorldError(f"connection {connection.name!r} is of type {connection.type}, not {type_}")
        return connection

    def client(self, type_: str, name: str | None) -> Any:
        """The client, opened now if it was not."""
        connection = self.named(type_, name)
        with self._locks.setdefault(connection.name, threading.Lock()):
            if connection.name not in self._clients:
                self._clients[connection.name] = connect(connection.type, connection.settings, self._secret)
        return self._clients[connection.name]
