"""Rounds of a verification, gathered: all checks of a round make one line, and a series of passing ones is a hold.

A round is complete when everything that was begun for it has answered. Somebody who only reads records does not see
what was begun; for them it is complete when all checks of the runbook have answered, or when anything else comes.
"""

from __future__ import annotations

from typing import NamedTuple

from runbook.core.addresses import last
from runbook.core.history import address
from runbook.core.records import Written
from runbook.core.verdicts import all_of
from runbook.core.words import Verdict
from runbook.report.known import Known
from runbook.report.phrases import VERDICT
from runbook.report.safe import shown
from runbook.report.values import seen


class Check(NamedTuple):
    """One check in one round."""

    id: str
    verdict: Verdict | None
    seen: str
    reason: str | None
    advisory: bool


class Round(NamedTuple):
    """A complete round. `began` in seconds since the epoch; number 0 is the look before the change."""

    path: str
    number: int
    began: float
    checks: tuple[Check, ...]
    verdict: Verdict
    phase: str
    text: str


class Rounds:
    """The round that is under way, the last one, and since when all of them passed."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._outstanding: set[str] = set()
        self._open: tuple[str, int] | None = None
        self._checks: list[Check] = []
        self._began = 0.0
        self._told: set[str] = set()
        self.last: Round | None = None
        self.first_began = 0.0
        self.passing_since: float | None = None

    @property
    def complete(self) -> bool:
        """True when all checks of the open round have answered, as far as can be known."""
        if self._open is None or self._outstanding:
            return False
        beside = self._known.beside(self._checks[0].id)
        return bool(beside) and len(self._checks) >= len(beside)

    def begun(self, key: str, number: int | None) -> None:
        """A check of a round begins."""
        if number is not None:
            self._outstanding.add(key)

    def ends_before(self, record: Written) -> bool:
        """True when this record shows that the open round is over."""
        if self._open is None or self._outstanding:
            return False
        return not (_is_check(record) and self._open == _round_of(record))

    def takes(self, record: Written) -> bool:
        """Fold in a check's answer; False for any other record."""
        if not _is_check(record):
            return False
        data, key = record.data, record.key or ""
        self._outstanding.discard(key)
        if self._open is None:
            self._open, self._checks = _round_of(record), []
            self._began = float(data.get("started") or record.time)
        self._began = min(self._began, float(data.get("started") or record.time))
        id_ = str(data.get("id") or last(address(key)))
        step = self._known.step(id_)
        self._checks.append(
            Check(
                id=id_,
                verdict=Verdict(data["verdict"]) if data.get("verdict") else None,
                seen=seen(data.get("output") or {}, self._known.telling(id_)),
                reason=data.get("reason"),
                advisory=bool(step and step.advisory),
            )
        )
        return True

    def close(self) -> Round:
        """The round that is open, as a whole; call it only while one is."""
        assert self._open is not None  # noqa: S101 - the story asks `complete` or `ends_before` first
        path, number = self._open
        verdict = all_of(check.verdict for check in self._checks if not check.advisory)
        if self.last is None or self.last.path != path:
            self.first_began, self.passing_since = self._began, None
        if verdict is not Verdict.PASS:
            self.passing_since = None
        elif self.passing_since is None:
            self.passing_since = self._began
        self.last = Round(
            path, number, self._began, tuple(self._checks), verdict, _phase(path), self._text(path, number, verdict)
        )
        self._open = None
        return self.last

    def _text(self, path: str, number: int, verdict: Verdict) -> str:
        """`round 3: pass; errors_low pass, value 0.002 …`. What is expected is said in the first round told."""
        first = path not in self._told
        self._told.add(path)
        checks = "; ".join(self._check(check, first) for check in self._checks)
        return f"round {number}: {VERDICT[verdict].word}; {checks}" if number else f"now: {checks}"

    def _check(self, check: Check, first: bool) -> str:
        word = VERDICT[check.verdict].word
        if not check.seen and not check.reason:
            return f"{shown(check.id)} {word}"
        expect = self._known.expect(check.id)
        said = [part for part in (check.seen, shown(check.reason or "")) if part]
        wanted = f" (expects {shown(expect)}{', advisory' if check.advisory else ''})" if first and expect else ""
        return f"{shown(check.id)} {word}, {'; '.join(said)}{wanted}"


def _is_check(record: Written) -> bool:
    data = record.data
    return record.type == "step.observed" and data.get("round") is not None and data.get("phase") == "verification"


def _round_of(record: Written) -> tuple[str, int]:
    return address(record.key or "").rsplit("/", 1)[0], int(record.data["round"])


def _phase(path: str) -> str:
    parts = path.split("/")
    return f"Verification of {shown(parts[1])}" if parts[0] == "resolution" else "Checks before the change"
