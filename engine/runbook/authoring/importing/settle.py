"""A draft that cannot be loaded as it was read is made one that can: what does not hold goes to a person.

First a step loses the expressions that name what is not there, then its kind: it becomes a step by hand that says what
it was. Nothing is lost, and everything that was taken back is listed.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from runbook.authoring.emit import emitted, literal
from runbook.authoring.importing.draft import Draft, Left
from runbook.document.findings import Finding, Severity
from runbook.document.load import load
from runbook.document.source import read
from runbook.document.spec import Specs
from runbook.errors import DocumentError

_TRIES: Final = 3  # for one entry: its id, its expressions, its kind
_MOST: Final = 100  # for a draft
_TWICE: Final = "RB030"
# Parts that a runbook cannot be without, or that are made simpler entry by entry.
_KEPT: Final = (
    "apiVersion",
    "kind",
    "name",
    "title",
    "symptoms",
    "triage",
    "resolution",
    "verification",
    "finally",
    "about",
)
_EXPRESSIONS: Final = ("expect", "when", "advisory")
Entry = dict[str, Any]


def settled(draft: Draft, specs: Specs) -> Draft:
    """The draft, and its further ones, changed until they load; as far as it goes where more than steps is wrong."""
    document, left = copy.deepcopy(draft.document), list(draft.left)
    tries: Counter[int] = Counter()
    while (said := _problem(document, specs)) is not None:
        where, finding = said
        if len(where) == 1 and where[0] not in _KEPT:
            left.append(Left("", f"`{where[0]}`: {finding.message}", _put_away(document, str(where[0]))))
            continue
        place, entry = next((found for found in _entries(document) if found[0] == where), ((), {}))
        tries[id(entry)] += 1
        if not place or tries[id(entry)] > _TRIES or tries.total() > _MOST:
            break
        name = entry.get("id") or entry.get("alert")
        if finding.code == _TWICE:
            entry["id"] = f"{name}_{tries.total() + 1}"
            left.append(Left("", f"there are two steps `{name}`", f"the second is `{entry['id']}`"))
            continue
        left.append(Left("", f"step `{name}`: {finding.message}", _taken_back(document, place, entry)))
    return Draft(document, tuple(left), tuple(settled(one, specs) for one in draft.further))


def _problem(document: Entry, specs: Specs) -> tuple[tuple[str | int, ...], Finding] | None:
    """The first entry that an error is about, and what is wrong; an empty place where it is none of them."""
    text = emitted(document).encode()
    try:
        load(text, specs)
    except DocumentError as error:
        first = next(finding for finding in error.findings if finding.severity is Severity.ERROR)
        source, _ = read(text)
        places = [*((key,) for key in document), *(place for place, _ in _entries(document))]
        before = [(source.key_at(place)[0], len(place), place) for place in places]
        around = [place for line, _, place in sorted(before, key=lambda one: one[:2]) if line <= first.line]
        return (around[-1] if around else ()), first
    return None


def _entries(document: Entry) -> Iterator[tuple[tuple[str | int, ...], Entry]]:
    """Everything that may be changed, with its place: symptoms, steps, options, checks."""
    for part in ("symptoms", "triage"):
        for i, entry in enumerate(document.get(part) or []):
            yield (part, i), entry
    for i, option in enumerate(document.get("resolution") or []):
        yield ("resolution", i), option
        for j, entry in enumerate(option.get("steps") or []):
            yield ("resolution", i, "steps", j), entry
    for i, entry in enumerate((document.get("verification") or {}).get("checks") or []):
        yield ("verification", "checks", i), entry


def _put_away(document: Entry, key: str) -> str:
    """Take a part that no document can have, such as a link that is none, into the background."""
    told = json.dumps(document.pop(key), ensure_ascii=False)
    document["about"] = "\n\n".join(filter(None, (document.get("about"), f"TODO: {key}: `{told}`")))
    return "kept in `about`"


def _taken_back(document: Entry, place: tuple[str | int, ...], entry: Entry) -> str:
    """Make an entry simpler; what became of it."""
    taken = {key: entry.pop(key) for key in _EXPRESSIONS if key in entry}
    check = place[0] == "verification"
    if taken and not check and place[0] != "symptoms":
        said = ", ".join(f"{key}: {value}" for key, value in taken.items())
        entry["description"] = "\n\n".join(filter(None, (entry.get("description"), f"TODO: {said}")))
        return "its condition stands in its description"
    told = json.dumps({**entry, **taken}, ensure_ascii=False)
    if place[0] == "symptoms":
        document["symptoms"].remove(entry)
        document["symptoms"] = document["symptoms"] or [{"alert": "TODO"}]
        document["about"] = "\n\n".join(filter(None, (document.get("about"), f"TODO: a symptom: `{told}`")))
        return "kept in `about`"
    for key in [key for key in entry if key not in ("id", "title")]:
        del entry[key]
    if check:
        entry |= {"description": f"TODO: {told}", "uses": "command.run", "with": {"argv": ["false"], "effect": "read"}}
        return "kept as a check that never passes"
    if len(place) == 2 and place[0] == "resolution":
        entry["steps"] = [{"id": f"{entry['id'][:50]}_by_hand", "uses": "manual.do", "with": {"text": literal(told)}}]
        return "kept as a step by hand"
    entry |= {"uses": "manual.do", "with": {"text": literal(f"TODO: {told}")}}
    return "kept as a step by hand"
