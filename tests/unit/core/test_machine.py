from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from runbook.core.commands import (
    Aborted,
    Announce,
    Apply,
    Ask,
    Beside,
    Flow,
    Joined,
    Observe,
    Preserve,
    Together,
    Undo,
    Wait,
)
from runbook.core.machine import Machine
from runbook.core.situation import Situation
from runbook.core.words import Mode
from runbook.errors import Bug, Diverged
from support.machines import T0, Taken, change, standing

NONE: frozenset[str] = frozenset()
YES = {"applied": "yes"}


def read(name: str) -> Flow:
    return (
        yield Observe(key=f"{name}:observe#1", path=name, id=name, phase="triage", kind="look", inputs={"of": name})
    )


def apply(name: str) -> Flow:
    return (yield Apply(key=f"{name}:apply#1", path=name, id=name, phase="resolution", change=change(name)))


def wait(name: str, until: float = T0 + 60) -> Flow:
    return (yield Wait(key=f"{name}:wait#1", path=name, until=until))


def tell(name: str) -> Flow:
    return (yield Announce(key=f"{name}:announce#1", path=name, to="team", text="hello"))


def ask(name: str) -> Flow:
    return (yield Ask(key=f"{name}:ask#1", path=name, purpose="question", question="?"))


def keep(name: str) -> Flow:
    return (yield Preserve(key=f"{name}:preserve#1", path=name, id=name, plan="p", kind="look", inputs={}))


def machine(flow: Callable[[], Flow], mode: Mode = Mode.BY_HAND) -> Machine:
    """A machine that has begun this flow; `run.started` names version 1.2.3."""
    made = Machine(lambda situation: flow(), Situation(run="r", mode=mode, parameters={}))
    made.start(T0)
    made.take(Taken("run.started", data={"engine": "1.2.3"}))
    return made


def keys(commands: list[Any]) -> list[str]:
    return [command.key for command in commands]


def seen(name: str, verdict: str = "pass", **more: Any) -> Taken:
    return Taken("step.observed", f"{name}:observe#1", {"status": "succeeded", "verdict": verdict}, **more)


def resulted(name: str, **more: Any) -> Taken:
    return Taken("change.resulted", f"{name}:apply#1", YES, **more)


def intended(name: str, attempt: int = 1) -> Taken:
    return Taken("change.intended", f"{name}:apply#1", {"attempt": attempt})


def confirmed(name: str, found: str) -> Taken:
    return Taken("change.confirmed", f"{name}:apply#1", {"found": found, "reason": "no answer"})


ABORT = Taken("abort.requested", epoch=0)


def one_after_the_other(*steps: Callable[[str], Flow]) -> Callable[[], Flow]:
    """`apply, read` as a flow of steps named a, b, …; an abort ends it with what it saw."""

    def flow() -> Flow:
        try:
            for name, step in zip("abcdef", steps, strict=False):
                yield from step(name)
        except Aborted as aborted:
            yield from tell("bye")
            return ("aborted", aborted.doubts)
        return "ended"

    return flow


# --- one after the other ------------------------------------------------------------------------------------------


def test_a_result_goes_to_the_command_that_has_its_key_and_the_value_is_kept() -> None:
    """Commands out, records in, until the flow has ended."""
    run = machine(one_after_the_other(read, wait))
    assert keys(list(run.pending.values())) == ["a:observe#1"]
    assert keys(run.take(seen("a"))) == ["b:wait#1"]
    assert keys(run.take(Taken("wait.ended", "b:wait#1"))) == []
    assert (run.done, run.value, run.pending) == (True, "ended", {})


def test_a_key_that_is_used_twice_is_a_bug() -> None:
    """Keys are what results are found by."""
    with pytest.raises(Bug, match="the key a:observe#1 was used twice"):
        machine(lambda: together_of({"x": partial(read, "a"), "y": partial(read, "a")}))


def together_of(branches: dict[str, Callable[[], Flow]]) -> Flow:
    return (yield Together({name: (NONE, thunk) for name, thunk in branches.items()}))


def test_time_is_that_of_the_latest_record_and_never_goes_back() -> None:
    """A clock that was set back does not make deadlines move."""
    run = machine(one_after_the_other(ask))
    run.take(Taken("alert.joined", data={"alert": {"name": "A"}}, time=T0 + 50, epoch=0))
    run.take(Taken("note.added", data={}, time=T0 + 20, epoch=0))
    assert run.now == T0 + 50
    assert run.situation.alerts == [{"name": "A"}]


def test_away_is_what_passed_between_the_last_runner_and_the_next() -> None:
    """What guests wrote in between does not make it shorter."""
    run = machine(one_after_the_other(ask))
    run.take(Taken("note.added", time=T0 + 10))
    run.take(Taken("alert.joined", time=T0 + 300, epoch=0))
    run.take(Taken("run.resumed", data={"engine": "1.2.4"}, time=T0 + 400))
    run.take(Taken("run.resumed", time=T0 + 450))
    assert run.situation.away == 390 + 50
    assert run.situation.resumed == T0 + 450


# --- logs that do not match ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (seen("z"), "z:observe#1 is not what this version would do"),
        (Taken("change.intended", "z:apply#1"), "z:apply#1 is not what this version would do"),
        (Taken("step.observed", "a:observe#1", {"command": "0" * 64, "status": "succeeded"}), "with other inputs"),
        (Taken("change.planned", "a:observe#1", {"nothing": "x"}), "was answered with change.planned"),
        (Taken("step.observed", "a:observe#1", {"status": "perhaps"}), "cannot be read by this version"),
    ],
)
def test_a_log_of_another_procedure_diverges_and_names_the_version_that_wrote_it(record: Taken, why: str) -> None:
    """Nothing is done; the hint says with what to go on."""
    run = machine(one_after_the_other(read))
    with pytest.raises(Diverged, match=why) as error:
        run.take(record)
    assert "written by runbook-engine 1.2.3" in error.value.message
    assert "runbook-engine==1.2.3 resume" in str(error.value.hint)


def test_the_version_that_resumed_the_run_is_the_one_that_is_named() -> None:
    """It wrote the part of the log that does not match."""
    run = machine(one_after_the_other(read))
    run.take(Taken("run.resumed", data={"engine": "1.3.0"}))
    with pytest.raises(Diverged, match="1\\.3\\.0"):
        run.take(seen("z"))


def test_a_record_with_the_digest_of_the_command_is_taken() -> None:
    """What was asked is what would be asked now."""
    run = machine(one_after_the_other(read))
    run.take(Taken("step.observed", "a:observe#1", {"command": run.pending["a:observe#1"].digest, "status": "failed"}))
    assert run.done


@pytest.mark.parametrize(
    "record",
    [
        Taken("answer.given", "z:ask#1", {"value": "x"}, epoch=0),
        Taken("answer.given", "a:observe#1", {"value": "x"}, epoch=0),
        Taken("settlement.given", "a:observe#1", {"as": "applied"}, epoch=0),
        Taken("note.added", None, {"text": "hello"}, epoch=0),
        Taken("something.new", "a:observe#1", {}, epoch=0),
    ],
)
def test_a_guest_cannot_make_a_run_diverge(record: Taken) -> None:
    """What fits no command that waits for it is passed over."""
    run = machine(one_after_the_other(read))
    before = standing(run)
    assert run.take(record) == []
    assert standing(run) == before


def test_an_answer_that_is_said_twice_counts_once() -> None:
    """The first one counts, whoever says it."""
    run = machine(one_after_the_other(ask, read))
    assert keys(run.take(Taken("answer.given", "a:ask#1", {"value": "one"}, epoch=0))) == ["b:observe#1"]
    assert run.take(Taken("answer.given", "a:ask#1", {"value": "two"}, epoch=0)) == []
    assert list(run.pending) == ["b:observe#1"]


# --- side by side -------------------------------------------------------------------------------------------------


def test_branches_start_when_their_needs_are_there() -> None:
    """No waves: c starts as soon as a has ended, whatever b does."""

    def flow() -> Flow:
        branches = {"c": (frozenset("a"), partial(read, "c")), "a": (NONE, partial(read, "a"))}
        return (yield Together(branches | {"b": (NONE, partial(read, "b"))}))

    run = machine(flow)
    assert list(run.pending) == ["a:observe#1", "b:observe#1"]
    assert keys(run.take(seen("a"))) == ["c:observe#1"]
    run.take(seen("c", "fail"))
    run.take(seen("b"))
    assert {name: str(result.verdict) for name, result in run.value.items()} == {"a": "pass", "c": "fail", "b": "pass"}


def test_a_branch_with_two_needs_waits_for_both() -> None:
    """Whichever comes first."""

    def flow() -> Flow:
        branches = {name: (NONE, partial(read, name)) for name in "ab"}
        return (yield Together(branches | {"c": (frozenset("ab"), partial(read, "c"))}))

    run = machine(flow)
    assert run.take(seen("b")) == []
    assert keys(run.take(seen("a"))) == ["c:observe#1"]


def test_branches_may_hold_branches_and_end_without_asking() -> None:
    """A branch that has nothing to ask ends at once, and one needing it starts at once."""

    def at_once() -> Flow:
        return "now"
        yield

    def inner() -> Flow:
        return (yield Together({"x": (NONE, partial(read, "x")), "y": (frozenset("x"), partial(read, "y"))}))

    def flow() -> Flow:
        nothing = yield Together({})
        rest = yield Together({"a": (NONE, at_once), "b": (frozenset("a"), inner), "c": (NONE, at_once)})
        return nothing, sorted(rest["b"]), rest["a"]

    run = machine(flow)
    assert list(run.pending) == ["x:observe#1"]
    run.take(seen("x"))
    run.take(seen("y"))
    assert run.value == ({}, ["x", "y"], "now")


def test_a_flow_beside_goes_on_by_itself_and_can_be_waited_for() -> None:
    """Its value is there for whoever joins it, before it ended or after."""

    def flow() -> Flow:
        yield Beside("evidence", partial(keep, "e"))
        yield from read("a")
        first = yield Joined("evidence")
        second = yield Joined("evidence")
        return first is second

    run = machine(flow)
    assert list(run.pending) == ["e:preserve#1", "a:observe#1"]
    assert keys(run.foreground()) == ["a:observe#1"]
    run.take(seen("a"))
    assert run.foreground() == []
    run.take(Taken("evidence.preserved", "e:preserve#1", {"status": "preserved"}))
    assert run.value is True


def test_what_goes_on_beside_ends_with_the_run() -> None:
    """Waits are withdrawn; what is in flight finishes, and nothing follows from it."""

    def beside() -> Flow:
        yield Together({"m": (NONE, partial(tell, "m")), "e": (NONE, partial(keep, "e"))})
        yield from tell("never")

    def flow() -> Flow:
        yield Beside("updates", beside)
        yield Beside("later", partial(wait, "w"))
        yield from read("a")

    run = machine(flow)
    run.take(seen("a"))
    assert run.done
    assert keys(run.withdrawn) == ["w:wait#1"]
    assert list(run.pending) == ["m:announce#1", "e:preserve#1"]
    assert run.take(Taken("message.sent", "m:announce#1", {"status": "sent"})) == []
    assert run.take(Taken("evidence.preserved", "e:preserve#1", {"status": "preserved"})) == []
    assert run.pending == {}


def test_a_flow_beside_that_has_ended_leaves_the_run_alone() -> None:
    """Nobody joined it."""

    def flow() -> Flow:
        yield Beside("m", partial(tell, "m"))
        yield from read("a")
        return "ended"

    run = machine(flow)
    run.take(Taken("message.sent", "m:announce#1", {"status": "sent"}))
    run.take(seen("a"))
    assert run.value == "ended"


# --- abort --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [read, wait, ask, apply])
def test_an_abort_withdraws_what_has_no_intent(step: Callable[[str], Flow]) -> None:
    """Reads, waits, questions, and changes that were not begun; then the handler announces."""
    run = machine(one_after_the_other(step))
    waited = list(run.pending)
    assert keys(run.take(ABORT)) == ["bye:announce#1"]
    assert keys(run.withdrawn) == waited
    run.take(Taken("message.sent", "bye:announce#1", {"status": "sent"}))
    assert run.value == ("aborted", ())


def test_the_next_change_is_never_handed_out_after_an_abort() -> None:
    """The change in flight is finished, its result is taken, and what it leads to is dropped."""
    run = machine(one_after_the_other(apply, apply))
    run.take(intended("a"))
    assert run.take(ABORT) == []
    assert list(run.pending) == ["a:apply#1"]
    assert keys(run.take(resulted("a"))) == ["bye:announce#1"]


def test_the_result_of_a_withdrawn_command_is_passed_over() -> None:
    """It may have been on its way."""
    run = machine(one_after_the_other(read, apply))
    run.take(ABORT)
    assert run.take(seen("a")) == []


def test_a_doubt_left_open_ends_the_run_in_doubt() -> None:
    """Whether the doubt came before the abort or after it."""
    before, after = machine(one_after_the_other(apply)), machine(one_after_the_other(apply))
    for run, records in ((before, [confirmed("a", "unknown"), ABORT]), (after, [ABORT, confirmed("a", "unknown")])):
        run.take(intended("a"))
        for record in records:
            run.take(record)
        run.take(Taken("message.sent", "bye:announce#1", {"status": "sent"}))
        assert run.value == ("aborted", ("a:apply#1",))


def test_a_change_proven_absent_is_not_sent_again_during_an_abort() -> None:
    """Before the abort it would have had another intent; after it, it is withdrawn."""
    for records in ([confirmed("a", "not_applied"), ABORT], [ABORT, confirmed("a", "not_applied")]):
        run = machine(one_after_the_other(apply))
        run.take(intended("a"))
        for record in records:
            run.take(record)
        assert keys(run.withdrawn) == ["a:apply#1"]
        assert list(run.pending) == ["bye:announce#1"]


def test_a_second_abort_changes_nothing() -> None:
    """While the first is under way, while its handler speaks, and after the end."""
    run = machine(one_after_the_other(apply, apply))
    run.take(intended("a"))
    run.take(ABORT)
    run.take(ABORT)
    run.take(resulted("a"))
    assert run.take(ABORT) == []
    run.take(Taken("message.sent", "bye:announce#1", {"status": "sent"}))
    assert run.take(ABORT) == []
    assert run.value == ("aborted", ())


def test_a_message_in_flight_is_finished_and_nothing_follows_from_it() -> None:
    """Its result is recorded, also after the handler has begun to speak."""
    run = machine(one_after_the_other(tell, apply))
    assert keys(run.take(ABORT)) == ["bye:announce#1"]
    assert run.take(Taken("message.sent", "a:announce#1", {"status": "sent"})) == []
    run.take(Taken("message.sent", "bye:announce#1", {"status": "sent"}))
    assert run.value == ("aborted", ())


def test_a_message_that_ends_during_an_abort_lets_nothing_begin() -> None:
    """The change beside it is still being waited for."""

    def both() -> Flow:
        yield Beside("m", one_after_the_other(tell, read))
        yield from apply("z")

    run = machine(both)
    run.take(intended("z"))
    run.take(ABORT)
    assert run.take(Taken("message.sent", "a:announce#1", {"status": "sent"})) == []
    with pytest.raises(Aborted):
        run.take(resulted("z"))


def test_an_abort_ends_what_goes_on_beside_and_the_branches() -> None:
    """All reads and waits are withdrawn, wherever they are."""

    def flow() -> Flow:
        yield Beside("later", partial(wait, "w"))
        try:
            yield Together({"a": (NONE, partial(read, "a")), "b": (frozenset("a"), partial(read, "b"))})
        except Aborted:
            return "aborted"

    run = machine(flow)
    run.take(ABORT)
    assert run.value == "aborted"
    assert sorted(keys(run.withdrawn)) == ["a:observe#1", "w:wait#1"]


def test_once_only_the_end_is_left_an_abort_changes_nothing() -> None:
    """What is said and done at the end of every run is not cut short."""
    run = machine(one_after_the_other(read))
    run.situation.closing = True
    assert run.take(ABORT) == []
    assert list(run.pending) == ["a:observe#1"]


# --- changes ------------------------------------------------------------------------------------------------------


def test_a_doubt_stands_until_there_is_another_intent_or_a_result() -> None:
    """Reason by key; whoever was in doubt once is remembered."""
    run = machine(one_after_the_other(apply, apply))
    run.take(intended("a"))
    run.take(confirmed("a", "unknown"))
    assert run.doubts == {"a:apply#1": "no answer"}
    run.take(confirmed("a", "not_applied"))
    assert (run.doubts, run.intended) == ({}, {})
    run.take(intended("a", 2))
    assert run.intended == {"a:apply#1": 2}
    assert keys(run.take(resulted("a"))) == ["b:apply#1"]
    assert run.situation.doubted


def test_a_change_that_was_found_applied_waits_for_its_result() -> None:
    """The confirmation says that there is one, the result what it is."""
    run = machine(one_after_the_other(apply, apply))
    run.take(intended("a"))
    assert run.take(confirmed("a", "applied")) == []
    assert keys(run.take(resulted("a"))) == ["b:apply#1"]


def test_a_confirmation_of_what_nobody_waits_for_is_passed_over() -> None:
    """The result was there first."""
    run = machine(one_after_the_other(apply))
    run.take(intended("a"))
    run.take(resulted("a"))
    run.take(confirmed("a", "unknown"))
    assert run.doubts == {}


def test_a_settlement_becomes_the_result_of_a_change_that_was_begun() -> None:
    """One that was never intended cannot be settled."""
    settle = Taken("settlement.given", "a:apply#1", {"as": "applied", "by": "ann", "reason": "seen"}, epoch=0)
    run = machine(one_after_the_other(apply))
    assert run.take(settle) == []
    assert not run.done
    run.take(intended("a"))
    run.take(settle)
    assert run.done
    assert run.situation.doubted


def test_an_undo_is_a_change_like_any_other() -> None:
    """Aborted while it is in flight, it is waited for."""

    def undo(name: str) -> Flow:
        return (yield Undo(key=f"{name}:apply#1", path=name, id=name, phase="undo", change=change(name), undoes="x"))

    run = machine(one_after_the_other(undo))
    run.take(intended("a"))
    assert run.take(ABORT) == []
    assert keys(run.take(resulted("a"))) == ["bye:announce#1"]
