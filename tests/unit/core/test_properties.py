"""Random small runbooks in random worlds, their results in any order, with inputs at any time: what always holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.core.changes import Change
from runbook.core.commands import Apply, Approve
from runbook.core.machine import Machine
from runbook.core.words import Mode
from runbook.document.model import Runbook
from support.machines import FOREVER, T0, Play, Script, Start, Taken, book, plan_of, standing, starting

NAMES = st.lists(st.sampled_from("xyz"), max_size=3)  # a name may stand there twice, or the list be another one later
ROWS = NAMES.map(lambda names: {"value": 1, "rows": [{"name": name} for name in names]})
VERDICTS = st.sampled_from(["pass", "pass", "pass", "fail", "unknown", "unreadable"]) | ROWS
KIND = st.sampled_from(["turn", "roll", "look", "ping", "manual.do"])
PLANS = st.sampled_from(
    ["nothing", "refused", "forbidden", "error", *[{"was": n, "target": t} for n in (0, 1) for t in "lm"] * 2]
)
APPLIED = st.sampled_from(["yes", "yes", "yes", "no", "partly", "precondition", "doubt", "absent"])
GATES = st.sampled_from(
    ["granted", "granted", "granted", "denied", "expired", "skipped", "blocked", {"verdict": "granted", "until": 0}]
)
DELAYS = st.sampled_from([0.0, 0.0, 1.0, 7.0, 60.0, 400.0])
EVIDENCE = plan_of("timeout: 1m\nitems: [{id: logs, uses: look}, {id: pods, uses: look}]\n")


LOOPS = [
    ", for_each: {{items: [a, b]}}",
    ", for_each: {{items: [a, b, c], on_failure: continue, between: [{{id: {}, uses: ping}}]}}",
    ", for_each: {{items: steps.tri.rows, key: item.name}}",
    ", for_each: {{items: steps.tri.rows, key: item.name, on_failure: continue, order_by: item.name}}",
]


@st.composite
def steps(draw: st.DrawFn, option: int, repeated: bool) -> str:
    """One to four steps, changes of two targets and loops among them; a later one may name an earlier one."""
    lines = []
    for n in range(draw(st.integers(1, 4))):
        kind = draw(KIND)
        inputs: dict[str, str] = {"manual.do": {"text": "x"}}.get(kind, {})
        if n and kind in ("turn", "roll") and draw(st.integers(0, 3)) == 0:
            inputs = {"to": f"'{{{{ steps.s{option}{n - 1}.status }}}}'"}
        extra = draw(st.sampled_from(["", "", ", on_failure: continue", ", when: steps.tri.value == 1"]))
        words = ", ".join(f"{key}: {value}" for key, value in inputs.items())
        each = "" if repeated else draw(st.sampled_from(["", "", *LOOPS])).format(f"b{option}{n}")
        lines.append(f"      - {{id: s{option}{n}, uses: {kind}, with: {{{words}}}{extra}{each}}}\n")
    return "".join(lines)


@st.composite
def books(draw: st.DrawFn) -> Runbook:
    """A runbook with everything that makes its order interesting."""
    text = "symptoms: [{id: dark, uses: look, expect: value}, {alert: LampDark}]\n"
    text += "triage: [{id: tri, uses: look}, {id: two, uses: look, with: {of: '{{ steps.tri.value }}'}}]\n"
    text += (
        "communication: [{at: start, to: t, text: x}, {every: 1m, to: t, text: x}, {at: finished, to: t, text: x}]\n"
    )
    text += "escalation: {to: ops, after: 5m}\nevidence: kept\nresolution:\n"
    for n in range(draw(st.integers(1, 3))):
        words = draw(st.sampled_from(["", "    settle: 1m\n", "    when: steps.two.value == 1\n"]))
        words += draw(st.sampled_from(["", "    on_failure: undo\n", "    when_not_helped: undo\n"]))
        loop = draw(st.sampled_from(["", "", *LOOPS])).format(f"b{n}").removeprefix(", ")
        words += f"    {loop}\n" if loop else ""
        text += f"  - id: o{n}\n{words}    steps:\n{draw(steps(n, bool(loop)))}"
    hold = draw(st.sampled_from(["", "hold: 15s, "]))
    text += f"verification: {{within: 1m, {hold}checks: [{{id: works, uses: look, expect: value == 1}}]}}\n"
    return book(text + "finally: [{id: bye, uses: look}]\n")


def answered(draw: st.DrawFn, what: st.SearchStrategy[Any]) -> dict[str, Any]:
    """What is said the first times, and from then on."""
    return {"*": draw(st.lists(what, min_size=1, max_size=6))}


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """A world, and people in it who always answer; results come in the order that their delays make."""
    delays = {
        name: draw(DELAYS)
        for name in ("observe", "plan", "approve", "apply", "undo", "ask", "announce", "page", "preserve", "triage/tri")
    }
    inputs = [
        (at, type_, {"alert": {"labels": {"alertname": "LampDark"}}} if type_ == "alert.joined" else {})
        for at, type_ in draw(
            st.lists(
                st.tuples(st.floats(0, 900), st.sampled_from(["abort.requested", "run.resumed", "alert.joined"])),
                max_size=3,
            )
        )
    ]
    answers = {
        "symptoms": draw(st.sampled_from(["yes", "no"])),
        "when": draw(st.sampled_from(["try", "skip"])),
        "verification": [*draw(st.lists(st.just("extend"), max_size=2)), draw(st.sampled_from(["pass", "fail"]))],
        "manual": draw(st.sampled_from(["done", "failed", "expired"])),
    }
    return Script(
        seen=answered(draw, VERDICTS),
        arrives=answered(draw, st.sampled_from(["pass", "pass", "fail", "unknown"])),
        plans=answered(draw, PLANS),
        undoing=answered(draw, st.sampled_from(["same", "same", "nothing", "refused", {"was": 9}])),
        applied={"*": [*draw(st.lists(APPLIED, max_size=6)), "yes"]},
        undone={"*": [*draw(st.lists(APPLIED, max_size=4)), "yes"]},
        gates=answered(draw, GATES),
        answers=answers,
        kept=answered(draw, st.sampled_from(["preserved", "missing"])),
        takes=delays,
        inputs=inputs,
    )


@st.composite
def starts(draw: st.DrawFn) -> Start:
    """Machines of a random runbook, in each mode."""
    mode = draw(st.sampled_from([Mode.BY_HAND, Mode.BY_HAND, Mode.AUTO, Mode.DRY]))
    alert = draw(st.sampled_from([None, {"labels": {"alertname": "LampDark"}}]))
    return starting(draw(books()), mode=mode, alert=alert, evidence=draw(st.sampled_from([None, EVIDENCE])))


def to_its_end(start: Start, script: Script) -> Play:
    """Run until nothing is left to answer; people settle every doubt that holds the run up."""
    run = Play(start, script).run()
    while run.machine.doubts and not run.machine.done:
        key = next(iter(run.machine.doubts))
        said = "applied" if len(run.records) % 2 else "not_applied"
        run.say("settlement.given", key, **{"as": said, "by": "ann", "reason": "seen"})
        run.run()
    return run


runs = given(starts(), scripts())
often = settings(max_examples=60, deadline=None)


def walked(run: Play) -> Iterator[tuple[Taken | None, Machine, list[Any]]]:
    """The run once more, record by record: the machine as it is after each, and what it handed out then."""
    machine = run.start()
    yield None, machine, machine.start(run.records[0].time)
    for record in run.records:
        yield record, machine, machine.take(record)


@runs
@often
def test_a_run_ends_when_every_command_is_answered(start: Start, script: Script) -> None:
    """Nobody is left waiting, whatever the world says and in which order."""
    run = to_its_end(start, script)
    assert run.machine.done
    assert run.pending() == []


@runs
@often
def test_replaying_any_part_of_a_log_gives_what_was_asked_then(start: Start, script: Script) -> None:
    """The same commands with the same digests, handed out and pending, after every record."""
    run = to_its_end(start, script)
    stood, handed_out = [], []
    for _, machine, out in walked(run):
        stood.append(standing(machine))
        handed_out += [(command.key, command.digest) for command in out]
    assert handed_out == [(command.key, command.digest) for command in run.log]
    for count in range(0, len(run.records), 1 + len(run.records) // 8):
        machine, _ = run.replayed(count)
        assert standing(machine) == stood[count]


@runs
@often
def test_a_run_that_is_taken_over_anywhere_ends_as_it_would_have(start: Start, script: Script) -> None:
    """From a replayed half, the rest of the log fits to its last record."""
    run = to_its_end(start, script)
    half = len(run.records) // 2
    machine, _ = run.replayed(half)
    for record in run.records[half:]:
        machine.take(record)
    assert machine.value == run.machine.value


@pytest.mark.fault(65)
@runs
@often
def test_nothing_is_applied_after_an_abort_and_nothing_twice(start: Start, script: Script) -> None:
    """Neither the next change nor one proven absent; no key is ever handed out again."""
    run = to_its_end(start, script)
    aborted = False
    for record, machine, out in walked(run):
        if record is not None and record.type == "abort.requested" and not machine.situation.closing:
            aborted = True
        aborted = aborted or machine.aborting
        assert not (aborted and any(isinstance(command, Apply) for command in out))
    assert len({command.key for command in run.log}) == len(run.log)
    intents = [record.key for record in run.records if record.type == "change.intended"]
    absent = [record.key for record in run.records if record.data.get("found") == "not_applied"]
    assert all(intents.count(key) <= 1 + absent.count(key) for key in set(intents))


@pytest.mark.fault(44, 46)
@runs
@often
def test_every_change_is_one_that_was_granted_and_whose_grant_still_held(start: Start, script: Script) -> None:
    """The gate showed this digest, or for an undo the digest of the change that it takes back."""
    run = to_its_end(start, script)
    granted: dict[str, float] = {}
    for record, machine, out in walked(run):
        if record is not None and record.type == "decision.given" and record.data["verdict"] == "granted":
            granted[record.key or ""] = record.data["until"]
        for command in out:
            if isinstance(command, Apply):
                gate = run.of(command.grant or "")
                assert isinstance(gate, Approve)
                covers = covered(gate)
                assert command.change.digest in covers
                assert granted[gate.key] >= machine.now or command.change.digest in undos(gate)


def covered(gate: Approve) -> set[str]:
    """Digests that a yes at this gate is for."""
    return {proposal.change.digest for proposal in gate.changes} | undos(gate)


def undos(gate: Approve) -> set[str]:
    """Digests of the undos that were shown with the changes of this gate."""
    changes: list[Change] = [proposal.change for proposal in gate.changes]
    return {change.undo.digest for change in changes if change.undo is not None}


@runs
@often
def test_changes_are_made_one_after_the_other(start: Start, script: Script) -> None:
    """Never two at once in a run, and so never two of one target."""
    for _, machine, _ in walked(to_its_end(start, script)):
        assert sum(isinstance(command, Apply) for command in machine.pending.values()) <= 1


@runs
@often
def test_a_dry_run_changes_nothing_and_time_never_goes_back(start: Start, script: Script) -> None:
    """No change, gate, question, message or page in a dry run."""
    run = to_its_end(start, script)
    if run.machine.situation.mode is Mode.DRY:
        assert run.did("apply", "undo", "approve", "ask", "announce", "page", "preserve", "wait") == []
    assert all(one.time <= other.time for one, other in pairwise(run.records))


@pytest.mark.fault(44)
@pytest.mark.parametrize("until", [0.0, T0 + FOREVER])
def test_what_was_granted_too_long_ago_is_never_sent(until: float) -> None:
    """The last case of the property above, by itself."""
    body = "resolution: [{id: one, steps: [{id: a, uses: turn}]}]\nverification: {checks: [{id: w, uses: ping}]}\n"
    run = Play(starting(book(body)), Script(gates={"one": {"verdict": "granted", "until": until}})).run()
    assert bool(run.sent()) is bool(until)
