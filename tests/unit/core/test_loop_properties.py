"""Loops over lists that change, in worlds that fail now and then: what always holds of them, replayed anywhere."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.core.addresses import whole
from runbook.core.commands import Apply, Approve
from support.machines import T0, Play, Script, Start, book, standing, starting

NAMES = st.lists(st.sampled_from("vwxyz"), max_size=4, unique=True)
LISTED = NAMES.map(lambda names: {"value": 1, "rows": [{"name": name} for name in names]})
APPLIED = st.sampled_from(["yes", "yes", "yes", "yes", "no", "partly", "precondition", "doubt", "absent"])
PLANS = st.sampled_from([{}, {}, {}, {}, {}, {"was": 5}, "nothing", "refused"])
GRANTS = st.sampled_from([0.0, 5.0, 20.0, 1e9]).map(
    lambda held: lambda n: {"verdict": "granted", "until": T0 + n * held}
)
OF_A_STEP = """
triage: [{id: lamps, uses: look}]
resolution:
  - id: one
    on_failure: undo
    when_not_helped: undo
    steps:
      - id: swap
        uses: turn
        for_each: {items: steps.lamps.rows, key: item.name%s}
      - {id: last, uses: turn}
"""
OF_AN_OPTION = """
triage: [{id: lamps, uses: look}]
resolution:
  - id: one
    on_failure: undo
    for_each: {items: steps.lamps.rows, key: item.name%s}
    steps: [{id: swap, uses: turn}, {id: lit, uses: look, expect: value == 1}, {id: clean, uses: turn}]
"""
WORDS = [
    "",
    ", on_failure: continue",
    ", order_by: item.name",
    ", between: [{id: calm, uses: look, expect: value == 1}]",
]


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """A run of a loop to its end; people settle every doubt."""
    words = "".join(draw(st.lists(st.sampled_from(WORDS), max_size=3, unique=True)))
    start: Start = starting(book(draw(st.sampled_from([OF_A_STEP, OF_AN_OPTION])) % words))
    first = draw(LISTED)
    others = st.lists(st.just(first) | LISTED, max_size=3)
    script = Script(
        seen={"lamps": [first, *draw(others)], "*": [*draw(st.lists(st.sampled_from([1, 1, 1, 0]), max_size=4)), 1]},
        plans={"*": [*draw(st.lists(PLANS, max_size=9)), {}]},
        applied={"*": [*draw(st.lists(APPLIED, max_size=9)), "yes"]},
        gates={"one": draw(GRANTS)},
        answers={"verification": "fail"},
        takes={"apply": draw(st.sampled_from([0.0, 7.0]))},
    )
    run = Play(start, script).run()
    while run.machine.doubts and not run.machine.done:
        key = next(iter(run.machine.doubts))
        said = draw(st.sampled_from(["applied", "not_applied"]))
        run.say("settlement.given", key, **{"as": said, "by": "ann", "reason": "seen"})
        run.run()
    return run


loops = given(plays())
often = settings(max_examples=80, deadline=None)


@loops
@often
def test_a_loop_that_is_taken_over_anywhere_goes_on_as_it_would_have(run: Play) -> None:
    """From a replay of any part of its log the same commands stand, and its end is the same."""
    machine = run.start()
    machine.start(T0)
    for count, record in enumerate(run.records):
        machine.take(record)
        if count % 5 == 0:
            assert standing(run.replayed(count + 1)[0]) == standing(machine)
    assert machine.done
    assert machine.value == run.machine.value


@loops
@often
def test_no_item_is_changed_twice_and_each_only_as_it_was_approved(run: Play) -> None:
    """What is said to have been applied is never sent again; what is sent stood at the gate whose grant it names."""
    came: Counter[str] = Counter()
    for record in run.records:
        touched = record.data.get("applied") in ("yes", "partly") or record.data.get("as") == "applied"
        if record.type in ("change.resulted", "settlement.given") and touched and ":apply#" in str(record.key):
            came[str(record.key).rsplit(":", 1)[0]] += 1
    assert all(count == 1 for count in came.values()), came
    for sent in run.all(Apply):
        gate = run.of(sent.grant)
        assert isinstance(gate, Approve)
        if sent.undoes is None:
            assert (sent.path, sent.change.digest) in [(p.path, p.change.digest) for p in gate.changes]


@loops
@often
def test_nothing_is_sent_of_a_list_that_is_another_one_by_then(run: Play) -> None:
    """What is first sent of a loop stands in the list that was seen last, and so does all that was approved with it."""
    keys: list[str] = []
    for record in run.records:
        if record.type == "step.observed" and str(record.key).startswith("triage/lamps:"):
            keys = [row["name"] for row in record.data["output"]["rows"]]
        elif record.type == "change.intended" and "[" in str(record.key) and ":apply#" in str(record.key):
            [gate] = [run.of(sent.grant) for sent in run.all(Apply) if sent.key == record.key]
            asked = [p.path.split("[")[1].rstrip("]") for p in gate.changes if "[" in p.path]
            assert set(asked) <= set(keys)
            assert whole(str(record.key)).split("/")[-1].split(":")[0] in ("swap", "clean")
            return
