from __future__ import annotations

from typing import Any

import pytest

from runbook.core.commands import Announce, Page
from runbook.core.words import Mode
from support.machines import T0, Play, Script, book, play, starting

DARK = "symptoms: [{id: dark, uses: look, expect: value > 5}]\n"
ONE = DARK + "resolution: [{id: one, steps: [{id: swap, uses: turn}]}]\n"
TOLD = """
communication:
  - {id: first, at: start, to: team, text: begun}
  - {id: good, at: resolved, to: team, template: resolved}
  - {id: bad, at: not_resolved, to: team, text: sorry}
  - {id: last, at: finished, to: team, text: over}
"""


def told(run: Play) -> list[str]:
    return [message.path.removeprefix("communication/") for message in run.all(Announce)]


MOMENTS = [
    ({}, "resolved", ["first", "good", "last"]),
    ({"seen": {"works": "fail"}}, "not_resolved", ["first", "bad", "last"]),
    ({"gates": {"one": "denied"}}, "denied", ["first", "bad", "last"]),
    ({"gates": {"one": "blocked"}}, "blocked", ["first", "bad", "last"]),
    ({"inputs": [(5.0, "abort.requested", {})], "takes": {"approve": 9.0}}, "aborted", ["first", "bad", "last"]),
    ({"seen": {"dark": ["pass", "fail"]}}, "not_needed", ["first", "last"]),
    ({"seen": {"dark": "fail"}}, "not_needed", []),
    ({"seen": {"dark": "unknown"}, "answers": {"symptoms": "no"}}, "undetermined", []),
]


@pytest.mark.parametrize(("script", "outcome", "messages"), MOMENTS)
def test_a_message_goes_out_at_its_moment(script: dict[str, Any], outcome: str, messages: list[str]) -> None:
    """`start` once the symptoms are confirmed; whoever was told nothing of a beginning is told nothing of an end."""
    run = play(ONE + TOLD, Script(**script))
    assert (run.outcome, told(run)) == (outcome, messages)


def test_a_message_waits_for_nothing_but_its_own_when() -> None:
    """What cannot be told for certain is sent all the same."""
    body = ONE + "triage: [{id: x, uses: look}]\n"
    for when, sent in (("1 > 2", []), ("2 > 1", ["m"]), ("steps.x.value > 1", ["m"])):
        run = play(body + f"communication: [{{id: m, at: resolved, to: t, text: x, when: {when}}}]\n",
                   Script(seen={"x": "unreadable"}))  # fmt: skip
        assert told(run) == sent


def test_a_message_that_does_not_go_out_stops_nothing() -> None:
    """Failed or unknown, the run goes on."""
    assert play(ONE + TOLD, Script(sent={"*": "failed"})).outcome == "resolved"


def test_the_words_of_a_message_are_rendered_by_whoever_sends_it() -> None:
    """The command carries the template's name and what it may see; `run.outcome` is known at the end."""
    run = play(ONE + TOLD)
    message = run.of("communication/good:announce#1")
    assert (message.to, message.template, message.text) == ("team", "resolved", None)
    assert message.scope["run"]["outcome"] == "resolved"
    assert message.scope["run"]["option"] == "one"


# --- every --------------------------------------------------------------------------------------------------------

EVERY = ONE + "communication: [{id: up, every: 15m, to: team, text: still}]\n"


def slow() -> Script:
    """Nearly an hour at the gate."""
    return Script(takes={"approve": 3500.0})


def updates(run: Play) -> list[float]:
    """When updates were handed out, in minutes."""
    sent = [record.time for record in run.records if record.type == "message.sent"]
    return [(at - T0) / 60 for at in sent]


def test_updates_go_out_every_so_often_while_the_run_is_open() -> None:
    """Counted from the begin, whatever the run waits for; none after the end."""
    run = play(EVERY, Script(takes={"approve": 3500.0, "announce": 30.0}))
    assert updates(run) == [15.5, 30.5, 45.5]
    assert run.outcome == "resolved"
    assert [command.key for command in run.machine.withdrawn] == ["communication/up:wait#4"]


def test_what_was_missed_while_nobody_ran_the_run_is_not_sent_later() -> None:
    """Away from minute 15 to 50: neither at once nor thrice; the next one is at minute 60, as planned."""
    run = Play(starting(book(EVERY)), slow())
    run.run(until=lambda command: command.key == "communication/up:wait#1")
    run.say("run.resumed", away=50 * 60.0)
    assert updates(run.run()) == []
    assert run.of("communication/up:wait#2").until == T0 + 60 * 60.0


def test_being_away_between_two_updates_misses_none() -> None:
    """Back before it was due."""
    run = Play(starting(book(EVERY)), slow())
    run.run(until=lambda command: command.key == "communication/up:wait#1")
    run.say("run.resumed", away=300.0)
    assert updates(run.run()) == [15.0, 30.0, 45.0]


# --- escalation ---------------------------------------------------------------------------------------------------

AFTER = ONE + "escalation: {to: ops, after: 20m, message: 'look at {{ run.runbook }}'}\n"


def reasons(run: Play) -> list[str]:
    return [page.reason for page in run.all(Page)]


def test_after_so_long_somebody_is_paged_and_the_run_goes_on() -> None:
    """The page says what the author wrote."""
    run = play(AFTER, slow())
    assert (run.outcome, reasons(run)) == ("resolved", ["not resolved in time"])
    page = run.of("escalation:page#1")
    assert (page.to, page.message) == ("ops", "look at lamp")
    assert [r.time for r in run.records if r.type == "page.sent"] == [T0 + 1200.0]


def test_a_run_that_ends_in_time_pages_nobody() -> None:
    """Resolved, or gone by itself."""
    assert reasons(play(AFTER)) == []
    assert reasons(play(AFTER, Script(seen={"dark": "fail"}))) == []


def test_whoever_was_paged_already_is_not_paged_for_the_time() -> None:
    """The gate expired at minute 10."""
    body = AFTER.replace("]}]", "]}, {id: two, steps: [{id: b, uses: turn}]}]")
    run = play(body, Script(gates={"one": "expired"}, takes={"resolution/one": 600.0, "resolution/two": 1800.0}))
    assert (run.outcome, reasons(run)) == ("resolved", ["nobody decided"])


PAGED = [
    ({"seen": {"works": "fail"}}, ["outcome not_resolved"]),
    ({"gates": {"one": "blocked"}}, ["outcome blocked"]),
    ({"gates": {"one": "denied"}}, []),
    ({"gates": {"one": "expired"}}, ["nobody decided"]),
    ({"inputs": [(5.0, "abort.requested", {})], "takes": {"approve": 9.0}}, []),
]


@pytest.mark.parametrize(("script", "pages"), PAGED)
def test_at_the_end_somebody_is_paged_who_must_take_over(script: dict[str, Any], pages: list[str]) -> None:
    """A person who denied or aborted knows already."""
    assert reasons(play(AFTER, Script(**script))) == pages


def test_in_auto_a_run_that_could_not_tell_pages() -> None:
    """Nobody was there to be asked."""
    assert reasons(play(AFTER, Script(seen={"dark": "unknown"}), mode=Mode.AUTO)) == ["outcome undetermined"]


def test_a_message_that_cannot_be_rendered_pages_all_the_same() -> None:
    """With the runbook's title and what could not be told."""
    body = AFTER.replace("run.runbook", "steps.x.value") + "triage: [{id: x, uses: look}]\n"
    run = play(body, Script(seen={"x": "unreadable", "works": "fail"}))
    assert run.of("escalation:page#1").message == "Lamp (step x failed)"


def test_a_page_without_a_message_says_its_reason_only() -> None:
    """The channel has words of its own."""
    run = play(ONE + "escalation: {to: ops}\n", Script(seen={"works": "fail"}))
    assert (run.all(Page)[0].message, run.all(Page)[0].reason) == (None, "outcome not_resolved")


def test_without_an_escalation_nobody_is_paged() -> None:
    """Lint says so."""
    assert reasons(play(ONE, Script(seen={"works": "fail"}))) == []
