"""Two runners, two approvers, crashes, runners that sleep through a takeover, and clocks that jump, in any order.

RUNBOOK_SCHEDULES says how many schedules are tried; a thousand, if nothing is said.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from runbook.core.commands import Apply, PlanChange, Wait
from runbook.core.history import History, history
from runbook.errors import Fenced
from runbook.hosts.clock import VirtualClock
from runbook.journal import Actor, Busy, Draft, Journal
from runbook.journal.verify import verify
from support.crash.histories import STREAM, Runner, World, begun
from support.crash.takeovers import RunsOut
from support.machines import T0, book, standing, starting
from support.policies import people

BOOK = book("""
resolution:
  - id: a
    when_not_helped: undo
    on_failure: undo
    approval: {required: 2, from: [sre]}
    steps: [{id: one, uses: turn}, {id: two, uses: turn}]
  - id: b
    approval: {from: [sre]}
    steps: [{id: three, uses: turn}]
""")
SCHEDULES = int(os.environ.get("RUNBOOK_SCHEDULES", "1000"))
RUNNERS = st.sampled_from(["first", "second"])
APPROVERS = st.sampled_from(["ann", "ben"])
CHANGED = st.sampled_from(["yes", "yes", "yes", "no", "partly", "absent", "unknown", "lost"])
JUMPS = st.sampled_from([0.0, 0.0, 0.0, 3.0, 1200.0, 86400.0, -3.0, -3600.0, -86400.0])


class TwoRunners(RuleBasedStateMachine):
    """`asleep`: runners whose claim has run out under them. Each process reads the time its way."""

    @initialize(helps=st.sampled_from(["pass", "fail", "fail"]), eager=st.sampled_from([True, True, True, False]))
    def start(self, helps: str, eager: bool) -> None:
        """`eager`: both approvers say yes at once, so that things happen to changes."""
        self.helps, self.eager = helps, eager
        self.world = World()
        self.store = RunsOut()
        self.time = T0
        self.machines = starting(BOOK)
        self.runners: dict[str, Runner] = {}
        self.clocks: dict[str, VirtualClock] = {}
        self.asleep: set[str] = set()
        self.resumes = False
        self.journal = begun(VirtualClock(T0), self.store)
        self.somebody_runs_it("first", 0.0, "ann")

    @rule(who=RUNNERS, jump=JUMPS, by=APPROVERS)
    def somebody_runs_it(self, who: str, jump: float, by: str) -> None:
        """In a process of its own, whose clock is off by so much."""
        if who in self.runners:
            return
        clock = VirtualClock(max(self.time, T0) + jump)
        journal = Journal(self.store, clock=clock.now)
        try:
            runner = Runner(journal, self.world, clock, self.machines(), people())
        except Busy:
            assert any(other not in self.asleep for other in self.runners), "nobody runs it, and it is busy"
            return
        assert all(other in self.asleep for other in self.runners), "two run it"
        self.runners[who], self.clocks[who] = runner, clock
        if runner.driver.replay() is not None:
            self.dies(who, acted=False)
            return
        if self.resumes:
            runner.driver.resumed({"by": by, "engine": "9.9.9"}, Actor(kind="person", id=by))
        self.resumes = True
        self.goes_on(who)

    @rule(who=RUNNERS, seen=st.sampled_from(["pass", "fail", "unknown", ""]))
    def it_goes_on(self, who: str, seen: str) -> None:
        if who in self.runners:
            self.goes_on(who, seen)

    def goes_on(self, who: str, seen: str = "") -> None:
        """Until only changes, gates and doubts are left. One that has slept is stopped before it sends anything."""
        runner, sent = self.runners[who], len(self.world.sent)
        try:
            for _ in range(12):
                if runner.turn() is not None:
                    self.dies(who, acted=False)
                    return
                if not self.flows(who, seen or self.helps) and not self.voted_at_once(who):
                    return
        except Fenced:
            assert who in self.asleep, "fenced, and nobody took over"
            assert len(self.world.sent) == sent, "sent after another may have taken over"
            self.dies(who, acted=False)

    def flows(self, who: str, seen: str) -> bool:
        runner = self.runners[who]
        reads = [key for key, (command, *_) in runner.hands.flying.items() if not isinstance(command, Apply)]
        for key in reads:
            runner.hands.answer(key, "same" if isinstance(runner.hands.flying[key][0], PlanChange) else seen)
        waits = [c.until for c in runner.driver.machine.pending.values() if isinstance(c, Wait)]
        if not reads and not runner.hands.flying and waits and min(waits) > self.clocks[who].now():
            self.time += min(waits) - self.clocks[who].now()
            self.clocks[who].skip_to(min(waits))
            return True
        return bool(reads)

    @rule(who=RUNNERS, how=CHANGED)
    def a_change_ends(self, who: str, how: str) -> None:
        runner = self.runners.get(who)
        if runner is None:
            return
        for key, (command, _, confirming) in list(runner.hands.flying.items()):
            if isinstance(command, Apply):
                if not confirming:
                    self.world.loose.discard(key)
                runner.hands.answer(key, how)
        self.goes_on(who)

    @rule(who=RUNNERS, acted=st.booleans())
    def a_runner_is_killed(self, who: str, acted: bool) -> None:
        if who in self.runners:
            self.dies(who, acted=acted)

    def dies(self, who: str, *, acted: bool) -> None:
        """What it had sent has taken effect, or never will."""
        runner = self.runners.pop(who)
        for command, _, confirming in runner.hands.flying.values():
            if isinstance(command, Apply) and not confirming:
                self.world.loose.discard(command.key)
                if acted:
                    self.world.acts(command)
        runner.lease.release()
        self.asleep.discard(who)

    @rule(who=RUNNERS)
    def a_runner_is_held_up(self, who: str) -> None:
        """It sleeps, its claim runs out, and what it has sent goes on without it."""
        runner = self.runners.get(who)
        if runner is None or who in self.asleep:
            return
        self.asleep.add(who)
        self.store.run_out(STREAM)
        flying = runner.hands.flying.values()
        self.world.loose |= {c.key for c, _, confirming in flying if isinstance(c, Apply) and not confirming}

    @rule(by=APPROVERS, both=st.booleans(), verdict=st.sampled_from(["grant", "grant", "grant", "grant", "deny"]))
    def somebody_votes(self, by: str, both: bool, verdict: str) -> None:
        """From a terminal of their own, whether anybody runs it or not."""
        for gate in self.told().open_gates:
            for person in ("ann", "ben") if both else (by,):
                data = {
                    "gate": gate.key,
                    "digest": gate.digest,
                    "verdict": verdict,
                    "reason": "x",
                    "break_glass": False,
                }
                with self.journal.writing(STREAM) as writer:
                    writer.append(Draft("vote.given", None, data, Actor(kind="person", id=person)), at=self.time)
        for who in sorted(self.runners.keys() - self.asleep):
            self.goes_on(who)

    def voted_at_once(self, who: str) -> bool:
        if not self.eager or who in self.asleep or not self.runners[who].driver.books.gates:
            return False
        return self.vote(("ann", "ben"), "grant")

    def vote(self, people: tuple[str, ...], verdict: str) -> bool:
        gates = self.told().open_gates
        for gate in gates:
            about = {"gate": gate.key, "digest": gate.digest, "break_glass": False}
            for person in people:
                draft = Draft(
                    "vote.given", None, {**about, "verdict": verdict, "reason": "so"}, Actor(kind="person", id=person)
                )
                with self.journal.writing(STREAM) as writer:
                    writer.append(draft, at=self.time)
        return bool(gates)

    @rule()
    def the_doubts_are_settled(self) -> None:
        """By somebody who looks, once nothing of it can happen any more."""
        for key in list(self.told().doubts):
            if key in self.world.loose:
                continue
            there = bool(self.world.effects.get(key))
            if not there:
                self.world.proven |= {(key, n) for n in (1, 2, 3)}
            data = {"as": "applied" if there else "not_applied", "reason": "I looked", "by": "ben"}
            with self.journal.writing(STREAM) as writer:
                writer.append(Draft("settlement.given", key, data, Actor(kind="person", id="ben")))
        for who in sorted(self.runners.keys() - self.asleep):
            self.goes_on(who)

    @rule(seconds=st.sampled_from([1.0, 60.0, 1200.0, 86400.0]))
    def time_passes(self, seconds: float) -> None:
        self.time += seconds
        for clock in self.clocks.values():
            clock.skip_to(clock.now() + seconds)

    def told(self) -> History:
        return history(self.journal.read(STREAM))

    # --- what holds ---------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Nothing twice is held by the world at once; here, what the record says of it all."""
        for who in list(self.runners):
            self.dies(who, acted=True)
        assert all(verdict.ok for verdict in verify(self.journal))
        records = list(self.journal.read(STREAM))
        assert [r.epoch for r in records if r.epoch] == sorted(r.epoch for r in records if r.epoch)
        assert [r.at for r in records] == sorted(r.at for r in records)
        results = [r.key for r in records if r.type in ("change.resulted", "settlement.given", "decision.given")]
        assert len(results) == len(set(results)), "a key with two results"
        assert {key for key, _ in self.world.sent} <= {r.key for r in records if r.type == "change.intended"}
        self.gates_opened_as_their_terms_say(records)
        one, other = self.machines(), self.machines()
        for record in records:
            for machine in (one, other):
                if record.seq == 0:
                    machine.start(record.time)
                machine.take(record)
        assert standing(one) == standing(other)

    def gates_opened_as_their_terms_say(self, records: list) -> None:
        """As many different people as required said yes to exactly this, and none of them no."""
        for decision in (r for r in records if r.type == "decision.given" and r.data["verdict"] == "granted"):
            opened = next(r for r in records if r.type == "gate.opened" and r.key == decision.key)
            votes = [
                r
                for r in records[: decision.seq]
                if r.type == "vote.given" and (r.data["gate"], r.data["digest"]) == (opened.key, opened.data["digest"])
            ]
            granted = {vote.actor.id for vote in votes if vote.data["verdict"] == "grant"}
            assert len(granted) >= opened.data["terms"]["required"], f"{opened.key} opened for {granted}"


TwoRunners.TestCase.settings = settings(
    max_examples=SCHEDULES,
    stateful_step_count=20,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.fault(44, 45, 46, 51, 83, 86, 88)
class TestTwoRunners(TwoRunners.TestCase):
    """two runners and two approvers in any order"""
