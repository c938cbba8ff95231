"""A step with `until`, as it is told and as it is shown while it goes on."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from runbook import kinds
from runbook.core.commands import Observe
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.report.frame import Busy, frame
from runbook.report.story import Story
from runbook.report.style import Style
from support import histories

TEXT = b"""\
apiVersion: runbook/v1
kind: Runbook
name: lag
title: Replication lags
triage:
  - {id: lag, title: It catches up, uses: prometheus.query, with: {query: lag}, expect: value < 5, until: {within: 5m}}
"""


def story() -> Story:
    book = load(TEXT, kinds.specs()).document
    assert isinstance(book, Runbook)
    return Story(book, UTC)


def taped(*seen: tuple[str, float], over: bool = False, key: int = 1) -> histories.Tape:
    """Looks ten seconds apart, each with its verdict and value; `over`: time ran out after the last."""
    tape = histories.Tape()
    tape.add("run.started", runbook="lag", who="ann")
    until = tape.now + 300
    for number, (verdict, value) in enumerate(seen, 1):
        last = verdict == "pass" or (over and number == len(seen))
        again = None if last else tape.now + 10
        about: dict[str, Any] = {"id": "lag", "phase": "triage", "kind": "prometheus.query", "status": "succeeded"}
        about |= {"verdict": verdict, "output": {"value": value}, "round": number, "until": until, "again": again}
        tape.add("step.observed", f"triage/lag:observe#{number + key - 1}", **about, started=tape.now)
        tape.wait(9)
    return tape


def told(tape: histories.Tape) -> list[str]:
    seen = story()
    return [f"{fact.phase}: {fact.text}" for record in tape.records for fact in seen.take(record)][1:]


def test_of_looks_that_say_the_same_the_first_and_the_last_are_told() -> None:
    """The first says how long it goes on, the last how many there were."""
    lines = told(taped(*[("fail", 9.0)] * 4, ("pass", 3.0)))
    assert lines == [
        "Triage: lag: It catches up: fail, value 9 (expects value < 5); looked at again every 10s for up to 5m",
        "Triage: lag: It catches up: pass, value 3 (expects value < 5); look 5, after 40s",
    ]


def test_a_verdict_that_changes_is_told() -> None:
    """A look that cannot tell is another thing than one that fails; so is the last of all."""
    lines = told(taped(("fail", 9.0), ("unknown", 0.0), ("fail", 9.0), ("fail", 8.0), over=True))
    assert [line.rsplit("; ")[-1] for line in lines[1:]] == [
        "look 2, and again",
        "look 3, and again",
        "look 4, after 30s",
    ]


def test_a_step_that_is_looked_at_anew_later_stands_under_its_own_heading() -> None:
    """Numbers of looks are not those of keys."""
    lines = told(taped(("fail", 9.0), ("pass", 3.0), key=3))
    assert all(line.startswith("Triage, once more: ") for line in lines)


def drawn(tape: histories.Tape, busy: dict[str, Busy] | None = None) -> str:
    seen = story()
    for record in tape.records:
        seen.take(record)
    return "\n".join(frame(seen, busy or {}, None, tape.now - 4, Style(width=80)))


def test_between_two_looks_tries_and_time_left_are_shown() -> None:
    """What the last look said, when the next one is, and until when there is one."""
    line = drawn(taped(("fail", 9.0), ("fail", 9.0)))
    assert line.startswith("  ▸ lag: fail at look 2, next look in 4s")
    assert line.endswith("4m44s left")
    assert drawn(taped(("fail", 9.0), ("pass", 3.0))) == ""
    assert drawn(taped(("fail", 9.0), over=True)) == ""


def test_a_look_under_way_says_which_one_it_is() -> None:
    """There is one line for it, not two."""
    tape = taped(("fail", 9.0))
    look = Observe(
        key="triage/lag:observe#2", path="triage/lag", id="lag", phase="triage", kind="x", inputs={}, round=2, until=9e9
    )
    assert drawn(tape, {look.key: Busy(look, tape.now - 5)}).startswith("  ▸ reading lag, look 2  ")
