"""What a team's manifests say about a field that a run has changed: will the next deployment take the change back?

Manifests are read as they stand in Git; what Helm, Kustomize or a controller make of them is not known here, so an
object that no file declares is "unknown", which is no proof of anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from runbook.core.changes import Field, Target
from runbook.kinds.json_patches import DoesNotFit, at

_ENV: Final = "/spec/template/env/"
_IMAGE: Final = "/spec/template/image"
_CONTAINERS: Final = "/spec/template/spec/containers"
_WHOLE: Final = ("/spec/template", "/metadata/uid")  # said in words of ours, which no manifest has


class Agrees(StrEnum):
    """How Git and what a run left there go together."""

    SAME = "same"  # nothing is left to do in Git
    OTHER = "other"  # the next deployment takes the change back
    SILENT = "silent"  # Git declares the object and says nothing of this field
    UNKNOWN = "unknown"  # no file declares the object, several do, or the field cannot be read out of one


class Declared(NamedTuple):
    """What Git says of one field: whether it is what was left there, in which file, and the value that stands there."""

    agrees: Agrees
    path: str | None = None
    value: Any = None


class Manifest(NamedTuple):
    """One object of one file."""

    path: str
    value: Mapping[str, Any]


def declared(manifests: Iterable[Manifest], target: Target, field: Field) -> Declared:
    """What the one manifest of a target says of a field. Two of them, or none, are not guessed from."""
    found = list(_of(manifests, target))
    if len(found) != 1 or field.path in _WHOLE:
        return Declared(Agrees.UNKNOWN, found[0].path if len(found) == 1 else None)
    try:
        value = _value(found[0].value, field.path)
    except (DoesNotFit, LookupError):
        return Declared(Agrees.UNKNOWN, found[0].path)
    if value is None:
        return Declared(Agrees.SAME if field.after is None else Agrees.SILENT, found[0].path)
    return Declared(Agrees.SAME if _alike(value, field.after) else Agrees.OTHER, found[0].path, value)


def _of(manifests: Iterable[Manifest], target: Target) -> Iterator[Manifest]:
    for manifest in manifests:
        about = manifest.value.get("metadata")
        if not isinstance(about, Mapping) or about.get("name") != target.name:
            continue
        if manifest.value.get("kind") == target.kind and about.get("namespace") in (None, target.namespace):
            yield manifest


def _value(manifest: Mapping[str, Any], path: str) -> Any:
    """At a pointer, or where a change names it in shorter words; LookupError where several are meant."""
    containers = at(manifest, _CONTAINERS)
    containers = [one for one in containers if isinstance(one, Mapping)] if isinstance(containers, list) else []
    if path.startswith(_ENV):
        name = path.removeprefix(_ENV)
        return _only([v.get("value") for one in containers for v in one.get("env") or () if v.get("name") == name])
    if path == _IMAGE:
        return _only([one.get("image") for one in containers])
    return at(manifest, path)


def _only(values: list[Any]) -> Any:
    if len(values) > 1:
        raise LookupError
    return values[0] if values else None


def _alike(one: Any, other: Any) -> bool:
    """Environment variables are text in a change, and often a number without quotes in a file."""
    return bool(one == other) or str(one) == str(other)
