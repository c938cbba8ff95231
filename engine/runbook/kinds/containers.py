"""The container of a pod template that a step means, and where it stands. Pure.

A step need not name the only container of a template. Init containers are meant only where they are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

LISTS = ("containers", "initContainers")
_SPEC = "/spec/template/spec"

Operations = list[dict[str, Any]]
Values = dict[str, str | None]


class NotEditable(Exception):
    """The container cannot be changed as asked; the text says why and what would help."""


class Edit(msgspec.Struct, frozen=True):
    """What changes in one container: values before and after by name (None: not set), for those that change only.

    `where` is the pointer that names begin with, for people: by the container's name. `tests` are JSON pointers and
    what must stand there; `template` is the template afterwards.
    """

    container: str
    where: str
    operations: Operations
    tests: dict[str, Any]
    before: Values
    after: Values
    template: dict[str, Any]


def found(template: Mapping[str, Any], name: str | None) -> tuple[str, str, dict[str, Any]]:
    """The container's pointer, its pointer by name, and itself; NotEditable unless it is clear which one is meant."""
    spec = template["spec"]
    names = [one["name"] for one in spec["containers"]]
    if name is None and len(names) > 1:
        raise NotEditable(f"it has several containers; name one with `container`: {', '.join(names)}")
    for part in LISTS:
        for index, one in enumerate(spec.get(part) or []):
            if name in (None, one["name"]):
                return f"{_SPEC}/{part}/{index}", f"{_SPEC}/{part}/{one['name']}", one
    names += [one["name"] for one in spec.get("initContainers") or []]
    raise NotEditable(f"it has no container {name!r}; there are {', '.join(names)}")


def copied(template: Mapping[str, Any]) -> dict[str, Any]:
    """A template of one's own."""
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(template))
    return copy
