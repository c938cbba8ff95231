"""Secrets by reference, resolved at first use and never sooner.

    {env: NAME}         a variable of the environment
    {file: PATH}        a regular file of at most 64 KiB, relative to the folder of `runbook.yaml`
    {command: [argv]}   what a command prints, within 10 seconds

Each resolved value is handed to the masker before anybody else sees it. Messages name the reference, never a
value, nor what a secret's command said.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from runbook.errors import WorldError

MOST = 64 * 1024
PATIENCE = 10.0


class NoSecret(WorldError):
    """A reference leads to no value."""

    code = "secret"


def is_reference(value: Any) -> bool:
    """True for a mapping that refers to a secret: exactly one of the keys `env`, `file`, `command`."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in ("env", "file", "command")


class Secrets:
    """Resolves references once each; safe to use from several threads.

    `on_value` gets every resolved value before it is returned. Nothing is resolved at construction.
    """

    def __init__(self, environ: Mapping[str, str], base: Path, on_value: Callable[[str], object]) -> None:
        self._environ = environ
        self._base = base
        self._on_value = on_value
        self._values: dict[bytes, str] = {}
        self._locks: dict[bytes, threading.Lock] = {}

    def resolve(self, reference: Any) -> str:
        """The value of a reference; text stands for itself. NoSecret if there is none or it is empty."""
        if isinstance(reference, str):
            return reference
        if not is_reference(reference):
            raise NoSecret("a secret is written as {env: NAME}, {file: PATH} or {command: [argv]}")
        key = msgspec.json.encode(reference, order="sorted")
        with self._locks.setdefault(key, threading.Lock()):
            if key not in self._values:
                self._values[key] = self._looked_up(*next(iter(reference.items())))
        return self._values[key]

    def _looked_up(self, how: str, what: Any) -> str:
        value = {"env": self._from_env, "file": self._from_file, "command": self._from_command}[how](what)
        if not value:
            raise NoSecret(f"the secret {named(how, what)} is empty")
        self._on_value(value)
        return value

    def _from_env(self, name: Any) -> str:
        value = self._environ.get(name) if isinstance(name, str) else None
        if value is None:
            raise NoSecret(f"the secret {named('env', name)} is not set", hint=f"set {name} where the runbook is run")
        return value

    def _from_file(self, name: Any) -> str:
        if not isinstance(name, str) or "\0" in name:
            raise NoSecret(f"the secret {named('file', name)} is not a path")
        try:
            # without waiting for a writer, should it be a FIFO
            fd = os.open(self._base / name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        except OSError as error:
            raise NoSecret(f"the secret {named('file', name)} cannot be read: {error.strerror}") from error
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise NoSecret(f"the secret {named('file', name)} is not a regular file")
            data = os.read(fd, MOST + 1)
        finally:
            os.close(fd)
        return _text(data, "file", name)

    def _from_command(self, argv: Any) -> str:
        from runbook.clients import processes

        if not isinstance(argv, list | tuple) or not argv or not all(isinstance(one, str) for one in argv):
            raise NoSecret(f"the secret {named('command', argv)} is not a list of strings")
        done = processes.run(
            argv,
            env=self._environ,
            cwd=self._base,
            timeout=PATIENCE,
            cancelled=lambda: False,
            output_cap=2 * MOST,
        )
        if done.timed_out:
            raise NoSecret(f"the secret {named('command', argv)} did not come within {PATIENCE:.0f}s")
        if done.exit_code != 0:
            raise NoSecret(
                f"the secret {named('command', argv)} cannot be had: its command exited with {done.exit_code}",
                hint="what it printed is not shown, because it may be the secret; run it by hand",
            )
        return _text(done.stdout, "command", argv).strip()


def named(how: str, what: Any) -> str:
    """A reference as it is written; of a command only the program, whose arguments may say too much."""
    return f"{{command: [{what[0]}, …]}}" if how == "command" and what else f"{{{how}: {what}}}"


def _text(data: bytes, how: str, what: Any) -> str:
    if len(data) > MOST:
        raise NoSecret(f"the secret {named(how, what)} is larger than {MOST // 1024} KiB")
    try:
        return data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise NoSecret(f"the secret {named(how, what)} is not UTF-8 text") from None
