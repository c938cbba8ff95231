"""Seals runs while they are driven: at the start, at each gate, at the end, and every so often in between.

    Sealing   what the config says: which key signs, whose seals count, where they go
    Sealer    one run's: sees every durable record go by, and seals beside the run, in a thread of its own

No run waits for a seal, nor fails for want of one: what does not work is told, and recorded in the store's own stream
(`seal.failed`, beside `seal.made`). Records that could be lost with the power are never sealed before they are durable,
because a key must not contradict itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from runbook.clients.secrets import Secrets
from runbook.core.commands import Command
from runbook.document.model import Seals
from runbook.errors import NotConfigured, RunbookError
from runbook.hosts.ports import Watcher
from runbook.hosts.publishing import Places
from runbook.journal import Journal, Record
from runbook.journal.merkle import Growing
from runbook.journal.record import stamp
from runbook.journal.seals import Seal, SealKey, private_key, public_key, read_key, sign
from runbook.journal.trust import TrustedKey, trusted
from runbook.journal.writer import RELAXED

MOMENTS = frozenset(("run.started", "run.resumed", "gate.opened", "run.finished"))
SOONEST = 1.0  # seconds between two seals that only the clock asks for
LAST_WORDS = 20.0  # seconds that the end of a run waits for its seals to be published


class Sealing:
    """How this project seals. `tell` says something to whoever is here."""

    def __init__(
        self,
        config: Seals,
        *,
        journal: Journal,
        project: Path,
        secrets: Secrets,
        places: Places,
        tell: Callable[[str], None],
    ) -> None:
        self.config = config
        self.journal = journal
        self.places = places
        self.tell = tell
        self._project = project
        self._secrets = secrets

    def key(self) -> SealKey:
        """The key that signs now. Raises WorldError where it is missing, may be read by others, or is not valid."""
        reference = self.config.key
        if reference is None:
            raise NotConfigured(
                "no key to seal with", hint="`runbook seal keygen FILE`, then `seals: {key: {file: …}}`"
            )
        if "file" in reference:
            key = read_key(self._project / str(reference["file"]))
        else:
            key = private_key(self._secrets.resolve(dict(reference)), f"the secret under {next(iter(reference))!r}")
        self.check(key, stamp(self.journal.now()))
        return key

    def check(self, key: SealKey, at: str) -> None:
        """Raises NotConfigured where a seal of this key would not count for records that end at this time."""
        named = [trust for trust in self._listed() if trust.key.called == key.called]
        if not self.config.keys or any(trust.valid(at) for trust in named):
            return
        why = f"is not valid at {at}: {named[0].told}" if named else "is not among `seals.keys`"
        raise NotConfigured(f"the key {key.called} {why}", hint="its seals would not count")

    def keys(self) -> list[TrustedKey]:
        """Whose seals count: those of the config, else the key that signs. Empty where there is none."""
        if self.config.keys or self.config.key is None:
            return self._listed()
        try:
            return [trusted(self.key().public)]
        except RunbookError:
            return []

    def promise(self) -> dict[str, Any]:
        """What `run.started` says of its seals: by which key, or why there are none."""
        try:
            return {"key": self.key().called}
        except RunbookError as error:
            return {"missing": error.message}

    def sealed(self, seal: Seal, at: str, key: SealKey) -> str:
        """Sign, and keep the seal in the store; its text. `at` is that of the last record that it seals.

        Raises RunbookError where that cannot be done, or would not count.
        """
        self.check(key, at)
        public_key(key.public)  # a key file whose parts do not belong together would sign what nobody can check
        text = sign(seal, key)
        data = {"stream": seal.stream, "size": seal.size, "root": seal.root, "key": key.called, "seal": text}
        self.journal.note("seal.made", data)
        return text

    def published(self, seal: Seal, text: str) -> None:
        """Send a seal to all places; what failed is told and recorded."""
        for where, why in self.places.publish(seal, text):
            self.failed(seal, where, why)

    def failed(self, seal: Seal, where: str, why: str) -> None:
        """Tell and record that a seal could not be made, or did not get to a place."""
        self.tell(f"warning: the seal of {seal.stream} up to record {seal.size - 1} ({where}): {why}")
        try:
            self.journal.note("seal.failed", {"stream": seal.stream, "size": seal.size, "where": where, "reason": why})
        except RunbookError as error:
            self.tell(f"warning: that could not be recorded: {error.message}")

    def _listed(self) -> list[TrustedKey]:
        return [trusted(by.key, by.from_, by.until) for by in self.config.keys]


def promised(sealing: Sealing) -> Mapping[str, Any]:
    """What `run.started` and `run.resumed` hold besides; tells whoever is here where there will be no seals."""
    promise = sealing.promise()
    if "missing" in promise:
        sealing.tell(f"warning: this run is not sealed: {promise['missing']}")
    return {"seal": promise}


def sealed_now(sealing: Sealing, stream: str) -> tuple[Seal, str]:
    """Seal all that a stream holds; what is sealed, and the text. BrokenChain for one that does not hang together."""
    tree, at = Growing(), ""
    for record in sealing.journal.read(stream):
        tree.add(record.bytes)
        at = record.at
    seal = Seal(stream, tree.size, tree.root.hex())
    text = sealing.sealed(seal, at, sealing.key())
    sealing.published(seal, text)
    return seal, text


class _Due(NamedTuple):
    """What could be sealed, and the time of its last record."""

    seal: Seal
    at: str


class Sealer:
    """A watcher of one run that seals it, and passes on what it is told. Where no key is to be had, it only passes on.

    What it is told before `begin` is the past, and is not sealed again; `close` waits a while for what is still to be
    published.
    """

    def __init__(self, sealing: Sealing, stream: str, watcher: Watcher) -> None:
        self._sealing = sealing
        self._stream = stream
        self._watcher = watcher
        self._tree = Growing()
        self._durable: _Due | None = None  # up to the newest record that nothing can take away again
        self._wanted: SimpleQueue[_Due | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._past = 0

    def begin(self) -> None:
        """Seal from now on what comes."""
        try:
            key = self._sealing.key()
        except RunbookError:
            return  # told by `promised`, and recorded with the run's start or resumption
        self._past = self._tree.size
        self._thread = threading.Thread(target=self._work, args=(key,), name="seals", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Seal the end; no more follows."""
        if self._thread is not None:
            self._wanted.put(None)
            self._thread.join(LAST_WORDS)
            if self._thread.is_alive():
                self._sealing.tell("warning: the last seal of this run is still not published everywhere")

    def record(self, record: Record) -> None:
        """A record was written or read, and is committed."""
        self._tree.add(record.bytes)
        if record.type not in RELAXED:
            self._durable = _Due(Seal(self._stream, self._tree.size, self._tree.root.hex()), record.at)
            if self._thread is not None and record.type in MOMENTS:
                self._wanted.put(self._durable)
        self._watcher.record(record)

    def performing(self, command: Command) -> None:
        """A command is being performed now."""
        self._watcher.performing(command)

    def held(self, what: str) -> None:
        """The run waits."""
        self._watcher.held(what)

    def _work(self, key: SealKey) -> None:
        size, last, ended = self._past, time.monotonic(), False
        while not ended:
            due, ended = self._next(last + max(SOONEST, self._sealing.config.every))
            last = time.monotonic()
            if due is not None and due.seal.size > size:
                size = due.seal.size
                self._seal(due, key)

    def _next(self, until: float) -> tuple[_Due | None, bool]:
        """What is to be sealed next, asked for or due by the clock; and whether that is the end."""
        try:
            due = self._wanted.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            return self._durable, False
        return due or self._durable, due is None

    def _seal(self, due: _Due, key: SealKey) -> None:
        try:
            text = self._sealing.sealed(due.seal, due.at, key)
        except RunbookError as error:
            self._sealing.failed(due.seal, "made", error.message)
        else:
            self._sealing.published(due.seal, text)
