"""Marks of a drawing in SVG: lines, dots, bars, steps and words, and the frame that tells what it shows.

Who cannot see it is told by its title and description; who sees no colours, by dashes and shapes: a role of a series
(`s1` to `s5`) has both. Colours follow the reader's light or dark setting; printed it is light. Coordinates are in
pixels of a drawing that is scaled to its place; numbers are written with one decimal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runbook.report.markup import Child, Markup, element, joined

SERIES = ("s1", "s2", "s3", "s4", "s5")  # roles of lines and dots, told apart without colours too
LETTER = 12  # size of letters

STYLE = """
.drawn{--d-ink:#1f2328;--d-soft:#57606a;--d-line:#d8dee4;--d-paper:#fff;--d-1:#3b6fb6;--d-2:#b45309;--d-3:#2f7d4f;
--d-4:#6f42c1;--d-5:#57606a;--d-target:#b42318;
font:12px/1.2 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums}
@media (prefers-color-scheme:dark){.drawn{--d-ink:#e6edf3;--d-soft:#9aa5b1;--d-line:#30363d;--d-paper:#0d1117;
--d-1:#79a8e6;--d-2:#e0a458;--d-3:#5dbb84;--d-4:#b79cf0;--d-5:#9aa5b1;--d-target:#f08a80}}
@media print{.drawn{--d-ink:#000;--d-soft:#444;--d-line:#bbb;--d-paper:#fff;--d-1:#24497d;--d-2:#7a3a06;--d-3:#1f5c39;
--d-4:#4b2d83;--d-5:#444;--d-target:#8c1b12}}
.drawn text{fill:var(--d-soft)}.drawn .strong{fill:var(--d-ink);font-weight:600}
.drawn line,.drawn path{fill:none;stroke:var(--d-soft);stroke-width:1}
.drawn .grid{stroke:var(--d-line)}.drawn .mid{stroke:var(--d-ink);stroke-width:2.5}
.drawn .end{stroke:var(--d-ink);stroke-width:1.5;stroke-dasharray:2 2}
.drawn .reach{stroke:var(--d-ink);stroke-width:1.5}
.drawn .target{stroke:var(--d-target);stroke-dasharray:6 3;stroke-width:1.5}.drawn text.target{fill:var(--d-target);
stroke:none}
.drawn path.s1,.drawn path.s2,.drawn path.s3,.drawn path.s4,.drawn path.s5{stroke-width:2}
.drawn path.s1{stroke:var(--d-1)}.drawn path.s2{stroke:var(--d-2);stroke-dasharray:7 3}
.drawn path.s3{stroke:var(--d-3);stroke-dasharray:2 2}.drawn path.s4{stroke:var(--d-4);stroke-dasharray:9 3 2 3}
.drawn path.s5{stroke:var(--d-5);stroke-dasharray:4 4}
.drawn text.s1{fill:var(--d-1)}.drawn text.s2{fill:var(--d-2)}.drawn text.s3{fill:var(--d-3)}
.drawn text.s4{fill:var(--d-4)}.drawn text.s5{fill:var(--d-5)}
.drawn .dot{fill:var(--d-1);fill-opacity:.55;stroke:none}.drawn .bar{fill:var(--d-1);stroke:none}
.drawn .ring{fill:var(--d-paper);stroke:var(--d-1);stroke-width:1.5}
""".strip()


def drawing(
    name: str, *marks: Child, width: float, height: float, title: str, told: str, alone: bool = False
) -> Markup:
    """The whole drawing. `name` is its own on the page, `told` what somebody hears who cannot see it.

    One that stands `alone` in a file brings `STYLE` along; a page has it once for all.
    """
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", told, id=f"{name}-desc"),
        element("style", Markup(STYLE)) if alone else None,
        *marks,
        xmlns="http://www.w3.org/2000/svg",
        class_="drawn",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=number(width),
        height=number(height),
    )


def line(x1: float, y1: float, x2: float, y2: float, role: str = "") -> Markup:
    """A straight line; roles: `grid`, `target`, `mid`, `end`."""
    return element("line", x1=number(x1), y1=number(y1), x2=number(x2), y2=number(y2), class_=role or None)


def dot(x: float, y: float, radius: float = 3, role: str = "dot", said: str | None = None) -> Markup:
    """A round mark; `said` is shown where somebody points at it."""
    title = element("title", said) if said else None
    return element("circle", title, cx=number(x), cy=number(y), r=number(radius), class_=role)


def bar(x: float, y: float, width: float, height: float, role: str = "bar", said: str | None = None) -> Markup:
    """A filled rectangle."""
    title = element("title", said) if said else None
    return element("rect", title, x=number(x), y=number(y), width=number(width), height=number(height), class_=role)


def way(points: Iterable[tuple[float, float]], role: str = "s1") -> Markup:
    """A line through points."""
    return element("path", d="M" + "L".join(f"{number(x)} {number(y)}" for x, y in points), class_=role)


def steps(points: Sequence[tuple[float, float]], role: str = "s1") -> Markup:
    """A line that goes across first and then up or down to each point: what is true until something happens."""
    first, *more = points
    tail = "".join(f"H{number(x)}V{number(y)}" for x, y in more)
    return element("path", d=f"M{number(first[0])} {number(first[1])}{tail}", class_=role)


def words(x: float, y: float, text: Child, role: str = "", anchor: str = "start") -> Markup:
    """Text at its baseline; `anchor` is `start`, `middle` or `end`."""
    placed = None if anchor == "start" else anchor
    return element("text", text, x=number(x), y=number(y), class_=role or None, text_anchor=placed)


def group(*marks: Child, **attributes: str) -> Markup:
    """Marks that belong together."""
    return element("g", joined(marks), **attributes)


def breadth(text: str) -> float:
    """About how wide text is drawn, in pixels: generous, since nobody has measured the reader's font."""
    return len(text) * LETTER * 0.58


def number(value: float) -> str:
    """A coordinate."""
    return f"{value:.1f}".removesuffix(".0")
