"""What every store promises, asked of each."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from runbook.core.masking import Masker
from runbook.errors import Bug, Fenced, Refused, StoreError, UsageError
from runbook.journal import Busy, Draft, Journal, PayloadRef, open_store
from runbook.journal.drops import Why, entry
from runbook.journal.naming import Naming
from runbook.journal.payloads import references
from runbook.journal.verify import verify
from support.journals import ANA, Ticks, begun, draft, ended, same

STORES = ("memory", "sqlite", "postgres")


@pytest.fixture
def clock() -> Ticks:
    return Ticks()


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each kind."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres").database()
    return "memory:" if request.param == "memory" else f"sqlite://{tmp_path}/journal.db"


@pytest.fixture
def journal(url: str, clock: Ticks):
    journal = open_store(url, clock=clock, masker=Masker(["s3cr3t-token"]))
    yield journal
    journal.close()


def test_what_is_appended_is_read(journal: Journal):
    """In order, from any place, as the writer got it."""
    lease = journal.lease("run/1", {})
    written = [journal.open_stream("run/1", draft("run.started"), epoch=lease.epoch)]
    with journal.writing("run/1", lease) as writer:
        written += [writer.append(draft("step.observed", {"n": n}, "triage/a:observe#1")) for n in range(3)]
        assert writer.size == 4
    assert list(journal.read("run/1")) == written
    assert list(journal.read("run/1", after=1)) == written[2:]
    assert [record.bytes for record in written] == list(journal.raw("run/1"))
    assert journal.head("run/1").hash == written[-1].hash
    assert [record.seq for record in written] == [0, 1, 2, 3]


def test_many_records_are_read_in_pages(journal: Journal):
    """More than one page, and none twice."""
    begun(journal)
    with journal.writing("run/1") as writer:
        for _ in range(600):
            writer.append(draft())
    assert [record.seq for record in journal.read("run/1")] == list(range(601))


def test_positions_order_streams(journal: Journal):
    """Records of different streams have an order in which they were written."""
    begun(journal, "run/1")
    begun(journal, "run/2")
    with journal.writing("run/1") as writer:
        last = writer.append(draft())
    (second,) = journal.read("run/2")
    assert next(journal.read("run/1")).position < second.position < last.position


def test_a_transaction_that_fails_leaves_nothing(journal: Journal):
    """Neither records nor anything else that it did."""
    begun(journal, notes=1)
    head = journal.head("run/1")
    with pytest.raises(ZeroDivisionError), journal.writing("run/1") as writer:
        writer.append(draft())
        _ = 1 / 0
    assert journal.head("run/1") == head
    with journal.writing("run/1") as writer:
        assert writer.append(draft()).seq == 2


def test_a_stream_begins_once(journal: Journal):
    """The second beginning is refused, and writes nothing."""
    begun(journal)
    with pytest.raises(Refused, match="exists already"):
        journal.open_stream("run/1", draft("run.started"), epoch=1)
    assert len(list(journal.read(journal.own_stream()))) == 2


def test_a_stream_that_is_not_there(journal: Journal):
    """Reading gives nothing, writing says so."""
    assert list(journal.read("run/none")) == []
    assert journal.head("run/none") is None
    with pytest.raises(UsageError, match="no run/none"), journal.writing("run/none"):
        pass


def test_the_store_keeps_a_stream_about_all_others(journal: Journal):
    """Openings and ends, and what is appended after an end ends it anew."""
    begun(journal, "run/1")
    ended(journal, "run/1")
    with journal.writing("run/1") as writer:
        writer.append(draft())
    own = journal.own_stream()
    seals = [record.data for record in journal.read(own) if record.type == "stream.sealed"]
    assert [record.data["stream"] for record in journal.read(own, after=0)] == ["run/1"] * 3
    assert [seal["size"] for seal in seals] == [2, 3]
    assert seals[-1]["head"] == journal.head("run/1").hash


def test_streams_are_listed_newest_first(journal: Journal):
    """With their size, ends, and whether they are sealed; a prefix picks."""
    for name in ("run/1", "run/2", "rehearsal/1"):
        begun(journal, name, notes=2)
    ended(journal, "run/1")
    first, second = journal.streams("run/")
    assert (first.stream, second.stream) == ("run/2", "run/1")
    assert (first.size, second.size, first.sealed, second.sealed) == (3, 4, False, True)
    assert (first.first.type, first.last.data, first.opened_at) == ("run.started", {"number": 1}, first.first.at)
    assert len(journal.streams()) == 4


def test_a_list_leaves_payloads_where_they_are(journal: Journal):
    """Listing a thousand runs does not read a thousand documents."""
    journal.open_stream("run/1", draft("run.started", {"text": "x" * 20_000, "name": "cache"}), epoch=1)
    (info,) = journal.streams("run/")
    assert info.first.data["name"] == "cache"
    assert info.first.data["text"].size == 20_000


def test_changes_are_noticed(journal: Journal):
    """A commit moves the mark; looking, and a transaction without writing, do not."""
    begun(journal)
    mark = journal.changed("run/1")
    list(journal.read("run/1"))
    with journal.writing("run/1"):
        pass
    assert journal.changed("run/1") == mark
    with journal.writing("run/1") as writer:
        writer.append(draft())
        inside = journal.changed("run/1")
    assert journal.changed("run/1") == inside != mark


# guests, runners, fences


@pytest.mark.parametrize("type_", ["change.intended", "decision.given", "run.finished", "stream.sealed"])
def test_a_guest_may_not_append_what_is_the_runners(journal: Journal, type_: str):
    """Votes and notes are everybody's; decisions and changes are not."""
    begun(journal)
    with pytest.raises(Bug, match="by a guest"), journal.writing("run/1") as writer:
        writer.append(draft(type_))
    with journal.writing("run/1") as writer:
        assert writer.append(draft("vote.given")).epoch == 0


@pytest.mark.fault(86)
def test_one_runner_at_a_time(journal: Journal):
    """The second is told who is first; afterwards the epoch is one more."""
    first = journal.lease("run/1", {"pid": 7, "user": "ana"})
    assert journal.holder("run/1")["user"] == "ana"
    with pytest.raises(Busy, match="user ana, pid 7") as busy:
        journal.lease("run/1", {"pid": 8})
    assert busy.value.holder["pid"] == 7
    first.release()
    first.release()
    assert journal.holder("run/1") is None
    assert journal.lease("run/1", {}).epoch == first.epoch + 1


@pytest.mark.fault(86)
def test_a_runner_that_was_replaced_is_fenced(journal: Journal):
    """What it writes after a takeover is refused, and so is its seal."""
    old = journal.lease("run/1", {})
    journal.open_stream("run/1", draft("run.started"), epoch=old.epoch)
    old.release()
    new = journal.lease("run/1", {})
    old.released = False  # as in a process that does not know that its lock is lost
    with pytest.raises(Fenced, match=r"epoch 1.*replaced.*epoch 2"), journal.writing("run/1", old):
        pass
    with journal.writing("run/1", new) as writer:
        assert writer.append(draft("lease.taken")).epoch == 2


def test_a_runner_reads_before_it_writes(journal: Journal):
    """An intent is never written past a denial that nobody has looked at."""
    lease = journal.lease("run/1", {})
    journal.open_stream("run/1", draft("run.started"), epoch=lease.epoch)
    with journal.writing("run/1", lease) as writer:
        writer.append(draft("gate.opened"))
    with journal.writing("run/1") as guest:
        guest.append(draft("abort.requested"))
    with pytest.raises(Bug, match="without having read"), journal.writing("run/1", lease) as writer:
        writer.append(draft("change.intended"))
    with journal.writing("run/1", lease) as writer:
        assert [record.type for record in writer.tail(1)] == ["abort.requested"]
        writer.append(draft("run.finished"))


# time


@pytest.mark.fault(88)
def test_time_does_not_go_backwards(journal: Journal, clock: Ticks):
    """A clock that was put back is reported once; records keep the time they had reached."""
    begun(journal, notes=1)
    reached = journal.streams("run/")[0].last.at
    clock.now -= 3600
    with journal.writing("run/1") as writer:
        assert writer.clock_jump == pytest.approx(-3600)
        assert writer.append(draft()).at == reached
    with journal.writing("run/1") as writer:
        assert writer.clock_jump is None
    clock.now += 3601
    with journal.writing("run/1") as writer:
        assert writer.append(draft()).at > reached


@pytest.mark.fault(88)
def test_small_corrections_are_no_jump(journal: Journal, clock: Ticks):
    """NTP moves clocks by fractions of a second all the time."""
    begun(journal)
    clock.now -= 1.5
    with journal.writing("run/1") as writer:
        assert writer.clock_jump is None


def test_a_time_can_be_given(journal: Journal, clock: Ticks):
    """A rehearsal writes its own time."""
    begun(journal)
    with journal.writing("run/1") as writer:
        assert writer.append(draft(), at=clock.now + 120).time == clock.now + 120


# payloads and secrets


def test_payloads_come_back(journal: Journal):
    """By digest, as often as they are put."""
    ref = journal.put(b"\x00\xff" * 1000, "application/octet-stream")
    assert journal.put(b"\x00\xff" * 1000, "application/octet-stream") == ref
    assert journal.get(ref.digest) == b"\x00\xff" * 1000
    with pytest.raises(StoreError, match="is missing"):
        journal.get("sha256:" + "0" * 64)


def test_a_payload_can_be_dropped(journal: Journal):
    """Within a transaction only, where nobody else can be about to name it; a second time does nothing."""
    ref = journal.put(b"\x00" * 100, "application/octet-stream")
    with pytest.raises(Bug, match="outside of a transaction"):
        journal._store.drop(ref.digest.removeprefix("sha256:"))
    assert [journal.drop(lambda: [ref.digest]) for _ in range(2)] == [1, 0]
    assert journal.payload(ref.digest) is None
    assert journal.put(b"\x00" * 100, "application/octet-stream") == ref
    assert journal.get(ref.digest) == b"\x00" * 100


def test_what_another_process_has_dropped_is_put_again(url: str, journal: Journal):
    """A process that lives long may not go by what it has put once."""
    other = journal if url == "memory:" else open_store(url)
    begun(journal)
    for _ in range(2):
        with journal.writing("run/1") as writer:
            writer.append(draft(data={"output": "x" * 20_000}))
        (digest,) = {place.digest for raw in list(journal.raw("run/1"))[-1:] for place in references_in(raw)}
        assert other.payload(digest) is not None
        other.drop(lambda digest=digest: [digest])
    other.close()


def test_what_lies_there_is_listed_whether_anything_names_it_or_not(url: str, journal: Journal):
    """Through any connection, and no more once it is dropped."""
    other = journal if url == "memory:" else open_store(url)
    begun(journal)
    assert other.payloads() == []
    refs = [journal.put(text, "text/plain; charset=utf-8") for text in (b"one", b"two")]
    assert sorted(other.payloads()) == sorted(ref.digest for ref in refs)
    with journal._store.transaction():
        journal._store.drop(refs[0].digest.removeprefix("sha256:"))
    assert other.payloads() == [refs[1].digest]


def test_what_no_record_names_is_recorded_as_dropped_by_the_store_itself(journal: Journal):
    """By whom and why, without a secret; its own stream still verifies."""
    begun(journal)
    ref = journal.put(b"nobody's", "text/plain; charset=utf-8")
    why = Why(ANA, "retention 90d", "left by a crash, s3cr3t-token")
    assert journal.record_unnamed(lambda: [entry(ref, b"nobody's")], why) == 1
    own = str(journal.own_stream())
    last = list(journal.read(own))[-1]
    assert (last.type, last.actor.id, last.data["payloads"][0]["digest"]) == ("payloads.dropped", "ana", ref.digest)
    assert "s3cr3t" not in last.data["reason"]
    assert all(verdict.ok for verdict in verify(journal))
    naming = Naming(journal)
    naming.update()
    assert naming.unfinished() == [ref.digest]
    assert journal.drop(naming.unfinished) == 1


def test_a_drop_is_recorded_in_several_streams_or_in_none(journal: Journal):
    """In one transaction; those that have ended may say it, and stay sealed with what they say."""
    for name in ("run/1", "run/2"):
        begun(journal, name)
        with journal.writing(name) as writer:
            writer.append(draft(data={"output": "x" * 20_000}))
    ended(journal, "run/1")
    (ref,) = references_in(list(journal.raw("run/1"))[1])
    said = {name: [entry(ref, b"x")] for name in ("run/1", "run/2")}
    with pytest.raises(Bug, match="by a guest"):
        journal.record_drops(lambda: said, Why(ANA, "redaction", "why"))
    assert journal.dropped("run/1") == {}
    ended(journal, "run/2")
    assert journal.record_drops(lambda: said, Why(ANA, "redaction", "why")) == ["run/1", "run/2"]
    assert [list(journal.dropped(name)) for name in said] == [[ref.digest], [ref.digest]]
    assert all(info.sealed for info in journal.streams("run/"))
    naming = Naming(journal)
    naming.update()
    assert (naming.needing(ref.digest), naming.unfinished()) == (set(), [ref.digest])
    assert journal.drop(naming.unfinished) == 1
    assert [verdict.dropped for verdict in verify(journal)] == [1, 1, 0]
    assert all(verdict.ok for verdict in verify(journal))


def references_in(raw: bytes) -> list[PayloadRef]:
    return references(json.loads(raw)["data"])


def test_secrets_do_not_get_in(journal: Journal):
    """Not by records, payloads, notes on locks, nor by what a runner says about itself."""
    lease = journal.lease("run/1", {"command": "run -p token=s3cr3t-token"})
    record = journal.open_stream("run/1", draft("run.started", {"a": "s3cr3t-token"}), epoch=lease.epoch)
    assert record.data == {"a": "***"}
    assert journal.get(journal.put(b"x s3cr3t-token y", "text/plain").digest) == b"x *** y"
    journal.take_locks(["a"], "1", {"why": "s3cr3t-token"})
    assert journal.locks()[0].info == {"why": "***"}
    assert journal.holder("run/1")["command"] == "run -p token=***"


def test_a_runs_key_is_its_own(journal: Journal):
    """The same each time, another for each run."""
    assert journal.key("1") == journal.key("1")
    assert len({journal.key("1"), journal.key("2"), b""}) == 3
    assert len(journal.key("1")) == 32


# locks and counters


@pytest.mark.fault(87)
def test_locks_are_taken_all_or_none(journal: Journal):
    """Whoever comes second sees who holds what, and holds nothing."""
    assert journal.take_locks(["b", "a"], "1", {"run": "one"}) == ()
    assert journal.take_locks(["a", "b"], "1", {}) == ()
    (held,) = journal.take_locks(["c", "b"], "2", {})
    assert (held.name, held.owner, held.info) == ("b", "1", {"run": "one"})
    assert [lock.name for lock in journal.locks()] == ["a", "b"]
    journal.release_locks("1")
    assert journal.take_locks(["c", "b"], "2", {}) == ()


def test_an_end_lets_go_of_its_locks(journal: Journal):
    """In the transaction that ends the run: a crash leaves neither an ended run with locks, nor the reverse."""
    begun(journal)
    journal.take_locks(["a"], "run/1", {})
    with pytest.raises(ZeroDivisionError), journal.writing("run/1") as writer:
        writer.release_locks("run/1")
        writer.seal()
        _ = 1 / 0
    assert [lock.name for lock in journal.locks()] == ["a"]
    assert not journal.streams("run/")[0].sealed
    with journal.writing("run/1") as writer:
        writer.append(draft())
        writer.release_locks("run/1")
        writer.seal()
    assert journal.locks() == []
    assert journal.streams("run/")[0].sealed


def test_locks_pass_to_an_heir_with_what_is_appended_or_not_at_all(journal: Journal):
    """Nobody can take them in between, and whoever finds them held is told why, without a secret."""
    lease = journal.lease("run/1", {})
    journal.open_stream("run/1", draft("run.started"), epoch=lease.epoch)
    journal.take_locks(["a", "b"], "run/1", {"user": "ann"})
    journal.take_locks(["c"], "run/3", {})
    with pytest.raises(ZeroDivisionError), journal.writing("run/1", lease) as writer:
        writer.hand_over_locks("run/1", "run/2", {})
        raise ZeroDivisionError
    assert {lock.name: lock.owner for lock in journal.locks()} == {"a": "run/1", "b": "run/1", "c": "run/3"}
    with journal.writing("run/1", lease) as writer:
        writer.hand_over_locks("run/1", "run/2", {"from": "run/1 s3cr3t-token"})
    a, b, c = journal.locks()
    assert (a.owner, b.owner, c.owner) == ("run/2", "run/2", "run/3")
    assert a.info["user"] == "ann"
    assert "s3cr3t" not in str(a.info)
    assert journal.take_locks(["a"], "run/1", {}) == (a,)
    assert journal.take_locks(["a", "b"], "run/2", {}) == ()


def test_numbers_are_given_once(journal: Journal):
    """Each counter counts from 1."""
    assert [journal.next_number("incident") for _ in range(3)] == [1, 2, 3]
    assert journal.next_number("other") == 1


@pytest.mark.fault(90)
def test_threads_take_turns(journal: Journal):
    """Several threads of one process lose nothing and break no link."""
    begun(journal)

    def vote() -> None:
        for _ in range(20):
            with journal.writing("run/1") as writer:
                writer.append(Draft("vote.given", None, {}, ANA))

    threads = [threading.Thread(target=vote) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(journal.read("run/1"))) == 81
    assert all(verdict.ok for verdict in verify(journal))


def test_a_transaction_inside_of_another_is_a_bug(journal: Journal):
    """Rather than a deadlock, or half of one committed with the other."""
    begun(journal)
    nested: list[Callable[[], object]] = [lambda: journal.next_number("x"), lambda: journal.release_locks("1")]
    for call in nested:
        with pytest.raises(Bug, match="inside of a transaction"), journal.writing("run/1"):
            call()
    assert journal.next_number("x") == 1


def test_many_streams_are_skimmed_in_one_pass(journal: Journal):
    """By name, whatever order they were written in, each with its size; over several pages, and none twice."""
    for stream, notes in (("run/b", 3), ("incident/x", 1), ("run/a", 5000), ("run/ab", 0)):
        begun(journal, stream)
        with journal.writing(stream) as writer:
            for number in range(notes):
                writer.append(draft("note.added", {"number": number}))
    skims = list(journal.skim("run/"))
    assert [(skim.stream, skim.size) for skim in skims] == [("run/a", 5001), ("run/ab", 1), ("run/b", 4)]
    assert [record.data.get("number") for record in skims[2].records] == [None, 0, 1, 2]
    assert [record.seq for record in skims[0].records] == list(range(5001))


def test_a_skim_says_what_a_read_says_of_the_types_that_were_asked_for(journal: Journal):
    """Values that lie beside the records are there too; what nobody asked for is counted and passed over."""
    begun(journal)
    with journal.writing("run/1") as writer:
        writer.append(draft("note.added", {"text": "long " * 5000, "odd": float("nan")}))
        writer.append(draft("abort.requested", {"reason": "x"}))
    [(_, size, [note])] = journal.skim("run/", {"note.added"})
    read = list(journal.read("run/1"))[1]
    assert size == 3
    assert (note.seq, note.type, note.time, note.actor, note.key) == (1, "note.added", read.time, ANA, read.key)
    assert same(note.data, read.data)
