from __future__ import annotations

import pytest

from runbook.core.commands import Announce, Ask, Observe, Wait
from runbook.core.context import Run, instant, seconds, utc
from runbook.core.situation import Situation
from runbook.core.words import Mode
from runbook.document.durations import Duration
from runbook.document.model import Step
from runbook.document.words import Effect
from support.machines import KINDS, T0, Play, Script, book, play

EMPTY = book("")


HEAD = """
parameters: {time: {type: string, default: 5m}, bad: {type: string, default: soon}, n: {type: integer, default: 3}}
triage: [{id: x, uses: look}]
"""
GIVEN = {"time": "5m", "bad": "soon", "n": 3}
SILENT = {"x": "unreadable"}


def option(*steps: str) -> str:
    """A runbook of one option with these steps and a change at its end."""
    listed = "".join(f"      - {{{step}}}\n" for step in steps)
    return f"{HEAD}resolution:\n  - id: one\n    steps:\n{listed}      - {{id: last, uses: turn}}\n"


@pytest.mark.parametrize(
    ("step", "effect", "changes", "reads"),
    [
        (Step(id="s", uses="look"), Effect.READ, False, True),
        (Step(id="s", uses="turn"), Effect.CHANGE, True, False),
        (Step(id="s", uses="wipe"), Effect.DESTRUCTIVE, True, False),
        (Step(id="s", uses="command.run"), Effect.CHANGE, True, False),
        (Step(id="s", uses="command.run", inputs={"effect": "read"}), Effect.READ, False, True),
        (Step(id="s", uses="command.run", inputs={"effect": "notify"}), Effect.NOTIFY, False, False),
        (Step(id="s", uses="command.run", inputs={"effect": "destructive"}), Effect.DESTRUCTIVE, True, False),
        (Step(id="s", uses="manual.do"), Effect.READ, False, False),
        (Step(id="s", uses="notify.send"), Effect.NOTIFY, False, False),
    ],
)
def test_an_effect_is_the_kinds_or_for_generic_kinds_what_the_step_says(
    step: Step, effect: Effect, changes: bool, reads: bool
) -> None:
    """What says nothing changes something; a gate stands in front of changes only."""
    run = Run(EMPTY, Situation(run="r", mode=Mode.BY_HAND, parameters={}), KINDS)
    assert (run.effect(step), run.changes(step), run.reads(step)) == (effect, changes, reads)


@pytest.mark.fault(30)
@pytest.mark.parametrize(
    ("words", "timeout"), [("uses: look", 30.0), ("uses: nap", 7.0), ("uses: nap, timeout: 2s", 2.0)]
)
def test_a_timeout_is_the_steps_else_the_kinds(words: str, timeout: float) -> None:
    """In seconds, per attempt."""
    run = play(f"triage: [{{id: x, {words}}}]\n")
    assert run.of("triage/x:observe#1").timeout == timeout
    assert seconds(None, None) == 300.0
    assert seconds(Duration(4.0), "30s") == 4.0


def test_an_observation_is_asked_for_with_all_that_the_author_wrote() -> None:
    """The kind's own expectation counts where the step has none."""
    run = play("triage: [{id: x, uses: ping, title: T, connection: c, series: all, retry: {attempts: 3}}]\n")
    seen = run.of("triage/x:observe#1")
    assert isinstance(seen, Observe)
    assert (seen.title, seen.connection, seen.series, seen.retry.attempts) == ("T", "c", "all", 3)
    assert (seen.phase, seen.kind, seen.expect) == ("triage", "ping", "value")


# --- pauses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("with: {for: 90s}", T0 + 90.0),
        ('with: {for: "{{ params.time }}"}', T0 + 300.0),
        ('with: {time: "2027-01-15T08:30:00Z"}', T0 + 1800.0),
        ('with: {time: "2027-01-15T09:30:00+01:00"}', T0 + 1800.0),
    ],
)
def test_a_pause_ends_after_so_long_or_at_an_instant(words: str, until: float) -> None:
    """Counted from when the step begins."""
    run = play(option(f"id: nap, uses: wait.until, {words}"), parameters=GIVEN)
    assert [wait.until for wait in run.all(Wait)] == [until]
    assert run.outcome == "resolved"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ('with: {for: "{{ params.bad }}"}', "not a duration: 'soon'"),
        ('with: {time: "{{ params.bad }}"}', "Invalid isoformat string: 'soon'"),
        ('with: {time: "2027-01-15T08:30:00"}', "2027-01-15T08:30:00 has no time zone"),
        ('with: {for: "{{ steps.x.value }}"}', "step x failed"),
    ],
)
def test_a_pause_that_makes_no_sense_ends_its_option_with_the_reason(words: str, reason: str) -> None:
    """A value that came out of a parameter is not the end of the engine."""
    run = play(option(f"id: nap, uses: wait.until, {words}"), Script(seen=SILENT), parameters=GIVEN)
    assert run.ends() == {"one": "failed"}
    assert reason in run.notes("resolution/one/nap")[0]["reason"]


# --- messages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "sent"), [("sent", True), ("failed", False), ("unknown", None)])
def test_whether_a_message_went_out_is_an_output(status: str, sent: bool | None) -> None:
    """Null when that is not known; the option goes on in any case."""
    body = option("id: say, uses: notify.send, with: {to: team, message: 'n = {{ params.n }}'}",
                  "id: after, uses: look, with: {of: '{{ steps.say.sent }}'}")  # fmt: skip
    run = play(body, Script(sent={"say": status}), parameters=GIVEN)
    message = run.all(Announce)[0]
    assert (message.to, message.words, message.id) == ("team", "n = 3", "say")
    assert run.of("resolution/one/after:observe#1").inputs == {"of": sent}
    assert run.outcome == "resolved"


def test_a_manual_step_whose_words_cannot_be_told_is_not_asked() -> None:
    """Half a sentence helps nobody."""
    run = play(option("id: go, uses: manual.do, with: {text: 'see {{ steps.x.value }}'}"), Script(seen=SILENT))
    assert run.did("ask") == []
    assert run.ends() == {"one": "failed"}


def test_a_manual_step_that_may_be_skipped_is_skipped_and_the_option_goes_on() -> None:
    """It is not done, and it has not failed; one that may not be has no such answer."""
    go = "id: go, uses: manual.do, with: {text: Go., may_skip: true}"
    run = play(option(go, "id: then, uses: manual.do, with: {text: Then.}"), Script(answers={"go": "skipped"}))
    assert [ask.choices for ask in run.all(Ask)] == [("done", "failed", "skipped"), ("done", "failed")]
    assert run.outcome == "resolved"
    alone = f"{HEAD}resolution: [{{id: one, steps: [{{{go}}}]}}]\n"
    assert play(alone, Script(answers={"go": "skipped"})).ends() == {"one": "nothing_to_do"}


def test_a_manual_step_without_words_of_its_own_is_asked_by_its_title() -> None:
    """A kind of somebody else's may have neither question nor text."""
    from runbook.core.commands import Ask, Flow
    from runbook.core.machine import Machine

    def flow(situation: Situation) -> Flow:
        yield from Run(EMPTY, situation, KINDS).perform("p", Step(id="go", uses="manual.do", title="Go"), "resolution")

    run = Play(lambda: Machine(flow, Situation(run="r", mode=Mode.BY_HAND, parameters={})))
    assert [ask.question for ask in run.all(Ask)] == ["Go"]


# --- times --------------------------------------------------------------------------------------------------------


def test_times_are_said_in_utc_and_read_with_their_zone() -> None:
    """RFC 3339."""
    assert utc(T0) == "2027-01-15T08:00:00Z"
    assert instant(utc(T0)) == T0
    with pytest.raises(ValueError, match="no time zone"):
        instant("2027-01-15T08:00:00")
