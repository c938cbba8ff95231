"""Words in a postmortem that look for somebody instead of something, and places that nobody has written yet.

People acted on what they could see at the time; a text that says what they should have done explains nothing, and the
next person will tell less. Findings are warnings: a person knows better than a list of words what a sentence means.
Code, quotations and facts between markers are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from runbook.document.findings import Finding, Severity


class _Way(NamedTuple):
    """One way of saying it: what finds it, what to say of it, and what to write instead."""

    code: str
    words: re.Pattern[str]
    message: str
    hint: str


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


_WAYS: Final = (
    _Way(
        "RB212",
        _any(
            r"(?:should|could|would|must|ought to)(?: not|n['’]t)? have (?!been (?:told|paged|shown))",
            r"(?:should|could)(?:n['’]t| not)?['’]ve",
            r"if only",
            r"with hindsight",
            r"in hindsight",
        ),
        "{found!r} judges from what is known now",
        "say what could be seen then, and what made the choice look right",
    ),
    _Way(
        "RB213",
        _any(
            r"(?:human|operator|user|engineer) errors?",
            r"careless(?:ly|ness)?",
            r"negligen(?:t|tly|ce)",
            r"incompeten(?:t|ce)",
            r"reckless(?:ly)?",
            r"sloppy",
            r"stupid(?:ly)?",
            r"(?:is|was|were|are) to blame",
            r"blamed?",
            r"(?:his|her|their|whose|my) (?:own )?fault",
            r"at fault",
            r"(?:failed|neglected|forgot) to",
        ),
        "{found!r} puts it on somebody",
        "say what allowed it, and what would have caught it",
    ),
    _Way(
        "RB214",
        _any(r"(?:the )?(?:single )?root cause"),
        "{found!r}: failures have more than one",
        "write of contributing factors: what had to come together",
    ),
    _Way(
        "RB215",
        _any(r"obviously", r"of course", r"simply", r"everybody knows", r"everyone knows", r"clearly should"),
        "{found!r} was not so to whoever was there",
        "leave the word out, or say what showed it",
    ),
)
_TODO: Final = re.compile(r"\bTODO\b:?")
_FENCE: Final = re.compile(r"\s*(```|~~~)")
_CODE: Final = re.compile(r"`[^`]*`|<!--.*?-->|\[[^\]]*\]\([^)]*\)")


def judged(lines: Iterable[tuple[int, str]], people: Mapping[str, str], path: str) -> Iterator[Finding]:
    """What to think over in these lines of prose. `people`: every name that is known, with what to write instead."""
    names = _names(people)
    for number, line in _text(lines):
        for way in _WAYS:
            for found in way.words.finditer(line):
                yield _finding(path, number, found, way.code, way.message.format(found=found[0].strip()), way.hint)
        for found in names.finditer(line) if names else ():
            instead = next((role for name, role in people.items() if name.lower() == found[0].lower()), "their role")
            yield _finding(path, number, found, "RB211", f"{found[0]!r} is a person's name", f"write '{instead}'")


def unwritten(lines: Iterable[tuple[int, str]], path: str) -> Iterator[Finding]:
    """The places that still wait for somebody's words."""
    for number, line in _text(lines):
        found = _TODO.search(line)
        if found is not None:
            rest = line[found.end() :].strip(" :") or "to be written"
            yield _finding(path, number, found, "RB216", f"not written yet: {rest}", "write it, or take the line out")


def _text(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines of people's own words; code stands as blanks, so that columns stay right."""
    fence = ""
    for number, line in lines:
        opens = _FENCE.match(line)
        if opens is not None:
            fence = "" if fence == opens[1] else fence or opens[1]
        elif not fence and not line.lstrip().startswith(">"):
            yield number, _CODE.sub(lambda code: " " * len(code[0]), line)


def _names(people: Mapping[str, str]) -> re.Pattern[str] | None:
    """Names of three letters or more: shorter ones are words too often."""
    names = sorted((re.escape(name) for name in people if len(name) > 2), key=len, reverse=True)
    return re.compile(rf"(?<![\w.@-])@?(?:{'|'.join(names)})(?![\w@-])", re.IGNORECASE) if names else None


def _finding(path: str, number: int, found: re.Match[str], code: str, message: str, hint: str) -> Finding:
    return Finding(
        path=path,
        line=number,
        column=found.start() + 1,
        code=code,
        message=message,
        severity=Severity.WARNING,
        hint=hint,
    )
