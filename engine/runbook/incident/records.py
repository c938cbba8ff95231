"""The records of an incident's stream `incident/INC-<n>`: their names, by the part that writes and folds them.

Each part folds its own records and passes over all others, so that no part knows another. `data` has snake_case keys;
times in it are written as a record's `at` is. Records are only ever added to: a key that was written once stays.
"""

from __future__ import annotations

from typing import Final

PREFIX: Final = "incident/"

# history: what it is, who leads, when what happened, what belongs to it
DECLARED: Final = "incident.declared"
UPDATED: Final = "incident.updated"
SEVERITY_CHANGED: Final = "incident.severity_changed"
CLASSIFIED: Final = "incident.classified"
TIMED: Final = "incident.timed"
MITIGATED: Final = "incident.mitigated"
RESOLVED: Final = "incident.resolved"
REOPENED: Final = "incident.reopened"
ASSIGNED: Final = "role.assigned"
RELIEVED: Final = "role.relieved"
LINKED: Final = "incident.linked"
JOINED: Final = "run.joined"
NOTED: Final = "note.added"

# messages: what was said to whom, and who was reminded of what
MESSAGE_INTENDED: Final = "message.intended"
MESSAGE_SENT: Final = "message.sent"
REMINDED: Final = "reminder.due"

# clocks: legal and contractual deadlines
JUDGED: Final = "obligation.judged"
ANCHORED: Final = "anchor.set"
ANSWERED: Final = "obligation.answered"
FILED: Final = "obligation.filed"
WAIVED: Final = "obligation.waived"
EXTENDED: Final = "obligation.extended"

# afterwards: what is to be done, and what was learnt
ACTION_ADDED: Final = "action.added"
ACTION_CHANGED: Final = "action.changed"
POSTMORTEM_WRITTEN: Final = "postmortem.written"
REVIEW_HELD: Final = "review.held"

# what is written down about an incident, and did not happen in it: no part of its postmortem's timeline
AFTERWARDS: Final = frozenset((ACTION_ADDED, ACTION_CHANGED, POSTMORTEM_WRITTEN, REVIEW_HELD))
