"""A new runbook: what is known of it, put into the documents of a template; and what its author must fill in.

Templates are files with names between underscores. What nobody can know but the author stands in them as TODO: in a
comment beside a value that works, or as the text itself where there is none that could.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from runbook.authoring.formatting.document import in_style
from runbook.document.spec import Specs

TEMPLATES: Final = {
    "kubernetes": "pods of a Deployment are missing: roll back, restart",
    "database": "connections of a PostgreSQL run out: end idle sessions, stop a leak",
    "security": "a credential is exposed: keep evidence, replace, revoke",
    "third-party": "a provider is away: do without it, have it mended",
}
RUNBOOK, SCENARIOS, EVIDENCE = "", ".scenarios", ".evidence"  # what follows the stem of a file's name
PARTS: Final = (RUNBOOK, SCENARIOS, EVIDENCE)

_WORDS: Final = re.compile(r"[^a-z0-9]+")
_MODELINE: Final = re.compile(r"\A# yaml-language-server:.*\n")
_TODO: Final = re.compile(r"TODO: (.*?)[\"']?$")
_USES: Final = re.compile(r"^ *uses: (\S+)", re.MULTILINE)
_COMMUNICATION: Final = """\
communication:                         # who is told what
  - {at: start, to: __CHANNEL__, template: initial}
  - {every: 30m, to: __CHANNEL__, template: update}
  - {at: resolved, to: __CHANNEL__, template: resolved}
  - {at: not_resolved, to: __CHANNEL__, template: escalated}
"""


class Facts(NamedTuple):
    """What is known of a new runbook. `schemas`: the way to the folder of schemas, where the project has one.

    `person` starts the simulated runs and `approvers` say yes in them. `channel` None: the project has none.
    """

    name: str
    title: str
    owner: str
    service: str
    alert: str
    today: str
    person: str
    approvers: tuple[str, ...]
    channel: str | None = None
    schemas: str | None = None


class Gap(NamedTuple):
    """Something for the author to fill in: its line, from 1, and what is asked for."""

    line: int
    text: str


def filled(templates: Mapping[str, str], facts: Facts, specs: Specs) -> dict[str, str]:
    """The documents of a template, by part, in the one style."""
    values = {
        "NAME": facts.name,
        "TITLE": _quoted(facts.title),
        "OWNER": _quoted(facts.owner),
        "SERVICE": _quoted(facts.service),
        "SLUG": slug(facts.service),
        "IDENTIFIER": slug(facts.service).replace("-", "_"),
        "TEAM": slug(facts.owner),
        "ALERT": facts.alert,
        "TODAY": facts.today,
        "PERSON": _quoted(facts.person),
        "APPROVERS": ", ".join(map(_quoted, facts.approvers)),
        "CHANNEL": _quoted(facts.channel or ""),
        "SCHEMAS": facts.schemas or "",
    }
    return {part: in_style(_filled(text, facts, values), specs) for part, text in templates.items()}


def gaps(text: str) -> list[Gap]:
    """What an author must fill in, in the order of the lines."""
    lines = enumerate(text.split("\n"), start=1)
    return [Gap(number, found[1]) for number, line in lines if (found := _TODO.search(line))]


def connections(texts: Iterable[str], specs: Specs) -> set[str]:
    """The types of connection that the steps of documents need."""
    kinds = {name for text in texts for name in _USES.findall(text)}
    return {connection for name in kinds if name in specs and (connection := specs[name].connection)}


def slug(text: str) -> str:
    """A text as the name of something: lower-case letters, digits and `-`."""
    words = _WORDS.sub("-", text.lower()).strip("-")[:63].strip("-")
    return words if words[:1].isalpha() else f"x-{words}".strip("-")


def title_of(name: str) -> str:
    """What a runbook of this name might be called."""
    return name.replace("-", " ").capitalize()


def alert_of(name: str) -> str:
    """What the alert of a runbook of this name might be called."""
    return "".join(word.capitalize() for word in name.split("-"))


def _filled(text: str, facts: Facts, values: Mapping[str, str]) -> str:
    if facts.schemas is None:
        text = _MODELINE.sub("", text)
    text = text.replace("__COMMUNICATION__\n", _COMMUNICATION if facts.channel else "")
    for name, value in values.items():
        text = text.replace(f"__{name}__", value)
    return text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
