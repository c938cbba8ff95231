"""The real world, as one attempt of one step may touch it (see `runbook.kinds.protocol.World`)."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from runbook.clients.attempts import Attempt
from runbook.clients.secrets import Secrets
from runbook.core.masking import Masker, Stream
from runbook.document.model import Policy
from runbook.hosts.connections import Connections
from runbook.policy.commands import believed_read


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What all steps of a run share: where it runs, with which connections and secrets, under which policy.

    `project` has the files that steps use; `home` is the project itself, and the two are one unless the run was started
    from a commit.
    """

    run: str
    initiator: str
    project: Path
    home: Path
    environ: Mapping[str, str]
    connections: Connections
    secrets: Secrets
    masker: Masker
    run_key: bytes
    policy: Policy | None


class LocalWorld:
    """One attempt. `timeout` in seconds counts from construction."""

    def __init__(
        self,
        around: Surroundings,
        *,
        timeout: float,
        connection: str | None,
        cancel: threading.Event,
        limit: float = 0.0,
        attempt: Attempt | None = None,
        intent: str | None = None,
    ) -> None:
        self.project = around.project
        self.home = around.home
        self.environ = around.environ
        self.run = around.run
        self.initiator = around.initiator
        self.attempt = attempt
        self.intent = intent
        self.limit = limit or timeout
        self._around = around
        self._connection = connection
        self._cancel = cancel
        self._deadline = time.monotonic() + timeout

    def remaining(self) -> float:
        """Seconds until this attempt's timeout."""
        return max(0.0, self._deadline - time.monotonic())

    def cancelled(self) -> bool:
        """True once nobody waits for this any more."""
        return self._cancel.is_set()

    def client(self, type_: str) -> Any:
        """The client of this step's connection."""
        return self._around.connections.client(type_, self._connection)

    def secret(self, reference: Any) -> str:
        """The value of a reference, masked from now on."""
        return self._around.secrets.resolve(reference)

    def mask(self) -> Stream:
        """Takes secrets out of one stream of output."""
        return self._around.masker.stream()

    def conceal(self, value: str) -> str:
        """An HMAC under the run's key."""
        return (
            "hmac-sha256:" + hmac.digest(self._around.run_key, value.encode("utf-8", "surrogateescape"), "sha256").hex()
        )

    def believed(self, argv: tuple[str, ...], host: str | None = None, env: Collection[str] = ()) -> bool:
        """Whether the policy believes that a command only reads, on another machine if a `host` is named."""
        return believed_read(self._around.policy, argv, host, env)
