"""A runbook in the sections that people know: symptoms, impact, triage, resolution, verification, and whom to tell.

What has nothing to say is left out; the order never changes, so that somebody finds it at night.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from shlex import quote
from typing import Any, Final

from runbook import kinds
from runbook.authoring.page import words
from runbook.authoring.page.model import (
    Block,
    Caution,
    Command,
    Fact,
    Links,
    Page,
    Prose,
    Rows,
    Section,
)
from runbook.authoring.page.shell import Names, variable
from runbook.authoring.page.steps import ADDRESSES, Cards, Kind, Used, address
from runbook.document.model import Parameter, Runbook
from runbook.document.spec import Specs

_VARIABLE: Final = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)")
_ADDRESSES: Final = {
    "prometheus": "address of Prometheus",
    "alertmanager": "address of Alertmanager",
    "sql": "address of the database",
}


def page(
    book: Runbook,
    specs: Specs,
    origin: str = "",
    kind: Kind = kinds.get,
    used: Used | None = None,
) -> Page:
    """The page of a runbook; `origin` is the file that it is made of, `used` are the documents that it uses."""
    names = Names(book.target)
    cards = Cards(specs, names, kind, used)
    options = (cards.option(option, at, book.includes) for at, option in enumerate(book.resolution, 1))
    sections = [
        Section("Symptoms", cards=tuple(cards.symptom(symptom) for symptom in book.symptoms)),
        Section("Impact", _impact(book)),
        Section("Triage", cards=tuple(cards.steps(book.triage, book.includes, ("triage",)))),
        _evidence(book, cards, used),
        Section("Resolution", cards=tuple(options)),
        _verification(book, cards),
        Section("Communication", _communication(book, names)),
        Section("Escalation", _escalation(book, names)),
        Section("At the end", cards=tuple(cards.step(step) for step in book.finally_)),
        Section("Background", (Prose(names.prose(book.about.strip())),) if book.about else ()),
    ]
    said = tuple(section for section in sections if section.blocks or section.cards)
    setting = _setting(book, said)
    at = next((i for i, section in enumerate(said) if section.title in ("Triage", "Resolution")), len(said))
    return Page(
        name=book.name,
        title=book.title,
        severity=book.severity,
        head=_head(book, names),
        top=_top(book, names),
        sections=(*said[:at], *((setting,) if setting else ()), *said[at:]),
        origin=origin,
    )


def _head(book: Runbook, names: Names) -> tuple[Fact, ...]:
    target = {key: names.prose(text) for key, text in (book.target or {}).items()}
    facts = (
        Fact("service", book.service or ""),
        Fact("owners", ", ".join(book.owners)),
        Fact("reviewed", book.reviewed or ""),
        Fact("works on", words.target(target) if target else ""),
        Fact("tags", ", ".join(book.tags)),
        Fact("run it", code=f"runbook run {book.name}"),
    )
    return tuple(fact for fact in facts if fact.text or fact.code)


def _top(book: Runbook, names: Names) -> tuple[Block, ...]:
    blocks: list[Block] = [Caution(names.prose(book.caution.strip()))] if book.caution else []
    blocks += [Prose(names.prose(book.description.strip()))] if book.description else []
    return (*blocks, *((Links(book.links),) if book.links else ()))


def _impact(book: Runbook) -> tuple[Block, ...]:
    blocks: list[Block] = [Prose(book.impact.strip())] if book.impact else []
    return (*blocks, *((Prose("Users notice it."),) if book.user_facing else ()))


def _setting(book: Runbook, sections: tuple[Section, ...]) -> Section | None:
    """The parameters, and how they are set in the shell that the commands are pasted into."""
    texts = [block.text for section in sections for block in _all(section) if isinstance(block, Command)]
    usual = {ADDRESSES[kind]: said for kind, said in _ADDRESSES.items()}
    used = {name for text in texts for name in _VARIABLE.findall(text)}
    addresses = {name: said for name, said in {**usual, **_connections(book)}.items() if name in used}
    if not book.parameters and not addresses:
        return None
    lines = [f"{name}=  # {said}" for name, said in addresses.items()]
    lines += [_assigned(name, parameter) for name, parameter in book.parameters.items()]
    rows = tuple(
        (name, f"${variable(name)}", " ".join((parameter.description or "").split()), words.given(parameter))
        for name, parameter in book.parameters.items()
    )
    table = (Rows(("parameter", "below", "meaning", "value"), rows, frozenset({0, 1})),) if rows else ()
    return Section("Before you start", (*table, Command("\n".join(lines))))


def _connections(book: Runbook) -> dict[str, str]:
    """What the addresses of the connections are called that its steps name, and what they are."""
    options = (step for option in book.resolution for step in option.every)
    probes = (symptom.probe for symptom in book.symptoms if symptom.probe)
    steps = [*probes, *book.triage, *options, *book.checks, *book.finally_]
    return {variable(address(step.connection)): f"address of {step.connection}" for step in steps if step.connection}


def _assigned(name: str, parameter: Parameter) -> str:
    if parameter.required:
        return f"{variable(name)}=  # to be filled in"
    if parameter.secret:
        return f"{variable(name)}=  # a secret: {_reference(parameter.default)}"
    return f"{variable(name)}={_shell(parameter.default)}"


def _reference(default: Any) -> str:
    return ", ".join(f"{key} {value}" for key, value in default.items()) if isinstance(default, Mapping) else "ask"


def _shell(value: Any) -> str:
    if isinstance(value, str):
        return quote(value)
    from json import dumps

    return quote(dumps(value, ensure_ascii=False))


def _all(section: Section) -> list[Block]:
    blocks, left = list(section.blocks), list(section.cards)
    while left:
        card = left.pop(0)
        blocks += card.blocks
        left += card.cards
    return blocks


def _evidence(book: Runbook, cards: Cards, used: Used | None) -> Section:
    plan = used.evidence if used else None
    if plan is None or book.evidence is None:
        return Section("Evidence")
    must = "Change nothing before you have all of it." if plan.required else "What cannot be had holds nobody up."
    text = f"{plan.title or plan.name}: keep this before the first change, from top to bottom. {must}"
    return Section("Evidence", (Prose(text),), cards.evidence(book))


def _verification(book: Runbook, cards: Cards) -> Section:
    if book.verification is None:
        return Section("Verification")
    text = f"All of these must pass in one round; {words.rounds(book.verification)}."
    checks = tuple(cards.step(check, box=True) for check in book.verification.checks)
    return Section("Verification", (Prose(text),), checks)


def _communication(book: Runbook, names: Names) -> tuple[Block, ...]:
    if not book.communication:
        return ()
    rows = []
    for message in book.communication:
        what = " ".join(names.prose(message.text).split()) if message.text else f"template {message.template}"
        only = f" (only when {message.when})" if message.when else ""
        rows.append((words.moment(message), message.to, what + only))
    return (Rows(("when", "to", "what"), tuple(rows), frozenset({1})),)


def _escalation(book: Runbook, names: Names) -> tuple[Block, ...]:
    one = book.escalation
    if one is None:
        return ()
    after = f", and in any case {words.spoken(one.after)} after the symptoms were seen" if one.after is not None else ""
    text = f"Page **{one.to}** when nothing has helped, when nobody decides, and when it cannot be told{after}."
    blocks: list[Block] = [Prose(text)]
    blocks += [Prose("> " + "\n> ".join(names.prose(one.message.strip()).splitlines()))] if one.message else []
    rows = tuple((contact.name, contact.reach) for contact in one.contacts)
    return (*blocks, *((Rows(("who can help", "how to reach them"), rows),) if rows else ()))
