"""A run as its records tell it: the read model behind reports, lists, gates open for votes, and undo.

`History` is a fold: `take` every record of a stream in order. It needs no document, no kind and no machine, so it can
read the journal of any version; an unknown event changes nothing but the time. What was dropped of a record is told of
in its place, and is nothing that could be acted on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec

from runbook.core.addresses import last, parts
from runbook.core.advice import Found
from runbook.core.changes import Change, Outcome
from runbook.core.dropped import Dropped, Tombstone, undo_needs
from runbook.core.extraction import completed
from runbook.core.gates import Vote
from runbook.core.records import Written, retold
from runbook.core.remains import remains, terms_of
from runbook.core.signing import Sieve
from runbook.core.views import AppliedChange, FollowUp, GateView, OptionView, QuestionView, Row, advised
from runbook.core.words import Applied, RunOutcome, Status, StepStatus
from runbook.document.typed import converted


class History:
    """The fold of a run's stream. Attributes are facts; nothing here is guessed."""

    def __init__(self) -> None:
        self.started: Mapping[str, Any] = {}
        self.started_at = 0.0
        self.ended_at: float | None = None
        self.last_at = 0.0
        self.size = 0
        self.rows: dict[str, Row] = {}
        self.gates: dict[str, GateView] = {}
        self.questions: dict[str, QuestionView] = {}
        self.options: dict[str, OptionView] = {}
        self.findings: dict[str, Found] = {}  # by the step's address
        self.follow_ups: dict[str, FollowUp] = {}  # by option
        self.intents: dict[str, tuple[float, Mapping[str, Any]]] = {}
        self.doubts: dict[str, str] = {}
        self.still_running: dict[str, str] = {}
        self.changes: dict[str, AppliedChange] = {}
        self.messages: list[Mapping[str, Any]] = []
        self.pages: list[Mapping[str, Any]] = []
        self.evidence: dict[str, Mapping[str, Any]] = {}
        self.notes: list[Mapping[str, Any]] = []
        self.execs: dict[str, dict[str, Any]] = {}  # what was done by hand within this run, by the id of its own run
        self.initiators: list[str] = []
        self.aborted: Mapping[str, Any] | None = None
        self.finished: Mapping[str, Any] | None = None
        self.undone_by: dict[str, str] = {}
        self._only_noted: set[str] = set()  # of these, those that nothing else here says to be taken back
        self.took_back: list[str] = []  # keys of changes, of this run or of the one that it undoes
        self.waits: dict[str, float] = {}
        self._plans: dict[str, Change] = {}
        self._disproved: set[str] = set()  # intents that are proven not to be applied: nobody's word makes it otherwise
        self._stood: dict[str, StepStatus] = {}  # where a step stood before its undo was begun, by the undo's key
        self._lost: dict[str, Tombstone] = {}  # by a step's address, what its plan has lost that an undo would need
        self._sieve: Sieve[Written] = Sieve()

    # --- what is asked of it ------------------------------------------------------------------------------

    @property
    def outcome(self) -> RunOutcome | None:
        """What came of the run; None while it is open."""
        return RunOutcome(self.finished["outcome"]) if self.finished else None

    @property
    def continued(self) -> Mapping[str, Any] | None:
        """The run that goes on from this one: its id as `run`, `runbook` and `parameters`; None where none does."""
        continued: Mapping[str, Any] | None = (self.finished or {}).get("continued")
        return continued

    def status(self, *, alive: bool) -> Status:
        """Where the run is; `alive` says whether somebody runs it now."""
        if self.finished is not None:
            return Status.FINISHED
        if self.open_gates or self.open_questions or self.doubts:
            return Status.WAITING
        return Status.RUNNING if alive else Status.INTERRUPTED

    @property
    def open_gates(self) -> list[GateView]:
        """Gates without a decision."""
        return [gate for gate in self.gates.values() if gate.decision is None and not self.finished]

    @property
    def open_questions(self) -> list[QuestionView]:
        """Questions without an answer."""
        return [question for question in self.questions.values() if question.answer is None and not self.finished]

    @property
    def applied(self) -> list[AppliedChange]:
        """What reached the world and was not taken back, in order."""
        return [change for change in self.changes.values() if not change.undone]

    @property
    def standing(self) -> list[AppliedChange]:
        """What reached the world and was not taken back by this run itself, in order, whatever notes say of others.

        For those who ask the others themselves (`hosts.past.taken_back`): a note is nobody's proof.
        """
        return [change for change in self.changes.values() if not change.undone or change.key in self._only_noted]

    @property
    def in_flight(self) -> list[str]:
        """Keys of changes that were begun, and of which the record does not say yet what came of them."""
        return [key for key in self.intents if key not in self._disproved and key not in self.doubts]

    @property
    def rehearsal(self) -> bool:
        """Whether this was played from a scenario: nothing of it can be gone on with or taken back."""
        return "scenario" in (self.started.get("source") or {})

    @property
    def runbook(self) -> str:
        """Name of the runbook."""
        return str(self.started.get("runbook", ""))

    def pointed_by(self, option: str) -> tuple[str, ...]:
        """The steps whose findings point to an option."""
        return tuple(found.step for found in self.findings.values() if found.points_to == option)

    @property
    def environment(self) -> str | None:
        """Name of the environment that it takes place in; None for a project without any."""
        name = self.started.get("environment")
        return str(name) if name else None

    @property
    def target(self) -> Mapping[str, str] | None:
        """What it works on, named once; None where the runbook declares nothing."""
        return self.started.get("target")

    def left(self, follow_up: FollowUp, gone: Collection[str] = ()) -> tuple[Mapping[str, Any], ...]:
        """What of a follow-up is still changed; `gone` are keys that are known to be taken back elsewhere."""
        there = {change.key for change in self.applied} - set(gone)
        return tuple(change for change in follow_up.changes if change.get("key") in there)

    def held(self, seq: int) -> bool:
        """Whether a word of somebody is held back until its runner has judged its signature."""
        return seq in self._sieve.unjudged

    def planned(self, path: str) -> Change | None:
        """The newest plan of a step, that of its undo included: what an open gate is about."""
        return next((change for key, change in reversed(self._plans.items()) if address(key) == path), None)

    # --- the fold -----------------------------------------------------------------------------------------

    def take(self, record: Written) -> History:
        """Fold one record in."""
        if self.size == 0:
            self.started_at = record.time
        self.size += 1
        self.last_at = record.time
        for each in self._sieve.take(record):
            fold = _FOLDS.get(each.type)
            if fold is not None and each.dropped:
                self._take_what_is_left(each, fold)
            elif fold is not None:
                fold(self, each)
        return self

    def _take_what_is_left(self, record: Written, fold: Callable[[History, Written], None]) -> None:
        """A record of which something was dropped. The start keeps its marks: whoever goes on from it must see them."""
        if record.type == "run.started":
            self._started(record)
        elif isinstance(record.data, Dropped):
            self._row(record).reason = record.data.tombstone.text
        else:
            fold(self, retold(record))

    def _row(self, record: Written) -> Row:
        path = address(record.key or "")
        data = record.data
        row = self.rows.get(path)
        if row is None:
            row = self.rows[path] = Row(path=path, id=data.get("id") or last(path))
        row.key = record.key
        row.phase = data.get("phase") or row.phase
        row.kind = data.get("kind") or row.kind
        row.title = data.get("title") or row.title
        return row

    def _started(self, record: Written) -> None:
        self.started = record.data
        self._initiator(record)

    def _initiator(self, record: Written) -> None:
        said = str(record.data.get("initiator") or record.data.get("by") or record.actor.id)
        for who in (said, record.actor.id) if record.actor.kind == "person" else (said,):
            if who not in self.initiators:
                self.initiators.append(who)

    def _observed(self, record: Written) -> None:
        data = record.data
        row = self._row(record)
        self.findings.pop(row.path, None)
        if data.get("arrived"):  # whether a change has taken effect: the row stays the change's
            row.arrived = data.get("verdict")
            row.output = completed(row.output, data.get("output", {}))
            if data.get("verdict") != "pass":
                row.become("failed")
                row.reason = data.get("reason") or _message(data.get("error"))
            row.finished = record.time
            return
        row.effect = "read"
        row.become("observed" if data.get("status") == "succeeded" else "unreadable")
        row.verdict = data.get("verdict")
        row.output = data.get("output", {})
        row.reason = data.get("reason")
        row.error = data.get("error")
        row.tries = int(data.get("tries", 1))
        row.rounds += 1 if data.get("round") else 0
        row.attested = bool(data.get("attested"))
        row.started = row.started if row.rounds > 1 else data.get("started", record.time)
        row.finished = record.time

    def _planned(self, record: Written) -> None:
        data = record.data
        row = self._row(record)
        row.error = data.get("error")
        row.reason = data.get("nothing") or data.get("refused") or _message(data.get("error"))
        if data.get("change"):
            change = self._change(record, row)
            self._plans[record.key or ""] = change
            if row.phase != "undo":
                row.change, row.digest, row.effect = change, data.get("digest"), str(change.effect)
            row.become("planned")
        elif data.get("waits_for"):
            row.waits_for, row.exact = tuple(data["waits_for"]), False
            row.become("planned")
        else:
            row.become("skipped" if data.get("nothing") else "failed")

    def _change(self, record: Written, row: Row) -> Change:
        """The change as it was planned, or what is left of it."""
        said = record.data["change"]
        if not record.dropped:
            return converted(said, Change)
        change, missed = remains(said, record.dropped, row.kind, str(record.data.get("digest")))
        if missed is not None:
            self._lost[row.path] = missed
        return change

    def _gate_opened(self, record: Written) -> None:
        data = record.data
        key = record.key or ""
        self.gates[key] = GateView(
            key=key,
            option=data["option"],
            digest=data["digest"],
            terms=terms_of(data["terms"], record.dropped),
            deadline=data["deadline"],
            attempt=data["attempt"],
            opened=record.time,
            changes=tuple(one for one in data.get("changes", ()) if not record.dropped or "path" in one),
            frozen=data.get("frozen"),
            changed=data.get("changed"),
            later=tuple(data.get("later", ())),
            proves_nothing=tuple(data.get("proves_nothing", ())),
            caution=data.get("caution"),
            advice=advised(data),
            elsewhere=tuple(data.get("elsewhere", ())),
            votes=[],
        )
        self._of_gate(self.gates[key], "gated")

    def _of_gate(self, gate: GateView, event: str) -> None:
        for shown in gate.changes:
            if shown["path"] in self.rows:
                self.rows[shown["path"]].become(event)

    def _voted(self, record: Written) -> None:
        gate = self.gates.get(str(record.data.get("gate")))
        if gate is not None:
            gate.votes.append(vote_of(record))

    def _judged(self, record: Written) -> None:
        """A vote that its runner has looked at, and does not count."""
        if record.data["counts"]:
            return
        for gate in self.gates.values():
            gate.votes[:] = [
                msgspec.structs.replace(vote, refused=str(record.data.get("reason")))
                if vote.seq == record.data["seq"]
                else vote
                for vote in gate.votes
            ]

    def _decided(self, record: Written) -> None:
        gate = self.gates.get(record.key or "")
        if gate is None:
            return
        gate.decision, gate.decided = record.data, record.time
        verdict = record.data["verdict"]
        self._of_gate(gate, {"granted": "granted", "skipped": "skipped"}.get(verdict, "denied"))

    def _asked(self, record: Written) -> None:
        data = record.data
        key = record.key or ""
        self.questions[key] = QuestionView(
            key=key,
            id=data.get("id"),
            purpose=data["purpose"],
            question=data["question"],
            choices=tuple(data.get("choices", ())),
            type=data.get("type", "string"),
            deadline=data.get("deadline"),
            opened=record.time,
            advice=advised(data),
        )
        if data.get("id"):
            row = self._row(record)
            row.started = record.time
            row.become("asked")

    def _answered(self, record: Written) -> None:
        question = self.questions.get(record.key or "")
        if question is None or question.answer is not None:
            return
        question.answer = {**record.data, "by": record.data.get("by") or record.actor.id}
        if question.purpose == "verification" and record.data.get("value") in ("pass", "fail"):
            self._attested(address(question.key), question.answer)
        if question.id:
            row = self._row(record)
            failed = record.data.get("expired") or (
                question.purpose == "manual" and record.data.get("value") == "failed"
            )
            skipped = question.purpose == "manual" and record.data.get("value") == "skipped"
            row.become("failed" if failed else "skipped" if skipped else "answered")
            row.output = {"value": record.data.get("value"), "note": record.data.get("reason")}
            row.finished = record.time

    def _attested(self, path: str, answer: Mapping[str, Any]) -> None:
        """A person said of a verification what its checks could not see."""
        said = f": {answer['reason']}" if answer.get("reason") else ""
        for row in self.rows.values():
            if row.path.startswith(f"{path}/") and row.verdict == "unknown":
                row.verdict, row.attested = str(answer["value"]), True
                row.reason = f"attested by {answer['by']}{said}"

    def _intended(self, record: Written) -> None:
        key = record.key or ""
        self.intents[key] = (record.time, record.data)
        self.doubts.pop(key, None)
        self._disproved.discard(key)
        row = self._row(record)
        if record.data.get("undoes") and row.status not in (StepStatus.STARTED, StepStatus.IN_DOUBT):
            self._stood[key] = row.status
        row.tries = int(record.data.get("attempt", 1))
        row.started = record.time if row.tries == 1 else row.started
        row.become("intended")

    def _confirmed(self, record: Written) -> None:
        key = record.key or ""
        if record.data.get("found") == "unknown":
            self.doubts[key] = str(record.data.get("reason", ""))
            if record.data.get("running"):
                self.still_running[key] = str(record.data["running"])
            row = self._row(record)
            row.become("doubted")
            row.reason = record.data.get("reason")
        elif record.data.get("found") == "not_applied" and key in self.intents:
            self.doubts.pop(key, None)
            self._disproved.add(key)
            row = self._row(record)
            row.become(_AS_BEFORE.get(self._stood.get(key, StepStatus.APPROVED), "disproved"))
            row.reason = record.data.get("reason")

    def _resulted(self, record: Written) -> None:
        missed = next((one.tombstone for one in record.dropped if undo_needs(record.type, one.path)), None)
        self._came(record, converted(dict(record.data), Outcome), missed)

    def _settled(self, record: Written) -> None:
        if record.key in self.intents and record.key not in self._disproved:
            self._initiator(record)
            applied = Applied.YES if record.data.get("as") == "applied" else Applied.NO
            self._came(record, Outcome(applied=applied))

    def _came(self, record: Written, outcome: Outcome, missed: Tombstone | None = None) -> None:
        key = record.key or ""
        intent = self.intents.pop(key, None)
        self.doubts.pop(key, None)
        row = self._row(record)
        row.finished = record.time
        row.error = msgspec.to_builtins(outcome.error) if outcome.error else None
        row.reason = outcome.error.message if outcome.error else None
        undoes = intent[1].get("undoes") if intent else None
        if undoes:
            self._taken_back(undoes, row, outcome)
            return
        row.applied = str(outcome.applied)
        row.output = outcome.output or row.output
        row.become("applied" if outcome.applied is Applied.YES and outcome.error is None else "failed")
        if outcome.applied.touched and row.change is not None:
            self.changes[key] = AppliedChange(
                key=key,
                path=row.path,
                id=row.id,
                change=row.change,
                outcome=outcome,
                at=record.time,
                lost=missed or self._lost.get(row.path),
            )

    def _taken_back(self, key: str, row: Row, outcome: Outcome) -> None:
        if outcome.applied is Applied.YES and outcome.error is None:
            row.become("applied")
            row.become("undone")
            self.took_back.append(key)
            if key in self.changes:
                self.changes[key] = msgspec.structs.replace(self.changes[key], undone=True)
        else:
            row.become("failed")

    def _sent(self, record: Written) -> None:
        _told(self.messages, record)

    def _paged(self, record: Written) -> None:
        _told(self.pages, record)

    def _preserved(self, record: Written) -> None:
        self.evidence[str(record.data.get("id"))] = {**record.data, "at": record.time}

    def _noted(self, record: Written) -> None:
        data = record.data
        about = data.get("about")
        if about == "step":
            row = self._row(record)
            self.findings.pop(row.path, None)
            row.become("observed" if data.get("status") == "succeeded" else str(data.get("status")))
            row.verdict = data.get("verdict") or row.verdict
            row.reason = data.get("reason")
            row.finished = record.time
        elif about in ("option", "when"):
            view = self.options.setdefault(data["option"], OptionView(id=data["option"]))
            view.ended = data.get("ended") or view.ended
            view.when = data.get("when") or view.when
            view.reason = data.get("reason")
            view.continues = data.get("continues") or view.continues
            view.cautions = tuple(data.get("cautions", view.cautions))
            view.step_cautions = data.get("step_cautions", view.step_cautions)
        elif about == "finding":
            path = address(record.key or "")
            step = str(data.get("id") or last(path))
            points_to, unknown = data.get("points_to"), bool(data.get("unknown"))
            self.findings[path] = Found(step=step, say=str(data.get("say")), points_to=points_to, unknown=unknown)
        elif about == "follow_up":
            undo = None if self.rehearsal else data.get("undo")
            words = {"option": data["option"], "since": data["since"], "due": data["due"], "undo": undo}
            self.follow_ups[data["option"]] = FollowUp(changes=tuple(data["changes"]), **words)
        elif about == "follow_up_closed" and data["option"] in self.follow_ups:
            closed = {"by": record.actor.id, "at": record.time, "reason": str(data.get("reason"))}
            follow_up = self.follow_ups[data["option"]]
            self.follow_ups[data["option"]] = msgspec.structs.replace(follow_up, closed=closed)
        elif about == "undone":
            self._undone_elsewhere(data)
        elif about == "exec":
            self._by_hand(record)
        else:
            self.notes.append({**data, "at": record.time, "by": record.actor.id})

    def _by_hand(self, record: Written) -> None:
        """A command that somebody ran within this run began, or ended."""
        said = {name: value for name, value in record.data.items() if name != "about"}
        known = self.execs.get(str(said.get("exec")))
        if known is None:
            self.execs[str(said.get("exec"))] = {**said, "at": record.time, "by": record.actor.id}
        elif known.get("state") != "ended":
            known.update(said, ended=record.time)

    def _undone_elsewhere(self, data: Mapping[str, Any]) -> None:
        for key in data.get("changes", ()):
            self.undone_by[key] = str(data.get("by", ""))
            change = self.changes.get(key)
            if change is not None and not change.undone:
                self._only_noted.add(key)
                self.changes[key] = msgspec.structs.replace(change, undone=True)

    def _abort(self, record: Written) -> None:
        self.aborted = {**record.data, "at": record.time, "by": record.data.get("by") or record.actor.id}

    def _ended(self, record: Written) -> None:
        self.finished = record.data
        self.ended_at = record.time


# An undo that was not applied leaves its step where it stood: what the step changed is still there, as it was.
_AS_BEFORE: Mapping[StepStatus, str] = {StepStatus.SUCCEEDED: "applied", StepStatus.FAILED: "failed"}


def history(records: Iterable[Written]) -> History:
    """The fold of all these records."""
    fold = History()
    for record in records:
        fold.take(record)
    return fold


def address(key: str) -> str:
    """The step's full address: its key without verb and number."""
    return key.rsplit(":", 1)[0]


def short(path: str) -> str:
    """A step's address as people write it: without the option in front of what is unambiguous."""
    split = parts(path)
    if len(split) == 4 and split[0] == "resolution" and split[2] == "verification":
        return f"verification/{split[3]}"
    return path


def vote_of(record: Written) -> Vote:
    """A vote as the gate's fold counts it."""
    data = record.data
    return Vote(
        verdict=data["verdict"],
        by=record.actor.id,
        digest=data["digest"],
        at=record.time,
        seq=record.seq,
        reason=data.get("reason"),
        via=record.actor.via,
        break_glass=bool(data.get("break_glass")),
    )


def _told(known: list[Mapping[str, Any]], record: Written) -> None:
    """One more message; or what came of one that was still on its way when the run went on."""
    said = {**record.data, "at": record.time, "key": record.key}
    for number, one in enumerate(known):
        if record.key is not None and one["key"] == record.key:
            known[number] = {**said, "at": one["at"]}
            return
    known.append(said)


def _message(error: Any) -> str | None:
    return str(error["message"]) if isinstance(error, Mapping) and "message" in error else None


_FOLDS: dict[str, Callable[[History, Written], None]] = {
    "run.started": History._started,
    "run.resumed": History._initiator,
    "step.observed": History._observed,
    "change.planned": History._planned,
    "gate.opened": History._gate_opened,
    "vote.given": History._voted,
    "word.judged": History._judged,
    "decision.given": History._decided,
    "question.opened": History._asked,
    "answer.given": History._answered,
    "change.intended": History._intended,
    "change.confirmed": History._confirmed,
    "change.resulted": History._resulted,
    "settlement.given": History._settled,
    "message.sent": History._sent,
    "page.sent": History._paged,
    "evidence.preserved": History._preserved,
    "note.added": History._noted,
    "abort.requested": History._abort,
    "run.finished": History._ended,
}
