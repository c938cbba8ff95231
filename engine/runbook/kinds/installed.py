"""Kinds that other installed packages bring, by the entry point `runbook.kinds`.

Most installations have none, and importing `importlib.metadata` takes as long as parsing twenty runbooks; so the
files that it would read are glanced at first, and it is asked only when one of them names our group.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import Any

from runbook.document.spec import KindSpec
from runbook.errors import UsageError

ENTRY_POINTS = "runbook.kinds"

_SECTION = f"[{ENTRY_POINTS}]".encode()
_METADATA = (".dist-info", ".egg-info")


@cache
def brought(path: tuple[str, ...]) -> dict[str, str]:
    """Name → module path of every kind that another package on this path (Python's own, `sys.path`) brings."""
    if not any(map(_may_bring, path)):
        return {}
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}


def _may_bring(folder: str) -> bool:
    """Whether a package in a folder of the path names our group; an archive is not opened, and may."""
    try:
        names = os.listdir(folder or ".")  # noqa: PTH208 - names are all that is wanted of some hundred entries
    except NotADirectoryError:
        return True
    except OSError:
        return False
    return any(_names_us(os.path.join(folder, name)) for name in names if name.endswith(_METADATA))  # noqa: PTH118


def _names_us(package: str) -> bool:
    try:
        with open(f"{package}/entry_points.txt", "rb") as file:  # noqa: PTH123
            return _SECTION in file.read()
    except OSError:
        return False


def imported(name: str, path: str) -> Any:
    """The module of a kind that another package brings; UsageError that names it if it cannot be used."""
    try:
        module = import_module(path)
        spec = module.SPEC
    except Exception as error:  # a stranger's module may raise anything, and none of it is our bug
        raise _unusable(name, path, f"{type(error).__name__}: {error}") from error
    if not isinstance(spec, KindSpec):
        raise _unusable(name, path, f"its SPEC is a {type(spec).__name__}, not a KindSpec")
    if spec.name != name:
        raise _unusable(name, path, f"its SPEC is that of {spec.name!r}")
    return module


def _unusable(name: str, path: str, why: str) -> UsageError:
    return UsageError(
        f"the kind {name!r} of an installed package cannot be used: module {path}: {why}",
        hint="repair or uninstall that package; `pip show --files` tells which one has the module",
    )
