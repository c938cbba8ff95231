"""The obligations of a project: the regimes that are shipped, its own, its holidays and its zone."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from runbook.document.load import load
from runbook.document.regime import Regime
from runbook.document.suggest import did_you_mean
from runbook.errors import UsageError
from runbook.incident.obligations.calendars import federal, local, public
from runbook.incident.obligations.deadlines import Here
from runbook.incident.obligations.naming import Rules
from runbook.incident.obligations.regimes import Regimes, Version
from runbook.journal.record import sha256

if TYPE_CHECKING:
    from runbook.bootstrap.documents import Documents

NEW_YORK = "America/New_York"


def obligations_of(project: Documents) -> Rules:
    """By what obligations are counted here; UsageError, DocumentError where the config says what cannot be."""
    from runbook import shipped

    settings = project.config.obligations
    ours = [_version(project, path, path.read_bytes(), path.name) for path in sorted(shipped.regimes().glob("*.yaml"))]
    own = [_own(project, project.entries.policy(name, "regime")) for name in settings.files]
    here = Here(
        _zone(settings.zone or "UTC"),
        partial(local, settings.holidays, public),
        lambda: (_zone(NEW_YORK), federal(public)),
        frozenset(settings.entity),
    )
    return Rules(Regimes(ours, own, settings), here)


def _own(project: Documents, path: Path) -> Version:
    return _version(project, path, project.bytes_of(path), project.shown(path))


def _version(project: Documents, path: Path, data: bytes, shown: str) -> Version:
    document = load(data, project.specs, path=shown).document
    if not isinstance(document, Regime):
        raise UsageError(f"{path} is not a Regime document", hint="its kind must be `Regime`")
    return Version(document, sha256(data))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        known = available_timezones()
        hint = did_you_mean(name, known, what="known are") if known else "install tzdata: this machine has none"
        raise UsageError(f"there is no time zone {name!r}", hint=hint or "name one such as Europe/Berlin") from error
