"""A document as it was parsed: plain data, and for every key and value its place in the file.

Everything downstream speaks of places by pointer (`("triage", 0, "with", "port")`); this is where a pointer becomes
a line and a column. Knows nothing of runbooks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yaml import YAMLError
from yaml.events import ScalarEvent

from runbook.document import yaml_problems
from runbook.document.characters import decode
from runbook.document.findings import Edit, Finding, Severity
from runbook.document.nodes import Builder, ListNode, MappingNode, mark_of, place_of
from runbook.document.positions import index_within, indices, within_scalar
from runbook.errors import DocumentError

if TYPE_CHECKING:
    from runbook.document.model import Value

Pointer = Sequence[str | int]

_MEANT: Final = re.compile(r"[\[\]{},#:]")  # what may end a text without quotes


class Span(NamedTuple):
    """Where a scalar's text stands: the line of its key or entry, its last line, and its first and last index."""

    key_line: int
    last_line: int
    start: int
    end: int


class Source:
    """One parsed document: `data` is plain JSON; every other method answers *where* in `path`."""

    __slots__ = ("_root", "data", "path", "text")

    def __init__(self, path: str, text: str, data: dict[str, Value], root: Any) -> None:
        self.path = path
        self.text = text
        self.data = data
        self._root = root

    @property
    def root(self) -> MappingNode:
        """The node of the whole document."""
        root: MappingNode = self._root
        return root

    @property
    def lines(self) -> list[str]:
        """The file's lines, without their ends."""
        return self.text.splitlines()

    def at(self, pointer: Pointer) -> tuple[int, int]:
        """Line and column of a value; of the nearest one around it if there is none."""
        return place_of(mark_of(self._node(pointer)))

    def key_at(self, pointer: Pointer) -> tuple[int, int]:
        """Line and column of the key under which a value stands; of the value itself in a list."""
        if not pointer:
            return self.at(pointer)
        parent = self._node(pointer[:-1])
        if isinstance(parent, MappingNode) and pointer[-1] in parent.entries:
            return place_of(parent.entries[str(pointer[-1])][0].start_mark)
        return self.at(pointer)

    def text_at(self, pointer: Pointer, line: int, column: int) -> tuple[int, int]:
        """The place in the file of a place (both from 1) inside a text value, quoted, folded or in a block."""
        node = self._node(pointer)
        if not isinstance(node, ScalarEvent):
            return self.at(pointer)
        return within_scalar(self.text, node, line, column)

    @property
    def first_line(self) -> int:
        """The line of the first key."""
        return place_of(self._root.mark)[0]

    def edit(self, pointer: Pointer, text: str) -> Edit | None:
        """What puts `text`, as YAML, in the place of a scalar; None where there is no such value, or a block."""
        node: Any = self._node(pointer)
        if not isinstance(node, ScalarEvent) or node.style in ("|", ">"):
            return None
        start, end = indices(node)
        return Edit(start, end, self.text[start:end], text)

    def edit_key(self, pointer: Pointer, name: str) -> Edit | None:
        """What puts another name, as YAML, in the place of the key under which a value stands."""
        parent = self._node(pointer[:-1])
        if not isinstance(parent, MappingNode) or pointer[-1] not in parent.entries:
            return None
        start, end = indices(parent.entries[str(pointer[-1])][0])
        return Edit(start, end, self.text[start:end], name)

    def edit_within(self, pointer: Pointer, start: int, end: int, text: str) -> Edit | None:
        """What puts `text` in the place of characters of a text value, which keeps its quotes.

        `start` and `end` are indices in the value. None where they do not stand in the file as they are, or where
        `text` would mean something to YAML.
        """
        node: Any = self._node(pointer)
        if not isinstance(node, ScalarEvent) or not node.value[start:end].strip():
            return None
        at = index_within(self.text, node, start)
        was = node.value[start:end]
        written = _as_written(text, node.style, first=start == 0)
        if written is None or self.text[at : at + len(was)] != was:
            return None
        return Edit(at, at + len(was), was, written)

    def spans(self) -> Iterator[Span]:
        """Every scalar value, in the order of the file."""
        return _spans(self.text, self._root, self._root.mark)

    def written(self, pointer: Pointer) -> str | None:
        """A scalar as it stands in the file, without quotes; None for lists and mappings."""
        node = self._node(pointer)
        return node.value if isinstance(node, ScalarEvent) else None

    def finding(
        self,
        pointer: Pointer,
        code: str,
        message: str,
        hint: str | None = None,
        *,
        key: bool = False,
        severity: Severity = Severity.ERROR,
        fix: Iterable[Edit | None] = (),
    ) -> Finding:
        """A finding about a value, or about its key. `fix` is what mends it, where that is plain."""
        line, column = self.key_at(pointer) if key else self.at(pointer)
        return Finding(
            path=self.path,
            line=line,
            column=column,
            code=code,
            message=message,
            hint=hint,
            severity=severity,
            fix=tuple(edit for edit in fix if edit),
        )

    def _node(self, pointer: Pointer) -> Any:
        node = self._root
        for part in pointer:
            if isinstance(node, MappingNode) and part in node.entries:
                node = node.entries[str(part)][1]
            elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
                node = node.items[part]
            else:
                break
        return node


def _as_written(text: str, style: str | None, *, first: bool) -> str | None:
    """Characters as they are written within a scalar of a style, `first` in it or not; None where they cannot be."""
    if style == '"':
        return text.replace("\\", "\\\\").replace('"', '\\"')
    if style == "'":
        return text.replace("'", "''")
    if style is None and (_MEANT.search(text) or (first and not text[:1].isalpha() and text[:1] != "(")):
        return None
    return text


def _spans(text: str, node: Any, key: Any) -> Iterator[Span]:
    if isinstance(node, MappingNode):
        for event, value in node.entries.values():
            yield from _spans(text, value, event.start_mark)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _spans(text, item, mark_of(item))
    elif isinstance(node, ScalarEvent):
        start, end = indices(node)
        if node.style in ("|", ">"):
            start = text.find("\n", start) + 1 or end  # after the header, which may hold a comment
        last: Any = node.end_mark
        yield Span(key.line + 1, last.line + (1 if last.column else 0), start, end)


def parse(data: bytes, path: str = "<input>") -> Source:
    """Parse one document. DocumentError has every problem that could be found."""
    source, problems = read(data, path)
    if problems:
        raise DocumentError(problems)
    return source


def read(data: bytes, path: str = "<input>") -> tuple[Source, list[Finding]]:
    """Parse one document whose only problems, if any, leave the rest readable (a key given twice).

    So the schema's findings can stand beside them. DocumentError where nothing more can be said.
    """
    text = decode(data, path)
    builder = Builder(text, path)
    try:
        value, root = builder.document()
    except YAMLError as error:
        last = yaml_problems.explained(error, text, path)
        known = {(problem.line, problem.message) for problem in builder.problems}
        raise DocumentError(builder.problems + [last] * ((last.line, last.message) not in known)) from None
    if builder.unreadable:
        raise DocumentError(builder.problems)
    return Source(path, text, value, root), builder.problems
