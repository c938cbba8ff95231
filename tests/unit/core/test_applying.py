from __future__ import annotations

from typing import Any

import pytest

from runbook.core.commands import Approve, Observe, PlanChange
from runbook.core.words import Mode
from support.machines import Script, play

DARK = "symptoms: [{id: dark, uses: look, expect: value > 5}]\n"
ONE = DARK + "resolution: [{id: one, steps: [{id: swap, uses: turn}]}]\n"
TWO = DARK + "resolution: [{id: one, steps: [{id: a, uses: turn}, {id: b, uses: turn}]}]\n"
STEP = "resolution/one/swap"


def option(*steps: str, more: str = "") -> str:
    """A runbook of one option with these steps."""
    listed = "".join(f"      - {{{step}}}\n" for step in steps)
    return f"{DARK}resolution:\n  - id: one\n{more}    steps:\n{listed}"


# --- one stage ----------------------------------------------------------------------------------------------------


def test_a_stage_is_planned_shown_and_approved_as_one_and_applied_one_by_one() -> None:
    """All plans side by side, one gate, then each planned once more just before it is sent."""
    run = play(TWO, Script(takes={"plan": 5.0}))
    assert run.did("plan", "approve", "apply") == [
        "resolution/one/a:plan#1",
        "resolution/one/b:plan#1",
        "resolution/one:approve#1",
        "resolution/one/a:plan#2",
        "resolution/one/a:apply#1",
        "resolution/one/b:plan#2",
        "resolution/one/b:apply#1",
    ]
    assert run.at() == 5.0 + 5.0 + 5.0


def test_the_gate_shows_what_will_be_sent_and_what_is_sent_was_shown() -> None:
    """The change that is applied carries the digest that was approved."""
    run = play(ONE)
    [proposal] = run.of("resolution/one:approve#1").changes
    sent = run.of(f"{STEP}:apply#1")
    assert (proposal.path, proposal.change.digest) == (STEP, sent.change.digest)
    assert sent.grant == "resolution/one:approve#1"


def test_what_is_sent_carries_the_precondition_that_was_just_read() -> None:
    """The generation moved while people decided; the approval holds, the fence is today's."""
    plans = [{"precondition": {"generation": 1}}, {"precondition": {"generation": 2}}]
    run = play(ONE, Script(plans={"swap": plans}))
    assert run.of(f"{STEP}:apply#1").change.precondition == {"generation": 2}


def test_all_targets_of_a_stage_are_held_from_the_decision_on_sorted() -> None:
    """Before the decision nobody is kept waiting."""
    run = play(option("id: z, uses: turn", "id: b, uses: turn"))
    assert [plan.hold for plan in run.all(PlanChange)] == [(), ()] + [("house/lamp/b", "house/lamp/z")] * 2
    assert [plan.grant for plan in run.all(PlanChange)] == [None, None] + ["resolution/one:approve#1"] * 2


def test_steps_before_the_first_change_are_done_before_the_gate_and_those_after_it_in_their_place() -> None:
    """Probes and manual steps; the reads between changes wait for the change before them."""
    run = play(
        option("id: ask_ann, uses: manual.do, with: {text: look}", "id: p, uses: look, expect: value",
               "id: a, uses: turn", "id: q, uses: look, expect: value", "id: b, uses: turn")
    )  # fmt: skip
    order = [key.split("/")[-1] for key in run.did("ask", "observe", "approve", "apply") if "verification" not in key]
    expected = ["dark:observe#1", "ask_ann:ask#1", "p:observe#1", "one:approve#1", "dark:observe#2"]
    assert order == [*expected, "a:apply#1", "q:observe#1", "b:apply#1"]


def test_a_step_whose_when_does_not_hold_is_left_out_with_the_reason() -> None:
    """It stands neither at the gate nor in the way; one that cannot be told is left out too, and said so."""
    steps = ("id: a, uses: turn, when: 1 > 2", "id: b, uses: turn, when: steps.x.value > 2", "id: c, uses: turn")
    run = play(option(*steps) + "triage: [{id: x, uses: look}]\n", Script(seen={"x": "unreadable"}))
    assert [p.path for p in run.of("resolution/one:approve#1").changes] == ["resolution/one/c"]
    assert run.notes("resolution/one/a")[0]["reason"] == "when: 1 > 2"
    assert run.notes("resolution/one/b")[0]["reason"] == "cannot tell: step x failed"


# --- stages -------------------------------------------------------------------------------------------------------

STAGED = option("id: a, uses: turn", 'id: b, uses: turn, with: {to: "{{ steps.a.value }}"}')


def test_a_later_stage_is_listed_at_the_first_gate_and_asked_for_in_its_time() -> None:
    """It is planned once the change that it names has been made, with what that gave."""
    run = play(STAGED, Script(applied={"a": {"applied": "yes", "output": {"value": 7}}}))
    first, second = run.all(Approve)
    assert (first.later, second.later) == (("b",), ())
    assert [proposal.path for proposal in second.changes] == ["resolution/one/b"]
    assert run.of("resolution/one/b:plan#1").inputs == {"to": 7}
    assert (first.key, second.key) == ("resolution/one:approve#1", "resolution/one:approve#2")
    assert run.did().index("resolution/one/a:apply#1") < run.did().index("resolution/one/b:plan#1")


@pytest.mark.fault(46, 49)
def test_an_approval_never_covers_a_later_stage() -> None:
    """The second gate is denied: only the first change was made."""
    script = Script(applied={"a": {"applied": "yes", "output": {"value": 7}}}, gates={"one": ["granted", "denied"]})
    run = play(STAGED, script)
    assert run.sent() == ["resolution/one/a:apply#1"]
    assert (run.outcome, run.ends()) == ("not_resolved", {"one": "denied"})


def test_two_changes_of_one_target_are_approved_in_their_order() -> None:
    """The later digest covers the earlier one; changes of other targets stand alone."""
    plans = {"a": {"target": "lamp"}, "b": {"target": "desk"}, "c": {"target": "lamp"}}
    run = play(option("id: a, uses: turn", "id: b, uses: turn", "id: c, uses: turn"), Script(plans=plans))
    a, b, c = (proposal.change for proposal in run.of("resolution/one:approve#1").changes)
    assert (a.after, b.after, c.after) == (None, None, a.digest)
    assert [run.of(f"resolution/one/{id_}:apply#1").change.digest for id_ in "abc"] == [a.digest, b.digest, c.digest]


# --- what planning may say ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "ended", "outcome"),
    [
        ("nothing", "nothing_to_do", "not_resolved"),
        ("refused", "failed", "not_resolved"),
        ("forbidden", "blocked", "blocked"),
        ("error", "failed", "not_resolved"),
    ],
)
def test_what_cannot_be_planned_is_never_asked_for(plan: str, ended: str, outcome: str) -> None:
    """Nothing to do skips; refused by the kind or unreadable ends the option; refused by the policy blocks it."""
    run = play(ONE, Script(plans={"swap": plan}))
    assert run.did("approve", "apply") == []
    assert (run.ends(), run.outcome) == ({"one": ended}, outcome)


def test_a_change_with_nothing_to_do_does_not_keep_the_others_from_being_made() -> None:
    """It is not at the gate either; reads of such a stage run all the same."""
    run = play(TWO, Script(plans={"a": "nothing"}))
    assert [p.path for p in run.of("resolution/one:approve#1").changes] == ["resolution/one/b"]
    assert run.sent() == ["resolution/one/b:apply#1"]
    alone = play(option("id: a, uses: turn", "id: q, uses: look"), Script(plans={"a": "nothing"}))
    assert "resolution/one/q:observe#1" in alone.did()
    assert alone.ends() == {"one": "nothing_to_do"}


def test_a_change_that_needs_doing_no_more_after_the_decision_is_left_out() -> None:
    """Somebody else did it meanwhile."""
    run = play(TWO, Script(plans={"a": [{}, "nothing"]}))
    assert run.sent() == ["resolution/one/b:apply#1"]
    assert run.outcome == "resolved"


def test_inputs_that_cannot_be_told_end_the_option_without_a_plan() -> None:
    """Nothing is planned with guesses, and the next option is tried."""
    body = option('id: a, uses: turn, with: {to: "{{ steps.x.value }}"}', "id: b, uses: turn")
    run = play(body + "triage: [{id: x, uses: look}]\n", Script(seen={"x": "unreadable"}))
    assert run.did("plan", "approve") == ["resolution/one/b:plan#1"]
    assert run.ends() == {"one": "failed"}
    assert run.notes("resolution/one/a")[0]["reason"] == "cannot tell its inputs: step x failed"


# --- the world moves ----------------------------------------------------------------------------------------------


@pytest.mark.fault(47)
def test_another_plan_just_before_applying_opens_the_gate_again_with_the_difference() -> None:
    """The approval is void; what is shown then is what would happen now."""
    run = play(ONE, Script(plans={"swap": [{"was": 0}, {"was": 3}]}))
    first, second = run.all(Approve)
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.changed == "/to was 0 → 1, now 3 → 1"
    assert second.changes[0].change.fields[0].before == 3
    assert run.of(f"{STEP}:apply#1").grant == second.key
    assert run.outcome == "resolved"


@pytest.mark.fault(47)
def test_a_world_that_moves_three_times_ends_the_option_as_stale() -> None:
    """Nothing was sent, and nobody is asked a fourth time."""
    run = play(ONE, Script(plans={"swap": lambda n: {"was": n}}))
    assert len(run.all(Approve)) == 3
    assert run.sent() == []
    assert (run.ends(), run.outcome) == ({"one": "stale"}, "not_resolved")


def test_only_what_is_left_of_a_stage_is_asked_for_again() -> None:
    """What was applied is applied."""
    run = play(TWO, Script(plans={"b": [{"was": 0}, {"was": 3}]}))
    assert [[p.path[-1] for p in gate.changes] for gate in run.all(Approve)] == [["a", "b"], ["b"]]
    assert run.sent() == ["resolution/one/a:apply#1", "resolution/one/b:apply#1"]


@pytest.mark.fault(44, 49)
def test_a_grant_that_has_run_out_is_asked_for_again() -> None:
    """It is judged when the change is about to be sent, after whatever planning waited for."""
    gates = lambda n: {"verdict": "granted", "until": 1_800_000_000.0 + 100 * n}  # noqa: E731
    run = play(ONE, Script(gates={"one": gates}, takes={f"{STEP}:plan#2": 150.0}))
    assert [gate.changed for gate in run.all(Approve)] == [None, "the approval has run out"]
    assert run.of(f"{STEP}:apply#1").grant == "resolution/one:approve#2"


def test_a_refused_precondition_is_planned_again_and_sent_under_the_same_grant() -> None:
    """It is proven not to have been applied, so the loop is safe; the keys are new."""
    run = play(ONE, Script(applied={"swap": ["precondition", "precondition", "yes"]}))
    assert run.sent() == [f"{STEP}:apply#{n}" for n in (1, 2, 3)]
    assert {run.of(key).grant for key in run.sent()} == {"resolution/one:approve#1"}
    assert run.outcome == "resolved"


def test_a_precondition_that_is_refused_three_times_ends_the_option_as_stale() -> None:
    """Nothing was applied."""
    run = play(ONE, Script(applied={"swap": "precondition"}))
    assert (run.ends(), len(run.sent()), run.outcome) == ({"one": "stale"}, 3, "not_resolved")


def test_after_a_refused_precondition_another_plan_opens_the_gate_again() -> None:
    """The world did move."""
    run = play(ONE, Script(applied={"swap": ["precondition", "yes"]}, plans={"swap": [{}, {}, {"was": 3}]}))
    assert run.did("approve") == ["resolution/one:approve#1", "resolution/one:approve#2"]


def test_a_change_that_was_never_made_does_not_count_as_applied() -> None:
    """Refused by its precondition, planned anew, and then denied: the run was denied."""
    script = Script(
        applied={"swap": "precondition"}, plans={"swap": [{}, {}, {"was": 3}]}, gates={"one": ["granted", "denied"]}
    )
    assert play(ONE, script).outcome == "denied"


# --- gates that do not open ---------------------------------------------------------------------------------------

TURNED_DOWN = [
    ("denied", "denied", "denied", []),
    ("expired", "expired", "denied", ["nobody decided"]),
    ("skipped", "skipped", "not_resolved", ["outcome not_resolved"]),
    ("blocked", "blocked", "blocked", ["outcome blocked"]),
]


@pytest.mark.parametrize(("verdict", "ended", "outcome", "pages"), TURNED_DOWN)
def test_a_gate_that_does_not_open_ends_its_option(verdict: str, ended: str, outcome: str, pages: list[str]) -> None:
    """Nothing is applied; the first gate that expires pages at once."""
    run = play(ONE + "escalation: {to: ops}\n", Script(gates={"one": verdict}))
    assert (run.sent(), run.ends(), run.outcome) == ([], {"one": ended}, outcome)
    assert [page.reason for page in run.log if page.verb == "page"] == pages


def test_after_a_gate_that_expired_the_next_option_is_tried() -> None:
    """The page goes out beside the run, once."""
    body = DARK + "resolution:\n" + "".join(f"  - {{id: {i}, steps: [{{id: s{i}, uses: turn}}]}}\n" for i in "xyz")
    run = play(body + "escalation: {to: ops}\n", Script(gates={"x": "expired", "y": "expired"}))
    assert (run.outcome, run.finished.option) == ("resolved", "z")
    assert run.did("page") == ["escalation:page#1"]


# --- what became of a change --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("applied", "ended"), [("no", "failed"), ("partly", "failed"), ("yes", "resolved")])
def test_a_change_that_failed_ends_its_option(applied: str, ended: str) -> None:
    """The change after it is not sent."""
    run = play(TWO, Script(applied={"a": applied}))
    assert run.ends() == {"one": ended}
    assert ("resolution/one/b:apply#1" in run.sent()) is (applied == "yes")
    assert run.outcome == {"no": "not_resolved", "partly": "not_resolved", "yes": "resolved"}[applied]


def test_a_step_may_say_that_its_failure_does_not_matter() -> None:
    """`on_failure: continue`: the next change is made, and verification decides."""
    run = play(option("id: a, uses: turn, on_failure: continue", "id: b, uses: turn"), Script(applied={"a": "partly"}))
    assert run.sent() == ["resolution/one/a:apply#1", "resolution/one/b:apply#1"]
    assert run.outcome == "resolved"


def test_an_option_whose_changes_all_failed_was_not_carried_out() -> None:
    """Nothing reached the world, so there is nothing to verify."""
    run = play(option("id: a, uses: turn, on_failure: continue"), Script(applied={"a": "no"}))
    assert run.ends() == {"one": "failed"}
    assert not [key for key in run.did() if "one/verification" in key]


ROLL = option("id: swap, uses: roll, timeout: 100s")


def test_an_accepted_change_is_looked_at_until_it_has_arrived_with_the_time_that_is_left() -> None:
    """The step's timeout covers both."""
    run = play(ROLL, Script(takes={f"{STEP}:apply": 30.0}))
    look = run.of(f"{STEP}:observe#1")
    assert (look.timeout, look.sent.digest, look.kind) == (70.0, run.of(f"{STEP}:apply#1").change.digest, "roll")
    assert run.outcome == "resolved"


@pytest.mark.parametrize("arrives", ["fail", "unknown"])
def test_what_was_accepted_and_did_not_arrive_in_time_has_failed(arrives: str) -> None:
    """It counts as applied all the same."""
    run = play(ROLL, Script(arrives={"swap": arrives}))
    assert (run.ends(), run.outcome) == ({"one": "failed"}, "not_resolved")


def test_what_is_known_only_on_arrival_is_an_output_of_the_step() -> None:
    """With what was known when it was accepted; a null says nothing."""
    seen = {"verdict": "pass", "output": {"value": 7, "rows": None}}
    steps = ("id: swap, uses: roll", "id: later, uses: turn, when: steps.swap.value == 7")
    assert play(option(*steps), Script(arrives={"swap": seen})).sent() == [
        f"{STEP}:apply#1",
        "resolution/one/later:apply#1",
    ]


def test_what_failed_is_not_asked_whether_it_arrived() -> None:
    """Nor is a change that is there at once."""
    assert not play(ROLL, Script(applied={"swap": "partly"})).did("observe")[3:]
    assert not [c for c in play(ONE).all(Observe) if c.sent]


def test_a_doubt_holds_everything_up_until_a_person_settles_it() -> None:
    """While it is unknown nothing else is applied and nothing is undone."""
    run = play(TWO, Script(applied={"a": "doubt"}))
    assert run.pending() == ["resolution/one/a:apply#1"]
    run.say("settlement.given", "resolution/one/a:apply#1", **{"as": "applied", "by": "ann", "reason": "seen"})
    assert run.run().outcome == "resolved"
    assert run.sent() == ["resolution/one/a:apply#1", "resolution/one/b:apply#1"]


def test_a_change_proven_absent_is_sent_again_under_its_key() -> None:
    """A further intent, attempt 2."""
    run = play(ONE, Script(applied={"swap": ["absent", "yes"]}))
    assert [r.data["attempt"] for r in run.records if r.type == "change.intended"] == [1, 2]
    assert (run.sent(), run.outcome) == ([f"{STEP}:apply#1"], "resolved")


@pytest.mark.fault(49)
def test_a_change_settled_as_not_applied_gets_its_approval_back_once() -> None:
    """It is planned anew and sent again; the second time people are asked."""
    run = play(ONE, Script(applied={"swap": ["doubt", "doubt", "yes"]}))
    for n in (1, 2):
        run.say("settlement.given", f"{STEP}:apply#{n}", **{"as": "not_applied", "by": "ann", "reason": "old"})
        run.run()
    assert [run.of(key).grant[-1] for key in run.sent()] == ["1", "1", "2"]
    assert run.all(Approve)[1].changed == "the approval is used up: it is given back once"
    assert run.outcome == "resolved"


# --- auto ---------------------------------------------------------------------------------------------------------

OPTIONS = (
    DARK + "resolution: [{id: one, steps: [{id: swap, uses: roll}]}, {id: two, steps: [{id: more, uses: turn}]}]\n"
)
TRIAGE = "triage: [{id: x, uses: look, expect: value}]\n"


@pytest.mark.parametrize(
    ("what", "body", "script"),
    [
        ("nothing", OPTIONS, {"seen": {"works": ["fail", *["fail"] * 5, "pass"]}}),
        ("a denial", OPTIONS, {"gates": {"one": "denied"}}),
        ("an expiry", OPTIONS, {"gates": {"one": "expired"}}),
        ("a refusal by the policy", OPTIONS, {"gates": {"one": "blocked"}}),
        ("a failed change", OPTIONS, {"applied": {"swap": "partly"}}),
        ("a change that did not arrive", OPTIONS, {"arrives": {"swap": "fail"}}),
        ("an unreadable plan", OPTIONS, {"plans": {"swap": "error"}}),
        ("an unknown probe", OPTIONS + TRIAGE, {"seen": {"x": "unknown"}, "gates": {"one": "blocked"}}),
    ],
)
def test_the_first_thing_that_goes_wrong_ends_auto(what: str, body: str, script: dict[str, Any]) -> None:
    """From then on every gate asks people; a gate that the policy itself closed is not such a thing."""
    run = play(body, Script(**script), mode=Mode.AUTO)
    assert run.of("resolution/two:approve#1").auto is (what in ("nothing", "a refusal by the policy"))


def test_a_change_that_was_in_doubt_once_ends_auto() -> None:
    """Also when it was found to be applied after all."""
    script = Script(applied={"swap": ["doubt"]}, seen={"works": ["fail", *["fail"] * 5, "pass"]})
    run = play(OPTIONS, script, mode=Mode.AUTO)
    run.say("settlement.given", f"{STEP}:apply#1", **{"as": "applied", "by": "ann", "reason": "seen"})
    assert run.run().of("resolution/two:approve#1").auto is False


def test_an_option_may_keep_the_policy_out() -> None:
    """`auto: false` is said at its gate; by hand the policy is never asked."""
    closed = ONE.replace("{id: one,", "{id: one, auto: false,")
    gate = play(closed, mode=Mode.AUTO).of("resolution/one:approve#1")
    assert (gate.auto, gate.auto_allowed) == (True, False)
    assert play(ONE).of("resolution/one:approve#1").auto is False


def test_the_gate_carries_the_terms_that_the_author_wrote() -> None:
    """The policy may ask for more; that is not known here."""
    body = ONE.replace("{id: one,", "{id: one, approval: {required: 2, from: [sre]},")
    assert play(body).of("resolution/one:approve#1").approval.required == 2


@pytest.mark.parametrize(
    ("words", "must"), [("on_failure: undo", True), ("when_not_helped: undo", True), ("settle: 1s", False)]
)
def test_a_plan_is_told_whether_an_undo_is_asked_for(words: str, must: bool) -> None:
    """A kind that has none refuses then."""
    assert play(ONE.replace("{id: one,", f"{{id: one, {words},")).all(PlanChange)[0].must_undo is must
