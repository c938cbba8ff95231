"""What a run is given before it begins: the `Place` where it happens, and the `Manner` in which its operator wants it.

Made by `bootstrap` and the command line, read by everything that begins, ends or answers runs on this machine. Nothing
is done here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from runbook.clients.secrets import Secrets
from runbook.core.words import Verdict
from runbook.document.model import Channel
from runbook.document.spec import Specs
from runbook.hosts.connections import Connections
from runbook.hosts.incidents import Declares
from runbook.hosts.layout import Layout
from runbook.hosts.signatures import Signatures
from runbook.journal import Actor, Journal
from runbook.policy.people import People

if TYPE_CHECKING:
    from runbook.hosts.sealing import Sealing


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run takes place: the project's folder, journal, connections, channels and people."""

    journal: Journal
    project: Path
    environ: Mapping[str, str]
    connections: Connections
    secrets: Secrets
    channels: tuple[Channel, ...]
    people: People
    policy_digest: str | None
    attempts: Path
    layout: Layout
    specs: Specs
    console: Callable[[str], None]
    sealing: Sealing | None = None


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How the operator wants this drive: `--yes`, `--confirm-symptoms REASON`, `--attest ID=VERDICT`, `--key FILE`.

    `declares` is for a run that begins: it declares an incident for it (`--declare`).
    """

    yes: bool = False
    confirm_symptoms: str | None = None
    attested: Mapping[str, tuple[Verdict, str, str]] = {}
    key: Path | None = None
    declares: Declares | None = None


def signatures(place: Place, stream: str) -> Signatures:
    """What a run's words are signed and judged by."""
    return Signatures(place.journal, place.people, stream)


def operator(place: Place) -> Actor:
    """Who is at this machine, as records name them."""
    return Actor(kind="person", id=place.people.me)
