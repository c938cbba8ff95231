"""YAML events to plain data, and beside it the nodes that know where everything stands.

One pass over the C parser's events, so that depth and size are bounded before anything nests and nothing is
shared: PyYAML's C composer overflows the stack at 50,000 levels, and its constructor follows aliases. What YAML
offers beyond plain data (anchors, merge keys, tags, several documents, keys that are not text, the same key
twice) is a problem with its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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
from runbook.document.findings import Edit, Finding
from runbook.errors import DocumentError

if TYPE_CHECKING:
    from runbook.document.model import Value

MAX_DEPTH: Final = 64
MAX_NODES: Final = 50_000


class MappingNode(NamedTuple):
    """A mapping: where it starts, and for each key the event of the key and the node of its value."""

    mark: Any
    entries: dict[str, tuple[Any, Any]]  # key -> (the key's event, the value's node)


class ListNode(NamedTuple):
    """A list: where it starts, and the nodes of its entries."""

    mark: Any
    items: list[Any]


def mark_of(node: Any) -> Any:
    """Where a node starts; the node of a scalar, or of an alias, is its event."""
    return node.mark if isinstance(node, MappingNode | ListNode) else node.start_mark


def place_of(mark: Any) -> tuple[int, int]:
    """Line and column, from 1."""
    return mark.line + 1, mark.column + 1


class Builder:
    """Plain data and places from the parser's events.

    `problems` are kept while it is safe to read on; `unreadable` once what was built says nothing any more.
    """

    def __init__(self, text: str, path: str) -> None:
        self._next: Callable[[], Any] = CParser(text).get_event
        self._path = path
        self._text = text
        self._nodes = 0
        self.problems: list[Finding] = []
        self.unreadable = False

    def document(self) -> tuple[dict[str, Value], MappingNode]:
        """Data and nodes of the only document; DocumentError or YAMLError where reading on makes no sense."""
        self._next()  # StreamStart
        start = self._next()
        if isinstance(start, StreamEndEvent):
            raise self._fatal(None, "RB005", "the file is empty", yaml_problems.TOP)
        value, node = self._value(self._next(), 0)
        if not isinstance(node, MappingNode):
            what = "empty" if value is None else yaml_problems.spoken_type(value)
            raise self._fatal(mark_of(node), "RB005", f"the document is {what}, not a mapping", yaml_problems.TOP)
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
            hint = yaml_problems.TAG if tag.startswith("!!") else yaml_problems.TEXT_WITH_A_BANG
            self._problem(event.start_mark, "RB009", f"the tag '{tag}' is not supported", hint)
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

    def _list(self, start: Any, depth: int) -> tuple[list[Any], ListNode]:
        values, nodes = [], []
        while type(event := self._next()) is not SequenceEndEvent:
            value, node = self._value(event, depth)
            values.append(value)
            nodes.append(node)
        return values, ListNode(start.start_mark, nodes)

    def _mapping(self, start: Any, depth: int) -> tuple[dict[str, Any], MappingNode]:
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
                from runbook.document.slips import repetition

                again = repetition(self._text, (event, node), entries[key])
                self._problem(event.start_mark, "RB007", message, "keep one of them", readable=True, fix=again)
                continue
            values[key] = value
            entries[key] = (event, node)
        return values, MappingNode(start.start_mark, entries)

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
            from runbook.document.slips import quoted_key

            self._problem(event.start_mark, "RB010", message, hint, fix=quoted_key(self._text, event))
            return None
        before = len(self.problems)
        self._value(event, depth)
        if type(event) is MappingStartEvent and event.flow_style and mapping.flow_style:
            del self.problems[before:]
            message = "'{{ … }}' without quotes is a mapping in YAML"
            from runbook.document.slips import quoted_template

            fix = quoted_template(self._text, mapping.start_mark.index)
            self._problem(mapping.start_mark, "RB010", message, yaml_problems.QUOTE_TEMPLATE, fix=fix)
        elif len(self.problems) == before:
            self._problem(event.start_mark, "RB010", "keys are text, but this one is a list or a mapping", None)
        return None

    def _problem(
        self,
        mark: Any,
        code: str,
        message: str,
        hint: str | None,
        *,
        readable: bool = False,
        fix: Edit | None = None,
    ) -> None:
        line, column = place_of(mark) if mark else (1, 1)
        edits = (fix,) if fix else ()
        self.problems.append(
            Finding(path=self._path, line=line, column=column, code=code, message=message, hint=hint, fix=edits)
        )
        self.unreadable = self.unreadable or not readable

    def _fatal(self, mark: Any, code: str, message: str, hint: str | None) -> DocumentError:
        self._problem(mark, code, message, hint)
        return DocumentError(self.problems)
