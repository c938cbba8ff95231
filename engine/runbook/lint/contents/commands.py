"""The commands of a document: argument lists and scripts of its steps, with those that take back, confirm and preview.

A step that names a signal says nothing itself: its command is the signal's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from runbook.document.rules.walk import Pointer, Site
from runbook.document.words import Effect
from runbook.lint.contents.scripts import Call, calls, calls_of

if TYPE_CHECKING:
    from runbook.lint.rule import About

PARTS: Final = ("undo", "confirm", "preview")


class Command(NamedTuple):
    """One command of a step: its `argv`, or its `script`, where that stands, and what it says it does to the world.

    `part` is empty for the step's own command, else one of `PARTS`. `inputs` are those that it stands among.
    """

    site: Site
    place: Pointer
    part: str
    effect: Effect
    inputs: Mapping[str, Any]
    argv: tuple[str, ...] = ()
    script: str | None = None

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every program that it runs, as far as that can be read."""
        return calls(self.argv) if self.script is None else calls_of(self.script)

    def at(self, call: Call, word: int = 0) -> Pointer:
        """The place of a word of a call; of the whole command where that is within code."""
        return self.place if call.offset is None or self.script is not None else (*self.place, call.offset + word)


@lru_cache(maxsize=2)
def commands(about: About) -> tuple[Command, ...]:
    """Every command that stands in a document, in its order."""
    return tuple(command for site in about.sites for command in _of(about, site))


def _of(about: About, site: Site) -> Iterator[Command]:
    inputs = site.step.inputs
    if site.step.signal or not ("argv" in inputs or "script" in inputs):
        return
    effect = about.effect(site) or Effect.CHANGE
    place: Pointer = (*site.pointer, "with")
    yield from _one(site, place, "", effect, inputs)
    for part in PARTS:
        given = inputs.get(part)
        if isinstance(given, Mapping):
            does = Effect.CHANGE if part == "undo" else Effect.READ
            yield from _one(site, (*place, part), part, does, given)
            asked = given.get("confirm")
            if part == "undo" and isinstance(asked, Mapping):
                yield from _one(site, (*place, part, "confirm"), "confirm", Effect.READ, asked)


def _one(site: Site, place: Pointer, part: str, effect: Effect, inputs: Mapping[str, Any]) -> Iterator[Command]:
    argv, script = inputs.get("argv"), inputs.get("script")
    if isinstance(argv, list) and argv:
        words = tuple(word if isinstance(word, str) else str(word) for word in argv)
        yield Command(site, (*place, "argv"), part, effect, inputs, argv=words)
    elif isinstance(script, str):
        yield Command(site, (*place, "script"), part, effect, inputs, script=script)
