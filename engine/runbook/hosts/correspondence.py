"""What a run's messages have to do with each other, and with the incident that the run belongs to.

They stand in one thread with what was said of the incident before, they bear its mark, and where the incident may not
be told, the run tells nothing either. Asked anew for each message: an incident can become confidential while it lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.document.model import Channel
from runbook.document.words import Audience
from runbook.hosts.past import stream_of
from runbook.incident import audiences, desk
from runbook.incident.history import Incident
from runbook.incident.messages import messages
from runbook.incident.telling import seen
from runbook.incident.wording import marked
from runbook.journal import Journal


class Correspondence:
    """Of one run; `incident` is the id of its incident, None where it has none."""

    def __init__(self, journal: Journal, run: str, incident: str | None) -> None:
        self._journal = journal
        self._run = run
        known = incident is not None and journal.head(desk.stream_of(incident)) is not None
        self._incident = incident if known else None

    @property
    def incident(self) -> str | None:
        """The incident's id, where its record is in this store."""
        return self._incident

    def withheld(self, channel: Channel) -> tuple[str, str] | None:
        """Why a channel is not told: a word and a sentence; None where it is."""
        incident = self._told()
        return None if incident is None else audiences.withheld(incident, channel)

    def before(self, channel: str) -> Mapping[str, Any] | None:
        """What the channel gave for the first message about the incident, else about the run."""
        if self._incident is not None:
            return seen(self._journal, self._incident)[1].before(channel)
        return messages(self._journal.read(stream_of(self._run))).before(channel)

    def marked(self, text: str, channel: Channel) -> str:
        """The text with the incident's marks around it."""
        incident = self._told()
        if incident is None:
            return text
        return marked(incident, text, customers=channel.audience is Audience.CUSTOMERS)

    def _told(self) -> Incident | None:
        return None if self._incident is None else desk.told(self._journal, self._incident)
