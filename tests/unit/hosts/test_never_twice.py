"""Results, votes, aborts, crashes and settlements in any order: no change is ever sent or felt twice."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from runbook.core.commands import Apply, PlanChange, Wait
from runbook.core.history import History, history
from runbook.errors import Exit
from runbook.hosts.clock import VirtualClock
from runbook.hosts.ports import Ended
from runbook.hosts.said import Vote
from runbook.journal import Draft
from runbook.journal.verify import verify
from support.crash.histories import ANN, STREAM, Crashed, Runner, World, begun
from support.machines import T0, book, standing, starting

BOOK = book("""
resolution:
  - id: a
    when_not_helped: undo
    on_failure: undo
    steps: [{id: one, uses: turn}, {id: two, uses: turn, for_each: {items: [x, y], on_failure: continue}}]
  - id: b
    steps: [{id: three, uses: turn}]
communication: [{at: start, to: team, text: hello}]
escalation: {to: somebody}
""")
SCHEDULES = int(os.environ.get("RUNBOOK_SCHEDULES", "60"))
CHANGED = st.sampled_from(["yes", "yes", "yes", "no", "partly", "absent", "unknown", "lost"])
PLANNED = st.sampled_from(["same", "same", "same", "same", "moved", "refused"])
SEEN = st.sampled_from(["pass", "fail", "fail", "unknown"])
DEATHS = st.sampled_from(["before", "after", "intending"])


class NeverTwice(RuleBasedStateMachine):
    """`runner` is None while nobody runs the run."""

    runner: Runner | None = None
    ended: Ended | None = None

    @initialize(eager=st.sampled_from([True, True, True, False]), helps=st.sampled_from(["pass", "fail", "fail"]))
    def start(self, eager: bool, helps: str) -> None:
        """`eager`: reads are answered and gates opened at once, so that things happen to changes."""
        self.eager, self.helps = eager, helps
        self.clock = VirtualClock(T0)
        self.world = World()
        self.journal = begun(self.clock)
        self.machines = starting(BOOK)
        self.begin(resumed=False)

    def begin(self, *, resumed: bool) -> None:
        self.ended = None
        self.runner = Runner(self.journal, self.world, self.clock, self.machines())
        if self.runner.driver.replay() is not None:
            self.die()
            return
        if resumed:
            self.runner.driver.resumed({"by": "ann", "engine": "9.9.9"}, ANN)
        self.turn()

    def turn(self) -> None:
        assert self.runner is not None
        try:
            self.ended = self.runner.turn()
            while self.ended is None and self.eager and self.flows(self.runner):
                self.ended = self.runner.turn()
        except Crashed:
            self.die()
        else:
            if self.ended is not None:
                self.die()

    def flows(self, runner: Runner) -> bool:
        """Answer what is no change; False when only changes are left, or nothing."""
        reads = [key for key, (command, *_) in runner.hands.flying.items() if not isinstance(command, Apply)]
        for key in reads:
            runner.hands.answer(key, "same" if "plan" in key else self.helps)
        gates = [] if self.told.finished else self.told.open_gates
        for gate in gates:
            runner.driver.deliver(Vote(gate.key, "grant", "ann"))
        waits = [c.until for c in runner.driver.machine.pending.values() if isinstance(c, Wait)]
        if not reads and not gates and not runner.hands.flying and waits:
            self.clock.skip_to(min(waits))
            return True
        return bool(reads or gates)

    def die(self) -> None:
        assert self.runner is not None
        self.runner.lease.release()
        self.runner = None

    @property
    def told(self) -> History:
        return history(self.journal.read(STREAM))

    # --- what can happen ----------------------------------------------------------------------------------

    @precondition(lambda self: self.runner is not None and self.runner.hands.flying)
    @rule(data=st.data(), several=st.booleans())
    def something_is_answered(self, data: st.DataObject, several: bool) -> None:
        assert self.runner is not None
        hands = self.runner.hands
        for _ in range(2 if several and len(hands.flying) > 1 else 1):
            key = data.draw(st.sampled_from(sorted(hands.flying)))
            command = hands.flying[key][0]
            how = CHANGED if isinstance(command, Apply) else PLANNED if isinstance(command, PlanChange) else SEEN
            hands.answer(key, data.draw(how))
        self.turn()

    @precondition(lambda self: self.runner is not None and self.told.open_gates)
    @rule(verdict=st.sampled_from(["grant", "grant", "grant", "deny", "skip"]), here=st.booleans())
    def somebody_votes(self, verdict: str, here: bool) -> None:
        assert self.runner is not None
        for gate in self.told.open_gates:
            if here:
                self.runner.driver.deliver(Vote(gate.key, verdict, "ann", "because"))
            else:
                self.guest(gate.key, gate.digest, verdict)
        self.turn()

    @precondition(lambda self: self.runner is None and self.told.open_gates)
    @rule(verdict=st.sampled_from(["grant", "grant", "deny"]))
    def somebody_votes_while_nobody_runs_it(self, verdict: str) -> None:
        for gate in self.told.open_gates:
            self.guest(gate.key, gate.digest, verdict)

    def guest(self, gate: str, digest: str, verdict: str) -> None:
        data = {"gate": gate, "digest": digest, "verdict": verdict, "reason": "because", "break_glass": False}
        with self.journal.writing(STREAM) as writer:
            writer.append(Draft("vote.given", None, data, ANN))

    @precondition(lambda self: self.runner is not None)
    @rule(dies=DEATHS)
    def the_next_change_kills_its_runner(self, dies: str) -> None:
        assert self.runner is not None
        self.runner.hands.dies = dies

    @precondition(lambda self: self.runner is not None)
    @rule(acted=st.booleans())
    def the_runner_is_killed(self, acted: bool) -> None:
        """What it had sent may have taken effect, or never will."""
        assert self.runner is not None
        for command, _, confirming in self.runner.hands.flying.values():
            if isinstance(command, Apply) and not confirming and acted:
                self.world.acts(command)
        self.die()

    @precondition(lambda self: self.runner is None and self.told.finished is None)
    @rule()
    def somebody_resumes(self) -> None:
        self.begin(resumed=True)

    @precondition(lambda self: self.told.doubts)
    @rule()
    def the_doubts_are_settled(self) -> None:
        for key in list(self.told.doubts):
            there = bool(self.world.effects.get(key))
            data = {"as": "applied" if there else "not_applied", "reason": "I looked", "by": "ann"}
            if not there:
                self.world.proven |= {(key, n) for n in (1, 2)}
            with self.journal.writing(STREAM) as writer:
                writer.append(Draft("settlement.given", key, data, ANN))
        if self.runner is not None:
            self.turn()

    @precondition(lambda self: self.told.finished is None)
    @rule(chance=st.integers(0, 15))
    def somebody_aborts(self, chance: int) -> None:
        if chance != 15:
            return
        with self.journal.writing(STREAM) as writer:
            writer.append(Draft("abort.requested", None, {"reason": "enough", "by": "ann"}, ANN))
        if self.runner is not None:
            self.turn()

    @precondition(lambda self: self.runner is not None)
    @rule(exit_=st.sampled_from([Exit.INTERRUPTED, Exit.TERMINATED, Exit.HANGUP]), chance=st.integers(0, 3))
    def a_signal_comes(self, exit_: Exit, chance: int) -> None:
        assert self.runner is not None
        if not chance:
            self.runner.driver.interrupt(exit_)
            self.turn()

    @rule(seconds=st.sampled_from([1.0, 1.0, 15.0, 60.0, 1200.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.skip_to(self.clock.now() + seconds)
        if self.runner is not None:
            self.turn()

    # --- what holds ---------------------------------------------------------------------------------------

    @invariant()
    def every_effect_was_intended_and_every_key_has_one_result(self) -> None:
        records = list(self.journal.read(STREAM))
        results = [r.key for r in records if r.type in ("change.resulted", "settlement.given", "decision.given")]
        assert len(results) == len(set(results)), "a key with two results"
        intents = {r.key for r in records if r.type == "change.intended"}
        assert {key for key, _ in self.world.sent} <= intents
        assert self.world.effects.keys() <= intents

    @invariant()
    def a_finished_run_knows_what_it_left_in_the_world(self) -> None:
        told = self.told
        if told.finished is not None and str(told.outcome) != "in_doubt":
            left = {path for path, on in self.world.on.items() if on}
            assert left <= {change.path for change in told.applied}

    def teardown(self) -> None:
        """The record verifies, and a machine that reads it stands where the last one stood."""
        assert all(verdict.ok for verdict in verify(self.journal))
        one, other = self.machines(), self.machines()
        for machine in (one, other):
            for record in self.journal.read(STREAM):
                if record.seq == 0:
                    machine.start(record.time)
                machine.take(record)
        assert standing(one) == standing(other)


NeverTwice.TestCase.settings = settings(max_examples=SCHEDULES, stateful_step_count=40, deadline=None)


@pytest.mark.fault(45, 65, 83)
class TestNeverTwice(NeverTwice.TestCase):
    """results, votes, aborts, crashes and settlements in any order"""
