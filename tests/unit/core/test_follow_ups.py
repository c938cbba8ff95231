"""What is temporary leaves a follow-up wherever it leaves a change, however the run ended."""

from __future__ import annotations

import pytest

from support.machines import T0, Play, Script, play

BODY = """
resolution:
  - id: one
    {words}temporary: 24h
    steps: [{{id: a, uses: turn}}, {{id: b, uses: turn, when: "params.both"}}]
  - {{id: two, steps: [{{id: c, uses: turn}}]}}
parameters: {{both: {{type: boolean, default: true}}}}
"""


def noted(run: Play) -> list[dict[str, object]]:
    return [note for note in run.notes("resolution/one") if "due" in note]


def played(script: Script | None = None, words: str = "", **more: object) -> Play:
    return play(BODY.format(words=words), script, parameters={"both": True}, **more)


def test_what_resolved_it_for_a_while_is_noted_with_when_it_is_due() -> None:
    """Since the first change, each change that is there, and what takes it back."""
    run = played(Script(takes={"resolution/one/a:apply": 5.0}))
    [note] = noted(run)
    assert [change["path"] for change in note["changes"]] == ["resolution/one/a", "resolution/one/b"]
    assert (note["since"], note["due"]) == (T0 + 5, T0 + 5 + 86400)
    assert note["undo"] == "runbook undo r1"
    assert run.finished.follow_ups == 1


ENDS = [
    ("", Script(seen={"works": 0}), 1),  # it did not help, and stays
    ("when_not_helped: undo\n    ", Script(seen={"works": 0}), 0),  # it did not help, and is gone
    ("", Script(gates={"one": "denied"}), 0),  # it was never made
]


@pytest.mark.parametrize(("words", "script", "count"), ENDS, ids=["kept", "undone", "denied"])
def test_what_is_left_decides_and_not_how_the_run_ended(words: str, script: Script, count: int) -> None:
    """Only what is still changed can be taken back."""
    run = played(script, words)
    assert len(noted(run)) == run.finished.follow_ups == count


def test_an_abort_leaves_a_follow_up_too() -> None:
    """Nobody takes back what was applied; so somebody must remember it."""
    slow = Script(
        takes={"resolution/one/verification/works": 30.0}, inputs=[(20.0, "abort.requested", {"reason": "x"})]
    )
    run = Play(played().start, slow).run()
    assert (run.outcome, len(noted(run))) == ("aborted", 1)
