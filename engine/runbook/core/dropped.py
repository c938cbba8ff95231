"""What stands where a payload stood that was dropped: nothing of it but what it was, when it went, and why.

A reader gets a value of the shape that was there, text for text, a list for a list, an object for an object, so that it
goes on; and the value says that it is none: `on DATE (reason)`. Whoever would act on a value asks first whether it is
`Dropped`, or has one inside (`lost`). `plain` takes the marks off, for what only shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from runbook.errors import PayloadDropped

Path = tuple[str | int, ...]
CODE = "dropped"
# Of a change, what is said to people: an undo is planned without it.
_SAID = frozenset({"summary", "diff", "by_hand", "warnings", "known_as"})
# Of a run's start, what no undo goes by.
_TOLD = frozenset({"alert", "alert_group", "incident", "contacts", "source", "by_hand"})


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """A payload that was dropped: its `digest` (`sha256:<hex>`), size in bytes and media type; when, why, by whom.

    `shape` is that of the value that it was: `text`, `list` or `object`. `at` is RFC 3339, UTC.
    """

    digest: str
    size: int
    media: str
    shape: str
    at: str
    reason: str
    by: str

    @property
    def text(self) -> str:
        """What is said in its place."""
        return f"dropped on {self.at[:10]} ({self.reason})"

    @property
    def wire(self) -> dict[str, Any]:
        """As scripts are told."""
        return {CODE: {name: value for name, value in msgspec.structs.asdict(self).items() if name != "shape"}}

    @property
    def value(self) -> Dropped:
        """What stands in its place."""
        return _SHAPES.get(self.shape, DroppedText)(self)


class Dropped:
    """A value that is none."""

    tombstone: Tombstone


class DroppedText(Dropped, str):
    """In the place of text, of bytes and of a number."""

    def __new__(cls, tombstone: Tombstone) -> DroppedText:  # noqa: D102 - text is what it is made of
        text = super().__new__(cls, tombstone.text)
        text.tombstone = tombstone
        return text


class DroppedObject(Dropped, dict[str, Any]):
    """In the place of an object; what is shown of errors and outputs is their `message`."""

    def __init__(self, tombstone: Tombstone) -> None:
        super().__init__(code=CODE, message=tombstone.text)
        self.tombstone = tombstone


class DroppedList(Dropped, list[Any]):
    """In the place of a list."""

    def __init__(self, tombstone: Tombstone) -> None:
        super().__init__([tombstone.text])
        self.tombstone = tombstone


_SHAPES: Mapping[str, type[DroppedText | DroppedObject | DroppedList]] = {"object": DroppedObject, "list": DroppedList}


class Lost(NamedTuple):
    """Where in a record's data something was dropped."""

    path: Path
    tombstone: Tombstone


def needed(what: str, tombstone: Tombstone) -> PayloadDropped:
    """Why something cannot be done that goes by bytes that are gone."""
    return PayloadDropped(
        f"{what} needs a payload that was {tombstone.text}",
        hint=f"it is gone for good: {tombstone.by} had it dropped; its digest was {tombstone.digest}",
    )


def lost(value: Any, path: Path = ()) -> Iterator[Lost]:
    """Everything in a value that was dropped, in order."""
    if isinstance(value, Dropped):
        yield Lost(path, value.tombstone)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from lost(item, (*path, name))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from lost(item, (*path, number))


def plain(value: Any) -> Any:
    """The same without marks: text, lists and objects that only say what was there."""
    if isinstance(value, str):
        return str(value) if isinstance(value, Dropped) else value
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def told(value: Any) -> Any:
    """The same for scripts: each says what it was, instead of looking like a value."""
    if isinstance(value, Dropped):
        return value.tombstone.wire
    if isinstance(value, Mapping):
        return {name: told(item) for name, item in value.items()}
    return [told(item) for item in value] if isinstance(value, list | tuple) else value


def undo_needs(type_: str, path: Path) -> bool:
    """Whether an undo of the run would need what stands there in a record of this type."""
    if type_ == "run.started":
        return not path or path[0] not in _TOLD
    if type_ == "change.planned":
        return not path or (path[0] == "change" and (len(path) == 1 or path[1] not in _SAID))
    return type_ == "change.resulted" and (not path or path[0] == "state")
