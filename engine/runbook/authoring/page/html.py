"""A page as one HTML file that needs nothing else: no scripts, no fonts, no pictures from elsewhere.

Everything is escaped; Markdown of the author is read without HTML, pictures and links that run something. One click on
a command marks all of it, and boxes can be ticked: a browser does both by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from runbook.authoring.page.css import STYLE
from runbook.authoring.page.model import Block, Card, Caution, Command, Fact, Facts, Links, Page, Prose, Section
from runbook.authoring.page.svg import STYLE as FLOW_STYLE

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Even a browser that finds something to run or to fetch in it will not.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
_SAFE = ("http://", "https://", "mailto:")


def html(page: Page, flow: str | None = None) -> str:
    """The whole file; `flow` is the drawing, without a style of its own."""
    drawing = Section("Flow")
    sections = [(section, "".join(_Drawn().section(section))) for section in page.sections]
    if flow is not None:
        at = next((i for i, (one, _) in enumerate(sections) if one.title in ("Before you start", "Triage")), 0)
        sections.insert(at, (drawing, f'<div class="flow">\n{flow}</div>\n'))
    links = "".join(f'<li><a href="#{one.anchor}">{_text(one.title)}</a></li>' for one, _ in sections)
    body = [
        f"<header>\n<h1>{_text(page.title)}{_severity(page.severity)}</h1>\n",
        f'<ul class="head">{"".join(f"<li>{_head(fact)}</li>" for fact in page.head)}</ul>\n',
        *(text for block in page.top for text in _Drawn().block(block)),
        f'<nav aria-label="Sections"><ol>{links}</ol></nav>\n</header>\n',
        *(f'<section>\n<h2 id="{one.anchor}">{_text(one.title)}</h2>\n{text}</section>\n' for one, text in sections),
        f"<footer>Made of <code>{_text(page.origin)}</code>; change it there.</footer>\n" if page.origin else "",
    ]
    return framed(page.title, "".join(body), more=FLOW_STYLE if flow is not None else "")


def framed(title: str, body: str, more: str = "") -> str:
    """A file of a title and what stands in it, which is HTML already."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>\n{STYLE}\n{more}\n</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _severity(severity: str | None) -> str:
    return f' <span class="sev {_text(severity.lower())}">{_text(severity)}</span>' if severity else ""


def _head(fact: Fact) -> str:
    said = f"<code>{_text(fact.code)}</code>" if fact.code else f"<b>{_text(fact.text)}</b>"
    return f"{_text(fact.label)} {said}"


class _Drawn:
    """Draws what stands on a page."""

    def section(self, section: Section) -> Iterator[str]:
        for block in section.blocks:
            yield from self.block(block)
        for card in section.cards:
            yield from self.card(card, 3)

    def card(self, card: Card, level: int) -> Iterator[str]:
        kind, effect = card.marks[0], card.marks[1] if len(card.marks) > 1 else ""
        role = "check" if card.box else (kind if kind == "include" else effect or kind).replace(" ", "-")
        option = kind == "option"
        number = f'<span class="number">{card.number}</span>' if option else ""
        box = '<input type="checkbox" aria-label="done">' if card.box else ""
        more = "".join(f' · <span class="effect">{_text(mark)}</span>' for mark in card.marks[1:])
        called = "" if option or "." not in kind else f" · <code>{_text(kind)}</code>"
        yield f'<article class="card {_text(role)}" id="{_text(card.id)}">\n<div class="title">'
        yield f"<h{level}>{box}{number}{_text(card.title)}</h{level}>"
        yield f'<span class="marks"><code>{_text(card.id)}</code>{called}{more}</span></div>\n'
        for block in card.blocks:
            yield from self.block(block)
        for below in card.cards:
            yield from self.card(below, min(6, level + 1))
        yield "</article>\n"

    def block(self, block: Block) -> Iterator[str]:
        if isinstance(block, Prose):
            yield prose(block.text)
        elif isinstance(block, Caution):
            yield f'<div class="caution"><b>Caution</b>\n{prose(block.text)}</div>\n'
        elif isinstance(block, Command):
            yield f'<p class="label">{_text(block.label).capitalize()}</p>\n' if block.label else ""
            yield f'<pre class="copy"><code>{_text(block.text)}</code></pre>\n'
        elif isinstance(block, Links):
            yield f"<ul>{''.join(f'<li>{_link(link.title, link.url)}</li>' for link in block.links)}</ul>\n"
        elif isinstance(block, Facts):
            yield "<dl>" + "".join(f"<dt>{_text(f.label)}</dt><dd>{_fact(f)}</dd>" for f in block.rows) + "</dl>\n"
        else:
            head = "".join(f"<th>{_text(text)}</th>" for text in block.header)
            yield f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n'
            for row in block.rows:
                cells = (_cell(text, code=at in block.code) for at, text in enumerate(row))
                yield f"<tr>{''.join(cells)}</tr>\n"
            yield "</tbody>\n</table></div>\n"


def _fact(fact: Fact) -> str:
    code = f"<code>{_text(fact.code)}</code>" if fact.code else ""
    return " ".join(filter(None, (_text(fact.text), code)))


def _cell(text: str, *, code: bool) -> str:
    return (
        f"<td><code>{_text(text)}</code></td>" if code and text and text != "otherwise" else f"<td>{inline(text)}</td>"
    )


def _link(title: str, url: str) -> str:
    """A link that only opens a page; any other is shown as text."""
    if not url.lower().startswith(_SAFE):
        return f"{_text(title)}: <code>{_text(url)}</code>"
    return f'<a href="{_text(url)}" rel="noreferrer">{_text(title)}</a>'


def prose(text: str) -> str:
    """The author's Markdown as HTML. Its headings stand below those of the page."""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + 3)}"
    made: str = parser.renderer.render(tokens, parser.options, {})
    return made


def inline(text: str) -> str:
    """Words of the author in a line."""
    made: str = _parser().renderInline(text)
    return made


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _text(text: str) -> str:
    return escape("".join(c for c in text if c.isprintable() or c in "\n\t"))
