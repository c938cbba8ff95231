"""What a check says, from what was seen: `pass`, `fail` or `unknown`, never guessed. Tables, tested row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runbook.core import exits
from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.document.expressions import Unknown, parse
from runbook.document.words import Series

Scope = Mapping[str, object]


def judge(expect: str | None, series: Series, seen: Observation, scope: Scope) -> tuple[Verdict | None, str | None]:
    """The verdict of one observation and, where it is unknown, why.

    Without `expect` and without an answer from the kind itself there is no verdict. A kind's own `fail` (refused,
    no such name) is an answer, and stays one unless `expect` asks for just that (`not reachable`, `error`) by outputs
    that are there: silence never passes `status != 500`. Nor does a command that failed and printed nothing pass
    `stdout == ''`, unless `expect` looks at its exit code. An error or an observation marked unknown is never judged.
    """
    if seen.verdict is Verdict.FAIL:
        asked_for = expect is not None and heard(expect, scope, seen.output)[0] is Verdict.PASS
        return (Verdict.PASS if asked_for else Verdict.FAIL), None
    if expect is None:
        return seen.verdict, seen.unknown
    if seen.error is not None:
        return Verdict.UNKNOWN, seen.error.message
    if seen.unknown is not None or seen.verdict is Verdict.UNKNOWN:
        return Verdict.UNKNOWN, seen.unknown
    silent = None if exits.looks_at_exit(parse(expect)) else exits.silence(seen.output)
    return holds(expect, series, seen.output, scope, silent)


def holds(
    expression: str, series: Series, output: Mapping[str, Any], scope: Scope, silent: str | None = None
) -> tuple[Verdict, str | None]:
    """Whether an expression holds of outputs, and if that is unknown, why. `silent`: see `silence`."""
    if silent is not None:
        return _one(expression, _Mute({**scope, **output}, silent))
    rows = output.get("rows")
    if not isinstance(rows, list) or len(rows) < 2:
        return _one(expression, {**scope, **output})
    if series is Series.ONE:
        return Verdict.UNKNOWN, f"{len(rows)} series where one is expected; say `series: any` or `all`"
    verdicts = [_one(expression, {**scope, **output, **_row(row)}) for row in rows]
    combined = (any_of if series is Series.ANY else all_of)(verdict for verdict, _ in verdicts)
    reasons = [reason for verdict, reason in verdicts if verdict is combined and reason]
    return combined, reasons[0] if reasons else None


def silence(expect: str | None, scope: Scope, output: Mapping[str, Any]) -> str | None:
    """Why the empty text of a command is no answer: it failed, and `expect` does not take its exit code for one.

    `grep` that found nothing has answered where the step expects `exit_code in [0, 1]`; by the kind's own expectation,
    exit code 0, a cluster out of reach would be an empty list.
    """
    failed = exits.silence(output)
    if failed is None or expect is None or not exits.looks_at_exit(parse(expect)):
        return failed
    by_its_exit, _ = _one(expect, _Mute({**scope, **output}, failed))
    return failed if by_its_exit is Verdict.FAIL else None


class _Mute(Mapping[str, object]):
    """The names of an expression over a command that failed and printed nothing: what it prints is unknown."""

    def __init__(self, names: Scope, why: str) -> None:
        self._names = names
        self._why = why

    def __getitem__(self, name: str) -> object:
        if name == exits.TEXT:
            raise Unknown(self._why)
        return self._names[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def heard(expression: str, scope: Scope, output: Mapping[str, Any]) -> tuple[Verdict, str | None]:
    """Whether an expression is true of silence: by outputs that are there, never by those that are missing."""
    return _one(expression, _Heard(scope, output))


class _Heard(Mapping[str, object]):
    """The names of an `expect` over an answer that may lack most of its outputs: a null one is unknown, not null."""

    def __init__(self, scope: Scope, output: Mapping[str, Any]) -> None:
        self._scope = scope
        self._output = output

    def __getitem__(self, name: str) -> object:
        if name not in self._output:
            return self._scope[name]
        if self._output[name] is None:
            raise Unknown(f"there was no answer that could tell {name}")
        return self._output[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._scope, **self._output})

    def __len__(self) -> int:
        return len({**self._scope, **self._output})


def _row(row: Any) -> Mapping[str, object]:
    return row if isinstance(row, Mapping) else {}


def _one(expect: str, scope: Scope) -> tuple[Verdict, str | None]:
    try:
        return (Verdict.PASS if parse(expect).truth(scope) else Verdict.FAIL), None
    except Unknown as unknown:
        return Verdict.UNKNOWN, unknown.reason


def any_of(verdicts: Iterable[Verdict | None]) -> Verdict:
    """One `pass` passes; all `fail` fail; else `unknown`. Nothing at all is `fail`."""
    seen = list(verdicts)
    if Verdict.PASS in seen:
        return Verdict.PASS
    return Verdict.FAIL if all(verdict is Verdict.FAIL for verdict in seen) else Verdict.UNKNOWN


def all_of(verdicts: Iterable[Verdict | None]) -> Verdict:
    """One `fail` fails; all `pass` pass; else `unknown`."""
    seen = list(verdicts)
    if Verdict.FAIL in seen:
        return Verdict.FAIL
    return Verdict.PASS if all(verdict is Verdict.PASS for verdict in seen) else Verdict.UNKNOWN


def truth(expression: str | None, scope: Scope) -> tuple[Verdict, str | None]:
    """A `when`: pass (go), fail (skip) or unknown, with the reason. No `when` passes."""
    if expression is None:
        return Verdict.PASS, None
    verdict, reason = _one(expression, scope)
    return verdict, reason or (f"when: {expression}" if verdict is Verdict.FAIL else None)
