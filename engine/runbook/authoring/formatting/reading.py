"""A parsed document as a tree to format: every comment goes to the entry that it speaks of.

The parser says where values stand; between two of them is nothing but punctuation, blank lines and comments. A comment
at the end of a line belongs to what the line holds, one on a line of its own to what follows; indented deeper than what
follows, it is the foot of the list or mapping that ends there.
"""

from __future__ import annotations

import re
from typing import Any, Final

from runbook.authoring.formatting.tree import Beside, Collection, Entry, Scalar, Tree
from runbook.document.nodes import ListNode, MappingNode, mark_of
from runbook.document.source import Source

_COMMENT: Final = re.compile(r"#[^\n]*")
_NEXT_COMMENT: Final = re.compile(r"[ \t\n]*(#[^\n]*)")
_IN_FLOW: Final = re.compile(r"[ \t\n,]*(#[^\n]*)")
_BLANK: Final = re.compile(r"\n[ \t]*\n")
_START: Final = re.compile(r"^---(?=\s|$)[ \t]*(?:#[^\n]*)?", re.MULTILINE)
_HEADER: Final = re.compile(r"[|>]([-+1-9]*)[ \t]*(#[^\n]*)?")


def tree(source: Source) -> Tree:
    """The document with its comments. Line ends of the source are single line feeds."""
    return _Reader(source.text).tree(source.root)


class _Reader:
    """Goes through a text once. `_at` is the end of what was read, `_last` the entry that was read last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._last: Entry | None = None
        self._beside_at = -1  # the end of the last comment beside something
        self._in_flow = False

    def tree(self, root: MappingNode) -> Tree:
        start = root.mark.index
        head = self._marked(start)
        head += self._above(start)
        collection = self._collection(root, -1)
        collection.foot += self._above(len(self._text), blank=False)
        return Tree(head, collection)

    def _marked(self, start: int) -> list[str]:
        """What stands before a `---`, and that: directives are not ours to judge."""
        marker = _START.search(self._text, 0, start)
        if marker is None:
            return []
        self._at = marker.end()
        return [line.strip() for line in self._text[: marker.end()].split("\n")]

    def _collection(self, node: MappingNode | ListNode, outer: int) -> Collection:
        """A collection whose start has been reached, with its foot. `outer` is the column of the block around it."""
        start = node.mark.index
        flow = self._text[start] in "{["
        collection = Collection(isinstance(node, MappingNode), flow)
        around, self._in_flow = self._in_flow, flow
        if flow:
            self._at = start + 1
        column = outer if flow else node.mark.column
        children = node.entries.values() if isinstance(node, MappingNode) else [(None, item) for item in node.items]
        for key, value in children:
            collection.entries.append(self._entry(key, value, column))
        if flow:
            collection.foot = self._closed("}" if collection.is_mapping else "]")
        else:
            collection.foot = self._foot(outer + 1)
        self._in_flow = around
        return collection

    def _entry(self, key: Any, value: Any, column: int) -> Entry:
        start = (key.start_mark if key is not None else mark_of(value)).index
        entry = Entry(above=self._above(start))
        if key is not None:
            entry.key = self._scalar(key, column)
        self._last = entry
        place = mark_of(value).index
        lines = isinstance(value, MappingNode | ListNode) and self._text[place] not in "{["
        between = self._above(place, blank=lines)
        if not isinstance(value, MappingNode | ListNode):
            entry.above += between
            entry.value = self._scalar(value, column, entry)
            self._last = entry
            if entry.value.is_left_out and key is not None and not self._in_flow:
                entry.foot = self._foot(column + 1)
            return entry
        entry.value = collection = self._collection(value, column)
        if collection.flow:
            self._last = entry
        if not collection.entries:
            entry.above += [*between, *collection.foot]
            collection.foot = []
        elif collection.flow:
            entry.above += between
        else:
            collection.entries[0].above[:0] = between
        return entry

    def _scalar(self, event: Any, column: int, entry: Entry | None = None) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        written = self._text[start:end]
        scalar = Scalar(event, several_lines="\n" in written)
        if event.style in ("|", ">"):
            header = _HEADER.match(written)
            indicators = header[1] if header else ""
            scalar.chomping = "+" if "+" in indicators else "-" if "-" in indicators else ""
            if header and header[2] and entry is not None:
                place = start + header.start(2)
                entry.beside = self._comment_beside(place, header[2])
            if scalar.chomping != "+":
                end = start + len(written.rstrip())
            if event.style == ">":
                digits = indicators.strip("+-")
                scalar.folded = _folded(self._text[start:end], column + int(digits) if digits else None)
        self._at = max(self._at, end)
        return scalar

    def _above(self, until: int, *, blank: bool = True) -> list[str]:
        """The comments of their own lines up to a place, and blank lines; those beside what was read go there."""
        lines: list[str] = []
        for found in _COMMENT.finditer(self._text, self._at, until):
            lines += self._met(found.start(), found[0])
            self._at = found.end()
        if blank and not self._in_flow and _BLANK.search(self._text, self._at, until):
            lines.append("")
        self._at = max(self._at, until)
        return lines

    def _foot(self, column: int) -> list[str]:
        """The comments that follow, as long as they are indented at least so far."""
        lines: list[str] = []
        while found := _NEXT_COMMENT.match(self._text, self._at):
            place = found.start(1)
            if self._stands_alone(place) and self._column(place) < column and not self._goes_on(place):
                break
            lines += self._met(place, found[1])
            self._at = found.end()
        return lines

    def _closed(self, bracket: str) -> list[str]:
        """The comments before a closing bracket; goes on behind it."""
        lines: list[str] = []
        while found := _IN_FLOW.match(self._text, self._at):
            lines += self._met(found.start(1), found[1])
            self._at = found.end()
        self._at = self._text.index(bracket, self._at) + 1
        return lines

    def _met(self, place: int, comment: str) -> list[str]:
        """Put a comment beside what was read, or give it back as a line of its own."""
        last, end = self._last, place + len(comment)
        comment = comment.rstrip()
        if last is not None and last.beside is not None and self._goes_on(place):
            last.beside.lines.append(comment)
            self._beside_at = end
            return []
        if last is not None and last.beside is None and not self._stands_alone(place):
            last.beside = self._comment_beside(place, comment)
            self._beside_at = end
            return []
        blank = not self._in_flow and _BLANK.search(self._text, self._at, place)
        return ["", comment] if blank else [comment]

    def _comment_beside(self, place: int, comment: str) -> Beside:
        column = self._column(place)
        before = self._text[place - column : place]
        return Beside(column, len(before) - len(before.rstrip(" \t")), [comment.rstrip()])

    def _stands_alone(self, place: int) -> bool:
        """Nothing that was read stands before it on its line; a dash alone is nothing."""
        start = self._text.rfind("\n", 0, place) + 1
        return self._at <= start and not self._text[start:place].strip(" \t-?")

    def _goes_on(self, place: int) -> bool:
        """On the line below a comment beside something, in the same column."""
        return (
            self._last is not None
            and self._last.beside is not None
            and self._last.beside.column == self._column(place)
            and self._beside_at == self._at
            and self._text[self._at : place].strip(" \t") == "\n"
        )

    def _column(self, place: int) -> int:
        return place - self._text.rfind("\n", 0, place) - 1


def _folded(written: str, indent: int | None) -> tuple[str, ...]:
    """The lines of a folded text without their indentation."""
    lines = written.split("\n")[1:]
    if written.endswith("\n"):
        lines.pop()
    if indent is None:
        first = next((line for line in lines if line.strip(" ")), "")
        indent = len(first) - len(first.lstrip(" "))
    return tuple(line[indent:] for line in lines)
