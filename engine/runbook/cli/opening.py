"""The first screen of a run: what is started, from which commit, with what, by whom; and whether the servers answer.

Every connection that the runbook uses is asked at once, and waited for two seconds. What is out of reach is said; the
run goes on, because its steps will say what that means.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, NamedTuple, Protocol

from runbook.cli.session import Session
from runbook.core.symptoms import ALERTS
from runbook.core.words import Mode
from runbook.document.every_step import every_step
from runbook.document.model import EvidencePlan, Runbook
from runbook.document.spec import Specs
from runbook.errors import NotConfigured, RunbookError
from runbook.hosts.clock import wall
from runbook.hosts.pinned import Pinned, Start
from runbook.report.layout import heading, labelled, marked
from runbook.report.reviewed import reviewed_rows
from runbook.report.safe import shown
from runbook.report.values import pairs
from runbook.report.where import where_lines

WITHIN = 2.0  # seconds for all connections together

MODES = {
    Mode.BY_HAND: "by hand: people answer at gates",
    Mode.AUTO: "auto: the policy may say yes; whatever it does not cover asks people",
    Mode.DRY: "dry run: everything is planned, nothing is changed or sent",
}


class Link(NamedTuple):
    """One connection of a runbook: its type, and its name where a step names one."""

    type: str
    name: str | None

    def __str__(self) -> str:
        return self.name or self.type


class Answer(NamedTuple):
    """What came of asking: the line that the server said, or why there is none."""

    link: Link
    ok: bool
    text: str


class Clients(Protocol):
    """Where clients come from: `runbook.hosts.connections.Connections`."""

    def client(self, type_: str, name: str | None) -> Any:
        """The client of a connection; NotConfigured."""
        ...


def opening(session: Session, start: Start, documents: Pinned, source: Mapping[str, Any]) -> None:
    """Say what is started, then what the servers answer."""
    place, style = session.place, session.err_style
    book, evidence = documents.loaded(place.specs)
    severity = f" · {book.severity}" if book.severity else ""
    service = f" · service {book.service}" if book.service else ""
    session.say(heading(shown(f"{book.title}{severity}{service}"), style))
    where = "" if documents.reviewed else _commit(source)
    lines = labelled("runbook", f"{book.name}, {documents.path}{where}", style)
    for label, text in reviewed_rows(documents, start.unreviewed, source, wall()):
        lines += labelled(label, text, style)
    lines += labelled("run", start.run, style)
    if start.incident is not None:
        lines += labelled("incident", start.incident["id"], style)
    lines += where_lines(start.environment, start.target, style)
    if start.parameters:
        lines += labelled("with", pairs(start.parameters), style)
    lines += labelled("mode", MODES[start.mode], style)
    lines += labelled("by", _who(session, start), style)
    for line in lines:
        session.say(line)
    for answer in checked(used(book, evidence, place.specs), place.connections):
        mark = ("✓", "good") if answer.ok else ("!", "warn")
        for line in marked(*mark, shown(session.masked(f"{answer.link}: {answer.text}")), style):
            session.say(line)
    session.say("")


def _commit(source: Mapping[str, Any]) -> str:
    if "commit" not in source:
        return ""
    commit = str(source["commit"])[:12] if source["commit"] else "no commit yet"
    dirty = ", with changes that are not committed" if source.get("dirty") else ""
    return f", {commit}{dirty}"


def _who(session: Session, start: Start) -> str:
    alert = f", for the alert {start.alert.get('labels', {}).get('alertname')}" if start.alert else ""
    alone = "" if session.place.people.policy else "; there is no policy, so the OS user is everyone"
    return f"{start.initiator}{alert}{alone}"


def used(book: Runbook, evidence: EvidencePlan | None, specs: Specs) -> list[Link]:
    """The connections that a runbook's steps open, each once, in the order of the document."""
    links = [
        Link(type_, step.connection) for step in every_step(book, evidence) if (type_ := specs[step.uses].connection)
    ]
    if any(symptom.alert for symptom in book.symptoms) and (type_ := specs[ALERTS].connection):
        links.insert(0, Link(type_, None))
    return list(dict.fromkeys(links))


def checked(links: list[Link], clients: Clients, within: float = WITHIN) -> list[Answer]:
    """Ask all of them at once; who has not answered within so many seconds is said to be silent."""
    answers: dict[Link, Answer] = {}
    threads = [
        threading.Thread(target=_check, args=(link, clients, within, answers.__setitem__), daemon=True)
        for link in links
    ]
    for thread in threads:
        thread.start()
    deadline = monotonic() + within
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    silent = f"no answer within {within:g}s"
    return [answers.get(link) or Answer(link, False, silent) for link in links]


def _check(link: Link, clients: Clients, within: float, answer: Callable[[Link, Answer], None]) -> None:
    try:
        client = clients.client(link.type, link.name)
        answer(link, Answer(link, True, client.check(within)))
    except NotConfigured as error:
        answer(link, Answer(link, False, f"not configured: {error.message}"))
    except (RunbookError, OSError) as error:
        answer(link, Answer(link, False, error.message if isinstance(error, RunbookError) else str(error)))
