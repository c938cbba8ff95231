"""The manifest of a step: written in it, or a file of the project. One object, named, and nothing that is the server's.

A file is read as a document of ours is: YAML 1.2, one document, no anchors, no key twice. kubectl reads YAML 1.1, in
which `on` is true; whatever means two things to the two is text here, and the server then says what it wants. Several
objects are several steps, so that each has its plan, its gate and its undo.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runbook.document import source
from runbook.document.characters import MAX_BYTES
from runbook.errors import DocumentError, ParameterError
from runbook.kinds import json_patches, kubernetes, kubernetes_dangers, kubernetes_secrets
from runbook.kinds.protocol import Inputs, World

_ONE = "a step applies one object; write a step for each, and each is planned and taken back on its own"


def given(inputs: Inputs, world: World) -> dict[str, Any]:
    """The manifest with the values of a Secret as the server keeps them. ParameterError where it is none."""
    file, inline = kubernetes.text(inputs, "file"), inputs.get("manifest")
    if (file is None) is (inline is None):
        raise ParameterError("a step names one manifest: `manifest` or `file`")
    if file is not None:
        return _sound(read(world.project, file), f"{file}: ", world, plain=True)
    return _sound(inline, "step input 'manifest': ", world, plain=False)


def where(manifest: Mapping[str, Any], inputs: Inputs, world: World) -> str:
    """Its namespace: its own, which the step's must not contradict, else the step's, else the connection's."""
    own, asked = manifest["metadata"].get("namespace"), kubernetes.text(inputs, "namespace")
    if own and asked and own != asked:
        raise ParameterError(f"the manifest names namespace {own}, and the step {asked}")
    return str(own) if own else kubernetes.namespace(inputs, world)


def _sound(manifest: Any, at: str, world: World, *, plain: bool) -> dict[str, Any]:
    if isinstance(manifest, list):
        raise ParameterError(f"{at}{len(manifest)} objects; {_ONE}")
    if not isinstance(manifest, Mapping):
        raise ParameterError(f"{at}a manifest is a map, with apiVersion, kind and metadata")
    kind, metadata = manifest.get("kind"), manifest.get("metadata")
    if not isinstance(kind, str) or not isinstance(manifest.get("apiVersion"), str):
        raise ParameterError(f"{at}it has no `apiVersion` or no `kind`")
    if kind == "List" or (kind.endswith("List") and "items" in manifest):
        raise ParameterError(f"{at}a {kind} of {len(manifest.get('items') or ())} objects; {_ONE}")
    if not isinstance(metadata, Mapping) or not isinstance(metadata.get("name"), str) or not metadata["name"]:
        raise ParameterError(f"{at}`metadata.name` is missing; a name that the server makes up cannot be planned")
    paths = json_patches.leaves({key: value for key, value in manifest.items() if key not in ("apiVersion", "kind")})
    forbidden = kubernetes_dangers.untouchable([one for one in paths if one not in _NAMED])
    if forbidden:
        raise ParameterError(f"{at}{forbidden}")
    if kind == kubernetes_secrets.SECRET:
        return kubernetes_secrets.resolved(manifest, world, plain=plain)
    made: dict[str, Any] = json_patches.copied(manifest)
    return made


_NAMED = ("/metadata/name", "/metadata/namespace")


def read(project: Path, name: str) -> dict[str, Any]:
    """One document. ParameterError for what is outside of the project, no file, too large, or no YAML."""
    path, root = Path(os.path.normpath(project / name)), project.resolve()
    if Path(name).is_absolute() or "\0" in name or not path.resolve().is_relative_to(root):
        raise ParameterError(f"{name!r} is outside of the project", hint="name a file below the folder of runbook.yaml")
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)  # a FIFO has no writer to wait for
    except OSError as error:
        raise ParameterError(f"the manifest {name!r} cannot be read: {error.strerror}") from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise ParameterError(f"the manifest {name!r} is not a regular file")
        data = os.read(fd, MAX_BYTES + 1)
    finally:
        os.close(fd)
    try:
        return source.parse(data, name).data
    except DocumentError as error:
        first = error.findings[0]
        more = f"; {_ONE}" if first.code == "RB006" else ""
        raise ParameterError(f"{name}:{first.line}:{first.column}: {first.message}{more}") from error
