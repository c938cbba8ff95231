"""What `incident declare` asks on a terminal: one question after the other, each with what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runbook.cli.session import Session
from runbook.errors import UsageError

if TYPE_CHECKING:
    from runbook.document.catalog import Catalog


def asked(session: Session, catalog: Catalog, known: Mapping[str, Any]) -> dict[str, Any]:
    """Answers to what is not known yet: title, severity, type, service, who is affected, who leads."""
    from runbook.incident import naming

    answers: dict[str, str | None] = {}
    if known["title"] is None:
        answers["title"] = _until(session, "What do users notice? ", naming.title)
    if known["severity"] is None:
        for level in catalog.severities:
            soon = f"; work on it begins {level.response.spoken}" if level.response.spoken else ""
            session.say(f"  {level.name:<6}{level.title}{soon}")
        answers["severity"] = _until(
            session, "How bad is it? If unsure, the higher: ", lambda text: naming.severity(catalog, text)
        )
    if known["type"] is None and catalog.types:
        names = ", ".join(one.name for one in catalog.types)
        answers["type"] = _until(
            session, f"What is it: {names}? [not known yet] ", lambda text: naming.type_(catalog, text), empty=True
        )
    for name, question in (("service", "Which service? [none] "), ("affected", "Who is affected? [not known yet] ")):
        if known[name] is None:
            answers[name] = _line(session, question) or None
    if known["commander"] is None:
        people = session.place.people
        answers["commander"] = _until(
            session,
            f"Who leads? ({people.me} is `me`) [nobody yet] ",
            lambda text: naming.person(people, text),
            empty=True,
        )
    return answers


def _until(session: Session, question: str, settled: Any, *, empty: bool = False) -> str | None:
    """Ask until the answer is one."""
    while True:
        line = _line(session, question)
        if not line and empty:
            return None
        try:
            answer: str = settled(line)
        except UsageError as error:
            session.say(f"{error.message}; {error.hint}" if error.hint else error.message)
        else:
            return answer


def _line(session: Session, question: str) -> str:
    session.show(question)
    line = session.stdin.readline()
    if not line:
        raise UsageError("nothing was declared: the questions were not answered")
    return line.strip()
