"""A postmortem as one page of HTML: what its Markdown says, without the markers, to be read and printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from runbook.incident.history import Incident
from runbook.incident.postmortem.blocks import without_markers
from runbook.report.html import banner, page, part, prose, section, severity
from runbook.report.markup import Markup, joined

_FENCE: Final = re.compile(r"\s*(```|~~~)")
_HEADING: Final = re.compile(r"(#{1,3}) +(.*)")


class _Part(NamedTuple):
    """Text below a heading of some level; level 0 is what stands before the first."""

    level: int
    title: str
    text: str


def postmortem_page(markdown: str, incident: Incident) -> str:
    """The whole file. The first heading is its title, those of the second level are its sections."""
    parts = list(_parts(without_markers(markdown)))
    title = next((one.title for one in parts if one.level == 1), f"Postmortem of {incident.id}")
    marks = [f"TLP:{incident.tlp}"] if incident.tlp else []
    marks += ["Confidential: keep this among those who need to know"] if incident.confidential else []
    mark = " · ".join(marks)
    sections = list(_sections(parts))
    return page(
        title,
        banner(mark, role="warn") if mark else None,
        *(prose(one.text) for one in parts if one.level < 2),
        *(section(head, body, anchor=f"s{number}") for number, (head, body) in enumerate(sections)),
        mark=severity(incident.severity),
        nav=[(f"s{number}", head) for number, (head, _) in enumerate(sections)],
        foot=mark or None,
        style="td:first-child{white-space:nowrap}",
    )


def _sections(parts: list[_Part]) -> Iterator[tuple[str, Markup]]:
    """Each section's heading, and its text with the parts below it."""
    for place, one in enumerate(parts):
        if one.level != 2:
            continue
        below = []
        for other in parts[place + 1 :]:
            if other.level <= 2:
                break
            below.append(part(other.title, prose(other.text)))
        yield one.title, joined([prose(one.text), *below])


def _parts(markdown: str) -> Iterator[_Part]:
    """Markdown cut at its headings; what looks like one inside of code is none."""
    level, title, fence = 0, "", ""
    lines: list[str] = []
    for line in markdown.split("\n"):
        opens = _FENCE.match(line)
        if opens is not None:
            fence = "" if fence == opens[1] else fence or opens[1]
        marks = _HEADING.match(line) if not fence else None
        if marks is None:
            lines.append(line)
            continue
        yield _Part(level, title, "\n".join(lines))
        level, title, lines = len(marks[1]), marks[2].strip(), []
    yield _Part(level, title, "\n".join(lines))
