"""What came of a scenario: one line where it passed; else what was expected, what came, and the steps that led there.

On a terminal in words and colours, elsewhere with `-` and `+` as in every diff.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from runbook.core.words import Verdict
from runbook.document.durations import spoken
from runbook.document.findings import Finding
from runbook.report.safe import padded, shown, wrapped
from runbook.report.style import Style
from runbook.report.times import span
from runbook.scenario.coverage import Point
from runbook.scenario.judging import Difference
from runbook.scenario.sequences import BOTH, MISSING, UNEXPECTED

_INDENT: Final = "     "
_MOST_TOLD: Final = 40
_ROLES: Final = {MISSING: "bad", UNEXPECTED: "warn", BOTH: "dim"}
_OF_A_WORD: Final = {MISSING: "expected", UNEXPECTED: "came", BOTH: ""}
_OF_A_LIST: Final = {MISSING: "missing", UNEXPECTED: "unexpected", BOTH: ""}
_LISTS: Final = frozenset({"applied", "undone", "told", "changes"})
_COLUMN: Final = len("unexpected") + 2


class Told(NamedTuple):
    """One line of what led there, `at` simulated seconds after the start; `round` is the verdict of a round."""

    at: float
    phase: str | None
    sign: str
    role: str
    text: str
    round: Verdict | None = None


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one scenario. `line` is its own, `lines` are those of what it expects, one for each difference.

    `took` is simulated seconds, `seconds` real ones. `findings` and `trouble` say why it was not played to its end; a
    file that cannot be used has no `name`. `story` is what led to a difference; `reached` is for coverage.
    """

    path: str
    runbook: str
    name: str | None
    line: int = 1
    outcome: str | None = None
    took: float = 0.0
    seconds: float = 0.0
    differences: tuple[Difference, ...] = ()
    lines: tuple[int, ...] = ()
    unheard: tuple[str, ...] = ()
    story: tuple[Told, ...] = ()
    reached: frozenset[Point] = frozenset()
    findings: tuple[Finding, ...] = ()
    trouble: str | None = None
    hint: str | None = None

    @property
    def passed(self) -> bool:
        """Whether everything came as the scenario says."""
        return not (self.differences or self.findings or self.trouble)

    @property
    def called(self) -> str:
        """The runbook and the scenario; of a file that cannot be used, the file."""
        return f"{self.runbook}: {self.name}" if self.name is not None else self.path


def played_text(one: Played, style: Style, *, terminal: bool, same: bool = False) -> str:
    """One scenario; `same`: what was found was told of the one before."""
    return "\n".join(_lines(one, style, terminal, same))


def _lines(one: Played, style: Style, terminal: bool, same: bool) -> Iterator[str]:
    mark = style.paint("good", "ok  ") if one.passed else style.paint("bad", "FAIL")
    took = f" ({spoken(one.took)})" if one.outcome or one.took or one.passed else ""
    yield f"{mark} {shown(one.called)}{took}"
    if one.passed:
        return
    if same:
        yield f"{_INDENT}as above"
        return
    inner = style.narrowed(len(_INDENT))
    for line in (*_not_played(one, inner), *_differences(one, inner, terminal), *_around(one, inner)):
        yield f"{_INDENT}{line}"


def _not_played(one: Played, style: Style) -> Iterator[str]:
    for finding in one.findings:
        yield from wrapped(shown(finding), style.width, hanging="  ")
    if one.trouble is not None:
        yield from wrapped(shown(f"{one.path}:{one.line}: {one.trouble}"), style.width, hanging="  ")
        yield from wrapped(shown(one.hint), style.width, indent="  ", hanging="  ") if one.hint else ()


def _differences(one: Played, style: Style, terminal: bool) -> Iterator[str]:
    for difference, line in zip(one.differences, one.lines, strict=True):
        place = shown(f"{one.path}:{line}: ")
        yield f"{place}{style.paint('heading', shown(difference.what))}"
        words = _OF_A_LIST if difference.what in _LISTS else _OF_A_WORD
        for mark, text in difference.lines:
            lead = f"  {padded(words[mark], _COLUMN)}" if terminal else f"  {mark} "
            parts = wrapped(shown(text), style.width - len(lead))
            yield f"{style.paint(_ROLES[mark], lead)}{style.paint(_ROLES[mark], parts[0])}"
            yield from (" " * len(lead) + style.paint(_ROLES[mark], part) for part in parts[1:])


def _around(one: Played, style: Style) -> Iterator[str]:
    """What nobody heard, the steps that led there, and how to play it."""
    for vain in one.unheard:
        yield from wrapped(f"note: {shown(vain)}", style.width, hanging="  ")
    if not one.differences:
        return
    yield style.paint("heading", "what led there")
    yield from _story(one.story, style)
    yield f"play it: runbook run {one.runbook} --rehearse {_quoted(str(one.name))}"


def _story(story: Sequence[Told], style: Style) -> Iterator[str]:
    """From its beginning to its end; of a long one the middle is left out."""
    left = len(story) - _MOST_TOLD
    ends = (story[: _MOST_TOLD // 2], story[-_MOST_TOLD // 2 :]) if left > 0 else (story, ())
    width = max((len(f"+{span(told.at)}") for part in ends for told in part), default=0)
    for number, part in enumerate(ends):
        if number and left > 0:
            yield style.paint("dim", f"  … {left} more …")
        for told in part:
            lead = f"  {padded(f'+{span(told.at)}', width)} "
            first, *more = wrapped(told.text, style.width - len(lead) - 2)
            yield f"{style.paint('dim', lead)}{style.paint(told.role, told.sign)} {first}"
            yield from (" " * (len(lead) + 2) + text for text in more)


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(shown(name))


def played_object(one: Played) -> dict[str, Any]:
    """One scenario, as `--output json` and `jsonl` tell it."""
    return {
        "runbook": one.runbook,
        "path": one.path,
        "line": one.line,
        "name": one.name,
        "passed": one.passed,
        "outcome": one.outcome,
        "seconds": one.took,
        "unheard": list(one.unheard),
        "differences": [_difference(*pair) for pair in zip(one.differences, one.lines, strict=True)],
        "story": [{"at": told.at, "phase": told.phase, "text": told.text} for told in one.story],
        "findings": [msgspec.to_builtins(finding) for finding in one.findings],
        "error": {"message": one.trouble, "hint": one.hint} if one.trouble is not None else None,
    }


def _difference(difference: Difference, line: int) -> dict[str, Any]:
    return {
        "what": difference.what,
        "line": line,
        "expected": difference.expected,
        "came": difference.came,
        "diff": [f"{mark} {text}" for mark, text in difference.lines],
    }
