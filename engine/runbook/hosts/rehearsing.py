"""The base's scenarios played against the head's runbooks: the same simulated incident, and what comes of it now.

Only runbooks that both sides have, and that differ in what a run of them uses, are played. A scenario that does not
come out as it says at the base itself says nothing about the change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from runbook.authoring.diff.meaning import Meaning, Spot, World
from runbook.authoring.diff.renaming import new_names, renamed
from runbook.authoring.diff.sides import Placed, Side
from runbook.core.addresses import last
from runbook.document.environments import simulated, within
from runbook.document.model import Config, EvidencePlan, Policy, Runbook, ScenarioCase, Scenarios, Steps
from runbook.errors import DocumentError, RunbookError
from runbook.hosts.rehearsal import Rehearsal, Script, rehearsed

if TYPE_CHECKING:
    from collections.abc import Callable

    from runbook.core.history import History
    from runbook.hosts.pinned import Pinned
    from runbook.hosts.sides import Half

MOST: Final = 300  # scenarios that are played; each takes some 20 ms
_SCENARIO: Final = re.compile(rb"^kind:[ \t]*[\"']?Scenario\b", re.MULTILINE)
_RUNBOOK: Final = re.compile(rb"^runbook:[ \t]*[\"']?([a-z0-9-]+)", re.MULTILINE)
_WORDS: Final = frozenset({"told", "within"})


class Replay(NamedTuple):
    """What came of it: how many were played, and how many were left because there were too many."""

    meanings: list[Meaning]
    played: int
    left: int


class _Stage(NamedTuple):
    """What one side plays with."""

    half: Half
    side: Side
    book: Runbook
    pinned: Pinned


def rehearsed_otherwise(old: Half, new: Half, world: World) -> Replay:
    """What the base's scenarios mean, played against the head: those of runbooks that changed themselves first."""
    found: list[Meaning] = []
    count = left = 0
    for name, paths in _affected(old, new, world):
        for path in paths:
            stages = _differing(old, new, world, name, path)
            placed = _scenarios(old, path) if stages is not None else None
            for case in placed[1].scenarios if placed else ():
                if count >= MOST:
                    left += 1
                elif stages is not None and placed is not None:
                    count += 1
                    found += _played(world, placed[0], case, *stages)
    return Replay(found, count, left)


def _affected(old: Half, new: Half, world: World) -> list[tuple[str, list[str]]]:
    """Runbooks whose scenarios may come out otherwise, each with the base's files of its scenarios."""
    files: dict[str, list[str]] = {}
    for path in sorted(old.data):
        name = _RUNBOOK.search(old.data[path]) if _SCENARIO.search(old.data[path]) else None
        if name:
            files.setdefault(name[1].decode(), []).append(path)
    changed = [placed for side in (world.before, world.after) for placed in side.documents if _is_new(old, new, placed)]
    books = {placed.name for placed in changed if isinstance(placed.document, Runbook)}
    parts = {placed.name.encode() for placed in changed if isinstance(placed.document, Steps | EvidencePlan)}
    everyone = _surroundings(world.before) != _surroundings(world.after)

    def may(name: str) -> bool:
        datas = (half.data[path] for half in (old, new) for path in half.index.get(("Runbook", name), ()))
        return everyone or (bool(parts) and any(part in data for data in datas for part in parts))

    return sorted(
        ((name, at) for name, at in files.items() if name in books or may(name)), key=lambda one: one[0] not in books
    )


def _is_new(old: Half, new: Half, placed: Placed) -> bool:
    return old.data.get(placed.path) != new.data.get(placed.path)


def _surroundings(side: Side) -> tuple[Any, ...]:
    """What every rehearsal depends on: policies, environments, templates."""
    policies = tuple(one.source.text for one in side.documents if isinstance(one.document, Policy))
    config = side.config or Config()
    templates = {path: entry for path, entry in side.files.items() if path.startswith(side.within("templates/"))}
    return (policies, config.policy, config.environments, templates)


def _scenarios(half: Half, path: str) -> tuple[Placed, Scenarios] | None:
    try:
        placed = half.placed(path)
    except DocumentError:
        return None
    return (placed, placed.document) if isinstance(placed.document, Scenarios) else None


def _differing(old: Half, new: Half, world: World, name: str, near: str) -> tuple[_Stage, _Stage] | None:
    """A runbook on both sides; None where a run of it uses the same, or one side cannot have it."""
    stages = []
    for half, side in ((old, world.before), (new, world.after)):
        paths = half.index.get(("Runbook", name), [])
        if not paths:
            return None
        beside = next((path for path in paths if Path(path).parent == Path(near).parent), paths[0])
        try:
            book, pinned = half.library.runbook(Path(beside))
        except RunbookError:
            return None  # it cannot be used with what it names: lint says so
        stages.append(_Stage(half, side, book, pinned))
    return None if _used(stages[0]) == _used(stages[1]) else (stages[0], stages[1])


def _used(stage: _Stage) -> tuple[Any, ...]:
    """All that decides how a rehearsal goes."""
    pinned = stage.pinned
    parts = tuple((part.name, part.data) for part in pinned.steps)
    others = tuple(sorted((name, other.runbook) for name, other in pinned.continues.items()))
    return (pinned.runbook, pinned.evidence, parts, others, _surroundings(stage.side))


def _template(side: Side, name: str) -> str:
    return side.within(f"templates/{name}.md")


def _played(world: World, placed: Placed, case: ScenarioCase, old: _Stage, new: _Stage) -> Iterator[Meaning]:
    twin = next((one for one in world.after.documents if (one.kind, one.name) == (placed.kind, placed.name)), None)
    spot = Spot(world, placed, twin).among("scenarios", case.name, f"scenario '{case.name}'")
    base = _rehearsed(old, case)
    if not isinstance(base, Rehearsal) or not base.passed:
        return
    names = new_names(old.book, new.book)
    head = _rehearsed(new, renamed(case, names))
    if isinstance(head, str):
        yield spot.tells("rehearsed-otherwise", f"'{case.name}' of the base cannot be played any more: {head}")
        return
    rows = _rows(base, head, names)
    if not rows:
        return
    unknown = sorted(_speaks_of(renamed(case, names)) - _ids(new) if _speaks_of(case) <= _ids(old) else ())
    words = f"'{case.name}' of the base goes otherwise now"
    code = "rehearsed-otherwise"
    if {what for what, _, _ in rows} <= _WORDS:
        code = "rehearsed-in-other-words"
    elif unknown:
        code, words = "rehearsal-outdated", f"{words}; it speaks of {', '.join(unknown)}, which is not there any more"
    before, after = ("; ".join(f"{what}: {row[side]}" for what, *row in rows) for side in (0, 1))
    yield spot.tells(code, words, before, after)


def _rehearsed(stage: _Stage, case: ScenarioCase) -> Rehearsal | str:
    """What came of it, or why it could not be played."""
    config = stage.side.config or Config()
    try:
        here = simulated(config, case)
        config = within(config, here)
        script = Script(
            book=stage.book,
            documents=stage.pinned,
            specs=stage.half.specs,
            policy=_policy(stage.side, config),
            templates=_templates(stage.side),
            environment=here,
        )
        return rehearsed(script, case)
    except RunbookError as error:
        return error.message


def _policy(side: Side, config: Config) -> Policy | None:
    if config.policy is None:
        return side.policy
    path = side.within(config.policy)
    return next((one.document for one in side.documents if one.path == path and isinstance(one.document, Policy)), None)


def _templates(side: Side) -> Callable[[str], bytes | None]:
    def lookup(name: str) -> bytes | None:
        text = side.text(_template(side, name))
        return None if text is None else text.encode()

    return lookup


def _rows(base: Rehearsal, head: Rehearsal, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What came out otherwise: of what always counts, and of what the scenario asks for besides."""
    old, new = _ended(base.history, names), _ended(head.history, {})
    rows = [(what, was, new[what]) for what, was in old.items() if was != new[what]]
    told = {what for what, _, _ in rows}
    return rows + [(one.what, one.expected, one.came) for one in head.differences if one.what not in told]


def _ended(seen: History, names: Mapping[str, str]) -> dict[str, str]:
    """What a run came to; steps by these names."""

    def called(path: str) -> str:
        return names.get(last(path), last(path))

    option = (seen.finished or {}).get("option") or "none"
    return {
        "outcome": str(seen.outcome) if seen.outcome else "waiting",
        "option": names.get(str(option), str(option)),
        "applied": ", ".join(called(change.path) for change in seen.changes.values()) or "nothing",
        "undone": ", ".join(called(change.path) for change in seen.changes.values() if change.undone) or "nothing",
        "escalated": str(seen.pages[-1]["to"]) if seen.pages else "nobody",
        "continues": str((seen.continued or {}).get("runbook") or "none"),
    }


def _speaks_of(case: ScenarioCase) -> set[str]:
    keys = {*case.given, *case.answers, *(case.expect.verdicts or {})}
    return {last(key) for key in keys} | set(case.approvals)


def _ids(stage: _Stage) -> set[str]:
    """Every id that a scenario may name."""
    book, plan = stage.book, stage.pinned.documents[1] if stage.pinned.documents else None
    steps = [*book.triage, *book.checks, *book.finally_, *(plan.items if plan else ())]
    steps += [step for option in book.resolution for step in option.every]
    names = {step.id for step in steps} | {symptom.id for symptom in book.symptoms}
    return names | {option.id for option in book.resolution} | {"symptoms", "verification"}
