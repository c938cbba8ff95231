"""Pages that reports are written as: one file, nothing from elsewhere, no scripts; readable on a phone and on paper.

The frame and the look are those of the pages of runbooks (`authoring/page`); here are the pieces that reports add:
tables with numbers, marks in words and colour, banners, times in a line. Each takes plain text, which it escapes, or
`Markup` that another piece has made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from runbook.authoring.page.html import framed
from runbook.authoring.page.html import prose as _prose
from runbook.report.html_css import STYLE
from runbook.report.markup import Child, Markup, element, joined
from runbook.report.safe import shown

ROLES = ("good", "bad", "warn", "busy", "plain")  # of badges and banners


def page(
    title: str,
    *body: Child,
    head: Sequence[tuple[str, Child]] = (),
    mark: Child = None,
    nav: Sequence[tuple[str, str]] = (),
    foot: Child = None,
    style: str = "",
) -> str:
    """The whole file.

    `head` are facts below the title (label, value), `mark` stands beside the title (a `severity`, a badge), `nav` are
    links within the page (anchor, words), `foot` closes it. `style` is CSS that its drawings need.
    """
    facts = element("ul", [element("li", label, " ", element("b", value)) for label, value in head], class_="head")
    links = element("ol", [element("li", element("a", words, href=f"#{anchor}")) for anchor, words in nav])
    parts = [
        element(
            "header",
            element("h1", title, mark),
            facts if head else None,
            element("nav", links, aria_label="Sections") if nav else None,
        ),
        *body,
        element("footer", foot) if foot is not None else None,
    ]
    return framed(shown(title), joined(parts, "\n") + "\n", more=f"{STYLE}\n{style}")


def section(title: str, *children: Child, anchor: str | None = None) -> Markup:
    """A part of the page under a heading; `anchor` is what links within the page name."""
    return element("section", element("h2", title, id=anchor), *children)


def part(title: str, *children: Child) -> Markup:
    """A part of a section."""
    return element("div", element("h3", title), *children, class_="part")


def paragraph(*children: Child, soft: bool = False) -> Markup:
    """A paragraph; a `soft` one says what most readers may skip."""
    return element("p", *children, class_="soft" if soft else None)


def prose(markdown: str) -> Markup:
    """Somebody's Markdown, read without HTML, pictures and links that run something."""
    return Markup(_prose(shown(markdown, lines=True)))


def link(words: str, url: str) -> Markup:
    """A link that only opens a page; any other address is shown as text beside its words."""
    made = element("a", words, href=url, rel="noreferrer")
    return made if " href=" in made else joined([words, ": ", element("code", url)])


def code(text: str) -> Markup:
    """Something to be typed or looked for, as it is."""
    return element("code", text)


def commands(text: str) -> Markup:
    """Lines to paste; one click marks all of them."""
    return element("pre", element("code", text), class_="copy")


def facts(rows: Iterable[tuple[str, Child]]) -> Markup:
    """Labels with what they are beside them."""
    return element("dl", [(element("dt", label), element("dd", value)) for label, value in rows])


def bullets(items: Iterable[Child], *, ordered: bool = False) -> Markup:
    """A list."""
    return element("ol" if ordered else "ul", [element("li", item) for item in items])


def table(
    header: Sequence[Child],
    rows: Iterable[Sequence[Child] | Markup],
    *,
    numbers: Collection[int] = (),
    heads: bool = False,
    caption: Child = None,
) -> Markup:
    """A table that scrolls by itself where the screen is narrow.

    `numbers` are the columns to be read as numbers, by place; with `heads` the first cell of a row names the row. A row
    may be a `between`.
    """

    def cells(row: Sequence[Child], of: str) -> list[Markup]:
        return [_cell(cell, of, at, at in numbers, heads=heads) for at, cell in enumerate(row)]

    body = element("tbody", [row if isinstance(row, Markup) else element("tr", cells(row, "td")) for row in rows])
    head = element("thead", element("tr", cells(header, "th")))
    named = element("caption", caption) if caption is not None else None
    return element(
        "div", element("table", named, head, body), class_="scroll", tabindex=0, role="group", aria_label="Table"
    )


def between(words: str, columns: int) -> Markup:
    """A row of a table that says what the rows below it are."""
    return element("tr", element("th", words, colspan=columns, scope="colgroup", class_="between"))


def figure(drawing: Markup, caption: Child = None) -> Markup:
    """A drawing, and what it shows."""
    return element("figure", drawing, element("figcaption", caption) if caption is not None else None, class_="drawing")


def badge(words: str, role: str = "plain") -> Markup:
    """A mark of one or two words; `role` is one of `ROLES` and only repeats what the words say."""
    return element("span", words, class_=f"badge {role}")


def severity(name: str) -> Markup:
    """The mark of a severity, for beside a title."""
    return element("span", name, class_=f"sev {name.lower()}")


def banner(*children: Child, role: str = "plain") -> Markup:
    """What must not be overlooked: who may read this, what is overdue."""
    return element("div", *children, class_=f"banner {role}", role="note")


def moments(rows: Iterable[tuple[Child, Child, str]]) -> Markup:
    """A line of times: when, what, and its role (of `ROLES`)."""
    return element(
        "ol",
        [
            element("li", element("time", when), element("div", what, class_="what"), class_=role)
            for when, what, role in rows
        ],
        class_="moments",
    )


def figures(rows: Iterable[tuple[str, Child, Child]]) -> Markup:
    """Large numbers side by side: label, number, and what belongs to it in small letters."""
    return element(
        "dl",
        [
            element(
                "div",
                element("dt", label),
                element("dd", number, class_="large"),
                element("dd", small) if small is not None else None,
            )
            for label, number, small in rows
        ],
        class_="figures",
    )


def folded(words: str, *children: Child) -> Markup:
    """What opens when it is clicked; printed it is open."""
    return element("details", element("summary", words), *children)


def _cell(cell: Child, of: str, at: int, number: bool, *, heads: bool) -> Markup:
    named = "th" if of == "td" and heads and at == 0 else of
    scope = {"th": "row" if of == "td" else "col"}.get(named)
    return element(named, cell, class_="number-cell" if number else None, scope=scope)
