"""The catalog of incidents: the file that the config names, else the one that is shipped; its exact bytes are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runbook.document.catalog import Catalog
from runbook.document.load import load
from runbook.errors import UsageError

if TYPE_CHECKING:
    from runbook.bootstrap.documents import Documents

SHIPPED = "the shipped catalog"


class Catalogued(NamedTuple):
    """A catalog with its bytes, and what messages call its file."""

    document: Catalog
    data: bytes
    shown: str


def catalog_of(project: Documents) -> Catalogued:
    """The catalog that holds in a project; UsageError, DocumentError where the config names what is none."""
    from runbook import shipped

    name = project.config.catalog
    path: Path | None = None if name is None else project.entries.policy(name, "catalog")
    data = shipped.catalog().read_bytes() if path is None else project.bytes_of(path)
    shown = SHIPPED if path is None else project.shown(path)
    document = load(data, project.specs, path=shown).document
    if not isinstance(document, Catalog):
        raise UsageError(f"{shown} is not a Catalog document", hint="its kind must be `Catalog`")
    return Catalogued(document, data, shown)
