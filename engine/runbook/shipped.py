"""Where the files that come with the engine lie: the schemas, the starter library, what messages mean.

In a checkout they are the repository's own `schemas/`, `runbooks/` and `docs/errors.md`; in an installed wheel the
build has put copies beside the code, under `_shipped/`. Nobody else needs to know which of the two it is.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_shipped"
_CHECKOUT = _PACKAGE.parents[1]


def schemas() -> Path:
    """The folder of JSON Schemas, one `<document>.schema.json` for each kind of document."""
    return _folder("schemas")


def library() -> Path:
    """The folder of starter runbooks, a project of its own to copy from; `run` never looks there."""
    return _folder("runbooks")


def templates() -> Path:
    """The folder of what `new` begins a runbook with; part of the package in either case."""
    return _PACKAGE / "authoring" / "templates"


def catalog() -> Path:
    """The catalog of incidents that holds where a project has none; part of the package in either case."""
    return _PACKAGE / "incident" / "catalog.yaml"


def regimes() -> Path:
    """The folder of regimes, laws and rules with deadlines; part of the package in either case."""
    return _PACKAGE / "incident" / "obligations" / "data"


def messages() -> Path:
    """The page that says what each message about documents means."""
    return _folder("docs") / "errors.md"


def _folder(name: str) -> Path:
    return (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT) / name
