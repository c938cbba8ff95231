from __future__ import annotations

from typing import Any

import pytest

from runbook.core.commands import PlanChange
from runbook.core.words import Mode
from support.machines import Script, play

LAMPS = [{"name": "a", "rank": 2}, {"name": "b", "rank": 1}, {"name": "c", "rank": 1}]
SEEN = {"dark": 9, "lamps": {"rows": LAMPS}}


def each(words: str = "", *, step: str = "", more: str = "", option: str = "") -> str:
    """A runbook whose only option turns each lamp of `steps.lamps.rows`; more words for the loop and its step."""
    return f"""
symptoms: [{{id: dark, uses: look, expect: value > 5}}]
triage: [{{id: lamps, uses: look}}]
resolution:
  - id: one
{option}    steps:
      - id: swap
        uses: turn
{step}        with: {{to: "{{{{ lamp.name }}}}", target: "{{{{ lamp.name }}}}"}}
        for_each: {{items: steps.lamps.rows, as: lamp, key: lamp.name{words}}}
{more}"""


BETWEEN = ", between: [{id: lit, uses: look, expect: value == 1}]"
GO_ON = ", on_failure: continue"


def ran(body: str, **script: Any) -> Any:
    return play(body, Script(seen=SEEN | script.pop("seen", {}), **script))


def order(run: Any, *verbs: str) -> list[str]:
    return [key.removeprefix("resolution/one/") for key in run.did(*verbs) if key.startswith("resolution/one/")]


# --- one gate, one by one -----------------------------------------------------------------------------------------


def test_every_item_is_a_change_of_its_own_all_at_one_gate_applied_in_order() -> None:
    """Each with its key in its id and its address, planned once more just before it is sent."""
    run = ran(each())
    [gate] = [command for command in run.log if command.verb == "approve"]
    assert [(p.path, p.change.target.name) for p in gate.changes] == [
        (f"resolution/one/swap[{key}]", key) for key in "abc"
    ]
    assert order(run, "apply") == ["swap[a]:apply#1", "swap[b]:apply#1", "swap[c]:apply#1"]
    assert [plan.id for plan in run.all(PlanChange)] == [f"swap[{key}]" for key in "abcabc"]
    assert run.outcome == "resolved"


def test_a_step_with_a_title_says_which_item_it_is_about() -> None:
    """At the gate three lines must not look the same."""
    run = ran(each(step="        title: Swap\n"))
    assert [plan.title for plan in run.all(PlanChange)][:3] == ["Swap [a]", "Swap [b]", "Swap [c]"]


def test_order_by_puts_smaller_ranks_first_and_leaves_equals_as_they_came() -> None:
    """Stable, so that a leader can be last."""
    assert order(ran(each(", order_by: lamp.rank")), "apply") == [f"swap[{key}]:apply#1" for key in "bca"]


def test_another_list_is_another_gate_digest() -> None:
    """An approval of three is not one of two."""
    gates = [ran(each(), seen={"lamps": {"rows": rows}}).of("resolution/one:approve#1") for rows in (LAMPS, LAMPS[:2])]
    assert gates[0].gate_digest != gates[1].gate_digest


def test_an_empty_list_leaves_the_step_out_and_says_so() -> None:
    """There is nothing to do, and nobody is asked."""
    run = ran(each(), seen={"lamps": {"rows": []}})
    assert run.notes("resolution/one/swap")[0]["reason"] == "nothing to do: 'items' is an empty list"
    assert (run.ends(), run.did("approve")) == ({"one": "nothing_to_do"}, [])


LISTS = [
    ({"rows": [{"name": f"l{n}"} for n in range(21)]}, "swap: 'items' has 21 items, and 'max' is 20"),
    ({"rows": [{"name": "a"}] * 10_001}, "swap: 'items' has 10,001 entries, which is more than 10,000"),
    ({"rows": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}, "swap: items 1 and 3 have the same key, 'a'"),
    ({"rows": [{"name": "a"}, {}]}, "swap: item 2 has no key: "),
    ({"rows": [{"name": "a b"}]}, "swap: item 1: the key 'a b' has a character that is none of"),
    ({"rows": [{"name": "é"}]}, "swap: item 1: the key 'é' has a character that is none of"),
    ({"rows": [{"name": "a" * 121}]}, f"swap: item 1: the key '{'a' * 40}…' is longer"),
    ({"rows": [{"name": ""}]}, "swap: item 1: a key is empty"),
    ({"rows": [{"name": True}]}, "swap: item 1: a key is text or a number"),
    ({"rows": None}, "swap: 'items' is null, not a list"),
    ({"rows": {"a": 1}}, "swap: 'items' is a map, not a list"),
]  # fmt: skip


@pytest.mark.parametrize(("lamps", "reason"), LISTS, ids=[reason[6:40] for _, reason in LISTS])
def test_a_list_that_cannot_be_gone_through_ends_the_option_before_anything_is_done(lamps: Any, reason: str) -> None:
    """Nothing is cut off, renamed or guessed."""
    run = ran(each(), seen={"lamps": lamps})
    assert run.ends() == {"one": "failed"}
    assert run.notes("resolution/one")[0]["reason"].startswith(reason)
    assert run.did("plan", "approve", "apply") == []


def test_a_list_that_cannot_be_told_ends_the_option_and_auto() -> None:
    """Silence is not an empty list."""
    run = ran(each(), seen={"lamps": "unreadable"})
    assert run.notes("resolution/one")[0]["reason"] == "swap: cannot tell its items: step lamps failed"
    assert run.machine.value.outcome == "not_resolved"


def test_a_when_that_does_not_name_the_item_decides_before_the_list_is_made() -> None:
    """Else a guard against a list that is not there would guard nothing."""
    run = ran(each(step='        when: "steps.lamps.value == 5"\n'), seen={"lamps": {"value": 1, "rows": None}})
    assert run.notes("resolution/one/swap")[0]["reason"] == "when: steps.lamps.value == 5"
    assert run.ends() == {"one": "nothing_to_do"}


def test_a_when_that_names_the_item_decides_for_each() -> None:
    """The others stand neither at the gate nor in the way."""
    assert order(ran(each(step="        when: lamp.rank == 1\n")), "apply") == ["swap[b]:apply#1", "swap[c]:apply#1"]


def test_an_item_with_nothing_to_do_is_left_out_and_the_others_go_on() -> None:
    """As every change that has nothing to do."""
    run = ran(each(), plans={"swap[b]": "nothing"})
    assert order(run, "apply") == ["swap[a]:apply#1", "swap[c]:apply#1"]


# --- the list once more -------------------------------------------------------------------------------------------


def test_the_list_is_made_again_just_before_the_first_change() -> None:
    """From what its steps see then; once, not before each item."""
    run = ran(each())
    assert run.did("observe").count("triage/lamps:observe#2") == 1
    assert "triage/lamps:observe#3" not in run.did("observe")
    log = run.did("observe", "apply")
    assert log.index("triage/lamps:observe#2") < log.index("resolution/one/swap[a]:apply#1")


@pytest.mark.parametrize(
    ("rows", "said", "sent"),
    [
        (LAMPS[:2], "c went", "ab"),
        ([*LAMPS, {"name": "d", "rank": 1}], "d came", "abcd"),
        ([LAMPS[0], {"name": "x", "rank": 1}, {"name": "y", "rank": 1}], "x and y came, b and c went", "axy"),
        (LAMPS[::-1], "the order is now c, b, a", "cba"),
    ],
)
def test_another_list_by_then_voids_the_approval_and_the_gate_opens_again(rows: Any, said: str, sent: str) -> None:
    """It says what came and went; what was approved and is not there is not sent."""
    run = ran(each(), seen={"lamps": [{"rows": LAMPS}, {"rows": rows}]})
    assert run.of("resolution/one:approve#2").changed == said
    assert run.of("resolution/one:approve#2").attempt == 2
    assert order(run, "apply") == [f"swap[{key}]:apply#1" for key in sent]


def test_a_list_that_is_another_one_each_time_ends_the_option_as_stale() -> None:
    """Three times at most, and nothing was done."""
    run = ran(each(), seen={"lamps": lambda n: {"rows": [{"name": f"l{n}"}]}})
    assert (run.ends(), run.sent(), len(run.did("approve"))) == ({"one": "stale"}, [], 3)


def test_a_list_that_nobody_can_tell_by_then_ends_the_option() -> None:
    """What cannot be looked at again is not what was approved."""
    run = ran(each(), seen={"lamps": [{"rows": LAMPS}, "unreadable"]})
    assert (run.ends(), run.sent()) == ({"one": "failed"}, [])


def test_an_item_that_is_otherwise_by_then_is_another_change() -> None:
    """Items are taken as they are seen then; what of them stands in a change stands in its digest."""
    body = each().replace('to: "{{ lamp.name }}"', 'to: "{{ lamp.rank }}"')
    run = ran(body, seen={"lamps": [{"rows": LAMPS}, {"rows": [LAMPS[0] | {"rank": 7}, *LAMPS[1:]]}]})
    assert "'to' was" in run.of("resolution/one:approve#2").changed or run.of("resolution/one:approve#2").changed
    assert run.of("resolution/one/swap[a]:apply#1").change.inputs["to"] == 7


def test_what_is_left_of_a_loop_is_asked_for_again_without_what_was_done() -> None:
    """The second lamp moved while the first was swapped."""
    moved = [{}, {"was": 3}]
    run = ran(each(), plans={"swap[b]": moved})
    assert [p.path for p in run.of("resolution/one:approve#2").changes] == [
        "resolution/one/swap[b]",
        "resolution/one/swap[c]",
    ]
    assert order(run, "apply") == [f"swap[{key}]:apply#1" for key in "abc"]
    assert "triage/lamps:observe#3" not in run.did("observe")


def test_a_loop_that_outlasts_its_approvals_is_asked_for_as_long_as_it_gets_on() -> None:
    """Five items of ten minutes under grants of fifteen are not a world that moved three times."""
    rows = [{"name": name} for name in "abcde"]
    gate = lambda n: {"verdict": "granted", "until": 1_800_000_000.0 + n * 600 - 300}  # noqa: E731
    run = ran(each(), seen={"lamps": {"rows": rows}}, gates={"one": gate}, takes={"apply": 600.0})
    assert order(run, "apply") == [f"swap[{key}]:apply#1" for key in "abcde"]
    assert run.outcome == "resolved"


# --- between ------------------------------------------------------------------------------------------------------


def test_what_stands_between_is_looked_at_after_each_item_but_the_last() -> None:
    """Under the address of the item before it."""
    assert order(ran(each(BETWEEN)), "observe", "apply") == [
        "swap[a]:apply#1",
        "swap[a]/lit:observe#1",
        "swap[b]:apply#1",
        "swap[b]/lit:observe#1",
        "swap[c]:apply#1",
        "verification/works:observe#1",
    ]


@pytest.mark.parametrize("words", ["", GO_ON])
def test_one_that_does_not_pass_stops_the_loop(words: str) -> None:
    """Whatever a failed item would mean."""
    run = ran(each(BETWEEN + words), seen={"lit[b]": 0, "lit": [1, 0]})
    assert order(run, "apply") == ["swap[a]:apply#1", "swap[b]:apply#1"]
    assert (run.ends(), run.notes("resolution/one")[0]["reason"]) == ({"one": "failed"}, "lit[b]: fail")


def test_it_sees_the_item_and_what_came_of_it() -> None:
    """`steps.swap` is this item's there."""
    body = each(", between: [{id: lit, uses: look, expect: steps.swap.status == 'succeeded' and lamp.rank > 0}]")
    assert order(ran(body), "apply") == [f"swap[{key}]:apply#1" for key in "abc"]


# --- failures -----------------------------------------------------------------------------------------------------


def test_an_item_that_fails_stops_the_loop_and_the_option() -> None:
    """What was applied follows the option's `on_failure`, newest first."""
    run = ran(each(option="    on_failure: undo\n"), applied={"swap[b]": "partly"})
    assert [key.removeprefix("resolution/one/") for key in run.sent()] == [
        "swap[a]:apply#1", "swap[b]:apply#1", "swap[b]:undo#1", "swap[a]:undo#1",
    ]  # fmt: skip
    assert run.notes("resolution/one")[0]["reason"] == "swap[b]: exit 1"


def test_with_continue_the_others_are_tried_and_the_option_fails_at_the_end() -> None:
    """It names who failed."""
    run = ran(each(GO_ON), applied={"swap[a]": "no", "swap[b]": "partly"})
    assert order(run, "apply") == [f"swap[{key}]:apply#1" for key in "abc"]
    assert run.notes("resolution/one")[0]["reason"] == "swap: 2 of 3 items failed: a, b"


def test_a_step_that_may_fail_lets_the_option_go_on_after_its_loop_stopped() -> None:
    """`on_failure` of the loop is about items, that of the step about the whole."""
    more = """      - {id: last, uses: turn, when: "steps.swap.failed == ['b']"}\n"""
    run = ran(each(step="        on_failure: continue\n", more=more), applied={"swap[b]": "partly"})
    assert order(run, "apply") == ["swap[a]:apply#1", "swap[b]:apply#1", "last:apply#1"]
    assert run.notes("resolution/one/swap[c]")[0]["reason"] == "the loop stopped: swap[b]: exit 1"


def test_what_is_unknown_ends_the_option_even_where_it_continues() -> None:
    """Nothing else is applied while something cannot be told, and nothing is undone."""
    run = ran(each(GO_ON), plans={"swap[b]": [{}, "error"]})
    assert (order(run, "apply"), run.ends()) == (["swap[a]:apply#1"], {"one": "failed"})


def test_a_change_that_is_proven_not_sent_is_sent_again_and_the_others_wait() -> None:
    """As every change; its place in the order stays."""
    run = ran(each(), applied={"swap[b]": ["precondition", "yes"]})
    assert order(run, "apply") == ["swap[a]:apply#1", "swap[b]:apply#1", "swap[b]:apply#2", "swap[c]:apply#1"]


# --- what others see of it ----------------------------------------------------------------------------------------

TOLD = """      - {id: told, uses: turn, with: {to: ["{{ steps.swap.status }}", "{{ steps.swap.results }}"]}}
"""


def test_afterwards_the_whole_has_results_and_those_that_failed() -> None:
    """By key, each with its own status, verdict and outputs; of what failed the output is null."""
    body = each(GO_ON, step="        on_failure: continue\n", more=TOLD)
    outcome = {"applied": "yes", "output": {"value": 5}}
    run = ran(body, applied={"swap[a]": outcome, "swap[b]": "partly", "told": "yes"}, plans={"swap[c]": "nothing"})
    status, results = run.of("resolution/one/told:apply#1").change.inputs["to"]
    assert status == "failed"
    assert results == [
        {"key": "a", "status": "succeeded", "verdict": None, "output": {"value": 5}},
        {"key": "b", "status": "failed", "verdict": None, "output": None},
        {"key": "c", "status": "skipped", "verdict": None, "output": None},
    ]


def test_a_change_that_names_a_loop_or_is_listed_from_one_is_a_stage_of_its_own() -> None:
    """It cannot be planned before."""
    run = ran(each(more=TOLD))
    assert [gate.later for gate in run.log if gate.verb == "approve"] == [("told",), ()]


# --- steps that change nothing, and triage ------------------------------------------------------------------------

PROBES = (
    "      - {id: lit, uses: look, expect: value == 1, for_each: {items: [a, b, c]%s}}\n      - {id: z, uses: turn}\n"
)


@pytest.mark.parametrize(("words", "looked", "ended"), [("", "ab", "failed"), (GO_ON, "abc", "failed")])
def test_a_probe_of_an_option_is_repeated_in_its_place(words: str, looked: str, ended: str) -> None:
    """Its items that do not pass fail, as the step would."""
    body = "resolution:\n  - id: one\n    steps:\n" + PROBES % words
    run = ran(body, seen={"lit[b]": 0})
    assert order(run, "observe") == [f"lit[{key}]:observe#1" for key in looked]
    assert (run.ends(), run.sent()) == ({"one": ended}, [])


def test_a_manual_step_is_asked_for_each_item() -> None:
    """Question after question."""
    step = "{id: pull, uses: manual.do, with: {text: 'pull {{ item }}'}, for_each: {items: [a, b]}}"
    run = ran(f"resolution: [{{id: one, steps: [{step}]}}]\n")
    assert [ask.question for ask in run.log if ask.verb == "ask"] == ["pull a", "pull b"]


def test_a_triage_probe_is_repeated_and_others_wait_for_all_of_it() -> None:
    """One after the other; the whole has a verdict of all."""
    body = """
triage:
  - {id: lamps, uses: look}
  - {id: lit, uses: look, expect: value == 1, for_each: {items: steps.lamps.rows, key: item.name}}
  - {id: after, uses: look, when: "steps.lit.verdict == 'fail' and steps.lit.failed == ['b']"}
"""
    run = ran(body, seen={"lit[b]": 0})
    assert run.did("observe") == [
        "triage/lamps:observe#1", "triage/lit[a]:observe#1", "triage/lit[b]:observe#1", "triage/lit[c]:observe#1",
        "triage/after:observe#1",
    ]  # fmt: skip


def test_a_triage_list_that_cannot_be_gone_through_is_noted_and_the_run_goes_on() -> None:
    """Triage ends nothing."""
    lit = "{id: lit, uses: look, for_each: {items: [a], key: steps.lamps.value}}"
    run = ran(f"triage: [{{id: lamps, uses: look}}, {lit}]\n")
    assert run.notes("triage/lit")[0]["reason"] == "item 1 has no key: steps.lamps has no 'value'"
    assert run.outcome == "not_resolved"


# --- an option ----------------------------------------------------------------------------------------------------


def option(*steps: str, words: str = "", more: str = "") -> str:
    """An option that is repeated for each lamp."""
    listed = "".join(f"      - {step}\n" for step in steps)
    return f"""
symptoms: [{{id: dark, uses: look, expect: value > 5}}]
triage: [{{id: lamps, uses: look}}]
resolution:
  - id: one
{more}    for_each: {{items: steps.lamps.rows, as: lamp, key: lamp.name{words}}}
    steps:
{listed}"""


TURN = '{id: swap, uses: turn, with: {to: "{{ lamp.name }}"}}'
CLEAN = "{id: clean, uses: turn}"
LIT = "{id: lit, uses: look, expect: value == 1}"


def test_an_option_goes_through_all_its_steps_for_each_item() -> None:
    """At one gate, as far as nothing has to be seen first."""
    run = ran(option(TURN, LIT, CLEAN))
    assert len(run.of("resolution/one:approve#1").changes) == 6
    assert order(run, "apply", "observe")[:6] == [
        "swap[a]:apply#1", "lit[a]:observe#1", "clean[a]:apply#1",
        "swap[b]:apply#1", "lit[b]:observe#1", "clean[b]:apply#1",
    ]  # fmt: skip


def test_within_an_iteration_a_step_means_the_one_of_the_same_item() -> None:
    """What has to be seen first makes a stage for each item."""
    use = '{id: use, uses: turn, with: {to: "{{ steps.lit.value }}"}}'
    run = ran(option(LIT.replace(", expect: value == 1", ""), use), seen={"lit[a]": 1, "lit[b]": 2, "lit[c]": 3})
    assert [run.of(f"resolution/one/use[{key}]:apply#1").change.inputs["to"] for key in "abc"] == [1, 2, 3]
    assert len(run.did("approve")) == 3


def test_an_option_with_an_empty_list_has_nothing_to_do() -> None:
    """The next one is tried."""
    run = ran(option(TURN), seen={"lamps": {"rows": []}})
    assert run.ends() == {"one": "nothing_to_do"}


@pytest.mark.parametrize(("words", "sent"), [("", "ab"), (GO_ON, "abc")])
def test_an_item_that_fails_ends_the_option_or_only_the_item(words: str, sent: str) -> None:
    """With `continue`, its further steps are left out and the option fails at the end."""
    run = ran(option(TURN, CLEAN, words=words), applied={"swap[b]": "partly"})
    assert [key for key in order(run, "apply") if key.startswith("swap")] == [f"swap[{key}]:apply#1" for key in sent]
    assert "clean[b]:apply#1" not in order(run, "apply")
    assert run.ends() == {"one": "failed"}


def test_a_list_of_an_option_is_made_again_before_its_first_change() -> None:
    """Another one, and everything is planned and asked for anew."""
    run = ran(option(TURN), seen={"lamps": [{"rows": LAMPS}, {"rows": LAMPS[1:]}]})
    assert run.of("resolution/one:approve#2").changed == "a went"
    assert order(run, "apply") == ["swap[b]:apply#1", "swap[c]:apply#1"]


def test_between_the_items_of_an_option_probes_stand_too() -> None:
    """As a last step of each item but the last."""
    run = ran(option(TURN, CLEAN, words=", between: [{id: ok, uses: look, expect: value == 1}]"))
    assert [key for key in order(run, "apply", "observe") if "verification" not in key] == [
        "swap[a]:apply#1", "clean[a]:apply#1", "ok[a]:observe#1",
        "swap[b]:apply#1", "clean[b]:apply#1", "ok[b]:observe#1",
        "swap[c]:apply#1", "clean[c]:apply#1",
    ]  # fmt: skip


def test_a_list_of_an_option_that_cannot_be_gone_through_ends_it() -> None:
    """As that of a step."""
    run = ran(option(TURN), seen={"lamps": {"rows": [{"name": "a"}, {"name": "a"}]}})
    assert run.notes("resolution/one")[0]["reason"] == "one: items 1 and 2 have the same key, 'a'"


# --- a dry run ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [each(BETWEEN), option(TURN)])
def test_a_dry_run_plans_every_item(body: str) -> None:
    """Nothing is asked for or done."""
    run = play(body, Script(seen=SEEN), mode=Mode.DRY)
    assert [plan.id for plan in run.all(PlanChange)] == ["swap[a]", "swap[b]", "swap[c]"]
    assert (run.outcome, run.sent()) == ("planned", [])


@pytest.mark.parametrize("body", [each(), option(TURN)])
@pytest.mark.parametrize(
    ("lamps", "outcome"),
    [("unreadable", "undetermined"), ({"rows": LAMPS * 2}, "undetermined"), ({"rows": []}, "planned")],
)
def test_a_dry_run_says_of_a_list_that_it_cannot_be_gone_through(body: str, lamps: Any, outcome: str) -> None:
    """An empty one is planned: there is nothing to do."""
    run = play(body, Script(seen=SEEN | {"lamps": lamps}), mode=Mode.DRY)
    assert (run.outcome, run.all(PlanChange)) == (outcome, [])


def test_a_dry_run_lists_a_loop_over_what_a_change_would_give_as_later() -> None:
    """Its items are never guessed."""
    more = "      - {id: next, uses: turn, for_each: {items: steps.swap.failed}}\n"
    run = play(each(more=more), Script(seen=SEEN), mode=Mode.DRY)
    assert run.all(PlanChange)[-1].waits_for == ("swap",)
