"""The first page of a folder of pages: which runbook is for which alert, worst first."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from runbook.authoring.page.html import framed
from runbook.authoring.page.markdown import code, plain
from runbook.document.model import Runbook

_LEAST = "SEV9"  # after those that say how bad it is


class Row(NamedTuple):
    """One runbook, with the file of its page."""

    book: Runbook
    file: str

    @property
    def alerts(self) -> tuple[str, ...]:
        """The alerts that it is for."""
        return tuple(dict.fromkeys(symptom.alert for symptom in self.book.symptoms if symptom.alert))


def markdown_index(rows: Iterable[Row], title: str) -> str:
    """The index as Markdown."""
    lines = [f"# {plain(title)}", "", "| severity | runbook | alerts | service |", "| --- | --- | --- | --- |"]
    for row in _ordered(rows):
        book = row.book
        alerts = ", ".join(map(code, row.alerts))
        cells = (book.severity or "", f"[{plain(book.title)}](<{row.file}>)", alerts, plain(book.service or ""))
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def html_index(rows: Iterable[Row], title: str) -> str:
    """The index as HTML."""
    body = [f"<h1>{escape(title)}</h1>\n", '<div class="scroll"><table>\n<thead><tr>']
    body += [f"<th>{word}</th>" for word in ("severity", "runbook", "alerts", "service")]
    body.append("</tr></thead>\n<tbody>\n")
    for row in _ordered(rows):
        book = row.book
        level = book.severity or ""
        mark = f'<span class="sev {escape(level.lower())}">{escape(level)}</span>' if level else ""
        alerts = ", ".join(f"<code>{escape(alert)}</code>" for alert in row.alerts)
        link = f'<a href="{escape(row.file)}">{escape(book.title)}</a>'
        cells = (mark, link, alerts, escape(book.service or ""))
        body.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n")
    body.append("</tbody>\n</table></div>\n")
    return framed(title, "".join(body))


def _ordered(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.book.severity or _LEAST, row.book.title.casefold(), row.book.name))
