"""One runbook in one of the forms that it can be read in. The same document always gives the same text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from runbook.authoring.page.build import page
from runbook.authoring.page.flow import flow
from runbook.authoring.page.steps import Used
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.document.source import read
from runbook.document.spec import Specs

_OURS = {"markdown": "<!-- runbook source, for `runbook import`", "html": "<footer>Made of <code>"}


class Rendered(NamedTuple):
    """A text with the name of its runbook; no name: the index."""

    name: str
    text: str
    form: str = "markdown"


def rendered(
    book: Runbook, source: bytes, specs: Specs, form: str, *, origin: str = "", parts: Sequence[bytes] = ()
) -> Rendered:
    """A runbook in a form: `markdown`, `html`, `mermaid`, `svg` or `cacao`.

    `source` are the bytes that it was loaded from, `origin` names their file; `parts` are those of what it uses: the
    steps that it includes, and its evidence plan.
    """
    return Rendered(book.name, _text(book, source, specs, form, origin, parts), form)


def _text(book: Runbook, source: bytes, specs: Specs, form: str, origin: str, parts: Sequence[bytes]) -> str:
    if form == "cacao":
        from runbook.authoring.cacao.export import playbook

        return playbook(book, read(source, origin)[0].data, specs)
    drawn = flow(book, specs)
    if form == "svg":
        from runbook.authoring.page.svg import svg

        return svg(drawn)
    used = Used(load(data, specs).document for data in parts)
    if form == "html":
        from runbook.authoring.page.html import html
        from runbook.authoring.page.svg import svg

        return html(page(book, specs, origin, used=used), svg(drawn, style=False))
    from runbook.authoring.page.mermaid import mermaid

    if form == "mermaid":
        return mermaid(drawn)
    from runbook.authoring.page.markdown import markdown
    from runbook.authoring.page.source import with_source

    text = markdown(page(book, specs, origin, used=used), mermaid(drawn))
    return with_source(text, read(source, origin)[0].data, [read(data)[0].data for data in parts])


def index(books: Iterable[tuple[Runbook, str]], form: str) -> str:
    """The first page of a folder, of runbooks and the files of their pages."""
    from runbook.authoring.page.index import Row, html_index, markdown_index

    rows = [Row(book, file) for book, file in books]
    return html_index(rows, "Runbooks") if form == "html" else markdown_index(rows, "Runbooks")


def is_ours(text: str, form: str) -> bool:
    """Whether a page was made here."""
    return _OURS.get(form, "\0") in text
