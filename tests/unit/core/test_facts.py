from __future__ import annotations

import pytest

from runbook.core.facts import Facts, StepView, scope_of, step_ids
from runbook.core.situation import Situation
from runbook.core.words import Mode, StepStatus, Verdict
from runbook.document.expressions import Missing, Unknown, parse
from support.machines import book

SILENT = [
    (StepStatus.PENDING, "step a has not run"),
    (StepStatus.PLANNED, "step a is only planned"),
    (StepStatus.SKIPPED, "step a was skipped"),
    (StepStatus.FAILED, "step a failed"),
    (StepStatus.DENIED, "step a was denied"),
    (StepStatus.IN_DOUBT, "step a is in doubt"),
    (StepStatus.UNDONE, "step a was undone"),
]


@pytest.mark.parametrize(("status", "reason"), SILENT)
def test_touching_the_output_of_a_step_without_one_is_unknown(status: StepStatus, reason: str) -> None:
    """Nothing is guessed from silence, and the reason says whose."""
    with pytest.raises(Unknown, match=reason):
        parse("steps.a.value > 1").truth({"steps": {"a": StepView("a", status, None, {"value": 2})}})


def test_the_output_of_an_unknown_check_is_unknown_and_of_a_failed_one_an_answer() -> None:
    """A verdict `fail` says what was seen."""
    unknown = {"steps": {"a": StepView("a", StepStatus.SUCCEEDED, Verdict.UNKNOWN, {"value": 2})}}
    failed = {"steps": {"a": StepView("a", StepStatus.SUCCEEDED, Verdict.FAIL, {"value": 2})}}
    with pytest.raises(Unknown, match="step a is unknown"):
        parse("steps.a.value > 1").truth(unknown)
    assert parse("steps.a.value > 1").truth(failed)


@pytest.mark.parametrize("status", StepStatus)
def test_status_and_verdict_are_always_known(status: StepStatus) -> None:
    """Also of a step that never ran."""
    scope = {"steps": {"a": StepView("a", status)}}
    assert parse(f"steps.a.status == '{status}' and steps.a.verdict == none").truth(scope)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [("steps.a.verdict == 'fail' or steps.b.value > 1", True), ("steps.b.value is known", False)],
)
def test_what_was_decided_before_the_silence_is_reached_is_decided(expression: str, answer: bool) -> None:
    """`or`, `and` and `is known` stop in time."""
    views = {"a": StepView("a", StepStatus.SUCCEEDED, Verdict.FAIL, {}), "b": StepView("b")}
    assert parse(expression).truth({"steps": views}) is answer


def test_a_step_is_a_map_of_its_outputs_with_status_and_verdict() -> None:
    """An output that was never declared is missing, not null."""
    view = StepView("a", StepStatus.SUCCEEDED, Verdict.PASS, {"value": 2})
    assert dict(view) == {"status": "succeeded", "verdict": "pass", "value": 2}
    assert len(view) == 3
    with pytest.raises(Missing):
        parse("steps.a.other").evaluate({"steps": {"a": view}})


BOOK = """
severity: SEV2
symptoms: [{alert: LampDark}, {id: dark, uses: ping}]
triage: [{id: bulb, uses: look}]
resolution: [{id: one, steps: [{id: swap, uses: turn}]}]
finally: [{id: bye, uses: look}]
"""


def test_every_step_of_a_runbook_is_there_before_it_ran() -> None:
    """Symptoms, triage, options, checks and the last steps share one space of ids."""
    ids = step_ids(book(BOOK))
    facts = Facts(ids)
    assert ids == ["lamp_dark", "dark", "bulb", "swap", "works", "bye"]
    assert [facts[id_].status for id_ in facts] == [StepStatus.PENDING] * len(facts)


def test_the_newest_try_of_a_step_counts() -> None:
    """A second look replaces the first."""
    facts = Facts(["a"])
    facts.set("a", StepStatus.FAILED)
    facts.set("a", StepStatus.SUCCEEDED, Verdict.PASS, {"value": 1})
    assert facts["a"]["value"] == 1


def test_without_an_incident_or_an_alert_their_fields_are_null() -> None:
    """Templates may name them in every run."""
    situation = Situation(run="r", mode=Mode.BY_HAND, parameters={"p": 1}, env={"region": "eu"})
    scope = scope_of(book(BOOK), situation, Facts([]), {"id": "r"})
    assert parse("incident.id == none and alert.name == none and alert.labels | length == 0").truth(scope)
    assert parse("params.p == 1 and env.region == 'eu' and runbook.severity == 'SEV2'").truth(scope)


def test_the_first_alert_and_the_incident_are_what_expressions_see() -> None:
    """An alert that joins later does not change what the run was started for."""
    situation = Situation(run="r", mode=Mode.AUTO, parameters={}, alert={"name": "A"}, incident={"id": "INC-1"})
    situation.alerts.append({"name": "B"})
    scope = scope_of(book(BOOK), situation, Facts([]), {})
    assert parse("alert.name == 'A' and incident.id == 'INC-1' and incident.title == none").truth(scope)


def test_the_text_of_a_command_that_failed_and_printed_nothing_is_unknown() -> None:
    """How it ended is known; that there is nothing is not, from a loop's items neither."""
    facts = Facts(["a"])
    why = "it exited with 1 and printed nothing"
    facts.repeat("a", ["x"])
    facts.set("a[x]", StepStatus.SUCCEEDED, Verdict.FAIL, {"exit_code": 1, "stdout": "", "stderr": "refused"}, why)
    facts.copy("a[x]", "b")
    with pytest.raises(Unknown, match=f"step b has no answer: {why}"):
        parse("steps.b.stdout == ''").truth({"steps": facts})
    assert parse("steps.b.exit_code == 1 and steps.b.stderr == 'refused'").truth({"steps": facts})
    assert facts["a"]["results"][0]["output"] == {"exit_code": 1, "stderr": "refused"}
