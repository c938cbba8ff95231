from __future__ import annotations

from typing import Any

from runbook.core.commands import Announce, Note, Page
from runbook.core.words import Mode
from runbook.document.model import Parameter, Runbook
from support.machines import Play, Script, book, starting

OTHER = Runbook(
    name="other",
    title="The other one",
    parameters={"host": Parameter(type="string", pattern="[a-z]+"), "n": Parameter(type="integer", default=3)},
)
BOOK = """
parameters:
  host: {type: string, default: db}
triage:
  - {id: x, uses: look}
resolution:
  - {id: one, steps: [{id: a, uses: turn}]}
  - id: over
    when: steps.x.status == 'succeeded'
    continue_with: {runbook: other, parameters: {host: "{{ params.host }}"}}
  - {id: two, steps: [{id: b, uses: turn}]}
communication:
  - {at: start, to: team, text: begun}
  - {at: not_resolved, to: team, text: not resolved}
  - {at: finished, to: team, text: "it is {{ run.outcome }}"}
escalation: {to: production, after: 1h}
finally:
  - {id: bye, uses: look}
"""


def play(text: str = BOOK, mode: Mode = Mode.BY_HAND, host: str = "db", **script: Any) -> Play:
    script.setdefault("seen", {}).setdefault("works", "fail")
    start = starting(book(text), mode=mode, others={"other": OTHER}, parameters={"host": host})
    return Play(start, Script(**script)).run()


def notes(run: Play, about: str) -> list[dict[str, Any]]:
    return [dict(command.data) for command in run.log if isinstance(command, Note) and command.about == about]


def test_the_option_that_is_reached_ends_the_run_and_says_what_goes_on() -> None:
    """With the other runbook's defaults; the options after it are that one's to replace."""
    run = play()
    assert run.outcome == "continued"
    assert run.finished.continued.runbook == "other"
    assert run.finished.continued.parameters == {"host": "db", "n": 3}
    assert run.did("apply") == ["resolution/one/a:apply#1"]
    assert notes(run, "option")[-1] == {"option": "over", "ended": "continued", "reason": "goes on with other"}


def test_nobody_is_paged_for_a_run_that_is_gone_on_with() -> None:
    """It is neither resolved nor not resolved; it is only finished, and its last steps run."""
    run = play()
    assert not any(isinstance(command, Page) for command in run.log)
    told = [command.text for command in run.log if isinstance(command, Announce)]
    assert told == ["begun", "it is {{ run.outcome }}"]
    assert "finally/bye:observe#1" in run.did("observe")


def test_an_option_whose_when_is_false_hands_nothing_over() -> None:
    """As any other option."""
    run = play(BOOK.replace("== 'succeeded'", "== 'failed'"))
    assert run.outcome == "not_resolved"
    assert run.finished.continued is None


def test_what_the_other_runbook_would_not_take_leaves_the_run_where_it_is() -> None:
    """The option could not be carried out; the next one is tried."""
    run = play(host="DB7")
    assert run.outcome == "not_resolved"
    [failed] = [note for note in notes(run, "option") if note["option"] == "over"]
    assert failed["ended"] == "failed"
    assert "cannot go on with other: the parameter 'host' must match" in failed["reason"]
    assert "resolution/two/b:apply#1" in run.did("apply")


def test_what_cannot_be_told_is_not_handed_over() -> None:
    """A guess would be acted on by another runbook."""
    text = BOOK.replace('host: "{{ params.host }}"', 'host: "{{ steps.a.value }}"').replace(
        "when: steps.x.status == 'succeeded', ", ""
    )
    run = play(text, plans={"a": "nothing"})
    [failed] = [note for note in notes(run, "option") if note["option"] == "over"]
    assert failed["reason"] == "cannot go on with other: step a was skipped"


def test_an_alert_sets_what_the_option_does_not() -> None:
    """Parameters with `from_alert`, as if the other runbook had been started for it."""
    zone = {"zone": Parameter(type="string", from_alert="labels.zone")}
    other = Runbook(name="other", title="X", parameters={"host": Parameter(type="string"), **zone})
    alert = {"labels": {"alertname": "X", "zone": "b"}}
    start = starting(book(BOOK), others={"other": other}, parameters={"host": "db"}, alert=alert)
    run = Play(start, Script(seen={"works": "fail"})).run()
    assert run.finished.continued.parameters == {"host": "db", "zone": "b"}


def test_a_dry_run_says_what_it_would_go_on_with_and_plans_the_rest() -> None:
    """What the other runbook would do is that one's plan."""
    run = play(mode=Mode.DRY)
    assert run.outcome == "planned"
    [over] = [note for note in notes(run, "when") if note["option"] == "over"]
    assert over["continues"] == {"runbook": "other", "parameters": {"host": "db", "n": 3}}
    assert "continues" not in notes(run, "when")[0]
    assert "resolution/two/b:plan#1" in run.did("plan")


def test_the_other_runbook_is_told_what_it_works_on() -> None:
    """Its target, of its own parameters; one that cannot be told is no hand-over."""
    other = Runbook(name="other", title="X", parameters=OTHER.parameters, target={"name": "{{ params.host }}"})
    start = starting(book(BOOK), others={"other": other}, parameters={"host": "db"})
    run = Play(start, Script(seen={"works": "fail"})).run()
    assert run.finished.continued.target == {"name": "db"}
    nameless = Runbook(name="other", title="X", parameters=OTHER.parameters, target={"name": "{{ alert.name }}"})
    start = starting(book(BOOK), others={"other": nameless}, parameters={"host": "db"})
    assert Play(start, Script(seen={"works": "fail"})).run().outcome == "not_resolved"


def test_the_same_records_hand_over_in_the_same_way() -> None:
    """From any part of the log, the rest fits, and ends with the same runbook and parameters."""
    run = play()
    for count in range(len(run.records)):
        machine, _ = run.replayed(count)
        for record in run.records[count:]:
            machine.take(record)
        assert machine.value == run.finished


def test_an_abort_before_the_hand_over_hands_nothing_over() -> None:
    """Nobody goes on with what a person has ended."""
    run = play(inputs=[(5.0, "abort.requested", {})], takes={"approve": 9.0})
    assert run.outcome == "aborted"
    assert run.finished.continued is None
