"""A dry run shows what would be done, and by whose leave."""

from __future__ import annotations

from datetime import UTC

import pytest

from runbook.document.model import Approval
from runbook.report.plan import plan_object, plan_text
from runbook.report.safe import columns
from runbook.report.style import Style
from support import histories, policies
from support.histories import RUN
from support.hostile import hostile, inert


def dry() -> histories.Tape:
    """Two options: one planned exactly, with a later step; one that is blocked."""
    tape = histories.started(mode="dry")
    tape.add("note.added", "resolution/rollback:note#1", about="when", option="rollback", when="true", reason=None)
    histories.planned(tape, histories.ROLLBACK, histories.rollback())
    why = "when: steps.x"
    tape.add("note.added", "resolution/scale_up:note#1", about="when", option="scale_up", when="false", reason=why)
    tape.add("change.planned", f"{histories.SCALE}:plan#1", id="scale", phase="resolution", waits_for=["roll_back"])
    about = {"about": "when", "option": "fix_config", "when": "cannot tell", "reason": "history is unknown"}
    tape.add("note.added", "resolution/fix_config:note#1", **about)
    tape.add("change.planned", "resolution/fix_config/pool:plan#1", id="pool", phase="resolution", refused="too large")
    return histories.finished(tape, "planned")


def drawn(**keys) -> str:
    return plan_text(dry().history, histories.book(), Style(zone=UTC), **keys)


@pytest.mark.parametrize(
    "said",
    [
        "applies   yes",
        "applies   no (when: steps.x)",
        "applies   cannot tell; a person would be asked (history is unknown)",
        "+    image: registry.example.com/api:6",
        "kubectl --namespace production rollout undo",
        "scale: planned after roll_back",
        "pool: failed; too large",
        "After each option: errors_low, latency, health",
    ],
)
def test_every_option_is_shown_with_what_it_would_change(said):
    """Applies or not, the exact change, what must wait, what is refused, how it would be verified."""
    assert said in drawn()


def test_the_gate_is_shown_by_the_policy_of_today():
    """Who must say yes, and in which time."""
    assert "gate      1 of sre, within 10m" in drawn(people=policies.people())


def test_a_gate_that_cannot_be_met_is_said_before_anybody_waits_for_it():
    """In words and in JSON."""
    people = policies.people(approvals={"change": Approval(required=3)})
    assert "cannot be met: 3 needed, 2 may" in drawn(people=people)
    whole = plan_object(dry().history, RUN, histories.book(), people=people)
    assert whole["options"][0]["cannot_be_met"].startswith("cannot be met")


def test_a_plan_as_json_is_a_run():
    """The same object, with outcome planned and steps that are not exact marked so."""
    whole = plan_object(dry().history, RUN, histories.book())
    exact = {step["id"]: step["exact"] for step in whole["steps"] if step["phase"] == "resolution"}
    assert (whole["outcome"], whole["exit"]["code"]) == ("planned", 0)
    assert (exact["roll_back"], exact["scale"]) == (True, False)


def test_a_plan_fits_and_is_inert():
    """A plan is read in review, in CI, and in a small window."""
    style = Style(width=60, zone=UTC)
    assert inert(plan_text(hostile(dry()).history, histories.book(), style))
    text = plan_text(dry().history, histories.book(), style)
    assert [line for line in text.splitlines() if columns(line) > 60] == []


def test_cautions_and_every_item_of_a_loop_stand_in_the_plan():
    """What would be shown at the gate is shown before the night, and a step that is repeated once for each item."""
    tape = histories.started(mode="dry")
    lost = {f"roll_back[{item}]": f"{item} is lost" for item in ("a", "b")}
    said = {"about": "when", "option": "rollback", "when": "true", "cautions": ["Everybody waits"]}
    said |= {"step_cautions": lost}
    tape.add("note.added", "resolution/rollback:note#1", **said)
    for item in ("a", "b"):
        path = f"{histories.ROLLBACK}[{item}]"
        histories.planned(tape, path, histories.rollback(summary=f"Roll back {item}"))
    text = plan_text(histories.finished(tape, "planned").history, histories.book(), Style(zone=UTC))
    assert "  caution   Everybody waits\n" in text
    assert text.index("Roll back a") < text.index("    caution   a is lost") < text.index("Roll back b")
    assert "    caution   b is lost\n" in text
