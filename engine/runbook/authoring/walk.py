"""A Markdown document as a runbook: one option, in which a person does one step after the other.

Every step may be skipped, and one that does not work stops nobody: whoever walks decides. At the end they say whether
the trouble is over; nothing else verifies it. The same bytes always make the same runbook.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from runbook.authoring.emit import emitted, literal
from runbook.authoring.markdown import Outline
from runbook.document.expressions import LONGEST_TEMPLATE
from runbook.errors import UsageError

OPTION = "walk"
OVER = "over"
PATIENCE = "7d"  # a walk that is left on Friday is there on Monday
QUESTION = "Is the trouble over? Say done when it is, and failed when it is not."

_ID = 48  # characters of a title that make an id


def document(outline: Outline, file: str) -> bytes:
    """The runbook; `file` is the name of the Markdown file. UsageError for texts that no document can hold."""
    ids = step_ids(outline)
    steps = [
        _step(id_, step.title or f"Step {at}", step.text)
        for at, (id_, step) in enumerate(zip(ids, outline.steps, strict=True), 1)
    ]
    steps.append(
        {
            "id": OVER,
            "title": "Is the trouble over?",
            "uses": "manual.do",
            "with": {"text": QUESTION},
            "timeout": PATIENCE,
        }
    )
    title = outline.title or file
    book: dict[str, Any] = {"apiVersion": "runbook/v1", "kind": "Runbook", "name": name_of(file), "title": title}
    if outline.description:
        book["about"] = outline.description
    book["resolution"] = [{"id": OPTION, "title": title, "steps": steps}]
    return emitted(book).encode()


def name_of(file: str) -> str:
    """A runbook's name of a file's: `Restart DB.md` → `restart-db`."""
    words = _ascii(file.rsplit(".", 1)[0] if "." in file.strip(".") else file)
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:63].strip("-") or "walk"


def step_ids(outline: Outline) -> list[str]:
    """An id for each step, of its title: what `runbook answer` is typed with."""
    taken, ids = {OVER}, []
    for at, step in enumerate(outline.steps, 1):
        words = re.sub(r"[^a-z0-9]+", "_", _ascii(step.title.rsplit(" > ", 1)[-1])).strip("_")
        stem = words[:_ID].strip("_") if words[:1].isalpha() else f"step_{at}"
        id_, count = stem, 1
        while id_ in taken:
            count += 1
            id_ = f"{stem}_{count}"
        taken.add(id_)
        ids.append(id_)
    return ids


def _step(id_: str, title: str, text: str) -> dict[str, Any]:
    said = literal(text)
    if said != text and len(said) > LONGEST_TEMPLATE:
        raise UsageError(
            f"the step {title!r} holds braces and is longer than {LONGEST_TEMPLATE} characters",
            hint="divide its section by a further heading",
        )
    return {
        "id": id_,
        "title": title,
        "uses": "manual.do",
        "with": {"text": said, "may_skip": True},
        "timeout": PATIENCE,
        "on_failure": "continue",
    }


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
