"""What a driver was given to do by its machine: what is not begun yet, what is under way, what may not begin now.

Intents are in the journal when anything here begins, and nothing here writes: what came of it goes back to the driver,
through `deliver`.
"""

from __future__ import annotations

from collections.abc import Callable

from runbook.core.commands import Announce, Apply, Approve, Ask, Command, Note, Page, PlanChange, Wait
from runbook.core.machine import Machine
from runbook.hosts.books import Books
from runbook.hosts.holds import Holds
from runbook.hosts.messenger import SENDING
from runbook.hosts.news import News
from runbook.hosts.ports import Hands, Held, Result
from runbook.hosts.said import Desk, Said

_SENT = (Apply, Announce, Page)  # what reaches the world


class Work:
    """One run's. `todo` was handed out and not begun, `under_way` is being performed, by key.

    `sure` is asked before anything is sent, and raises where this runner may not send any more.
    """

    def __init__(
        self,
        *,
        machine: Machine,
        books: Books,
        hands: Hands,
        desk: Desk,
        holds: Holds,
        news: News,
        sure: Callable[[], None],
        deliver: Callable[[Result | Held | Said], None],
    ) -> None:
        self._machine = machine
        self._books = books
        self._hands = hands
        self._desk = desk
        self._holds = holds
        self._news = news
        self._sure = sure
        self._deliver = deliver
        self.todo: list[Command] = []
        self.under_way: dict[str, Command] = {}
        self.stopping = False

    @property
    def sent(self) -> set[str]:
        """The keys of what is under way and reaches the world."""
        return {key for key, command in self.under_way.items() if isinstance(command, _SENT)}

    def begin(self) -> None:
        """Begin what was handed out and needs performing; show people what waits for them."""
        todo, self.todo = self.todo, []
        for command in todo:
            if isinstance(command, Note | Wait | Ask | Approve):
                self._shown(command)
            elif not self._may_begin(command):
                self.todo.append(command)
            else:
                self._perform(command)
        for key, message in (self._books.owed | self._books.unsent).items():
            if key not in self.under_way and not self.stopping:
                self._perform(message)

    def reopened(self) -> None:
        """After a replay: changes without a result are confirmed, everything else is simply done again."""
        paging = {key for key, command in self._machine.pending.items() if isinstance(command, Page)}
        self._hands.maybe_sent(paging | self._books.unsent.keys() | self._books.owed.keys())
        for key, command in list(self._machine.pending.items()):
            if isinstance(command, Apply) and key in self._machine.intended:
                self.todo = [other for other in self.todo if other.key != key]
                self.under_way[key] = command
                self._hands.confirm(command, self._books.intents[key], self._deliver)

    def came(self, result: Result) -> Command | None:
        """What a result is of; None where nobody waits for it. Of a message that is still `sending`, more will come."""
        command = self.under_way.pop(result.key, None) or self._given_up(result.key)
        if command is not None and result.data.get("status") == SENDING:
            self.under_way[result.key] = command
        return command

    def stop(self, *, reads: bool) -> None:
        """Begin nothing more. What changes something is finished; messages are not tried again, `reads` given up."""
        self.stopping = True
        for key, command in list(self.under_way.items()):
            if isinstance(command, Announce | Page):
                self._hands.withdraw(key)  # what is on its way arrives or does not
            elif reads and not isinstance(command, _SENT):
                del self.under_way[key]
                self._hands.withdraw(key)

    def _perform(self, command: Command) -> None:
        if isinstance(command, _SENT):
            self._sure()
        command = self._books.unsent.get(command.key, command)
        self.under_way[command.key] = command
        self._news.performing(command)
        self._hands.perform(command, self._deliver)

    def _shown(self, command: Command) -> None:
        open_ = self._books.gates.get(command.key) or self._books.questions.get(command.key)
        if open_ is not None:
            self._news.show()
            self._desk.opened(open_, self._deliver)

    def _may_begin(self, command: Command) -> bool:
        """Whether a command may be begun now: nothing while stopping; with its locks held, if it needs any."""
        if self.stopping:
            return False
        return not isinstance(command, PlanChange) or self._holds.has(command)

    def _given_up(self, key: str) -> Command | None:
        """A change that was called a doubt because it did not end in time: what it says late is the truth still."""
        command = self._machine.pending.get(key)
        return command if isinstance(command, Apply) and key in self._machine.doubts else None
