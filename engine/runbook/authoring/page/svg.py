"""A flow drawn as SVG: boxes in one column, what decides beside it. Text stays text, that can be found and copied.

Widths are estimated, since nobody has measured the reader's font: generously, so that nothing runs over an edge.
Colours follow the reader's light or dark setting; printed it is light.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from runbook.authoring.page.flow import Edge, Flow, Node

_LEFT, _RIGHT = 380, 260  # widths of the two columns
_PAD, _GAP, _CHANNEL = 16, 40, 64  # inside a box, between boxes, between the columns
_MARGIN = 12
_TITLE, _SMALL = 15, 13  # sizes of letters
_LEAD = 1.4  # from one line to the next, in sizes of letters

_NARROW = frozenset("iIjlftr.,:;'|!()[]{}` /\\-")
_WIDE = frozenset("mwMWGOQDHNUCABKRVXY@%&+=<>~#_0123456789")

STYLE = """
.rb{--ink:#1f2328;--soft:#57606a;--line:#8c959f;--paper:#fff;--amber:#b45309;--amber-f:#fff6e9;--blue:#3b6fb6;
--blue-f:#eff5ff;--green:#2f7d4f;--green-f:#eefaf2;--red:#b42318;--red-f:#fef0ef;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){.rb{--ink:#e6edf3;--soft:#9aa5b1;--line:#6e7781;--paper:#161b22;--amber:#e0a458;
--amber-f:#2b2113;--blue:#79a8e6;--blue-f:#13202f;--green:#5dbb84;--green-f:#11261a;--red:#f08a80;--red-f:#2d1514}}
@media print{.rb{--ink:#000;--soft:#444;--line:#666;--paper:#fff;--amber:#7a3a06;--amber-f:#fff;--blue:#24497d;
--blue-f:#fff;--green:#1f5c39;--green-f:#fff;--red:#8c1b12;--red-f:#fff}}
.rb text{fill:var(--ink)}.rb .t{font-size:15px;font-weight:600}.rb .s{font-size:13px;fill:var(--soft)}
.rb .g{font-size:13px;fill:var(--amber)}.rb .l{font-size:12px;fill:var(--soft)}
.rb rect{stroke-width:1.25;fill:var(--paper);stroke:var(--line)}
.rb .start rect{fill:var(--amber-f);stroke:var(--amber)}.rb .look rect{fill:var(--blue-f);stroke:var(--blue)}
.rb .over rect{stroke-dasharray:5 4}.rb .verify rect{fill:var(--green-f);stroke:var(--green)}
.rb .good rect{fill:var(--green);stroke:var(--green)}.rb .good text{fill:var(--paper)}
.rb .bad rect{fill:var(--red-f);stroke:var(--red)}.rb .bar{fill:var(--amber);stroke:none}
.rb path{fill:none;stroke:var(--line);stroke-width:1.25}.rb .tip{fill:var(--line);stroke:none}
""".strip()


class _Box(NamedTuple):
    node: Node
    x: float
    y: float
    width: float
    height: float
    lines: tuple[tuple[str, str], ...]  # class of the letters, and the words

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


def svg(flow: Flow, *, style: bool = True) -> str:
    """The drawing; without `style` for a page that has `STYLE` of its own."""
    boxes = _placed(flow)
    width = max(box.x + box.width for box in boxes.values()) + _MARGIN
    height = max(box.bottom for box in boxes.values()) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="rb" role="img" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}">',
        f"<title>{_text(flow.title)}</title>",
        f"<style>{STYLE}</style>" if style else "",
        *(line for edge in flow.edges for line in _arrow(edge, boxes)),
        *(line for box in boxes.values() for line in _drawn(box)),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


# --- where everything stands ------------------------------------------------------------------------------------


def _placed(flow: Flow) -> dict[str, _Box]:
    """Boxes by id: the main column, and beside the options what decides over them."""
    boxes: dict[str, _Box] = {}
    y: float = _MARGIN
    for node in flow.main:
        boxes[node.id] = box = _box(node, _MARGIN, y, _LEFT)
        y = box.bottom + _GAP
    options = [boxes[node.id] for node in flow.main if node.role in ("option", "over")]
    if not flow.side or not options:
        return boxes
    verify, done = flow.side
    x, top = _MARGIN + _LEFT + _CHANNEL, options[0].y
    wanted = _box(verify, x, top, _RIGHT)
    height = max(wanted.height, options[-1].bottom - top)
    boxes[verify.id] = wanted._replace(height=height)
    boxes[done.id] = _box(done, x, top + height + _GAP, _RIGHT)
    return boxes


def _box(node: Node, x: float, y: float, width: float) -> _Box:
    room = width - 2 * _PAD
    lines = [("t", line) for line in _wrapped(node.title, room, _TITLE * 1.12)]
    for text in node.lines:
        first, *more = _wrapped(text, room - 12, _SMALL)
        lines += [("s", f"· {first}" if len(node.lines) > 1 else first), *(("s", f"   {line}") for line in more)]
    lines += [("g", line) for line in _wrapped(f"gate: {node.gate}", room, _SMALL)] if node.gate else []
    return _Box(node, x, y, width, sum(map(_height, lines)) + 2 * _PAD - 4, tuple(lines))


def _height(line: tuple[str, str]) -> float:
    return (_TITLE if line[0] == "t" else _SMALL) * _LEAD


def _wrapped(text: str, room: float, size: float) -> list[str]:
    """Words on lines that fit; a word that fits on none is cut."""
    lines: list[str] = []
    line = ""
    for word in (part for whole in text.split() for part in _fitting(whole, room, size)):
        if line and _width(f"{line} {word}", size) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line] if line or not lines else lines


def _fitting(word: str, room: float, size: float) -> Iterator[str]:
    """A word, or the parts of it that fit on lines."""
    while _width(word, size) > room:
        fits = next((n for n in range(len(word), 1, -1) if _width(word[:n], size) <= room), 1)
        yield word[:fits]
        word = word[fits:]
    yield word


def _width(text: str, size: float) -> float:
    return size * sum(map(_letter, text))


def _letter(character: str) -> float:
    if character in _NARROW:
        return 0.38
    if character in _WIDE:
        return 0.71
    return 1.02 if unicodedata.east_asian_width(character) in "WF" else 0.6


# --- how it is drawn ----------------------------------------------------------------------------------------------


def _drawn(box: _Box) -> Iterator[str]:
    radius = min(18.0, box.height / 2) if box.node.role in ("start", "good", "bad") else 8
    yield f'<g class="{box.node.role}">'
    yield (
        f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}" rx="{_n(radius)}"/>'
    )
    y = box.y + _PAD - 4
    for line in box.lines:
        size = _TITLE if line[0] == "t" else _SMALL
        yield (
            f'<text class="{line[0]}" x="{_n(box.x + _PAD)}" y="{_n(y + size)}" xml:space="preserve">'
            f"{_text(line[1])}</text>"
        )
        y += _height(line)
    if box.node.gate:
        place = f'x="{_n(box.x)}" y="{_n(box.y + 12)}" width="4" height="{_n(box.height - 24)}"'
        yield f'<rect class="bar" {place} rx="2"/>'
    yield "</g>"


def _arrow(edge: Edge, boxes: dict[str, _Box]) -> Sequence[str]:
    start, end = boxes[edge.start], boxes[edge.end]
    if end.x > start.x:  # from an option to what decides over it
        y = start.y + min(start.height / 2, 30)
        return [
            f'<path d="M{_n(start.x + start.width)} {_n(y)}H{_n(end.x - 7)}"/>',
            f'<path class="tip" d="M{_n(end.x)} {_n(y)}l-8 -4v8z"/>',
        ]
    x = start.middle
    said = (
        f'<text class="l" x="{_n(x + 10)}" y="{_n((start.bottom + end.y) / 2 + 3)}">{_text(edge.label)}</text>'
        if edge.label
        else ""
    )
    return [
        f'<path d="M{_n(x)} {_n(start.bottom)}V{_n(end.y - 7)}"/>',
        f'<path class="tip" d="M{_n(x)} {_n(end.y)}l-4 -8h8z"/>',
        said,
    ]


def _text(text: str) -> str:
    """Escaped; what XML cannot hold is left out."""
    return escape("".join(c for c in text if c.isprintable() or c in " \t"))


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
