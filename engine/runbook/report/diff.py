"""What a change of runbooks means, for people at a terminal and as JSON: riskiest first, each with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from runbook.authoring.diff.codes import LEVELS, Level
from runbook.authoring.diff.meaning import Meaning
from runbook.report.safe import shown, wrapped
from runbook.report.style import Style

_ROLES: Final = {Level.DANGER: "danger", Level.CAUTION: "warn", Level.NOTE: "dim"}
_PLURALS: Final = {Level.DANGER: "dangers", Level.CAUTION: "cautions", Level.NOTE: "notes"}


def diff_text(meanings: Sequence[Meaning], style: Style) -> str:
    """Dangers and cautions with what was and what is, notes in a line each. Empty where there is nothing to say."""
    blocks = ["\n".join(_block(one, style)) for one in meanings if one.level is not Level.NOTE]
    notes = [line for one in meanings if one.level is Level.NOTE for line in _note(one, style)]
    return "\n\n".join([*blocks, *(["\n".join(notes)] if notes else [])])


def diff_summary(meanings: Sequence[Meaning]) -> str:
    """`2 dangers, 1 caution, 3 notes`; `it means the same` where nothing is to be said."""
    counts = Counter(one.level for one in meanings)
    parts = [_counted(counts[level], level) for level in LEVELS if counts[level]]
    return ", ".join(parts) or "it means the same"


def diff_object(
    before: str, after: str, meanings: Sequence[Meaning], documents: int, scenarios: int, left: int = 0
) -> dict[str, Any]:
    """The object that `diff --output json` prints."""
    counts = Counter(one.level for one in meanings)
    return {
        "base": before,
        "head": after,
        "documents": documents,
        "scenarios": scenarios,
        "scenarios_left": left,
        "counts": {str(level): counts[level] for level in LEVELS},
        "meanings": [_object(one) for one in meanings],
    }


def where(meaning: Meaning) -> str:
    """`runbooks/api.yaml:41`."""
    return f"{meaning.path}:{meaning.line}" + (" (base)" if meaning.in_base else "")


def _block(meaning: Meaning, style: Style) -> Iterator[str]:
    word = style.paint(_ROLES[meaning.level], str(meaning.level).upper())
    yield f"{word}  {style.paint('heading', meaning.title)}  {style.paint('dim', meaning.code)}"
    place = ", ".join(filter(None, (meaning.document, meaning.place)))
    yield f"  {style.paint('dim', shown(where(meaning)))}  {shown(place)}"
    yield from wrapped(shown(meaning.sentence), style.width, indent="  ", hanging="  ")
    yield from _values(meaning, style)
    yield from (style.paint("dim", line) for line in wrapped(meaning.why, style.width, indent="  ", hanging="  "))


def _values(meaning: Meaning, style: Style) -> Iterator[str]:
    for sign, value, role in (("-", meaning.before, "bad"), ("+", meaning.after, "good")):
        if value is not None:
            lines = wrapped(shown(value), style.width, indent=f"  {sign} ", hanging="    ")
            yield from (style.paint(role, line) for line in lines)
    for line in meaning.lines:
        role = {"-": "bad", "+": "good"}.get(line[:1], "dim")
        yield style.paint(role, f"  {shown(line)}")
    if meaning.more:
        yield style.paint("dim", f"  … and {meaning.more} lines more")


def _note(meaning: Meaning, style: Style) -> Iterator[str]:
    place = ", ".join(filter(None, (meaning.document, meaning.place)))
    text = f"note  {shown(where(meaning))}  {shown(place)}: {shown(meaning.sentence)}"
    yield from (style.paint("dim", line) for line in wrapped(text, style.width, hanging="      "))


def _object(meaning: Meaning) -> dict[str, Any]:
    texts = {
        "level": str(meaning.level),
        "code": meaning.code,
        "title": meaning.title,
        "document": meaning.document,
        "path": meaning.path,
        "side": "base" if meaning.in_base else "head",
        "place": meaning.place,
        "sentence": meaning.sentence,
        "before": meaning.before,
        "after": meaning.after,
        "why": meaning.why,
    }
    found: dict[str, Any] = {key: None if text is None else _sayable(text) for key, text in texts.items()}
    return found | {"line": meaning.line, "lines": [_sayable(line) for line in meaning.lines]}


def _sayable(text: str) -> str:
    """Names of files may be no text; their bytes are escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def _counted(number: int, level: Level) -> str:
    return f"{number} {level if number == 1 else _PLURALS[level]}"
