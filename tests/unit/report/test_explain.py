"""A runbook, told to whoever has never seen it."""

from __future__ import annotations

import msgspec
import pytest

from runbook import kinds
from runbook.document.model import ForEach
from runbook.document.words import StepOnFailure
from runbook.report.explain import explain
from runbook.report.safe import columns
from runbook.report.style import Style
from support import histories, policies
from support.hostile import EVIL, inert


def told(**keys) -> str:
    book = keys.pop("book", histories.book())
    return " ".join(explain(book, kinds.specs(), Style(width=200), **keys).split())


@pytest.mark.parametrize(
    "said",
    [
        "error_rate: More than 5 % of requests fail (value > 0.05)",
        "the alert ApiErrorRateHigh fires with service=api",
        "when steps.history.latest.age_seconds < 7200",
        "roll_back: Return to the last good revision (kubernetes.rollout_undo, change)",
        "gate 1 of sre must say yes, within 10m",
        "one of each of sre, dba must say yes",
        "it lets things settle for 2m",
        "what was applied is taken back, and the next option is tried",
        "Every 15s for up to 10m, until they have held for 1m",
        "expects value < 0.5, shown only",
        "incidents, every 15m: update",
        "in any case 20m after the symptoms",
        "The longest way to a person is 21 minutes.",
    ],
)
def test_everything_a_reviewer_asks_is_answered(said):
    """When it begins, what it looks at, what it changes by whose leave, how it knows, whom it tells."""
    assert said in told()


def test_gates_are_told_by_the_policy_where_there_is_one():
    """The stricter of runbook and policy, and what cannot be met."""
    text = told(people=policies.people())
    assert "gate 1 of sre, within 10m" in text


def test_connections_that_are_missing_are_named():
    """Known before the night, not in it."""
    assert "roll_back needs a connection kubernetes, which is not configured" in told(connections={"prometheus"})
    assert "Not configured" not in told(connections={"prometheus", "kubernetes"})


def test_a_runbook_that_calls_nobody_says_so():
    """No escalation is a fact that must not be silent."""
    assert "It calls nobody" in told(book=msgspec.structs.replace(histories.book(), escalation=None))


def test_steps_without_a_title_are_described_by_their_kind():
    """The kind's own line, or its summary."""
    assert "scale: Scale it" in told(describe=lambda step: "Scale it")


def test_what_is_told_fits_and_is_inert():
    """Even of a runbook that nobody has reviewed."""
    book = msgspec.structs.replace(histories.book(), title=EVIL, impact=EVIL)
    text = explain(book, kinds.specs(), Style(width=60))
    assert inert(text)
    assert [line for line in text.splitlines() if columns(line) > 60] == []


LOOPS = [
    (ForEach(items="params.hosts", as_="host"), "for each host of params.hosts, 20 at most"),
    (ForEach(items=("a", "b"), order_by="item"), "for each item of 2 written here, by item"),
    (
        ForEach(items="params.hosts", max=3, on_failure=StepOnFailure.CONTINUE),
        "for each item of params.hosts, 3 at most; one that fails does not stop the others",
    ),
]


@pytest.mark.parametrize(("loop", "said"), LOOPS)
@pytest.mark.parametrize("own", [True, False], ids=["step", "option"])
def test_a_loop_is_told_with_its_list_and_what_is_looked_at_between(loop, said, own):
    """Of a step beside it, of an option above its steps."""
    book = histories.book()
    option = book.resolution[0]
    probe = msgspec.structs.replace(book.triage[0], id="calm")
    loop = msgspec.structs.replace(loop, between=(probe,))
    step = msgspec.structs.replace(option.steps[0], for_each=loop if own else None)
    option = msgspec.structs.replace(option, steps=(step,), for_each=None if own else loop)
    text = told(book=msgspec.structs.replace(book, resolution=(option,)))
    assert said in text
    assert "between before the next one, these must pass: · calm" in text
