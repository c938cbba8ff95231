from __future__ import annotations

import pytest

from runbook.core.commands import Announce, Approve, Observe, Wait
from runbook.core.words import Mode
from support.machines import T0, Play, Script, book, play, starting

ONE = "resolution: [{id: one, steps: [{id: swap, uses: turn}]}, {id: two, steps: [{id: more, uses: turn}]}]\n"
PATH = "resolution/one/verification"


def lamp(**timing: str) -> str:
    words = ", ".join(f"{name}: {value}" for name, value in timing.items())
    return f"{ONE}verification: {{{words}, checks: [{{id: works, uses: look, expect: value == 1}}]}}\n"


def rounds(run: Play, option: str = "one") -> list[float]:
    """When the rounds of an option began, in seconds after the first."""
    begun = [c.key for c in run.log if isinstance(c, Observe) and c.path == f"resolution/{option}/verification/works"]
    waits = [c.until for c in run.log if isinstance(c, Wait) and c.path == f"resolution/{option}/verification"]
    return [0.0, *[until - T0 for until in waits]][: len(begun)]


def only(script: Script, **timing: str) -> Play:
    """The first option alone, with these timings."""
    return play(lamp(**timing), script, only=("one",))


# within, every, hold; what each round after the change sees; what comes of it; when the rounds began.
TABLE = [
    ("hold 0 is one passing round", "1m 15s 0s", "1", "resolved", [0]),
    ("a later round may pass", "1m 15s 0s", "001", "resolved", [0, 15, 30]),
    ("the last round may begin at the end", "1m 15s 0s", "00001", "resolved", [0, 15, 30, 45, 60]),
    ("nothing begins after the end", "50s 15s 0s", "000001", "not_resolved", [0, 15, 30, 45]),
    ("hold needs two rounds so far apart", "2m 15s 30s", "111", "resolved", [0, 15, 30]),
    ("hold is measured between begins", "2m 20s 30s", "111", "resolved", [0, 20, 40]),
    ("one fail breaks hold", "2m 15s 30s", "110111", "resolved", [0, 15, 30, 45, 60, 75]),
    ("one unknown breaks hold", "2m 15s 30s", "1u111", "resolved", [0, 15, 30, 45, 60]),
    ("a hold that comes too late did not help", "1m 15s 45s", "00111", "not_resolved", [0, 15, 30, 45, 60]),
]
SEEN = {"0": 0, "1": 1, "u": "unknown"}


@pytest.mark.parametrize(("claim", "timing", "seen", "outcome", "begun"), TABLE, ids=[row[0] for row in TABLE])
def test_a_row_of_rounds(claim: str, timing: str, seen: str, outcome: str, begun: list[float]) -> None:
    """Rounds begin `every` apart; `hold` is an unbroken series; the last one begins before `within` ends."""
    within, every, hold = timing.split()
    script = Script(seen={"works": [0, *[SEEN[letter] for letter in seen]]})
    run = only(script, within=within, every=every, hold=hold)
    assert run.outcome == outcome
    assert rounds(run) == begun


def test_an_every_that_nobody_wrote_is_shortened_to_fit() -> None:
    """A hold of 30 s within 40 s is possible with rounds 10 s apart."""
    assert rounds(only(Script(seen={"works": [0, 1]}), within="40s", hold="30s")) == [0, 10, 20, 30]


def test_every_counts_from_the_begin_of_a_round_and_rounds_never_overlap() -> None:
    """Rounds of 10 s begin 15 s apart, rounds of 40 s one after the other."""
    for takes, begun in ((10.0, [0, 15, 30, 45, 60]), (40.0, [0, 40])):
        run = only(Script(seen={"works": 0}, takes={f"{PATH}/works": takes}), within="1m", every="15s")
        assert run.outcome == "not_resolved"
        assert rounds(run) == begun


def test_a_round_takes_all_checks_at_once_and_one_fail_fails_it() -> None:
    """An advisory check is observed and does not decide."""
    body = (
        ONE
        + """
verification:
  within: 30s
  checks:
    - {id: works, uses: look, expect: value == 1}
    - {id: quiet, uses: look, expect: value == 1}
    - {id: bright, uses: look, expect: value == 1, advisory: true}
"""
    )
    run = play(body, Script(seen={"works": 1, "quiet": [0, 0, 1], "bright": 0}))
    assert run.outcome == "resolved"
    rounds_ = [(c.id, c.round) for c in run.all(Observe) if c.path.startswith(PATH)]
    assert rounds_ == [(id_, n) for n in (1, 2) for id_ in ("works", "quiet", "bright")]


# --- away ---------------------------------------------------------------------------------------------------------


def begun_with(script: Script, timing: dict[str, str], wait: int) -> Play:
    """A run that has come to its n-th wait of verification."""
    run = Play(starting(book(lamp(**timing)), only=("one",)), script)
    return run.run(until=lambda command: command.key == f"{PATH}:wait#{wait}")


def test_an_engine_that_was_away_pauses_within() -> None:
    """Ten minutes without a runner speak neither for nor against."""
    run = begun_with(Script(seen={"works": 0}), {"within": "1m", "every": "15s"}, 2)
    run.say("run.resumed", away=600.0)
    assert run.run().outcome == "not_resolved"
    assert run.at() == 600.0 + 15.0 + 45.0


def test_being_away_breaks_hold_and_leaves_time_for_a_whole_one() -> None:
    """Nobody saw that it held; there is time to see it now, even where `within` was nearly over."""
    run = begun_with(Script(seen={"works": 1}), {"within": "1m", "every": "15s", "hold": "45s"}, 3)
    run.say("run.resumed", away=600.0)
    assert run.run().outcome == "resolved"
    assert run.at() == 630.0 + 45.0


def test_a_round_that_was_interrupted_is_not_counted() -> None:
    """Its result says what was seen after the crash, not when the round began."""
    run = Play(starting(book(lamp(within="1m", every="15s")), only=("one",)), Script(seen={"works": [0, 1, 1]}))
    run.run(until=lambda command: command.key == f"{PATH}/works:observe#1")
    run.say("run.resumed", away=100.0)
    assert run.run().outcome == "resolved"
    assert run.did("observe")[-1] == f"{PATH}/works:observe#2"


# --- unknown ------------------------------------------------------------------------------------------------------

UNSEEN = {"works": ["fail", "unknown"]}
OPS = "escalation: {to: ops}\n"


def test_when_nobody_can_tell_whether_it_helped_the_run_waits_and_pages() -> None:
    """No undo, no further option."""
    run = play(lamp(within="1m", every="15s").replace("uses: turn}]}", "uses: turn}], when_not_helped: undo}", 1) + OPS,
               Script(seen=UNSEEN))  # fmt: skip
    assert run.pending() == [f"{PATH}:ask#1"]
    assert run.sent() == ["resolution/one/swap:apply#1"]
    assert [page.reason for page in run.log if page.verb == "page"] == ["verification is unknown"]


def test_a_person_may_have_it_looked_at_for_another_within() -> None:
    """Then it is seen, or asked again; whoever is on call is paged once."""
    script = Script(seen={"works": ["fail", *["unknown"] * 10, 1]}, answers={"verification": "extend"})
    run = play(lamp(within="1m", every="15s") + OPS, script)
    assert run.outcome == "resolved"
    assert run.did("ask") == [f"{PATH}:ask#1", f"{PATH}:ask#2"]
    assert run.did("page") == ["escalation:page#1"]


@pytest.mark.parametrize(("answer", "outcome"), [("pass", "resolved"), ("fail", "not_resolved")])
def test_a_person_may_say_what_they_see(answer: str, outcome: str) -> None:
    """Their word stands in the place of the checks."""
    run = play(lamp(within="1m"), Script(seen=UNSEEN, answers={"verification": answer}), only=("one",))
    assert run.outcome == outcome
    assert run.finished.option == ("one" if answer == "pass" else None)


@pytest.mark.parametrize(
    ("seen", "attested"),
    [({"works": ["fail", "unknown"]}, True), ({"works": ["fail", 1]}, False)],
    ids=["a person said it", "it was seen"],
)
def test_what_is_told_afterwards_knows_whether_it_was_seen(seen: dict[str, list[str | int]], attested: bool) -> None:
    """A message that says `verified` must be able to know better."""
    told = "communication: [{at: resolved, to: ops, text: done}]\n"
    run = play(lamp(within="1m") + told, Script(seen=seen, answers={"verification": "pass"}), only=("one",))
    [message] = [command for command in run.log if isinstance(command, Announce)]
    assert message.scope["run"]["attested"] is attested


def test_the_last_round_that_did_not_pass_says_how_it_ended() -> None:
    """Unknown at first and a fail at the end did not help; the other way round nobody can tell."""
    helped = play(lamp(within="15s", every="15s"), Script(seen={"works": ["fail", "unknown", "fail"]}), only=("one",))
    unseen = play(lamp(within="15s", every="15s"), Script(seen={"works": ["fail", "fail", "unknown"]}), only=("one",))
    assert helped.outcome == "not_resolved"
    assert unseen.pending() == [f"{PATH}:ask#1"]


def test_time_that_was_up_before_a_series_could_be_long_enough_proves_nothing() -> None:
    """One slow round that passed is neither a hold nor a failure."""
    script = Script(seen={"works": [0, 1]}, takes={f"{PATH}/works": 70.0})
    run = only(script, within="1m", every="15s", hold="30s")
    assert run.pending() == [f"{PATH}:ask#1"]


def test_an_unknown_verification_ends_auto() -> None:
    """The person who says that it did not help also decides what is tried next."""
    script = Script(seen={"works": ["fail", "unknown"]}, answers={"verification": "fail"})
    run = play(lamp(within="1m") + "symptoms: [{id: dark, uses: look, expect: value}]\n", script, mode=Mode.AUTO)
    assert [gate.auto for gate in run.all(Approve)] == [True, False]


# --- before the change --------------------------------------------------------------------------------------------


def test_a_check_that_passes_already_is_shown_as_proving_nothing() -> None:
    """At the gate before the first change; advisory checks prove nothing anyway."""
    body = (
        ONE
        + """
verification:
  checks:
    - {id: works, uses: look, expect: value == 1}
    - {id: quiet, uses: look, expect: value == 1}
    - {id: bright, uses: look, expect: value == 1, advisory: true}
"""
    )
    run = play(body, Script(seen={"works": [0, 1], "quiet": 1, "bright": 1}))
    assert run.of("resolution/one:approve#1").proves_nothing == ("quiet",)
    assert run.of("verification/works:observe#1").round == 0


def test_after_the_first_change_nothing_is_a_baseline_any_more() -> None:
    """The second option's gate comes without another look."""
    run = play(lamp(within="15s", every="15s"), Script(seen={"works": 0}))
    assert run.of("resolution/two:approve#1").proves_nothing == ()
    assert "verification/works:observe#2" not in run.did()


# --- an option with checks of its own -----------------------------------------------------------------------------

OWN = """
verification: {within: 1m, every: 15s, checks: [{id: works, uses: look, expect: value == 1}]}
resolution:
  - {id: one, steps: [{id: swap, uses: turn}]}
  - id: two
    verification: {within: 30s, every: 10s, checks: [{id: bright, uses: look, expect: value == 2}]}
    steps: [{id: more, uses: turn}]
"""


def test_an_option_is_judged_by_its_own_checks_alone() -> None:
    """In its own rounds; the runbook's checks are not asked any more."""
    run = play(OWN, Script(seen={"works": 0, "bright": [0, 0, 2]}))
    assert (run.outcome, run.finished.option) == ("resolved", "two")
    begun = [c.key for c in run.log if isinstance(c, Observe) and c.path.startswith("resolution/two/verification")]
    assert begun == [f"resolution/two/verification/bright:observe#{n}" for n in (1, 2)]


def test_checks_of_an_option_are_looked_at_before_its_first_change() -> None:
    """Even where another option has changed something before: the pair before and after is its own."""
    run = play(OWN, Script(seen={"works": 0, "bright": [2, 2]}))
    baseline = [c.path for c in run.log if isinstance(c, Observe) and c.path.startswith("verification/")]
    assert baseline == ["verification/works", "verification/bright"]
    assert [gate.proves_nothing for gate in run.all(Approve)] == [(), ("bright",)]


def test_a_second_stage_does_not_look_at_what_the_first_has_changed() -> None:
    """What is called before must be before."""
    steps = 'steps: [{id: more, uses: turn}, {id: most, uses: turn, with: {to: "{{ steps.more.status }}"}}]'
    run = play(OWN.replace("steps: [{id: more, uses: turn}]", steps), Script(seen={"bright": 2}), only=("two",))
    assert len(run.all(Approve)) == 2
    assert [c.round for c in run.log if isinstance(c, Observe) and c.path == "verification/bright"] == [0]


def test_an_option_may_be_the_only_one_that_is_verified() -> None:
    """Without a runbook's verification, every option has its own."""
    body = OWN.partition("resolution:")[2].partition("\n")[2].partition("\n")[2]
    body = f"resolution:\n{body}"
    assert play(body, Script(seen={"bright": [0, 2]})).outcome == "resolved"
