"""Two trees compared: their documents loaded, held to each other, and the base's scenarios played against the head.

What is loaded is what differs, and what names a file that differs. A document that cannot be used ends the comparison:
what it meant, or means, would be a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.authoring.diff.comparing import meanings
from runbook.authoring.diff.meaning import Meaning, World
from runbook.authoring.diff.sides import Placed, Side
from runbook.errors import DocumentError
from runbook.hosts.rehearsing import rehearsed_otherwise
from runbook.hosts.sides import Half

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.spec import Specs
    from runbook.hosts.trees import Tree

_HEAD: Final = 4096  # bytes in which a document says its kind


class Comparison(NamedTuple):
    """What came of it. `documents` counts those whose bytes differ, `scenarios` those of the base that were played."""

    before: str
    after: str
    meanings: list[Meaning]
    documents: int
    scenarios: int


def compared(
    before: Tree,
    after: Tree,
    specs: Specs,
    *,
    roots: tuple[str, str] = ("", ""),
    label: str = "",
    authors: tuple[str, ...] = (),
) -> Comparison:
    """Everything that the change from one tree to the other means; DocumentError for what cannot be loaded.

    `roots` are the project's folders, `label` what findings of the base begin with.
    """
    old, new = Half(before, specs, roots[0], label=label), Half(after, specs, roots[1])
    differing = {path for path in {*old.paths, *new.paths} if before.entries.get(path) != after.entries.get(path)}
    differing |= {path for half in (old, new) for path in half.data if (path in old.data) != (path in new.data)}
    wanted = _wanted(old, new, differing)
    sides = _sides(old, new, differing, wanted)
    world = World(*sides, authors)
    found = [*meanings(world), *_unread(old, new, differing)]
    played = list(rehearsed_otherwise(old, new, world))
    found += [meaning for one in played for meaning in one]
    return Comparison(
        before.called,
        after.called,
        sorted(dict.fromkeys(found), key=lambda meaning: meaning.order),
        len(differing & {*old.data, *new.data}),
        len(played),
    )


def _wanted(old: Half, new: Half, differing: set[str]) -> bool:
    """Whether documents that are the same have to be looked at, too: a file that one of them may name differs."""
    files = [{path: entry for path, entry in half.tree.entries.items() if path not in half.data} for half in (old, new)]
    changed = {path for path in {*files[0], *files[1]} if files[0].get(path) != files[1].get(path)} - differing
    return any(not path.endswith(".md") or "templates/" in path for path in changed)


def _sides(old: Half, new: Half, differing: set[str], everything: bool) -> tuple[Side, Side]:
    findings: list[Finding] = []
    sides = []
    for half in (old, new):
        documents: list[Placed] = []
        for path in half.data:
            if path not in differing and not everything and not _surrounds(half, path):
                continue
            try:
                documents.append(half.placed(path))
            except DocumentError as error:
                if path in differing or _surrounds(half, path):
                    findings += error.findings  # what is broken on both sides alike is lint's to say
        sides.append(half.side(documents))
    if findings:
        raise DocumentError(findings)
    return sides[0], sides[1]


def _surrounds(half: Half, path: str) -> bool:
    """A configuration or a policy: what others mean depends on it."""
    return b"Config" in half.data[path][:_HEAD] or b"Policy" in half.data[path][:_HEAD]


def _unread(old: Half, new: Half, differing: set[str]) -> Iterator[Meaning]:
    for path in sorted(differing & {*old.unread, *new.unread}):
        words = f"{path} is a link or too large, and may be a document: it was not compared"
        yield Meaning("not-readable", path, path, 1, "", words, in_base=path not in new.unread)
