"""What drives a procedure: commands out, records in. No clock, no I/O.

The machine owns the branches of `Together`, the background of `Beside`, and the abort, so that every host is one
loop, live and replay alike: read a record, `take` it, perform what is new. Feeding the same records gives the same
commands, always; that is resume.

Abort, in order: reads, waits, gates and questions are withdrawn, and changes that were not begun, or are proven
not to have been applied; messages being sent and changes whose intent is written are waited for; nothing follows
from what they give; then `Aborted` is thrown, once, and its handler may only observe, announce and page.

Guests write into the log too (epoch 0): what they say of a command that does not take it is passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from runbook.core.commands import (
    Aborted,
    Announce,
    Apply,
    Beside,
    Command,
    Flow,
    Joined,
    Note,
    Page,
    Together,
    Wait,
)
from runbook.core.records import Taken
from runbook.core.results import RESULTS, SETTLEMENT, answers, decode
from runbook.core.situation import Situation
from runbook.errors import Bug, Diverged

_SENT = (Announce, Page, Note)  # what is said is finished, whatever becomes of the run


class _Branch:
    """One generator and where its value goes."""

    __slots__ = ("background", "done", "flow", "name", "over", "parent", "value", "waiters")

    def __init__(self, flow: Flow, parent: _Join | None, name: str, background: str | None) -> None:
        self.flow = flow
        self.parent = parent
        self.name = name
        self.background = background
        self.over = False
        self.value: Any = None
        self.waiters: list[_Branch] = []


class _Join:
    """A `Together` under way: which branches have ended, and how many needs each of the others lacks."""

    __slots__ = ("dependents", "lacking", "open", "owner", "results", "thunks")

    def __init__(self, owner: _Branch, together: Together) -> None:
        self.owner = owner
        self.results: dict[str, Any] = {}
        self.open = len(together.branches)
        self.thunks = {name: thunk for name, (_, thunk) in together.branches.items()}
        self.lacking = {name: len(needs) for name, (needs, _) in together.branches.items()}
        self.dependents: dict[str, list[str]] = {}
        for name, (needs, _) in together.branches.items():
            for need in needs:
                self.dependents.setdefault(need, []).append(name)


class Machine:
    """Drives one procedure. `pending` maps the keys of handed-out commands to them, in order."""

    def __init__(self, procedure: Callable[[Situation], Flow], situation: Situation) -> None:
        self.situation = situation
        self.pending: dict[str, Command] = {}
        self.withdrawn: list[Command] = []
        self.intended: dict[str, int] = {}
        self.doubts: dict[str, str] = {}
        self.background: set[str] = set()
        self.done = False
        self.value: Any = None
        self.aborting = False
        self._engine = "an unknown version"
        self._last_run = 0.0
        self._issued: set[str] = set()
        self._owners: dict[str, _Branch] = {}
        self._beside: dict[str, _Branch] = {}
        self._out: list[Command] = []
        self._root = _Branch(procedure(situation), None, "", None)

    @property
    def now(self) -> float:
        """The time of the latest record."""
        return self.situation.now

    def start(self, at: float) -> list[Command]:
        """The first commands."""
        self.situation.started = self.situation.now = self._last_run = at
        self._step(self._root, None)
        return self._handed_out()

    def take(self, record: Taken) -> list[Command]:
        """Fold one record in; the commands that follow from it. Raises Diverged for a log of another procedure."""
        before = self._last_run
        self.situation.now = max(self.situation.now, record.time)
        if record.epoch > 0:
            self._last_run = self.situation.now
        if record.type in RESULTS and record.key is not None:
            self._result(record.key, record)
        elif record.type in _INPUTS:
            _INPUTS[record.type](self, record, before)
        return self._handed_out()

    def foreground(self) -> list[Command]:
        """Pending commands that the run itself waits for, background left out."""
        return [command for key, command in self.pending.items() if key not in self.background]

    # --- inputs -------------------------------------------------------------------------------------------

    def _started(self, record: Taken, before: float) -> None:
        del before
        self._engine = str(record.data.get("engine", self._engine))

    def _resumed(self, record: Taken, before: float) -> None:
        self._engine = str(record.data.get("engine", self._engine))
        self.situation.away += max(0.0, self.situation.now - before)
        self.situation.resumed = self.situation.now

    def _joined(self, record: Taken, before: float) -> None:
        del before
        self.situation.alerts.append(record.data.get("alert", {}))

    def _intended(self, record: Taken, before: float) -> None:
        del before
        key = record.key or ""
        self._matching(key, record)
        self.intended[key] = int(record.data.get("attempt", 1))
        self.doubts.pop(key, None)

    def _confirmed(self, record: Taken, before: float) -> None:
        del before
        key = record.key or ""
        if key not in self.pending:
            return
        if record.data.get("found") == "unknown":
            self.doubts[key] = str(record.data.get("reason", ""))
            self.situation.doubted = True
        elif record.data.get("found") == "not_applied":
            self.intended.pop(key, None)  # to be sent again it needs another intent
            self.doubts.pop(key, None)
            if self.aborting:
                self._withdraw(key)
        self._end_abort()

    def _aborted(self, record: Taken, before: float) -> None:
        del record, before
        if self.done or self.aborting or self.situation.closing:
            return
        self.aborting = True
        for key, command in list(self.pending.items()):
            if isinstance(command, _SENT):
                self._let_go(key)
            elif not (isinstance(command, Apply) and key in self.intended):
                self._withdraw(key)
        self._end_abort()

    # --- results ------------------------------------------------------------------------------------------

    def _result(self, key: str, record: Taken) -> None:
        if key not in self.pending and key in self._issued:
            return  # withdrawn, or said twice: the first one counted
        if record.epoch == 0 and not self._takes(key, record):
            return
        command = self._matching(key, record)
        if not answers(record.type, command):
            self._diverged(key, f"was answered with {record.type}")
        if record.type == SETTLEMENT:
            self.situation.doubted = True
        result = self._decoded(key, record)
        del self.pending[key]
        self.doubts.pop(key, None)
        owner = self._let_go(key)
        if self.aborting:
            self._end_abort()
        elif owner is not None and not owner.over and not self.done:
            self._step(owner, result)

    def _takes(self, key: str, record: Taken) -> bool:
        """Whether a guest's word is one that this command waits for: an answer, or what became of a change begun."""
        command = self.pending.get(key)
        if command is None or not answers(record.type, command):
            return False
        return record.type != SETTLEMENT or key in self.intended

    def _decoded(self, key: str, record: Taken) -> Any:
        try:
            return decode(record)
        except msgspec.ValidationError as error:
            self._diverged(key, f"cannot be read by this version ({error})")

    def _matching(self, key: str, record: Taken) -> Command:
        command = self.pending.get(key)
        if command is None:
            self._diverged(key, "is not what this version would do at this point")
        said = record.data.get("command")
        if said is not None and said != command.digest:
            self._diverged(key, "was asked with other inputs")
        return command

    def _diverged(self, key: str, why: str) -> NoReturn:
        raise Diverged(
            f"the log's {key} {why}; it was written by runbook-engine {self._engine}",
            hint=f"nothing was done; resume with that version: pipx run runbook-engine=={self._engine} resume",
        )

    def _end_abort(self) -> None:
        if not self.aborting or self.done:
            return
        if any(isinstance(c, Apply) and key not in self.doubts for key, c in self.pending.items()):
            return
        doubts = tuple(self.doubts)
        for key in doubts:
            self._withdraw(key)
        for branch in self._beside.values():
            self._close(branch)
        self.aborting, self.situation.closing = False, True
        root = self._root
        self._advance(root, lambda: root.flow.throw(Aborted(doubts)))

    # --- branches -----------------------------------------------------------------------------------------

    def _step(self, branch: _Branch, value: Any) -> None:
        self._advance(branch, lambda: branch.flow.send(value))

    def _advance(self, branch: _Branch, resume: Callable[[], Any]) -> None:
        while True:
            try:
                asked = resume()
            except StopIteration as stop:
                self._ended(branch, stop.value)
                return
            if isinstance(asked, Beside):
                self._begin(asked)
                resume = _sender(branch, None)
            elif isinstance(asked, Joined) and self._beside[asked.name].over:
                resume = _sender(branch, self._beside[asked.name].value)
            elif isinstance(asked, Together) and not asked.branches:
                resume = _sender(branch, {})
            else:
                self._ask(branch, asked)
                return

    def _ask(self, branch: _Branch, asked: Any) -> None:
        if isinstance(asked, Joined):
            self._beside[asked.name].waiters.append(branch)
        elif isinstance(asked, Together):
            join = _Join(branch, asked)
            for name in [name for name, lacking in join.lacking.items() if not lacking]:
                self._fork(join, name)
        else:
            self._issue(branch, asked)

    def _issue(self, branch: _Branch, command: Command) -> None:
        if command.key in self._issued:
            raise Bug(f"the key {command.key} was used twice")
        self._issued.add(command.key)
        self.pending[command.key] = command
        self._owners[command.key] = branch
        if branch.background:
            self.background.add(command.key)
        self._out.append(command)

    def _fork(self, join: _Join, name: str) -> None:
        branch = _Branch(join.thunks[name](), join, name, join.owner.background)
        self._step(branch, None)

    def _begin(self, beside: Beside) -> None:
        branch = _Branch(beside.flow(), None, beside.name, beside.name)
        self._beside[beside.name] = branch
        self._step(branch, None)

    def _ended(self, branch: _Branch, value: Any) -> None:
        branch.over, branch.value = True, value
        if branch.parent is not None:
            self._joined_by(branch.parent, branch.name, value)
        for waiter in branch.waiters:
            self._step(waiter, value)
        if branch is self._root:
            self._finish(value)

    def _joined_by(self, join: _Join, name: str, value: Any) -> None:
        join.results[name] = value
        join.open -= 1
        for dependent in join.dependents.get(name, ()):
            join.lacking[dependent] -= 1
            if not join.lacking[dependent]:
                self._fork(join, dependent)
        if not join.open and not join.owner.over:
            self._step(join.owner, join.results)

    def _finish(self, value: Any) -> None:
        """The run itself has ended: what is in flight beside it finishes, and nothing follows from it."""
        self.done, self.value = True, value
        for branch in self._beside.values():
            self._close(branch)
        for key, command in list(self.pending.items()):
            if isinstance(command, Wait):
                self._withdraw(key)

    def _close(self, branch: _Branch) -> None:
        if not branch.over:
            branch.over = True
            branch.flow.close()

    def _withdraw(self, key: str) -> None:
        self.withdrawn.append(self.pending.pop(key))
        owner = self._let_go(key)
        if owner is not None and owner is not self._root:
            self._close(owner)

    def _let_go(self, key: str) -> _Branch | None:
        """Nobody waits for the result of this key any more; gives who did."""
        self.background.discard(key)
        return self._owners.pop(key, None)

    def _handed_out(self) -> list[Command]:
        out = [command for command in self._out if command.key in self.pending]
        self._out = []
        return out


def _sender(branch: _Branch, value: Any) -> Callable[[], Any]:
    return lambda: branch.flow.send(value)


_INPUTS: dict[str, Callable[[Machine, Taken, float], None]] = {
    "run.started": Machine._started,
    "run.resumed": Machine._resumed,
    "alert.joined": Machine._joined,
    "change.intended": Machine._intended,
    "change.confirmed": Machine._confirmed,
    "abort.requested": Machine._aborted,
}
