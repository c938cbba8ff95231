"""What may be dropped, and what never: by rule, or on somebody's word."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runbook.core.history import history
from runbook.document.durations import Duration
from runbook.document.model import Retention
from runbook.errors import BrokenChain, Refused, UsageError
from runbook.hosts.past import past_runs
from runbook.hosts.pinned import Start
from runbook.hosts.retention import Keeper, Rules, rules
from runbook.incident import acts, desk
from runbook.journal import Journal
from runbook.journal.drops import Why
from runbook.journal.memory import MemoryStore
from runbook.journal.verify import verify
from support.histories import rollback
from support.incidents import declared, room
from support.journals import ANA, Ticks, draft

DAY = 86_400.0
WHY = Why(ANA, "retention", "kept for 90d")
LONG = "a line of output\n" * 2_000
OBSERVED = ("step.observed", "triage/logs:observe#1", {"id": "logs", "output": {"stdout": LONG}, "status": "succeeded"})
STEP = "resolution/rollback/roll_back"
CHANGE = msgspec.to_builtins(rollback(request={"patch": "x" * 20_000}, diff="y" * 60_000))
APPLIED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("change.planned", f"{STEP}:plan#1", {"id": "roll_back", "change": CHANGE, "digest": rollback().digest}),
    ("change.intended", f"{STEP}:apply#1", {"attempt": 1}),
    ("change.resulted", f"{STEP}:apply#1", {"applied": "yes", "state": {}, "output": {"stdout": LONG + "applied"}}),
)


@pytest.fixture
def clock() -> Ticks:
    return Ticks()


@pytest.fixture
def journal(clock: Ticks) -> Journal:
    return Journal(MemoryStore(), clock=clock)


def ran(
    journal: Journal,
    run: str,
    *records: tuple[str, str, dict[str, Any]],
    mode: str = "by_hand",
    first: dict[str, Any] | None = None,
    **end: Any,
) -> None:
    """A run with these records between its start and its end; `outcome=None` leaves it open."""
    stream = f"run/{run}"
    lease = journal.lease(stream, {})
    text = {"runbook": {"path": "a.yaml", "text": "z" * 20_000}}
    said = {"runbook": "leak", "mode": mode, "initiator": "ana", "documents": text, **(first or {})}
    journal.open_stream(stream, draft("run.started", said), epoch=lease.epoch)
    with journal.writing(stream, lease) as writer:
        for type_, key, data in records:
            writer.append(draft(type_, data, key))
        if end.get("outcome", "resolved"):
            writer.append(draft("run.finished", {"outcome": "resolved", **end}))
            writer.seal()
    lease.release()


def keeper(journal: Journal, days: float = 90, **other: Any) -> Keeper:
    seconds = days * DAY
    defaults = {"payloads": seconds, "dry_runs": seconds, "undo": seconds}
    return Keeper(journal, Rules(now=journal.now(), **{**defaults, **other}))


def test_what_is_old_enough_goes_and_the_rest_is_counted(journal: Journal, clock: Ticks) -> None:
    """By the end of its run; documents stay; what is young stays; and why is said."""
    ran(journal, "old", OBSERVED)
    clock.now += 91 * DAY
    ran(journal, "young", ("step.observed", "triage/logs:observe#1", {"output": {"stdout": LONG + "later"}}))
    plan = keeper(journal).due()
    assert ([one.size for one in plan.going], plan.runs, plan.undone) == ([len(LONG)], ["old"], ())
    assert plan.kept == {"young": 2}
    assert keeper(journal, 0.001).due().kept == {"young": 2}
    clock.now += 91 * DAY
    assert keeper(journal).due().kept == {"document": 1}


def test_a_dry_run_has_its_own_time(journal: Journal, clock: Ticks) -> None:
    """It changed nothing, and nobody asks for it after a week."""
    ran(journal, "dry", OBSERVED, mode="dry")
    clock.now += 8 * DAY
    assert keeper(journal).due().going == ()
    assert keeper(journal, dry_runs=7 * DAY).due().runs == ["dry"]


@pytest.mark.parametrize(
    ("end", "held", "why"),
    [
        ({"outcome": None}, (), "open"),
        ({"continued": {"run": "next"}}, (), "open"),
        ({}, ("one",), "held"),
        ({"outcome": "in_doubt"}, (), "in_doubt"),
    ],
    ids=["open", "hands over", "held", "in doubt"],
)
def test_what_must_stay_stays_by_rule_and_on_anybodys_word(
    journal: Journal, clock: Ticks, end: dict[str, Any], held: tuple[str, ...], why: str
) -> None:
    """However old it is; only a doubt gives way to somebody who insists."""
    ran(journal, "one", OBSERVED, **end)
    clock.now += 900 * DAY
    careful = keeper(journal, hold=frozenset(held))
    assert (careful.due().going, careful.due().kept) == ((), {why: 2})
    with pytest.raises(Refused, match="run one"):
        careful.chosen("run/one", (), ("logs",))
    forced = keeper(journal, hold=frozenset(held), insists=True).due()
    assert bool(forced.going) is (why == "in_doubt")


def test_one_value_that_several_runs_saw_goes_when_none_needs_it(journal: Journal, clock: Ticks) -> None:
    """It is kept once, under its digest; and each of them says that it is gone."""
    ran(journal, "old", OBSERVED)
    clock.now += 91 * DAY
    ran(journal, "young", OBSERVED)
    assert keeper(journal).due().going == ()
    with pytest.raises(Refused, match="run open"):
        ran(journal, "open", OBSERVED, outcome=None)
        keeper(journal).chosen("run/old", (), ("logs",))
    assert all(verdict.ok for verdict in verify(journal))


def test_dropping_says_so_in_every_run_that_named_it(journal: Journal) -> None:
    """Recorded first, then gone; doing it again changes nothing."""
    ran(journal, "one", OBSERVED)
    ran(journal, "two", OBSERVED)
    careful = keeper(journal)
    plan = careful.chosen("run/one", (), ("logs",))
    done = careful.drop(plan, WHY)
    assert (done.payloads, done.streams) == (1, ("run/one", "run/two"))
    assert [verdict.dropped for verdict in verify(journal) if verdict.stream.startswith("run/")] == [1, 1]
    assert careful.drop(plan, WHY) == (0, (), 0)
    assert keeper(journal).named("run/one")[0].media.startswith("text/plain")  # the document


def test_what_came_to_be_named_meanwhile_stays(journal: Journal) -> None:
    """Between looking and dropping others go on writing."""
    ran(journal, "one", OBSERVED)
    careful = keeper(journal)
    plan = careful.chosen("run/one", (), ("logs",))
    ran(journal, "new", OBSERVED, outcome=None)
    assert careful.drop(plan, WHY) == (0, (), 0)
    assert journal.dropped("run/one") == {}


def test_an_undo_is_kept_possible_for_as_long_as_payloads_are_kept(journal: Journal, clock: Ticks) -> None:
    """What it does not need may go before; what it needs only if somebody insists, or later."""
    ran(journal, "one", *APPLIED)
    clock.now += 10 * DAY
    early = keeper(journal, 90, payloads=1 * DAY).due()
    assert sorted(place.path[-1] for one in early.going for place in one.places) == ["diff", "stdout"]
    assert (early.kept, early.undone) == ({"undo": 2}, ())
    with pytest.raises(Refused, match=r"can be undone.*--force"):
        keeper(journal).chosen("run/one", (), ("roll_back",))
    assert keeper(journal, insists=True).chosen("run/one", (), ("roll_back",)).undone == ("one",)
    clock.now += 90 * DAY
    assert keeper(journal).due().undone == ("one",)


def test_a_run_tells_what_is_left_of_a_change_and_cannot_take_it_back(journal: Journal) -> None:
    """The digest that was approved stays; what an undo would go by is not guessed."""
    ran(journal, "one", *APPLIED)
    careful = keeper(journal, insists=True)
    careful.drop(careful.chosen("run/one", (), ("roll_back",)), WHY)
    (done,) = history(journal.read("run/one")).applied
    assert done.lost is not None and done.lost.reason == WHY.reason
    assert (done.change.digest, done.change.summary) == (rollback().digest, rollback().summary)
    assert done.outcome.output == {"stdout": "dropped on 2026-09-21 (kept for 90d)"}


def test_a_change_that_is_gone_as_a_whole_is_still_told_of(journal: Journal) -> None:
    """That something was applied is a fact, whatever it was; and who asks what was touched is not told `nothing`."""
    even = {"id": "roll_back", "digest": "d" * 64, "change": {**CHANGE, "diff": "y" * 20_000}}
    ran(journal, "one", ("change.planned", f"{STEP}:plan#1", even), *APPLIED[1:])
    careful = keeper(journal, insists=True)
    careful.drop(careful.chosen("run/one", (), ("roll_back",)), WHY)
    (done,) = history(journal.read("run/one")).applied
    assert (done.change.summary, done.change.undo) == ("dropped on 2026-09-21 (kept for 90d)", None)
    assert done.lost is not None and done.change.digest == "d" * 64
    start = Start(run="new", initiator="ana")
    assert len(past_runs(journal, "leak", start, frozenset({"some/other/target"}))) == 1


def test_a_payload_is_named_by_twelve_digits_or_more(journal: Journal) -> None:
    """Exactly one, and of this run."""
    ran(journal, "one", OBSERVED)
    careful = keeper(journal)
    digest = next(one.digest for one in careful.named("run/one") if one.size == len(LONG))
    assert [one.digest for one in careful.chosen("run/one", (digest[:19],), ()).going] == [digest]
    for given in ("abc", "f" * 12):
        with pytest.raises(UsageError, match=r"at least 12|no payload"):
            careful.chosen("run/one", (given,), ())
    with pytest.raises(UsageError, match="beside the record"):
        careful.chosen("run/one", (), ("few",))


def test_the_rules_are_the_configurations_or_those_of_the_call() -> None:
    """Nothing is dropped because nobody said how long it is kept."""
    with pytest.raises(UsageError, match="nothing says how long"):
        rules(Retention(), 0.0, older_than=None, insists=False)
    kept = Retention(payloads=Duration(90 * DAY), dry_runs=Duration(7 * DAY), hold=("one",))
    assert rules(kept, 0.0, older_than=None, insists=False) == Rules(
        now=0.0, payloads=90 * DAY, dry_runs=7 * DAY, undo=90 * DAY, hold=frozenset({"one"})
    )
    assert rules(kept, 0.0, older_than=DAY, insists=False).window("dry") == DAY


def test_an_incident_under_hold_keeps_everything_of_its_runs(journal: Journal, clock: Ticks) -> None:
    """Those that began in it, that joined it later, and that were linked to it; nobody's force drops any of it."""
    place = room("ana", journal)
    id_ = declared(place)
    joined = {"incident": {"id": id_}}
    for number, run in enumerate(("began", "joined", "linked", "other")):
        seen = {"output": {"stdout": f"{LONG}{number}"}}
        ran(journal, run, ("step.observed", "triage/logs:observe#1", seen), first=joined if run == "began" else {})
    acts.join(place, id_, "joined", "leak")
    acts.link(place, id_, "run", "linked")
    clock.now += 91 * DAY
    assert keeper(journal).due().runs == ["began", "joined", "linked", "other"]
    held = keeper(journal, hold=frozenset({id_, "INC-99"}), insists=True)
    assert held.due().runs == ["other"]
    digest = held.named("run/joined")[-1].digest.removeprefix("sha256:")
    with pytest.raises(Refused, match="run joined, which names it, is held"):
        held.chosen("run/joined", [digest], [])


def test_what_was_done_about_a_held_run_is_held_with_it(journal: Journal, clock: Ticks) -> None:
    """What took it back, what was done by hand within that, and what went on from there."""
    linked = {
        "held": {},
        "undo": {"takes_back": "held"},
        "hand": {"within": "undo"},
        "next": {"continued_from": "hand"},
    }
    for run, first in {**linked, "other": {"within": "young"}}.items():
        seen = {"output": {"stdout": f"{LONG}{run}"}}
        ran(journal, run, ("step.observed", "triage/logs:observe#1", seen), first=first)
    clock.now += 91 * DAY
    assert keeper(journal, hold=frozenset({"held"})).due().runs == ["other"]


def test_where_a_held_incident_cannot_be_read_nothing_goes(journal: Journal, clock: Ticks) -> None:
    """Nobody knows which runs belong to it."""
    place = room("ana", journal)
    id_ = declared(place)
    ran(journal, "old", OBSERVED)
    clock.now += 91 * DAY
    with journal._store.transaction() as tx:
        tx.insert(f"incident/{id_}", 1, b"\x00")
    with pytest.raises(BrokenChain, match=f"record 1 of incident/{id_}"):
        keeper(journal, hold=frozenset({id_}))
    assert keeper(journal).due().runs == ["old"]


def left(journal: Journal, text: str = LONG) -> str:
    """A payload whose writer was killed before the record: its digest."""
    with journal._store.transaction():
        return journal.put(text.encode(), "text/plain; charset=utf-8").digest


def of_the_store(journal: Journal) -> list[dict[str, Any]]:
    """What the store's own stream says was dropped."""
    own = str(journal.own_stream())
    return [record.data for record in journal.read(own) if record.type == "payloads.dropped"]


def test_what_no_record_names_goes_and_the_store_says_so(journal: Journal, clock: Ticks) -> None:
    """By digest, with who and why; what any record names stays, of whatever stream; and everything verifies."""
    ran(journal, "young", OBSERVED)
    place = room("ana", journal)
    desk.opened(place, {"title": "t", "severity": "SEV1"}, catalog=b"kind: Catalog\n" * 2_000)
    named = set(journal.payloads())
    digest = left(journal, LONG + "nobody's")
    plan = keeper(journal).due()
    assert ([one.digest for one in plan.unnamed], plan.size) == ([digest], len(LONG) + 8)
    assert set(journal.payloads()) == {*named, digest}
    assert keeper(journal).drop(plan, WHY).unnamed == 1
    assert set(journal.payloads()) == named
    [said] = of_the_store(journal)
    assert (said["reason"], [one["digest"] for one in said["payloads"]]) == (WHY.reason, [digest])
    assert all(verdict.ok for verdict in verify(journal))
    assert keeper(journal).due().unnamed == ()


def test_what_is_named_meanwhile_stays(journal: Journal, clock: Ticks) -> None:
    """Between looking and dropping somebody has written a record with the same bytes."""
    digest = left(journal)
    looked = keeper(journal)
    plan = looked.due()
    ran(journal, "new", OBSERVED)
    assert looked.drop(plan, WHY) == (0, (), 0)
    assert (digest in journal.payloads(), of_the_store(journal)) == (True, [])


def test_a_drop_of_what_nobody_names_that_was_cut_off_is_finished(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was recorded, and the bytes are there still: the next prune takes them away, and records nothing twice."""
    ran(journal, "young", OBSERVED)
    digest = left(journal, LONG + "nobody's")
    looked = keeper(journal)
    with monkeypatch.context() as broken:
        broken.setattr(journal, "drop", lambda chosen: 0)
        looked.drop(looked.due(), WHY)
    assert digest in journal.payloads()
    again = keeper(journal)
    again.drop(again.due(), WHY)
    assert (digest in journal.payloads(), len(of_the_store(journal))) == (False, 1)


@pytest.mark.parametrize("damage", ["record", "stream"])
def test_from_a_store_that_does_not_verify_nothing_unnamed_goes(journal: Journal, damage: str) -> None:
    """The record that is damaged, or the stream that is gone, may have named it."""
    ran(journal, "young", OBSERVED)
    store = journal._store
    if damage == "record":
        store._streams["run/young"][1] = store._streams["run/young"][1]._replace(raw=b"{}")
    else:
        del store._streams["run/young"]
    plan = keeper(journal).due()
    assert (plan.unnamed, plan.kept["unsure"] > 0) == ((), True)


def test_while_something_is_held_nothing_unnamed_goes(journal: Journal) -> None:
    """It may be what a held run left when it was killed."""
    left(journal)
    assert keeper(journal, hold=frozenset({"other"})).due().kept == {"whose": 1}
