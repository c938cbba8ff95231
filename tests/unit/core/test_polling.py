"""`until`: looks that begin `every` apart until one passes or time is over, wherever a step may stand."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.core.commands import Observe, Wait
from runbook.core.words import Mode
from support.machines import Play, Script, book, play, standing, starting

PROBE = "{id: lag, uses: look, expect: value == 1, until: {within: 30s, every: 10s}}"
TRIAGE = f"symptoms: [{{id: dark, uses: look, expect: value}}]\ntriage: [{PROBE}]\n"
OPTION = f"resolution: [{{id: one, steps: [{{id: swap, uses: turn}}, {PROBE}, {{id: more, uses: turn}}]}}]\n"
LAST = f"finally: [{PROBE}]\n"
SEEN = {"0": 0, "1": 1, "u": "unknown", "x": "unreadable"}


def looks(run: Play) -> list[Observe]:
    return [command for command in run.log if isinstance(command, Observe) and command.id == "lag"]


def begun(run: Play) -> list[float]:
    """When the looks began, in seconds after the first."""
    waits = [command.until for command in run.log if isinstance(command, Wait) and command.id == "lag"]
    first = looks(run)[0].until
    assert first is not None
    return [0.0, *(until - (first - 30) for until in waits)]


def seeing(letters: str, **more: Any) -> Script:
    return Script(seen={"dark": 1, "lag": [SEEN[letter] for letter in letters], "works": 1}, **more)


@pytest.mark.parametrize("body", [TRIAGE, OPTION, LAST], ids=["triage", "an option", "finally"])
@pytest.mark.parametrize(
    ("seen", "times"),
    [("1", [0]), ("01", [0, 10]), ("0ux1", [0, 10, 20, 30]), ("00000", [0, 10, 20, 30]), ("u", [0, 10, 20, 30])],
)
def test_looks_begin_every_so_often_until_one_passes(body: str, seen: str, times: list[float]) -> None:
    """Each is a record of its own with its number; the last one may begin when the time is over."""
    run = play(body, seeing(seen))
    assert begun(run) == times
    assert [look.key.rsplit("#", 1)[1] for look in looks(run)] == [str(n) for n, _ in enumerate(times, 1)]
    assert [look.round for look in looks(run)] == [n for n, _ in enumerate(times, 1)]


@pytest.mark.parametrize(("seen", "outcome"), [("001", "resolved"), ("0000", "not_resolved"), ("uuuu", "not_resolved")])
def test_in_an_option_the_last_verdict_counts(seen: str, outcome: str) -> None:
    """A probe that did not pass in time ends its option; until then nothing has failed."""
    run = play(OPTION, seeing(seen))
    assert run.outcome == outcome
    assert [command.verb == "apply" and command.id == "more" for command in run.log].count(True) == (seen == "001")


def test_a_look_that_cannot_tell_does_not_end_auto_while_there_is_a_next() -> None:
    """Only what it came to counts: an unknown on the way to a pass is the reason why it is asked again."""
    run = play(OPTION, seeing("uu1"), mode=Mode.AUTO)
    assert run.outcome != "undetermined"
    assert play(OPTION, seeing("uuuu"), mode=Mode.AUTO).outcome == "undetermined"


def test_looks_never_overlap() -> None:
    """A look that takes longer than `every` is followed by the next at once, while there is time."""
    run = play(TRIAGE, seeing("0000", takes={"triage/lag": 14.0}))
    assert begun(run) == [0, 14, 28]


def test_inputs_that_cannot_be_told_are_not_asked_for_again() -> None:
    """What they come from does not change between two looks."""
    inputs = "with: {of: '{{ steps.a.value }}'}"
    body = f"triage: [{{id: a, uses: look}}, {{id: lag, uses: look, {inputs}, expect: value, until: {{within: 1h}}}}]\n"
    run = play(body, Script(seen={"a": "unreadable"}))
    assert not [command for command in run.log if isinstance(command, Wait)]


def test_a_dry_run_looks_once() -> None:
    """It shows how things are, and waits for nothing."""
    run = Play(starting(book(TRIAGE + OPTION.replace("lag", "slow")), mode=Mode.DRY), seeing("0"))
    run.run()
    assert len(looks(run)) == 1
    assert not [command for command in run.log if isinstance(command, Wait)]


def test_an_engine_that_was_away_pauses_within() -> None:
    """Ten minutes without a runner speak neither for nor against."""
    run = Play(starting(book(TRIAGE)), seeing("0000000"))
    run.run(until=lambda command: command.key == "triage/lag:wait#2")
    run.say("run.resumed", away=600.0)
    run.run()
    assert [look.again - looks(run)[0].again for look in looks(run)] == [0, 10, 610, 620, 630]
    assert [look.until - looks(run)[0].until for look in looks(run)] == [0, 0, 600, 600, 600]


def test_a_run_that_was_stopped_between_two_looks_goes_on_where_it_was() -> None:
    """Replaying its records gives the same commands, digests and all."""
    run = Play(starting(book(TRIAGE)), seeing("0001"))
    run.run(until=lambda command: command.key == "triage/lag:wait#2")
    machine, _ = run.replayed()
    assert standing(machine) == standing(run.machine)
