"""Two PromQL queries as they are parsed: neither white space, the order of labels nor how a number is written counts.

A query may have `{{ … }}` in it, which are parsed as names of their own. What does not parse is compared word by word.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

_HOLE: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_IN_DURATION: Final = re.compile(r"((?:\[|:|\boffset\s)\s*-?)\{\{(.*?)\}\}", re.DOTALL)
_STRING: Final = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`"
_MATCHER: Final = re.compile(rf"(?:[A-Za-z_][\w.:]*|{_STRING})\s*(?:=~|!~|!=|=)\s*(?:{_STRING})")
_SELECTOR: Final = re.compile(rf"({_STRING})|\{{((?:{_STRING}|[^{{}}\"'`])*)\}}")
_LABELS: Final = re.compile(r"\b(by|without|on|ignoring|group_left|group_right) ?\(([^()]*)\)")
_WINDOW: Final = re.compile(r"\[[^\]]*\]")


def same(before: str, after: str) -> bool:
    """Whether two queries ask the same."""
    return canonical(before) == canonical(after)


def differences(before: str, after: str) -> Iterator[str]:
    """What is different between two queries, in words, the most telling first; nothing where words fail."""
    old, new = canonical(before), canonical(after)
    lost, gained = _matchers(old) - _matchers(new), _matchers(new) - _matchers(old)
    holes = {f"hole_{_mark(hole[1])}": hole[0] for hole in _HOLE.finditer(before + after)}
    if lost:
        yield "it no longer asks for " + _filled(lost, holes)
    if gained:
        yield "it now asks for " + _filled(gained, holes)
    if "or vector(" in " ".join(new.split()) and "or vector(" not in " ".join(old.split()):
        yield "no data now counts as a number (or vector)"
    if _WINDOW.findall(old) != _WINDOW.findall(new) and not _IN_DURATION.search(before + after):
        was, is_ = ", ".join(_WINDOW.findall(old)) or "none", ", ".join(_WINDOW.findall(new)) or "none"
        yield f"its window was {was} and is {is_}"


@lru_cache(maxsize=1024)
def canonical(query: str) -> str:
    """The query in the parser's own spelling, labels in order; its words where it cannot be parsed."""
    import promql_parser

    filled = _HOLE.sub(lambda hole: f"hole_{_mark(hole[1])}", _IN_DURATION.sub(_duration, query))
    try:
        text = str(promql_parser.parse(filled))
    except ValueError:
        return " ".join(query.split())
    text = _LABELS.sub(lambda found: f"{found[1]} ({_sorted(found[2].split(','))})", text)
    return _SELECTOR.sub(_in_order, text)


def _in_order(found: re.Match[str]) -> str:
    if found[1] is not None:
        return found[1]
    matchers = [match[0] for match in _MATCHER.finditer(found[2])]
    return f"{{{_sorted(matchers)}}}" if len(" ".join(matchers)) and " or " not in found[2] else found[0]


def _sorted(parts: list[str]) -> str:
    return ", ".join(sorted(part.strip() for part in parts))


def _matchers(text: str) -> set[str]:
    return {match[0] for found in _SELECTOR.finditer(text) if found[2] for match in _MATCHER.finditer(found[2])}


def _filled(matchers: set[str], holes: Mapping[str, str]) -> str:
    text = ", ".join(sorted(matchers))
    for name, hole in holes.items():
        text = text.replace(name, hole)
    return text


def _duration(found: re.Match[str]) -> str:
    return f"{found[1]}{int(_mark(found[2]), 16) % 1_000_000 + 1}ms"


def _mark(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:10]
