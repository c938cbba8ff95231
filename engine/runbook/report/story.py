"""A run as it goes, told in facts: one line for each record that matters to a person, under the heading of its phase.

Both views of a running run (`lines`, `live`) print what is told here, so that they mention the same facts. Checks are
told round by round, not one by one.
"""

from __future__ import annotations

from datetime import tzinfo

from runbook.core.addresses import last
from runbook.core.commands import Command, Observe
from runbook.core.dropped import Dropped
from runbook.core.history import History, address
from runbook.core.records import Written
from runbook.core.views import GateView, Row
from runbook.document.model import Runbook
from runbook.report.advice import reachable
from runbook.report.fact import INFO, Fact, fact
from runbook.report.known import Known
from runbook.report.looks import Looks
from runbook.report.meaning import meaning_facts, pointed
from runbook.report.phrases import VERDICT
from runbook.report.rounds import Rounds
from runbook.report.safe import shown
from runbook.report.tell_run import TELL_RUN
from runbook.report.tell_step import TELL_STEP


class Story:
    """Takes records in order and gives the facts that follow; keeps the history that they are told from.

    `zone` is the reader's; None is the system's. With `singly`, what is told of a record is of that record only: no
    rounds are gathered, and nothing that earlier ones meant is told with it.
    """

    def __init__(self, book: Runbook | None = None, zone: tzinfo | None = None, *, singly: bool = False) -> None:
        self._singly = singly
        self.zone = zone
        self.history = History()
        self.known = Known(book)
        self.rounds = Rounds(self.known)
        self.looks = Looks(self.known)
        self.confirmed_at: float | None = None
        self._shown: dict[str, dict[str, int]] = {}  # of each gate: where the change of a path stands in it
        self._meant = True  # whether what triage means has been told

    def performing(self, command: Command) -> None:
        """A command begins: of a round, so that it is known when the round is complete."""
        if isinstance(command, Observe) and command.phase == "verification":
            self.rounds.begun(command.key, command.round)

    def take(self, record: Written, *, past: bool = False) -> list[Fact]:
        """Fold one record in; what there is to tell of it. Of one that is `past`, told before, no sentence is made."""
        self.history.take(record)
        if isinstance(record.data, Dropped):
            return [fact(record, None, INFO, f"{record.type}: {record.data.tombstone.text}")]
        self._confirmed(record)
        self.looks.take(record)
        if self._singly:
            return self._told(record)
        facts = [self._round(record.time)] if self.rounds.ends_before(record) else []
        facts += self._meaning(record)
        if self.rounds.takes(record):
            return [*facts, self._round(record.time)] if self.rounds.complete else facts
        return facts if past else facts + self._told(record)

    def _meaning(self, record: Written) -> list[Fact]:
        """What triage means, all of it once more before an option is begun."""
        if record.type == "note.added" and record.data.get("about") == "finding":
            self._meant = False
        begins = record.type == "run.finished" or (record.key or "").startswith(("resolution/", "verification/"))
        if self._meant or not begins:
            return []
        self._meant = True
        return meaning_facts(record, self.history)

    def _told(self, record: Written) -> list[Fact]:
        if record.type in TELL_RUN:
            return TELL_RUN[record.type](record) + reachable(record, self.history)
        tell = TELL_STEP.get(record.type)
        return tell(self, record) if tell else []

    def _confirmed(self, record: Written) -> None:
        """Timers of messages and of the escalation count from the first record after the symptoms."""
        key = record.key or ""
        if self.confirmed_at is None and key and not key.startswith("symptoms"):
            self.confirmed_at = record.time

    def _round(self, at: float) -> Fact:
        done = self.rounds.close()
        mark = VERDICT[done.verdict] if done.number else INFO
        return Fact(at, done.phase, mark, done.text, round=done.verdict)

    def phase(self, key: str) -> str | None:
        """The heading that belongs to a command's key."""
        if self.history.started.get("within"):
            return "By hand"
        look = self.looks.of(key)
        again = key.rsplit("#", 1)[-1] != str(look.number if look else 1)
        match address(key).split("/"):
            case ["symptoms", *_]:
                return "Symptoms, once more" if again else "Symptoms"
            case ["triage", *_]:
                return "Triage, once more" if again else "Triage"
            case ["verification", *_]:
                return "Checks before the change"
            case ["resolution", option, "verification", *_]:
                return f"Verification of {shown(option)}"
            case ["resolution", option, *_]:
                return f"Option {self.named(option)}"
            case ["finally", *_]:
                return "Finally"
        return None

    def named(self, option: str) -> str:
        """An option as people know it, marked where findings point to it."""
        return shown(f"{self.known.named(option)}{pointed(self.history.pointed_by(option))}")

    def called(self, row: Row) -> str:
        """A step as people know it: `roll_back: Return to the last good revision`."""
        title = row.title or self.known.title(row.id)
        return shown(f"{row.id}: {title}" if title else row.id)

    def place(self, gate: GateView, path: str) -> int | None:
        """Where the change of a step stands among those of a gate."""
        if gate.key not in self._shown:
            self._shown[gate.key] = {one["path"]: at for at, one in enumerate(gate.changes)}
        return self._shown[gate.key].get(path)

    def row(self, record: Written) -> Row:
        """The row of a record's step."""
        path = address(record.key or "")
        return self.history.rows.get(path) or Row(path=path, id=last(path))
