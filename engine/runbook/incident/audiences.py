"""Which channel may be told of an incident at all, and why another is not.

    a confidential incident    only channels that are marked `confidential`, and never customers
    TLP:RED                    likewise: it is for those who are in the room
    TLP:AMBER, AMBER+STRICT    never customers, never a status page (FIRST, TLP 2.0)
    TLP:GREEN                  no status page, which everybody can read

The terminal of whoever types is nobody else's. What is kept back is recorded as such, with the reason.
"""

from __future__ import annotations

from typing import NamedTuple

from runbook.document.frames.channels import PAGES
from runbook.document.model import Channel
from runbook.document.words import Audience
from runbook.incident.history import Incident
from runbook.incident.words import Tlp


class Withheld(NamedTuple):
    """Why a channel is not told: a word for programs, and a sentence."""

    code: str
    message: str


def withheld(incident: Incident, channel: Channel) -> Withheld | None:
    """Why a channel may not be told of this incident; None where it may."""
    if channel.type == "console":
        return None
    customers = channel.audience is Audience.CUSTOMERS
    page = channel.type in PAGES
    if incident.confidential and (customers or page):
        return Withheld(
            code="confidential", message=f"{incident.id} is confidential: customers and status pages are not told"
        )
    if incident.confidential and not channel.confidential:
        return Withheld(
            code="confidential", message=f"{incident.id} is confidential, and {channel.name!r} is not marked so"
        )
    return _by_mark(incident, channel, customers=customers, page=page)


def _by_mark(incident: Incident, channel: Channel, *, customers: bool, page: bool) -> Withheld | None:
    mark = f"{incident.id} is marked TLP:{incident.tlp}"
    if incident.tlp in (Tlp.RED, Tlp.AMBER, Tlp.AMBER_STRICT) and (customers or page):
        return Withheld(code="tlp", message=f"{mark}, which never goes to customers or a status page")
    if incident.tlp == Tlp.RED and not channel.confidential:
        return Withheld(code="tlp", message=f"{mark}: only channels that are marked `confidential` may be told")
    if incident.tlp == Tlp.GREEN and page:
        return Withheld(code="tlp", message=f"{mark}, and everybody can read a status page")
    return None
