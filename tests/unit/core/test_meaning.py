"""What triage means is said in the author's words, by the first entry that is true, and never guessed."""

from __future__ import annotations

import pytest

from runbook.core.commands import Approve, Ask
from runbook.core.facts import StepView
from runbook.core.meaning import meaning
from runbook.core.words import Mode, StepStatus, Verdict
from runbook.document.model import Meaning, Step
from support.machines import Script, play

BODY = """
parameters: {strict: {type: boolean, default: true}}
triage:
  - id: lag
    uses: look
    means:
      - {if: value > 30, say: "behind by {{ value }} of {{ steps.lag.value }}", points_to: two}
      - {if: value > 5 and params.strict, say: a little behind}
      - {else: true, say: keeps up}
resolution:
  - {id: one, steps: [{id: a, uses: turn}]}
  - {id: two, when: steps.dark.value > 1, steps: [{id: b, uses: turn}]}
"""
BODY = BODY.replace("resolution:", "  - {id: dark, uses: look}\nresolution:")

READINGS = [
    (40, "behind by 40 of 40", "two"),
    (10, "a little behind", None),
    (1, "keeps up", None),
    ("unreadable", "cannot tell what it means: step lag failed", None),
    ({"status": "succeeded", "verdict": "unknown"}, "cannot tell what it means: step lag is unknown", None),
    ("text", "cannot tell what it means: cannot compare a string with a number", None),
]


@pytest.mark.parametrize(("seen", "said", "points_to"), READINGS)
def test_the_first_entry_that_is_true_is_said(seen: object, said: str, points_to: str | None) -> None:
    """What cannot be told ends the reading: `else` is no guess."""
    run = play(BODY, Script(seen={"lag": seen}), parameters={"strict": True})
    unknown = {"unknown": True} if said.startswith("cannot") else {}
    assert run.notes("triage/lag") == [{"id": "lag", "say": said, "points_to": points_to, **unknown}]


def test_a_finding_is_a_note_of_its_step_and_stands_at_every_gate() -> None:
    """Under the key of the step, and in what is shown with the changes; not in what is approved."""
    run = play(BODY, Script(seen={"lag": 40, "works": [0, 1]}), parameters={"strict": True})
    assert "triage/lag:note#1" in run.did("note")
    gates = run.all(Approve)
    assert [[found.step for found in gate.findings] for gate in gates] == [["lag"]] * len(gates)
    other = play(BODY, Script(seen={"lag": 1, "works": [0, 1]}), parameters={"strict": True})
    assert other.all(Approve)[0].digest == gates[0].digest


def test_an_option_that_is_pointed_to_says_so_where_it_is_offered() -> None:
    """And comes in its turn: the order never changes by itself."""
    seen = {"lag": 40, "dark": "unreadable", "works": 0}
    run = play(BODY, Script(seen=seen, answers={"two": "skip"}), parameters={"strict": True})
    asked = [ask.question for ask in run.all(Ask)]
    assert asked == ["Pointed to by lag. Cannot tell whether this applies (step dark failed). Try it?"]
    assert list(run.ends()) == ["one", "two"]


@pytest.mark.parametrize("value", [40, "unreadable"])
def test_a_dry_run_reads_too(value: object) -> None:
    """Whoever looks before the night sees what it means."""
    run = play(BODY, Script(seen={"lag": value}), mode=Mode.DRY, parameters={"strict": True})
    assert [note["say"][:6] for note in run.notes("triage/lag")] == ["behind" if value == 40 else "cannot"]


@pytest.mark.parametrize(("expression", "said"), [("error", "so"), ("value > 5", "cannot tell"), ("not up", "so")])
def test_silence_means_what_it_is_and_not_what_is_missing_in_it(expression: str, said: str) -> None:
    """A kind's own no has outputs that nobody gave: they are unknown, those that are there are not."""
    step = Step(id="api", uses="http.get", means=(Meaning(if_=expression, say="so"), Meaning(else_=True, say="fine")))
    silence = {"value": None, "error": "refused", "up": False}
    seen = StepView("api", StepStatus.SUCCEEDED, Verdict.FAIL, silence)
    found = meaning(step, seen, {}, silence.keys())
    assert found is not None
    assert found.say.startswith(said)


def test_a_step_that_was_left_out_means_nothing() -> None:
    """Nobody looked."""
    body = BODY.replace("    uses: look\n    means", "    uses: look\n    when: params.strict\n    means")
    run = play(body, parameters={"strict": False})
    assert [note["status"] for note in run.notes("triage/lag")] == ["skipped"]


def test_a_step_waits_for_those_that_its_meaning_names() -> None:
    """What is said of two readings is said when both are there."""
    means = "means: [{if: steps.two.value > 1, say: '{{ steps.two.value }}'}]"
    body = f"triage: [{{id: one, uses: look, {means}}}, {{id: two, uses: look}}]\n"
    run = play(body, Script(seen={"two": 7}, takes={"two": 3.0}))
    assert run.notes("triage/one")[0]["say"] == "7"
