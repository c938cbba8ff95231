"""What runs say, counted."""

from __future__ import annotations

from runbook.incident.metrics.runs import TYPES, RunFacts, run_facts, run_metrics
from support.histories import START, Tape


def tape(mode="by_hand", **more):
    return Tape().add("run.started", runbook="api", mode=mode, initiator="ana", **more)


def gate(made, option, wait, verdict="granted", by="ben", reason=None):
    made.add("gate.opened", f"resolution/{option}:approve#1", option=option)
    made.wait(wait - 1)
    return made.add("decision.given", f"resolution/{option}:approve#1", verdict=verdict, by=[by], reason=reason)


def ended(made, option, how):
    return made.add("note.added", f"resolution/{option}:note#1", about="option", option=option, ended=how)


def facts(made, run="1") -> RunFacts:
    return run_facts(run, [one for one in made.records if one.type in TYPES])


def test_a_run_is_its_outcome_its_options_and_its_gates():
    """Nothing else of it is read."""
    made = ended(gate(tape(), "rollback", 90), "rollback", "resolved").add("run.finished", outcome="resolved")
    run = facts(made)
    assert (run.runbook, run.outcome, run.options, run.dry) == ("api", "resolved", {"rollback": "resolved"}, False)
    assert [(one.decided - one.opened, one.ahead) for one in run.gates] == [(90, None)]


def test_an_option_succeeds_by_how_often_it_was_tried():
    """Left out, or with nothing to do, it was not tried."""
    ends = ("resolved", "not_helped", "skipped", "nothing_to_do", "denied")
    runs = [facts(ended(tape(), "rollback", how)) for how in ends]
    [option] = run_metrics(runs, [], None).options
    assert (option.tried, option.resolved, sum(option.ended.values())) == (3, 1, 5)


def test_the_time_to_approve_is_that_of_people_who_said_yes():
    """The policy and `--yes` take no time; a denial is another answer; what waits is counted as that."""
    made = gate(gate(tape(), "a", 60), "b", 600, "denied")
    waiting = tape().add("gate.opened", "resolution/c:approve#1", option="c")
    auto = gate(tape("auto"), "a", 1, by="policy")
    yes = gate(tape(), "a", 1, reason="--yes")
    found = run_metrics([facts(made), facts(waiting), facts(auto), facts(yes)], [], None)
    assert (found.approvals.values, found.approvals.open) == ([60], 1)
    expected = {"granted": 1, "denied": 1, "open": 1, "granted by policy": 1, "granted by --yes": 1}
    assert found.decisions == expected


def test_people_and_the_policy_are_counted_apart():
    """How often each resolved, and how long that took."""
    hand = ended(tape().wait(98), "a", "resolved").add("run.finished", outcome="resolved")
    auto = tape("auto").add("run.finished", outcome="not_resolved")
    found = run_metrics([facts(hand), facts(auto), facts(tape())], [], None)
    assert [(one.mode, one.runs, one.finished, one.resolved) for one in found.modes] == [
        ("by_hand", 2, 1, 1),
        ("auto", 1, 1, 0),
    ]
    assert found.modes[0].took.values == [100]
    assert (found.runs, found.open, found.outcomes) == (3, 1, {"resolved": 1, "not_resolved": 1})


def test_the_last_rehearsal_of_each_runbook_is_known():
    """The newest of them, whatever order they come in."""
    played = [facts(tape())._replace(started=START + n, rehearsal=True) for n in (5, 9, 7)]
    assert run_metrics([], played, None).rehearsed == {"api": START + 9}


def test_a_stream_that_never_began_is_no_run():
    """Its first record is of another type."""
    assert run_facts("1", []) is None
