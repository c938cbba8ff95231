"""What a step needs of the world to be there, as its kind's `needs(inputs)` says it: data that `runbook doctor` checks.

A kind without `needs` asks for nothing but its connection. What steps on Kubernetes need is in `kubernetes_needs.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from runbook.kinds.protocol import Inputs

PARTS = ("undo", "confirm", "preview")  # inputs of a command that are commands themselves


class Program(NamedTuple):
    """A program on this machine, by name or path; `folder` is what a path is relative to, None for the project's."""

    name: str
    folder: str | None = None


class Machine(NamedTuple):
    """Another machine, through ssh; None for the connection's own."""

    host: str | None = None


class Address(NamedTuple):
    """A server at a web address; a path alone belongs to the connection's."""

    url: str


def programs(inputs: Inputs, shell: str | None = None) -> tuple[Program, ...]:
    """The programs of a command and of its parts: the first word of each argv, or of each `shell` by default."""
    parts = [inputs, *(part for name in PARTS if isinstance(part := inputs.get(name), Mapping))]
    found = (_program(part, shell) for part in parts)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _program(part: Mapping[str, Any], shell: str | None) -> Program | None:
    argv = part.get("argv") or part.get("shell") or ([shell] if shell else [])
    first = argv[0] if isinstance(argv, list | tuple) and argv else None
    folder = part.get("cwd")
    return Program(first, folder if isinstance(folder, str) else None) if isinstance(first, str) else None
