"""A postmortem's text: prose that belongs to people, and blocks of facts between markers that belong to the record.

    <!-- facts: timeline of INC-7 (sha256:0c6f…); write outside of these markers -->
    | 14:23 | an alert fired | …
    <!-- end of facts: timeline -->

A block is made anew from the journal whenever somebody asks; prose is never touched. The marker holds a digest of what
was generated, so that words which somebody wrote inside of a block are noticed and not overwritten. The digest does not
see spacing: a formatter that aligns a table has edited nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from runbook.document.findings import Finding
from runbook.document.suggest import did_you_mean
from runbook.errors import DocumentError

_OPENS: Final = re.compile(
    r"<!-- facts: (?P<name>[a-z_]+) of (?P<incident>INC-\d+) \(sha256:(?P<digest>[0-9a-f]{16})\)"
)
_CLOSES: Final = re.compile(r"<!-- end of facts: (?P<name>[a-z_]+) -->")
_MARKER: Final = re.compile(r"<!--\s*(end of )?facts:")
_SPACE: Final = re.compile(r"[ \t]+")
_RULE: Final = re.compile(r"-{3,}")


class Block(NamedTuple):
    """Facts between markers: `start` and `end` are places in the lines, those of the markers included."""

    name: str
    incident: str
    digest: str
    start: int
    end: int
    body: str

    @property
    def edited(self) -> bool:
        """Whether what stands there is no longer what was generated."""
        return self.digest != _digest(self.body)


class Regenerated(NamedTuple):
    """A text with its facts made anew: which blocks `changed`, and which are `absent` from it."""

    text: str
    changed: tuple[str, ...]
    absent: tuple[str, ...]


def block(name: str, incident: str, body: str) -> str:
    """Facts between their markers."""
    body = body.strip("\n")
    opens = f"<!-- facts: {name} of {incident} (sha256:{_digest(body)}); write outside of these markers -->"
    return f"{opens}\n{body}\n<!-- end of facts: {name} -->"


def regenerated(
    text: str, facts: Mapping[str, str], incident: str, *, path: str = "postmortem", discard: bool = False
) -> Regenerated:
    """The same text with these facts in its blocks. A block that somebody took out stays out, and is named.

    DocumentError, with every place, for markers that do not fit, for another incident's, and for blocks that were
    edited by hand (unless `discard`): nothing that somebody wrote is lost by making facts anew.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    blocks = _checked(lines, facts, incident, path, discard=discard)
    changed = []
    for each in reversed(blocks):
        if each.body.strip("\n") != facts[each.name].strip("\n"):
            changed.append(each.name)
            lines[each.start : each.end + 1] = block(each.name, incident, facts[each.name]).split("\n")
    here = {each.name for each in blocks}
    return Regenerated(newline.join(lines), tuple(reversed(changed)), tuple(name for name in facts if name not in here))


def prose(text: str, path: str = "postmortem") -> list[tuple[int, str]]:
    """The lines that people wrote, each with its number from 1."""
    lines = text.replace("\r\n", "\n").split("\n")
    taken = {n for each in _blocks(lines, path, []) for n in range(each.start, each.end + 1)}
    return [(n + 1, line) for n, line in enumerate(lines) if n not in taken]


def digests(text: str) -> dict[str, str]:
    """The facts that stand in a text, by name, each with the digest of what was generated."""
    lines = text.replace("\r\n", "\n").split("\n")
    return {each.name: each.digest for each in _blocks(lines, "", [])}


def without_markers(text: str) -> str:
    """What is left for readers who will not make anything anew."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line for line in lines if not _OPENS.match(line) and not _CLOSES.match(line))


def _checked(lines: list[str], facts: Mapping[str, str], incident: str, path: str, *, discard: bool) -> list[Block]:
    findings: list[Finding] = []
    blocks = list(_blocks(lines, path, findings))
    seen: dict[str, int] = {}
    for each in blocks:
        if each.incident != incident:
            message = f"these are facts of {each.incident}, and this would write those of {incident}"
            findings.append(_at(path, each.start, "RB203", message, "name the file of this incident"))
        elif each.name in seen:
            message = (
                f"the facts '{each.name}' stand here a second time; they began at line {seen[each.name] + 1} already"
            )
            findings.append(_at(path, each.start, "RB202", message, "take one of them out"))
        elif each.name not in facts:
            hint = did_you_mean(each.name, facts, what="there are")
            findings.append(_at(path, each.start, "RB202", f"there are no facts '{each.name}'", hint))
        elif each.edited and not discard:
            message = f"somebody wrote between the markers of '{each.name}', where facts are generated"
            hint = "move those words out of the markers; --discard-edits gives them up"
            findings.append(_at(path, each.start, "RB204", message, hint))
        seen.setdefault(each.name, each.start)
    if findings:
        raise DocumentError(findings)
    return blocks


def _blocks(lines: list[str], path: str, findings: list[Finding]) -> Iterator[Block]:
    """Every whole block in order; what does not fit is added to the findings, and stays prose."""
    opened: tuple[int, re.Match[str]] | None = None
    for number, line in enumerate(lines):
        opens, closes = _OPENS.match(line), _CLOSES.match(line)
        if opens is not None:
            if opened is not None:
                findings.append(_unclosed(path, *opened))
            opened = (number, opens)
        elif closes is not None and opened is not None and closes["name"] == opened[1]["name"]:
            start, begun = opened
            body = "\n".join(lines[start + 1 : number])
            yield Block(begun["name"], begun["incident"], begun["digest"], start, number, body)
            opened = None
        elif _MARKER.match(line) is not None:
            message = (
                "this marker of facts fits to nothing" if closes else "this is no marker of facts as they are written"
            )
            findings.append(_at(path, number, "RB201", message, "restore it, or take it out with its other half"))
    if opened is not None:
        findings.append(_unclosed(path, *opened))


def _unclosed(path: str, number: int, opens: re.Match[str]) -> Finding:
    hint = f"add <!-- end of facts: {opens['name']} --> after them, or take the marker out"
    return _at(path, number, "RB201", f"the facts '{opens['name']}' begin here and do not end", hint)


def _at(path: str, number: int, code: str, message: str, hint: str | None) -> Finding:
    return Finding(path=path, line=number + 1, column=1, code=code, message=message, hint=hint)


def _digest(body: str) -> str:
    """Of the words: what a formatter does to spaces, and to the line under a table's head, is no other text."""
    plain = _RULE.sub("---", _SPACE.sub(" ", body.strip("\n")))
    return hashlib.sha256("\n".join(line.strip() for line in plain.split("\n")).encode()).hexdigest()[:16]
