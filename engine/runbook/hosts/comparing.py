"""Two trees compared: their documents loaded, held to each other, and the base's scenarios played against the head.

What is loaded is what differs, and what names a file that differs. A document that cannot be used ends the comparison:
what it meant, or means, would be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.authoring.diff.comparing import meanings
from runbook.authoring.diff.files import differing_files, may_name
from runbook.authoring.diff.meaning import Meaning, World
from runbook.authoring.diff.sides import Placed, Side
from runbook.errors import DocumentError, UsageError
from runbook.hosts.rehearsing import rehearsed_otherwise
from runbook.hosts.sides import Half

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.spec import Specs
    from runbook.hosts.trees import Tree

_SURROUNDS: Final = re.compile(rb"^kind:[ \t]*[\"']?(Config|Policy)\b", re.MULTILINE)


class Comparison(NamedTuple):
    """What came of it. `documents` counts those whose bytes differ, `scenarios` those of the base that were played.

    `left` counts those that were not, because there were too many.
    """

    before: str
    after: str
    meanings: list[Meaning]
    documents: int
    scenarios: int
    left: int = 0


def compared(
    before: Tree,
    after: Tree,
    specs: Specs,
    *,
    roots: tuple[str, str] = ("", ""),
    label: str = "",
    config: str | None = None,
    authors: tuple[str, ...] = (),
) -> Comparison:
    """Everything that the change from one tree to the other means; DocumentError for what cannot be loaded.

    `roots` are the project's folders, `label` what findings of the base begin with, `config` the name of the
    configuration's file where it is not the usual one.
    """
    old, new = Half(before, specs, roots[0], label=label, config=config), Half(after, specs, roots[1], config=config)
    old.everything = new.everything = not (old.is_project or new.is_project)
    if not old.data and not new.data:
        where = " and ".join(dict.fromkeys((before.called, after.called)))
        raise UsageError(f"there is no document in {where}", hint="work in the project's folder, or name one with -C")
    differing = {path for path in {*old.paths, *new.paths} if before.entries.get(path) != after.entries.get(path)}
    differing |= {path for half in (old, new) for path in half.data if (path in old.data) != (path in new.data)}
    sides = _sides(old, new, differing)
    world = World(*sides, authors)
    replay = rehearsed_otherwise(old, new, world)
    found = [*meanings(world), *_unread(old, new, differing), *replay.meanings]
    return Comparison(
        before.called,
        after.called,
        sorted(dict.fromkeys(found), key=lambda meaning: meaning.order),
        len(differing & {*old.data, *new.data}),
        replay.played,
        replay.left,
    )


def _sides(old: Half, new: Half, differing: set[str]) -> tuple[Side, Side]:
    """Both sides with the documents that have to be looked at; DocumentError with all that cannot be used."""
    findings: list[Finding] = []
    documents: tuple[list[Placed], list[Placed]] = ([], [])
    naming = _naming(old, new, differing)
    for half, chosen in zip((old, new), documents, strict=True):
        for path, data in half.data.items():
            counts = path in differing or _SURROUNDS.search(data) is not None
            if not counts and path not in naming:
                continue
            try:
                placed = (half if path in differing else old).placed(path)  # what is the same is loaded once
                half.hold_to_others(placed if path in differing else None)
                chosen.append(placed)
            except DocumentError as error:
                findings += error.findings if counts else ()  # what is broken on both sides alike is lint's to say
    if findings:
        raise DocumentError(list(dict.fromkeys(findings)))
    return old.side(documents[0]), new.side(documents[1])


def _naming(old: Half, new: Half, differing: set[str]) -> set[str]:
    """Documents that are the same and may name, on either side, a file that differs."""
    sides = old.side(()), new.side(())
    files = differing_files(*sides)
    if not files:
        return set()
    texts = ((path, data.decode("utf-8", "replace")) for path, data in old.data.items() if path not in differing)
    return {path for path, text in texts if any(may_name(side, text, files) for side in sides)}


def _unread(old: Half, new: Half, differing: set[str]) -> Iterator[Meaning]:
    for path in sorted(differing & {*old.unread, *new.unread}):
        words = f"{path} is a link or too large, and may be a document: it was not compared"
        yield Meaning("not-readable", path, path, 1, "", words, in_base=path not in new.unread)
