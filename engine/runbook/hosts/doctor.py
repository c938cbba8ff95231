"""Asks the world what a library needs of it: connections first, all at once, then everything that goes through them.

What goes through a connection that does not answer is not asked, and is said to be so. Everything together ends within
a given time, each check within its own; who has not answered by then is out of reach. Nothing here changes
anything: reads, access reviews, and looks at what is on this machine.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import msgspec

from runbook.clients.secrets import Secrets
from runbook.core.masking import Masker
from runbook.doctor.checks import Answers, Check, Enters, Link, Listens, Status, Takes, Told
from runbook.document.model import Config, Policy
from runbook.errors import RunbookError
from runbook.hosts.connections import Connections
from runbook.hosts.questions import Questions, status_of
from runbook.hosts.workers import Workers
from runbook.hosts.world import Surroundings

WITHIN = 60.0  # seconds for all of them
ENDING = 2.0  # seconds for what is under way to end, once nobody waits for it


_NEXT: dict[type[Any], str] = {  # what to do about silence, where an error does not say
    Answers: "is it up, and is its address in runbook.yaml right?",
    Listens: "is it up, and is its address right?",
    Enters: "is it up, and is its name right?",
    Takes: "is it up, and is its address in runbook.yaml right?",
}


class Doctor:
    """One examination: of the project at `project`, as its configuration is in one environment.

    `files` is where its steps find theirs, if that is elsewhere; `masker` learns what is resolved.
    """

    def __init__(
        self,
        *,
        config: Config,
        policy: Policy | None,
        project: Path,
        files: Path | None = None,
        environ: Mapping[str, str],
        initiator: str,
        masker: Masker,
        within: float = WITHIN,
    ) -> None:
        secrets = Secrets(environ, project, masker.add)
        self._around = Surroundings(
            run="doctor",
            initiator=initiator,
            project=files or project,
            home=project,
            environ=environ,
            connections=Connections(config.connections, secrets.resolve),
            secrets=secrets,
            masker=masker,
            run_key=os.urandom(32),
            policy=policy,
        )
        self._until = monotonic() + within
        self._cancel = threading.Event()
        self._workers = Workers()
        self._questions = Questions(self._around, self._cancel, self._until)
        self._down: dict[Link, str] = {}

    def connections(self, checks: Sequence[Check]) -> list[Told]:
        """What the connections answer. What goes through one that does not, `examined` leaves."""
        told = self.examined(checks)
        for one in told:
            if one.status is not Status.OK and isinstance(one.check.work, Answers):
                lost = "does not answer" if one.status is Status.UNREACHABLE else "cannot be used"
                self._down[one.check.work.link] = lost
        return list(_once(told))

    def examined(self, checks: Sequence[Check]) -> list[Told]:
        """What came of each check, in their order."""
        results: SimpleQueue[tuple[int, Told]] = SimpleQueue()
        found: dict[int, Told] = {}
        for number, check in enumerate(checks):
            if check.link in self._down and not isinstance(check.work, Answers):
                text = f"not asked: {check.link} {self._down[check.link]}"
                found[number] = Told(check=check, status=Status.NOT_CHECKED, text=text)
            else:
                self._workers.submit(self._job(number, check, results))
        try:
            while len(found) < len(checks):
                number, told = results.get(timeout=max(0.0, self._until + 1.0 - monotonic()))
                found[number] = told
        except Empty:
            pass  # who is silent is said to be, below
        finally:
            if len(found) < len(checks):
                self._end(results, len(checks) - len(found))
        silent = "no answer in the time that there was"
        return [
            found.get(number) or Told(check=check, status=Status.UNREACHABLE, text=silent)
            for number, check in enumerate(checks)
        ]

    def _end(self, results: SimpleQueue[tuple[int, Told]], running: int) -> None:
        """Nobody waits any more: have commands end, so that none outlives us."""
        self._cancel.set()
        until = monotonic() + ENDING
        with suppress(Empty):
            for _ in range(running):
                results.get(timeout=max(0.0, until - monotonic()))

    def _job(self, number: int, check: Check, results: SimpleQueue[tuple[int, Told]]) -> Callable[[], None]:
        def job() -> None:
            results.put((number, self._asked(check)))

        return job

    def _asked(self, check: Check) -> Told:
        """One check. What the world does not say is never taken for healthy, whoever raises it."""
        try:
            if self._cancel.is_set() or monotonic() > self._until:
                return Told(check=check, status=Status.UNREACHABLE, text="not asked: the time was over")
            status, text, hint = self._questions.asked(check.work)
        except RunbookError as error:
            status, text, hint = status_of(error), error.message, error.hint or _NEXT.get(type(check.work))
        except OSError as error:
            status, text, hint = Status.UNREACHABLE, str(error), None
        except Exception as error:  # noqa: BLE001 - a kind may be a stranger's, and may raise anything
            status, text, hint = Status.FINDING, f"{type(error).__name__}: {error}", "the kind has a bug; say so"
        masker = self._around.masker
        return Told(check=check, status=status, text=masker.text(text), hint=masker.text(hint) if hint else None)


def _once(told: Sequence[Told]) -> Iterator[Told]:
    """What one cause makes of several checks of a connection is one finding; the others could not be asked."""
    said: set[tuple[str, str]] = set()
    for one in told:
        known = (one.check.about, one.text)
        if one.status is Status.FINDING and known in said:
            yield msgspec.structs.replace(one, status=Status.NOT_CHECKED, text="not asked, for that reason", hint=None)
        else:
            yield one
        said.add(known)
