"""What a run's messages have to do with each other, and with the incident that the run belongs to.

They stand in one thread with what was said of the incident before, they bear its mark, and where the incident may not
be told, the run tells nothing either. Asked anew for each message: an incident can become confidential while it lasts.

Most runs tell nobody and belong to no incident, and do not wait for the code of incidents to be imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runbook.document.words import Audience
from runbook.hosts.past import stream_of

if TYPE_CHECKING:
    from runbook.document.model import Channel
    from runbook.incident.history import Incident
    from runbook.journal import Journal


class Correspondence:
    """Of one run; `incident` is the id of its incident, None where it has none."""

    def __init__(self, journal: Journal, run: str, incident: str | None) -> None:
        self._journal = journal
        self._run = run
        self._incident = incident if incident is not None and _is_here(journal, incident) else None

    @property
    def incident(self) -> str | None:
        """The incident's id, where its record is in this store."""
        return self._incident

    def withheld(self, channel: Channel) -> tuple[str, str] | None:
        """Why a channel is not told: a word and a sentence; None where it is."""
        incident = self._told()
        if incident is None:
            return None
        from runbook.incident.audiences import withheld

        return withheld(incident, channel)

    def before(self, channel: str) -> Mapping[str, Any] | None:
        """What the channel gave for the first message about the incident, else about the run."""
        if self._incident is not None:
            from runbook.incident.telling import seen

            return seen(self._journal, self._incident, [])[1].before(channel)
        from runbook.incident.messages import messages

        return messages(self._journal.read(stream_of(self._run))).before(channel)

    def marked(self, text: str, channel: Channel) -> str:
        """The text with the incident's marks around it."""
        incident = self._told()
        if incident is None:
            return text
        from runbook.incident.wording import marked

        return marked(incident, text, customers=channel.audience is Audience.CUSTOMERS)

    def _told(self) -> Incident | None:
        if self._incident is None:
            return None
        from runbook.incident.desk import told

        return told(self._journal, self._incident)


def _is_here(journal: Journal, incident: str) -> bool:
    from runbook.incident.desk import stream_of as stream

    return journal.head(stream(incident)) is not None
