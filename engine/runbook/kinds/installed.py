"""Kinds that other installed packages bring, by the entry point `runbook.kinds`.

Most installations have none, and importing `importlib.metadata` takes as long as parsing twenty runbooks; so the
files that it would read are glanced at first, and it is asked only when one of them names our group.
"""

from __future__ import annotations

import os
import sys

ENTRY_POINTS = "runbook.kinds"

_SECTION = f"[{ENTRY_POINTS}]".encode()
_METADATA = (".dist-info", ".egg-info")


def brought() -> dict[str, str]:
    """Name → module path of every kind that another package brings."""
    if not any(map(_may_bring, sys.path)):
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
