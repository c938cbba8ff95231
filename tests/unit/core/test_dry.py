from __future__ import annotations

from typing import Any

import pytest

from runbook.core.commands import Announce, Apply, Approve, Ask, Note, Page, PlanChange, Preserve, Wait
from runbook.core.words import Mode
from support.machines import Play, Script, book, plan_of, play, starting

BODY = """
symptoms: [{id: dark, uses: look, expect: value > 5}]
triage: [{id: x, uses: look}, {id: q, uses: manual.ask, with: {question: Why}}]
resolution:
  - {id: one, when: steps.x.value > 5, steps: [{id: p, uses: look}, {id: a, uses: turn}, {id: b, uses: turn}]}
  - {id: two, when: steps.x.value < 5, settle: 5m, steps: [{id: c, uses: turn, with: {to: "{{ steps.x.value }}"}}]}
communication: [{at: start, to: team, text: hello}, {every: 1m, to: team, text: hello}]
escalation: {to: ops, after: 1m}
evidence: kept
finally: [{id: bye, uses: look}]
"""


def dry(body: str, script: Script | None = None, **more: Any) -> Play:
    return play(body, script, mode=Mode.DRY, **more)


def whens(run: Play) -> dict[str, str]:
    return {note.data["option"]: note.data["when"] for note in run.all(Note) if note.about == "when"}


def test_a_dry_run_plans_every_option_and_does_nothing_else() -> None:
    """It asks nobody, tells nobody, keeps nothing, holds nothing, waits for nothing."""
    run = dry(BODY, Script(seen={"x": 7}), evidence=plan_of("items: [{id: logs, uses: look}]\n"))
    assert run.outcome == "planned"
    assert [plan.path for plan in run.all(PlanChange)] == [f"resolution/{p}" for p in ("one/a", "one/b", "two/c")]
    assert not any(plan.hold or plan.grant for plan in run.all(PlanChange))
    assert [c for c in run.log if isinstance(c, Announce | Apply | Approve | Ask | Page | Preserve | Wait)] == []
    assert run.did("observe") == ["symptoms/dark:observe#1", "triage/x:observe#1", "resolution/one/p:observe#1"]


@pytest.mark.parametrize("dark", ["pass", "fail"])
def test_a_dry_run_plans_whatever_the_symptoms_say(dark: str) -> None:
    """It is made on quiet days."""
    assert dry(BODY, Script(seen={"dark": dark, "x": 7})).outcome == "planned"


def test_a_dry_run_shows_every_when_as_true_false_or_cannot_tell() -> None:
    """And plans the option all the same."""
    assert whens(dry(BODY, Script(seen={"x": 7}))) == {"one": "true", "two": "false"}
    assert whens(dry(BODY, Script(seen={"x": "unreadable"}))) == {"one": "cannot tell", "two": "cannot tell"}


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ({"seen": {"x": 7}}, "planned"),
        ({"seen": {"x": 7, "dark": "unknown"}}, "undetermined"),
        ({"seen": {"x": "unreadable"}}, "undetermined"),
        ({"seen": {"x": 7, "p": "unreadable"}}, "undetermined"),
        ({"seen": {"x": 7}, "plans": {"a": "error"}}, "undetermined"),
        ({"seen": {"x": 7}, "plans": {"a": "nothing", "b": "refused", "c": "forbidden"}}, "planned"),
    ],
)
def test_a_dry_run_that_could_not_read_something_says_so(script: dict[str, Any], outcome: str) -> None:
    """A refusal is an answer, silence is none."""
    assert dry(BODY, Script(**script)).outcome == outcome


def test_inputs_that_cannot_be_told_are_not_planned_with_guesses() -> None:
    """The step is noted as failed with what is missing."""
    run = dry(BODY, Script(seen={"x": "unreadable"}))
    assert run.notes("resolution/two/c")[0]["reason"] == "cannot tell its inputs: step x failed"


STAGED = """
resolution:
  - id: one
    steps:
      - {id: a, uses: turn}
      - {id: p, uses: look, with: {of: "{{ steps.a.value }}"}}
      - {id: b, uses: turn, with: {to: "{{ steps.p.value }}"}}
      - {id: c, uses: turn}
      - {id: r, uses: command.run, with: {argv: [uptime], effect: read}}
      - {id: n, uses: notify.send, with: {to: team, message: hello}}
"""


def test_what_a_later_stage_would_do_is_planned_with_the_names_that_it_waits_for() -> None:
    """Never rendered with guesses; a command that only reads is performed, a message is not."""
    run = dry(STAGED)
    assert [(plan.id, plan.waits_for, plan.inputs) for plan in run.all(PlanChange)] == [
        ("a", (), {}),
        ("p", ("a",), {}),
        ("b", ("a",), {}),
        ("c", ("a",), {}),
    ]
    assert run.did("observe", "announce") == ["resolution/one/r:observe#1"]


def test_what_is_only_planned_has_no_output_for_another_option() -> None:
    """Its `when` cannot be told."""
    body = STAGED + "  - {id: two, when: steps.a.value > 1, steps: [{id: z, uses: turn}]}\n"
    assert whens(dry(body))["two"] == "cannot tell"


def test_a_dry_run_can_be_aborted() -> None:
    """Nothing was done, and nothing is said."""
    run = Play(starting(book(BODY), mode=Mode.DRY), Script())
    run.say("abort.requested")
    assert (run.run().outcome, run.did()) == ("aborted", ["symptoms/dark:observe#1"])


def test_a_dry_run_plans_only_the_options_that_were_named() -> None:
    """As a run would try them."""
    assert list(whens(dry(BODY, only=("two",)))) == ["two"]
