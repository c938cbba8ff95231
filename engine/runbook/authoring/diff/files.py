"""Files that are no documents, and steps and messages that name them: a script behind an argv, a manifest, a template.

The step reads the same and does something else. What a named script mentions itself (a library that it sources, a
program beside it) is followed, a few files deep.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from runbook.authoring.diff.inputs import words_of
from runbook.authoring.diff.meaning import Meaning, Spot, World, changed_lines
from runbook.authoring.diff.sides import SUBMODULE, Placed, Side
from runbook.authoring.diff.uses import effect_of, is_ungated
from runbook.document.model import EvidencePlan, Runbook, Step, Steps
from runbook.document.words import Audience

_HOLE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORD: Final = re.compile(r"[^\s\"'`;|&<>()$={}\[\],]+")
_BEFORE_A_HOLE: Final = re.compile(r"([\w./-]*/)[\w.-]*\{\{")
_DEEP: Final = 4
_MOST_WORDS: Final = 20_000
_LINK: Final = "120000"
_EXECUTABLE: Final = "100755"


class Changed(NamedTuple):
    """A file that differs. `was` is its path in the base where it has another name now."""

    path: str
    was: str | None


def changed_files(before: Side, after: Side) -> list[Changed]:
    """Files that are no documents and differ: in content, in mode, in name, or there on one side only."""
    gone = {path: entry for path, entry in before.files.items() if path not in after.files}
    names = {entry.digest: path for path, entry in gone.items()}
    found = []
    for path, entry in after.files.items():
        if before.files.get(path) != entry:
            found.append(Changed(path, path if path in before.files else names.get(entry.digest)))
    moved = {one.was for one in found}
    return found + [Changed(path, path) for path in gone if path not in moved]


def told_files(world: World) -> Iterator[Meaning]:
    """Every changed file that a step or a message of the head, or of the base, names."""
    differing = differing_files(world.before, world.after)
    if not differing:
        return
    told: set[tuple[str, str]] = set()
    for side in (world.after, world.before):
        for placed in side.documents:
            for meaning in _of_document(world, side, placed, differing):
                key = (meaning.path + meaning.place, meaning.sentence)
                if key not in told:
                    told.add(key)
                    yield meaning


def may_name(side: Side, text: str, differing: Mapping[str, Changed]) -> bool:
    """Whether a document that was not loaded may name one of these files: by any word of it, from any folder in it."""
    words = dict.fromkeys(_WORD.findall(text))
    folders = ["", *(word for word in words if side.is_folder(side.within(word)))]
    if any(_is_within(side, folder, differing) for folder in _BEFORE_A_HOLE.findall(text)):
        return True
    front = {side.within(f"{folder}/{word}") for folder in folders for word in words if not word.startswith("/")}
    front |= {side.within(f"templates/{word}.md") for word in words}
    front |= {parent for path in list(front) for parent in _around(side, path)}
    seen: set[str] = set()
    for _ in range(_DEEP):
        front = {path for path in front if path in differing or path in side.files} - seen
        if any(path in differing for path in front):
            return True
        seen |= front
        front = {other for path in front for other in _mentioned(side, path, differing)}
    return False


def _is_within(side: Side, start: str, differing: Mapping[str, Changed]) -> bool:
    folder = side.within(start.rpartition("/")[0])
    return side.is_folder(folder) and any(path.startswith(f"{folder}/") for path in differing)


def differing_files(before: Side, after: Side) -> dict[str, Changed]:
    """Changed files by each of their paths."""
    found = {one.path: one for one in changed_files(before, after)}
    return found | {one.was: one for one in found.values() if one.was is not None}


def _of_document(world: World, side: Side, placed: Placed, differing: Mapping[str, Changed]) -> Iterator[Meaning]:
    spot = _spot(world, side, placed)
    for pointer, step in _steps(placed):
        here = spot.parted(pointer, pointer, f"step '{step.id}'")
        for path, through in _named(side, step, differing):
            yield from _of_step(here, side, step, differing[path], through)
    if isinstance(placed.document, Runbook):
        for i, message in enumerate(placed.document.communication):
            path = side.within(f"templates/{message.template}.md") if message.template else ""
            if path in differing:
                customers = _reads(side, message.to)
                code = "customers-told" if customers else "message-changed"
                here = spot.parted(("communication", i), ("communication", i), f"message to '{message.to}'")
                words = f"the template {path} of the message to '{message.to}' changed"
                yield here.tells(code, words, lines=_lines(world, differing[path]))


def _of_step(spot: Spot, side: Side, step: Step, file: Changed, through: str | None) -> Iterator[Meaning]:
    world = spot.world
    old, new = world.before.files.get(file.was or file.path), world.after.files.get(file.path)
    by = f", which {through} mentions," if through else ""
    if old is not None and new is not None and old == new:
        yield spot.tells("script-renamed", f"{file.was}{by} is called {file.path} now", file.was, file.path)
        return
    does = effect_of(step, side.specs).changes or is_ungated(step, side.specs)
    code = "script-changed" if does else "reading-changed"
    if new is None or old is None:
        yield spot.tells(code, f"{file.path}{by} is {'gone' if new is None else 'new'}, and '{step.id}' uses it")
        return
    kinds = {SUBMODULE: "another repository's commit", _LINK: "a link"}
    if old.mode != new.mode and (new.mode in kinds or old.mode in kinds):
        was, is_ = kinds.get(old.mode, "a file"), kinds.get(new.mode, "a file")
        words = f"{file.path}{by} is {is_} now, and was {was}; '{step.id}' uses it"
        yield spot.tells(code, words, lines=_lines(world, file))
    elif new.mode == SUBMODULE:
        words = f"{file.path}{by} is another repository, at another commit now; '{step.id}' uses it"
        yield spot.tells(code, words, old.digest[:12], new.digest[:12])
    elif old.digest != new.digest:
        yield spot.tells(code, f"{file.path}{by} changed, and '{step.id}' uses it", lines=_lines(world, file))
    else:
        may = "can be executed now" if new.mode == _EXECUTABLE else "cannot be executed any more"
        yield spot.tells("changed", f"{file.path}{by} {may}; '{step.id}' uses it", old.mode, new.mode)


def _named(side: Side, step: Step, differing: Mapping[str, Changed]) -> Iterator[tuple[str, str | None]]:
    """Changed files that a step names, itself or through a file that it names; with the file that led there."""
    folders = dict.fromkeys(["", *(_HOLE.sub("*", text) for text in _texts_of(step.inputs, "cwd"))])
    seen: set[str] = set()
    front: list[tuple[str, str | None]] = []
    for text in words_of(step.inputs):
        for path in _meant(side, _HOLE.sub("*", text), folders, differing):
            front.append((path, None))
    for _ in range(_DEEP):
        following: list[tuple[str, str | None]] = []
        for path, through in front:
            if path in seen:
                continue
            seen.add(path)
            if path in differing:
                yield path, through
            following += [(other, path) for other in _mentioned(side, path, differing)]
        front = following


def _meant(side: Side, text: str, folders: Mapping[str, None], differing: Mapping[str, Changed]) -> Iterator[str]:
    """Files that words of a text may mean, from each folder that the step may run in."""
    for word in dict.fromkeys([text, *_WORD.findall(text)[:_MOST_WORDS]]):
        value = word.partition("=")[2] if word.startswith("-") and "=" in word else word
        if not value or len(value) > 1000 or value in ("*", ".") or "\n" in value or value.startswith("/"):
            continue
        for folder in folders:
            path = side.within(f"{folder}/{value}" if folder else value)
            if "*" in path:
                yield from (name for name in differing if fnmatchcase(name, path))
            elif path in side.files or path in differing:
                yield path
            else:
                yield from _around(side, path)


def _around(side: Side, path: str) -> Iterator[str]:
    """The submodule that a path is in."""
    yield from (folder for folder in side.submodules if path.startswith(f"{folder}/"))


def _mentioned(side: Side, path: str, differing: Mapping[str, Changed]) -> Iterator[str]:
    """Files that a script names: from the project's folder, and from beside itself."""
    text = side.text(path)
    if text is None:
        return
    beside = posixpath.dirname(path)
    for word in dict.fromkeys(_WORD.findall(text)[:_MOST_WORDS]):
        name = word.rpartition("}/")[2] if "}/" in word else word.removeprefix("/")
        if "." not in name and "/" not in name:
            continue
        for full in (side.within(name), posixpath.normpath(posixpath.join(beside, name))):
            if full != path and (full in differing or full in side.files):
                yield full


def _lines(world: World, file: Changed) -> list[str]:
    old, new = world.before.text(file.was or file.path), world.after.text(file.path)
    if old is None and new is None:
        return ["(its content is not shown)"]
    return changed_lines(old or "", new or "")


def _reads(side: Side, channel: str) -> bool:
    channels = side.config.channels if side.config is not None else ()
    return any(one.name == channel and one.audience is Audience.CUSTOMERS for one in channels)


def _texts_of(inputs: Mapping[str, Any], key: str) -> Iterator[str]:
    for value in (inputs, *(each for each in inputs.values() if isinstance(each, Mapping))):
        if isinstance(value.get(key), str):
            yield value[key]


def _steps(placed: Placed) -> Iterator[tuple[tuple[str | int, ...], Step]]:
    """Every step of a document, with its place as it is written."""
    document = placed.document
    if isinstance(document, Runbook):
        lists: list[tuple[tuple[str | int, ...], tuple[Step, ...]]] = [
            (("triage",), document.triage),
            (("finally",), document.finally_),
            (("symptoms",), tuple(symptom.probe for symptom in document.symptoms if symptom.probe)),
            (("verification", "checks"), document.checks),
        ]
        lists += [(("resolution", i, "steps"), option.every) for i, option in enumerate(document.resolution)]
    elif isinstance(document, Steps):
        lists = [(("steps",), document.steps)]
    elif isinstance(document, EvidencePlan):
        lists = [(("items",), document.items)]
    else:
        lists = []
    for pointer, steps in lists:
        written = placed.raw(pointer)
        for step in steps:
            found = (i for i, raw in enumerate(written or ()) if isinstance(raw, dict) and raw.get("id") == step.id)
            yield (*pointer, next(found, 0)), step


def _spot(world: World, side: Side, placed: Placed) -> Spot:
    other = world.before if side is world.after else world.after
    twin = next((one for one in other.documents if (one.kind, one.name) == (placed.kind, placed.name)), None)
    return Spot(world, twin, placed) if side is world.after else Spot(world, placed, None)
