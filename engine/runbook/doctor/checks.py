"""One check as data: where it belongs, what it is about, what is to be asked; and what was told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from runbook.document.model import Channel, Output
from runbook.document.words import Series
from runbook.errors import Exit
from runbook.kinds.kubernetes_needs import Need

PROJECT = "Project"
CONNECTIONS = "Connections"


class Status(StrEnum):
    """What came of a check. `unreachable`: it could not be asked, and what is not known is not healthy."""

    OK = "ok"
    FINDING = "finding"
    UNREACHABLE = "unreachable"
    NOT_CHECKED = "not checked"


class Link(NamedTuple):
    """One connection: its type, and its name where it is not the default of its type."""

    type: str
    name: str | None = None

    def __str__(self) -> str:
        return self.name or self.type


class _Work(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Known(_Work, frozen=True, kw_only=True):
    """Nothing is to be asked: it follows from the documents. `link` is what its step goes through."""

    status: Status
    text: str
    hint: str | None = None
    link: Link | None = None


class Answers(_Work, frozen=True, kw_only=True):
    """A connection answers, and lets us in."""

    link: Link


class Reads(_Work, frozen=True, kw_only=True):
    """A step that only reads gives an answer that can be judged."""

    link: Link | None
    kind: str
    inputs: Mapping[str, Any]
    expect: str | None
    series: Series
    outputs: Mapping[str, Output]
    scope: Mapping[str, object]
    timeout: float


class There(_Work, frozen=True, kw_only=True):
    """An object of a cluster is there. `namespace` None is the connection's."""

    link: Link
    need: Need
    namespace: str | None


class May(_Work, frozen=True, kw_only=True):
    """Permissions in a cluster are granted."""

    link: Link
    needs: tuple[Need, ...]
    namespace: str | None


class OnPath(_Work, frozen=True, kw_only=True):
    """A program can be started here."""

    program: str
    folder: str | None


class Listens(_Work, frozen=True, kw_only=True):
    """Something listens at a web address; nothing is sent to it."""

    link: Link | None
    url: str


class Enters(_Work, frozen=True, kw_only=True):
    """A machine is known by a pinned key, and lets us in."""

    link: Link
    host: str | None


class Fires(_Work, frozen=True, kw_only=True):
    """Prometheus has a rule that makes an alert of this name."""

    link: Link
    alert: str


class Resolves(_Work, frozen=True, kw_only=True):
    """A reference leads to a secret, which nobody else may read."""

    reference: Mapping[str, Any]


class Takes(_Work, frozen=True, kw_only=True):
    """A channel would take a message; none is sent."""

    channel: Channel


class Keeps(_Work, frozen=True, kw_only=True):
    """The journal's store can be written."""

    url: str


Work = Known | Answers | Reads | There | May | OnPath | Listens | Enters | Fires | Resolves | Takes | Keeps


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check: the heading that it stands under, what it is about in a word or two, and the work."""

    group: str
    about: str
    work: Work

    @property
    def link(self) -> Link | None:
        """The connection that it goes through, if it goes through one."""
        return getattr(self.work, "link", None)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was told of a check, and what to do next."""

    check: Check
    status: Status
    text: str
    hint: str | None = None


def counts(told: Sequence[Told]) -> dict[Status, int]:
    """How many of each status, zeros included."""
    return {status: sum(one.status is status for one in told) for status in Status}


def exit_of(told: Sequence[Told]) -> Exit:
    """4 where something could not be asked, else 3 with findings, else 0."""
    found = counts(told)
    if found[Status.UNREACHABLE]:
        return Exit.UNDETERMINED
    return Exit.INVALID if found[Status.FINDING] else Exit.OK
