"""HTML and SVG that nobody can write into: whatever is not `Markup` already is escaped where it is put in.

`element` and its friends are the only makers of `Markup`; text that is joined to it by hand is plain text again, and
so is escaped once more than one would like, never once less. Both languages are written so that each reads it: an
element without content is closed, attributes are quoted, what XML cannot hold becomes a visible escape.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from runbook.report.safe import shown

# Closed in their opening tag. The others need an end of their own: HTML reads `<td/>` as a cell that goes on.
_EMPTY: Final = frozenset(
    {"br", "circle", "col", "hr", "img", "input", "line", "link", "meta", "path", "polygon", "polyline", "rect", "use"}
)
_OPENS_A_PAGE: Final = ("http://", "https://", "mailto:", "#")


class Markup(str):
    """Text that is HTML or SVG already."""

    __slots__ = ()


Child = str | Markup | float | None | Iterable["Child"]


def element(name: str, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """`<name attributes>children</name>`, text in it escaped.

    A name of an attribute is written with `_` where it has `-` (`aria_label`), and with one at its end where Python
    has the word (`class_`). What is None or False is left out, True is an attribute without a value of its own. An
    `href` that does more than open a page is left out.
    """
    said = "".join(_attribute(_spelt(key), value) for key, value in attributes.items())
    inner = joined(children)
    return Markup(f"<{name}{said}/>" if name in _EMPTY and not inner else f"<{name}{said}>{inner}</{name}>")


def joined(children: Iterable[Child], between: str = "") -> Markup:
    """Children one after the other, nested lists and all; None is nothing."""
    return Markup(escape(between).join(text(child) for child in children if child is not None))


def text(value: Child) -> Markup:
    """A value as markup: as it is where it is markup, else escaped, with every character to be seen."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str | int | float):
        return Markup(escape(shown(value, lines=True)))
    return joined(value) if value is not None else Markup("")


def _spelt(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")


def _attribute(name: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    if name == "href" and not str(value).lower().startswith(_OPENS_A_PAGE):
        return ""
    return f' {name}="{"" if value is True else text(value)}"'
