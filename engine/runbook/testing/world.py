"""A world for the test of a kind: what a host would hand in, without a host.

Clients are given, secrets are resolved for real (and listed in `told`), time runs, and the run ends when the
test says `cancel()`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from runbook.clients.attempts import Attempt
from runbook.clients.secrets import Secrets
from runbook.core.masking import Masker, Stream
from runbook.errors import NotConfigured


class FakeWorld:
    """`runbook.kinds.protocol.World` for tests. `timeout` in seconds counts from construction, `limit` is the step's.

    `clients` maps the type of a connection to its client. `believed_argvs` are the commands that the policy
    believes to read only.
    """

    def __init__(
        self,
        project: Path,
        *,
        clients: Mapping[str, Any] | None = None,
        environ: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        limit: float = 300.0,
        attempt: Attempt | None = None,
        intent: str | None = None,
        run: str = "01j00000000000000000000000",
        initiator: str = "somebody",
        believed_argvs: tuple[tuple[str, ...], ...] = (),
    ) -> None:
        self.project = project
        self.home = project
        self.environ: Mapping[str, str] = {"PATH": "/usr/local/bin:/usr/bin:/bin"} | dict(environ or {})
        self.attempt = attempt
        self.intent = intent
        self.limit = limit
        self.run = run
        self.initiator = initiator
        self.told: list[str] = []
        self._masker = Masker()
        self._clients = clients or {}
        self._secrets = Secrets(self.environ, project, self._learn)
        self._deadline = time.monotonic() + timeout
        self._believed = believed_argvs
        self._cancelled = False

    def remaining(self) -> float:
        """Seconds until the attempt's timeout."""
        return max(0.0, self._deadline - time.monotonic())

    def cancelled(self) -> bool:
        """Whether the test has said `cancel()`."""
        return self._cancelled

    def cancel(self) -> None:
        """From now on the run is ending."""
        self._cancelled = True

    def client(self, type_: str) -> Any:
        """The client that was given for a type; NotConfigured without one."""
        if type_ not in self._clients:
            raise NotConfigured(f"no connection of type {type_} is configured")
        return self._clients[type_]

    def secret(self, reference: Any) -> str:
        """The value of a reference; it is in `told` from then on."""
        return self._secrets.resolve(reference)

    def mask(self) -> Stream:
        """A masker of the secrets that were told."""
        return self._masker.stream()

    def conceal(self, value: str) -> str:
        """What stands for a secret in a request: the same for the same value, and not the value."""
        return hashlib.blake2b(value.encode(), key=b"fake", digest_size=32).hexdigest()

    def believed(self, argv: tuple[str, ...], host: str | None = None, env: Collection[str] = ()) -> bool:
        """Whether the test said so."""
        return argv in self._believed and host is None and not env

    def _learn(self, value: str) -> None:
        self.told.append(value)
        self._masker.add(value)
