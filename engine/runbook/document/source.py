"""YAML text to plain data, with the place of every key and value.

Built in one pass from the C parser's events, so that depth and size are bounded before anything nests and
nothing is shared: PyYAML's C composer overflows the stack at 50,000 levels, and its constructor follows
aliases. What YAML offers beyond plain data (anchors, merge keys, tags, several documents, keys that are not
text, the same key twice) is refused with its place. Knows nothing of runbooks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from runbook.document import scalars, yaml_problems
from runbook.document.characters import decode
from runbook.document.findings import Finding, Severity
from runbook.document.positions import within_scalar
from runbook.errors import DocumentError

if TYPE_CHECKING:
    from runbook.document.model import Value

MAX_DEPTH: Final = 64
MAX_NODES: Final = 50_000

Pointer = Sequence[str | int]


class _Mapping(NamedTuple):
    mark: Any
    entries: dict[str, tuple[Any, Any]]  # key -> (the key's event, the value's node)


class _List(NamedTuple):
    mark: Any
    items: list[Any]


class Source:
    """One parsed document: `data` is plain JSON; every other method answers *where* in `path`."""

    __slots__ = ("_root", "data", "path", "text")

    def __init__(self, path: str, text: str, data: dict[str, Value], root: Any) -> None:
        self.path = path
        self.text = text
        self.data = data
        self._root = root

    @property
    def lines(self) -> list[str]:
        """The file's lines, without their ends."""
        return self.text.splitlines()

    def at(self, pointer: Pointer) -> tuple[int, int]:
        """Line and column of a value; of the nearest one around it if there is none."""
        return _place(_mark(self._node(pointer)))

    def key_at(self, pointer: Pointer) -> tuple[int, int]:
        """Line and column of the key under which a value stands; of the value itself in a list."""
        if not pointer:
            return self.at(pointer)
        parent = self._node(pointer[:-1])
        if isinstance(parent, _Mapping) and pointer[-1] in parent.entries:
            return _place(parent.entries[str(pointer[-1])][0].start_mark)
        return self.at(pointer)

    def text_at(self, pointer: Pointer, line: int, column: int) -> tuple[int, int]:
        """The place in the file of a place (both from 1) inside a text value, quoted, folded or in a block."""
        node = self._node(pointer)
        if not isinstance(node, ScalarEvent):
            return self.at(pointer)
        return within_scalar(self.text, node, line, column)

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
    ) -> Finding:
        """A finding about a value, or about its key."""
        line, column = self.key_at(pointer) if key else self.at(pointer)
        return Finding(
            path=self.path, line=line, column=column, code=code, message=message, hint=hint, severity=severity
        )

    def _node(self, pointer: Pointer) -> Any:
        node = self._root
        for part in pointer:
            if isinstance(node, _Mapping) and part in node.entries:
                node = node.entries[str(part)][1]
            elif isinstance(node, _List) and isinstance(part, int) and part < len(node.items):
                node = node.items[part]
            else:
                break
        return node


def _mark(node: Any) -> Any:
    return node.start_mark if isinstance(node, ScalarEvent) else node.mark


def _place(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


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
    builder = _Builder(text, path)
    try:
        value, root = builder.document()
    except YAMLError as error:
        last = yaml_problems.explained(error, text, path)
        known = {(problem.line, problem.message) for problem in builder.problems}
        raise DocumentError(builder.problems + [last] * ((last.line, last.message) not in known)) from None
    if builder.unreadable:
        raise DocumentError(builder.problems)
    return Source(path, text, value, root), builder.problems


class _Builder:
    """Plain data and places from the parser's events. `problems` are kept while it is safe to read on."""

    def __init__(self, text: str, path: str) -> None:
        self._next: Callable[[], Any] = CParser(text).get_event
        self._path = path
        self._nodes = 0
        self.problems: list[Finding] = []
        self.unreadable = False

    def document(self) -> tuple[dict[str, Value], _Mapping]:
        self._next()  # StreamStart
        start = self._next()
        if isinstance(start, StreamEndEvent):
            raise self._fatal(None, "RB005", "the file is empty", yaml_problems.TOP)
        value, node = self._value(self._next(), 0)
        if not isinstance(node, _Mapping):
            what = "empty" if value is None else yaml_problems.spoken_type(value)
            raise self._fatal(_mark(node), "RB005", f"the document is {what}, not a mapping", yaml_problems.TOP)
        end = self._next()
        assert isinstance(end, DocumentEndEvent)  # noqa: S101 (the parser's grammar)
        after = self._next()
        if not isinstance(after, StreamEndEvent):
            line = after.start_mark.line + 1
            message = f"a second document starts at line {line}"
            raise self._fatal(after.start_mark, "RB006", message, "keep one document in each file")
        return value, node

    def _value(self, event: Any, depth: int) -> tuple[Any, Any]:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._fatal(event.start_mark, "RB003", f"the document has more than {MAX_NODES} values", None)
        kind = type(event)
        if kind is AliasEvent:
            self._problem(
                event.start_mark, "RB008", f"the alias '*{event.anchor}' is not supported", yaml_problems.ANCHOR
            )
            return None, event
        if event.anchor is not None:
            self._problem(
                event.start_mark, "RB008", f"the anchor '&{event.anchor}' is not supported", yaml_problems.ANCHOR
            )
        if event.tag is not None:
            tag = yaml_problems.spoken_tag(event.tag)
            self._problem(event.start_mark, "RB009", f"the tag '{tag}' is not supported", yaml_problems.TAG)
        if kind is ScalarEvent:
            return self._scalar(event), event
        if depth >= MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise self._fatal(event.start_mark, "RB003", message, "lists and mappings this deep are a mistake")
        return self._mapping(event, depth + 1) if kind is MappingStartEvent else self._list(event, depth + 1)

    def _scalar(self, event: Any) -> Any:
        if not event.implicit[0]:  # quoted, or a block: text
            return event.value
        try:
            return scalars.resolve(event.value)
        except ValueError as error:
            self._problem(event.start_mark, "RB011", str(error), "quote it if text is meant")
            return 0

    def _list(self, start: Any, depth: int) -> tuple[list[Any], _List]:
        values, nodes = [], []
        while type(event := self._next()) is not SequenceEndEvent:
            value, node = self._value(event, depth)
            values.append(value)
            nodes.append(node)
        return values, _List(start.start_mark, nodes)

    def _mapping(self, start: Any, depth: int) -> tuple[dict[str, Any], _Mapping]:
        values: dict[str, Any] = {}
        entries: dict[str, tuple[Any, Any]] = {}
        while type(event := self._next()) is not MappingEndEvent:
            key = self._key(event, start, depth)
            value, node = self._value(self._next(), depth)
            if key is None:
                continue
            if key in entries:
                first = entries[key][0].start_mark.line + 1
                message = f"the key '{key}' stands here a second time; the first is at line {first}"
                self._problem(event.start_mark, "RB007", message, "keep one of them", readable=True)
                continue
            values[key] = value
            entries[key] = (event, node)
        return values, _Mapping(start.start_mark, entries)

    def _key(self, event: Any, mapping: Any, depth: int) -> str | None:
        """The key as text, or None with a problem noted."""
        if type(event) is ScalarEvent and event.tag is None and event.anchor is None:
            if not event.implicit[0]:
                return str(event.value)
            if event.value == "<<":
                self._problem(event.start_mark, "RB008", "merge keys ('<<') are not supported", yaml_problems.ANCHOR)
                return None
            key = self._scalar(event)
            if isinstance(key, str):
                return key
            message, hint = yaml_problems.wrong_key(event.value, key)
            self._problem(event.start_mark, "RB010", message, hint)
            return None
        before = len(self.problems)
        self._value(event, depth)
        if type(event) is MappingStartEvent and event.flow_style and mapping.flow_style:
            del self.problems[before:]
            message = "'{{ … }}' without quotes is a mapping in YAML"
            self._problem(mapping.start_mark, "RB010", message, yaml_problems.QUOTE_TEMPLATE)
        elif len(self.problems) == before:
            self._problem(event.start_mark, "RB010", "keys are text, but this one is a list or a mapping", None)
        return None

    def _problem(self, mark: Any, code: str, message: str, hint: str | None, *, readable: bool = False) -> None:
        line, column = _place(mark) if mark else (1, 1)
        self.problems.append(Finding(path=self._path, line=line, column=column, code=code, message=message, hint=hint))
        self.unreadable = self.unreadable or not readable

    def _fatal(self, mark: Any, code: str, message: str, hint: str | None) -> DocumentError:
        self._problem(mark, code, message, hint)
        return DocumentError(self.problems)
