"""A tree as text: two spaces a level, lists below their key, one blank line at most, comments where they belong.

What stands in brackets stays so while it fits on a line; a text of several lines becomes `|`, or `>-` where its line
ends meant nothing. Comments beside lines that stand together keep their column, if they have one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, takewhile

from runbook.authoring.formatting.texts import WIDTH, filled, is_block, quoted, quotes_needed
from runbook.authoring.formatting.tree import Collection, Entry, Scalar, Tree

_STEP = 2
_APART = 2  # spaces before a comment


@dataclass(slots=True)
class _Line:
    """A line and the comment beside it: the column that it had, None where that says nothing any more.

    `loose`: it just followed its line, and has a column only where its neighbours share it.
    """

    text: str
    comment: str = ""
    column: int | None = None
    loose: bool = False


def printed(tree: Tree) -> str:
    """The text of a document."""
    lines = [_Line(line) for line in _spaced(tree.head, first=True)]
    lines += _collection(tree.root, 0)
    return "\n".join(_aligned(lines)) + "\n"


def _collection(collection: Collection, indent: int) -> list[_Line]:
    """Its entries and its foot; never in brackets."""
    lines: list[_Line] = []
    for number, entry in enumerate(collection.entries):
        own = _entry(entry, indent) if collection.is_mapping else _item(entry, indent)
        lines += _comments(entry.above, indent, first=number == 0)
        lines += own
    return lines + _comments(collection.foot, indent)


def _entry(entry: Entry, indent: int) -> list[_Line]:
    assert entry.key is not None  # noqa: S101 (an entry of a mapping)
    lead = f"{' ' * indent}{_key(entry.key, flow=False)}:"
    value = entry.value
    if isinstance(value, Scalar):
        first, *more = _scalar(value, lead, indent)
        return [*_beside(first, entry), *map(_Line, more), *_comments(entry.foot, indent + _STEP)]
    if (flow := _on_a_line(entry, value, len(lead) + 1)) is not None:
        return _beside(f"{lead} {flow}", entry)
    return [*_beside(lead, entry, kept=not value.flow), *_collection(value, indent + _STEP)]


def _item(entry: Entry, indent: int) -> list[_Line]:
    """An entry of a list. What stands above its first key stands above its dash."""
    lead = f"{' ' * indent}-"
    value = entry.value
    if isinstance(value, Scalar):
        first, *more = _scalar(value, lead, indent)
        return [*_beside(first, entry), *map(_Line, more)]
    if (flow := _on_a_line(entry, value, len(lead) + 1)) is not None:
        return _beside(f"{lead} {flow}", entry)
    lines = _collection(value, indent + _STEP)
    hoisted = list(takewhile(lambda line: not line.text or line.text.lstrip().startswith("#"), lines))
    opening = lines[len(hoisted)]
    opening.text = f"{lead} {opening.text.lstrip()}"
    said = [*(entry.beside.lines if entry.beside else ()), *(line.text.lstrip() for line in hoisted)]
    return [*_comments(said, indent), *lines[len(hoisted) :]]


def _beside(text: str, entry: Entry, *, kept: bool = True) -> list[_Line]:
    """The line of an entry, with the comment beside it and what goes on below that."""
    if entry.beside is None:
        return [_Line(text)]
    column = entry.beside.column if kept else None
    first, *more = entry.beside.lines
    loose = entry.beside.gap <= _APART
    return [_Line(text, first, column, loose), *(_Line("", comment, column) for comment in more)]


def _comments(lines: list[str], indent: int, *, first: bool = False) -> list[_Line]:
    return [_Line(f"{' ' * indent}{line}" if line else "") for line in _spaced(lines, first=first)]


def _spaced(lines: Iterable[str], *, first: bool) -> list[str]:
    """With one blank line where there are several, and none at the very beginning."""
    spaced: list[str] = []
    for line in lines:
        if line or (spaced[-1] if spaced else not first):
            spaced.append(line)
    return spaced


def _aligned(lines: list[_Line]) -> list[str]:
    """Lines with their comments; those that stood in one column below each other stay in one."""
    texts: list[str] = []
    for column, group in groupby(lines, key=lambda line: line.column):
        together = list(group)
        if column is None or (len(together) == 1 and together[0].loose):
            texts += [f"{line.text}{' ' * _APART}{line.comment}" if line.comment else line.text for line in together]
            continue
        at = max(column, *(len(line.text) + _APART for line in together))
        texts += [f"{line.text.ljust(at)}{line.comment}" for line in together]
    return texts


def _key(key: Scalar, *, flow: bool) -> str:
    text = key.text
    if key.style not in ("'", '"', "|", ">") and not key.several_lines:
        return text
    return quoted(text, '"') if quotes_needed(text, flow=flow) else text


def _on_a_line(entry: Entry, collection: Collection, used: int) -> str | None:
    """The collection in brackets; None where it stands in lines, or must."""
    if not collection.flow or collection.has_comments:
        return None
    text = _flow(collection)
    fits = used + len(text) <= WIDTH or not collection.entries
    return text if fits or entry.is_excepted else None


def _flow(collection: Collection) -> str:
    texts = []
    for entry in collection.entries:
        value = _flow(entry.value) if isinstance(entry.value, Collection) else _in_flow(entry.value)
        texts.append(value if entry.key is None else f"{_key(entry.key, flow=True)}: {value}")
    inside = ", ".join(texts)
    return f"{{{inside}}}" if collection.is_mapping else f"[{inside}]"


def _in_flow(value: Scalar) -> str:
    return "null" if value.is_left_out else _inline(value, flow=True)


def _inline(value: Scalar, *, flow: bool) -> str:
    if not value.style and (not value.several_lines or not quotes_needed(value.text, flow=flow)):
        return value.text
    return quoted(value.text, value.style) if quotes_needed(value.text, flow=flow) else value.text


def _scalar(value: Scalar, lead: str, indent: int) -> list[str]:
    """The lines of a value; the first begins with `lead`."""
    if value.is_left_out:
        return [lead]
    chomping = value.chomping if value.text.endswith("\n") else "-"
    if value.style == ">" and value.text:
        return _block(lead, ">", chomping, list(value.folded), indent)
    if (value.style == "|" and value.text) or is_block(value.text):
        return _block(lead, "|", chomping, value.text.removesuffix("\n").split("\n"), indent)
    inline = f"{lead} {_inline(value, flow=False)}"
    if value.several_lines and len(inline) > WIDTH:
        lines = filled(value.text, WIDTH - indent - _STEP) or []
        if lines:
            return _block(lead, ">", "-", lines, indent)
    return [inline]


def _block(lead: str, style: str, chomping: str, lines: list[str], indent: int) -> list[str]:
    """A text in lines. Its indentation is said where it cannot be seen: its first line begins with a space."""
    first = next((line for line in lines if line), "")
    said = str(_STEP) if first.startswith(" ") else ""
    inner = " " * (indent + _STEP)
    return [f"{lead} {style}{said}{chomping}", *(f"{inner}{line}" if line else "" for line in lines)]
