"""The image of one container in a pod template, and the JSON Patch that changes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.kinds import containers
from runbook.kinds.containers import Edit

IMAGE = "image"


def edited(template: Mapping[str, Any], container: str | None, wanted: Mapping[str, str | None]) -> Edit:
    """The edit that gives a container `wanted["image"]`; NotEditable where it is not clear which one."""
    copy = containers.copied(template)
    root, where, one = containers.found(copy, container)
    before, after = str(one.get(IMAGE, "")), str(wanted[IMAGE])
    name, tests = one["name"], {f"{root}/name": one["name"], f"{root}/{IMAGE}": before}
    if before == after:
        return Edit(name, f"{where}/", [], tests, {}, {}, copy)
    one[IMAGE] = after
    operations = [{"op": "replace", "path": f"{root}/{IMAGE}", "value": after}]
    return Edit(name, f"{where}/", operations, tests, {IMAGE: before}, {IMAGE: after}, copy)


def floats(image: str) -> bool:
    """True where the name says nothing of what is in it: no tag, or the tag `latest`."""
    last = image.rpartition("/")[2]
    return "@" not in last and (":" not in last or last.endswith(":latest"))
