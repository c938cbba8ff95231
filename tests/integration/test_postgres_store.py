"""The store on a real PostgreSQL, and what networks and servers do to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from runbook.errors import Fenced, StoreError, UsageError
from runbook.journal import Busy, Journal, open_store
from runbook.journal.postgres.tables import LOCK
from support.journals import begun, draft
from support.postgres import Server, until
from support.relay import Relay

claims = pytest.importorskip("runbook.journal.postgres.claims", exc_type=UsageError)
Opened = Callable[[str], Journal]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens stores that are closed at the end."""
    journals: list[Journal] = []

    def opened(url: str) -> Journal:
        journals.append(open_store(url))
        return journals[-1]

    yield opened
    for journal in journals:
        with suppress(StoreError):
            journal.close()


@pytest.fixture
def url(postgres: Server) -> str:
    """An empty database."""
    return postgres.database()


def wrote(journal: Journal) -> int:
    """How many records the run has after one more."""
    with journal.writing("run/1") as writer:
        writer.append(draft())
        return writer.size


# others, noticed


def test_whoever_waited_for_a_turn_sees_what_was_written_meanwhile(url: str, opened: Opened, postgres: Server) -> None:
    """Also where the role's transactions see the database as it was when they began."""
    name = url.rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    here, there = opened(url), opened(url)
    begun(here)
    sizes: list[int] = []
    waiting = threading.Thread(target=lambda: sizes.append(wrote(there)))
    with here.writing("run/1") as writer:
        waiting.start()
        for _ in until("the other waits for its turn"):
            if postgres.execute("SELECT 1 FROM pg_locks WHERE NOT granted", name):
                break
        writer.append(draft())
        size = writer.size
    waiting.join(30)
    assert sizes == [size + 1]


def test_what_another_machine_writes_wakes_whoever_waits_for_it(url: str, opened: Opened) -> None:
    """A vote from elsewhere goes on at once, with nobody asking the server again and again."""
    here, there = opened(url), opened(url)
    begun(here)
    woken = threading.Event()
    here.wakes("run/1", woken.set)
    mark = here.changed("run/1")
    wrote(there)
    assert woken.wait(10)
    assert here.changed("run/1") != mark


def test_what_is_written_here_or_to_other_runs_wakes_nobody(url: str, opened: Opened) -> None:
    """Five hundred runs at their gates are not each woken by every other."""
    here, there = opened(url), opened(url)
    begun(here)
    begun(there, "run/2")
    woken: list[str] = []
    here.wakes("run/1", lambda: woken.append("run/1"))
    here.wakes("run/2", lambda: woken.append("run/2"))
    wrote(here)
    with there.writing("run/2") as writer:
        writer.append(draft())
    for _ in until("the other run's record is heard"):
        if woken:
            break
    assert woken == ["run/2"]


def test_a_listener_whose_line_broke_looks_again(url: str, opened: Opened, postgres: Server) -> None:
    """What was committed while it heard nothing is not missed."""
    here, there = opened(url), opened(url)
    begun(here)
    woken = threading.Event()
    here.wakes("run/1", woken.set)
    postgres.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    wrote(there)
    assert woken.wait(10)


# lines that break


def test_a_line_that_broke_while_nothing_was_written_is_made_anew(url: str, opened: Opened, postgres: Server) -> None:
    """A gate waits for hours, and a firewall forgets us meanwhile."""
    journal = opened(url)
    begun(journal)
    cut(postgres)
    assert wrote(journal) == 2
    cut(postgres)
    assert journal.head("run/1").seq == 1


def test_a_line_that_breaks_within_a_transaction_undoes_it(url: str, opened: Opened, postgres: Server) -> None:
    """It says so, and the next one goes through."""
    journal = opened(url)
    begun(journal)
    with pytest.raises(StoreError, match="cannot use the store"), journal.writing("run/1") as writer:
        writer.append(draft())
        cut(postgres)
        writer.append(draft())
    assert wrote(journal) == 2


@pytest.mark.fault(83)
@pytest.mark.parametrize(("arrives", "size"), [(True, 3), (False, 2)])
def test_a_commit_whose_answer_was_lost_is_looked_up(
    url: str, opened: Opened, postgres: Server, arrives: bool, size: int
) -> None:
    """What the server has kept counts as kept, once; what it has not is an error, and can be done again."""
    with Relay(postgres.port) as relay:
        journal = opened(url.replace(str(postgres.port), str(relay.port)))
        begun(journal)
        relay.cut_at_commit = "after" if arrives else "before"
        if arrives:
            assert wrote(journal) == 2
        else:
            with pytest.raises(StoreError):
                wrote(journal)
        assert relay.cut_at_commit is None
        assert wrote(journal) == size
    assert [record.seq for record in opened(url).read("run/1")] == list(range(size))


@pytest.mark.fault(85)
def test_a_server_that_crashes_is_said_and_forgiven(opened: Opened) -> None:
    """While it is away nothing is written; once it is back the same process goes on, and nothing is lost."""
    from support.postgres import postgres

    with postgres() as server:
        journal = opened(server.database())
        begun(journal)
        server.stop("immediate")
        with pytest.raises(StoreError, match="cannot reach the store") as error:
            wrote(journal)
        assert "check that the server runs" in str(error.value.hint)
        server.start()
        assert wrote(journal) == 2


def test_who_is_stopped_in_a_transaction_keeps_nobody_for_ever(
    url: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen process holds the turn of all writers; the server takes it back, and its writing fails."""
    from runbook.journal.postgres import line

    monkeypatch.setattr(line, "_SESSION", line._SESSION.replace("'10s'", "'500ms'"))
    here, there = opened(url), opened(url)
    begun(here)
    with pytest.raises(StoreError), here.writing("run/1") as writer:
        writer.append(draft())
        assert wrote(there) == 2  # waits until the server has ended the first one
        writer.append(draft())
    assert [record.seq for record in there.read("run/1")] == [0, 1]


# who runs a stream


@pytest.mark.fault(86)
def test_a_claim_outlives_its_process_for_seconds_only(
    url: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can say of another machine's process that it is dead; its claim says so by running out."""
    monkeypatch.setattr(claims, "LASTS", 0.5)
    monkeypatch.setattr(claims, "RENEWED", 60.0)  # as of a process that is dead
    here, there = opened(url), opened(url)
    old = here.lease("run/1", {"user": "ana"})
    here.open_stream("run/1", draft("run.started"), epoch=old.epoch)
    with pytest.raises(Busy, match="user ana") as busy:
        there.lease("run/1", {})
    assert "if that process is gone, try again in" in str(busy.value.hint)
    for _ in until("the claim has run out"):
        with suppress(Busy):
            assert there.lease("run/1", {}).epoch == 2
            break
    with pytest.raises(Fenced), here.writing("run/1", old):
        pass


def test_a_claim_lasts_while_its_process_lives(url: str, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is renewed, however long a step takes, and on another line than the one that writes."""
    monkeypatch.setattr(claims, "LASTS", 0.6)
    monkeypatch.setattr(claims, "RENEWED", 0.1)
    monkeypatch.setattr(claims, "_MARGIN", 0.1)
    here, there = opened(url), opened(url)
    lease = here.lease("run/1", {})
    renewed = claims._now()
    for _ in until("three lives of a claim have passed"):
        assert there.holder("run/1") is not None
        if claims._now() - renewed > 3 * claims.LASTS:
            break
    assert lease.lives


@pytest.mark.fault(86)
def test_a_runner_that_was_held_up_knows_it(url: str, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own clock, before it asks anybody: a machine that slept must not send what it had in hand."""
    lease = opened(url).lease("run/1", {})
    assert lease.lives
    now = claims._now()
    monkeypatch.setattr(claims, "_now", lambda: now + claims.LASTS)
    assert not lease.lives


def test_a_runner_whose_claim_was_taken_does_not_live(
    url: str, opened: Opened, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its next renewal finds another's."""
    monkeypatch.setattr(claims, "RENEWED", 0.05)
    lease = opened(url).lease("run/1", {})
    postgres.execute("UPDATE runbook.claims SET token = 'another'", url.rpartition("/")[2])
    for _ in until("the loss is noticed"):
        if not lease.lives:
            break


# what cannot be used


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:1"), "check that the server runs"),
        (lambda url: url.replace("test_", "missing_"), "create the database"),
        (lambda url: url.replace("postgres@", "nobody:s3cret@"), "check the user and the password"),
    ],
)
def test_a_server_that_cannot_be_used_says_why(url: str, change: Callable[[str], str], said: str) -> None:
    """With what to do, and without the password."""
    with pytest.raises(StoreError) as error:
        open_store(change(url).replace(":1", ":", 0))
    assert said in str(error.value.hint)
    assert "s3cret" not in f"{error.value} {error.value.hint}"


@pytest.mark.fault(89)
def test_a_store_of_a_newer_version_is_only_read(url: str, opened: Opened, postgres: Server) -> None:
    """And nothing is made older."""
    begun(opened(url))
    postgres.execute("UPDATE runbook.format SET format = 99", url.rpartition("/")[2])
    journal = opened(url)
    assert len(list(journal.read("run/1"))) == 1
    with pytest.raises(StoreError, match="written by a newer version"):
        wrote(journal)


def test_a_standby_is_named_as_one(url: str, opened: Opened, postgres: Server) -> None:
    """A run must not begin on a copy that takes no records."""
    begun(opened(url))
    postgres.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on")
    for write in (wrote, Journal.check_writable):
        with pytest.raises(StoreError) as error:
            write(opened(url))
        assert "this server only reads" in str(error.value.hint)


def test_somebody_who_may_not_make_tables_is_told_who_may(url: str, postgres: Server) -> None:
    """Not by a syntax error of a CREATE."""
    postgres.execute("DROP ROLE IF EXISTS plain")
    postgres.execute("CREATE ROLE plain LOGIN")
    with pytest.raises(StoreError, match="has no tables yet") as error:
        open_store(url.replace("postgres@", "plain@"))
    assert "runbook store migrate" in str(error.value.hint)


# helpers


def cut(server: Server) -> None:
    """End all lines of stores, as a firewall that forgets them would, and wait until they are gone."""
    server.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'runbook' "
        "AND query NOT LIKE 'LISTEN%'"
    )


def test_of_several_who_open_an_empty_database_at_once_one_makes_its_tables(url: str, postgres: Server) -> None:
    """The others have waited for their turn, and find them there."""
    import psycopg

    came: list[str] = []

    def opens() -> None:
        try:
            open_store(url).close()
            came.append("open")
        except StoreError as error:
            came.append(error.message)

    name = url.rpartition("/")[2]
    openers = [threading.Thread(target=opens) for _ in range(3)]
    with psycopg.connect(url) as held:
        held.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for opener in openers:
            opener.start()
        for _ in until("all of them wait"):
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            if postgres.execute(waiting, name) == [(3,)]:
                break
    for opener in openers:
        opener.join()
    assert came == ["open"] * 3


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://app:s3cret@db:5432/x?sslmode=require", "postgresql://app:***@db:5432/x?sslmode=require"),
        ("postgresql://app:s3/cr#et@db/x", "postgresql://app:***@db/x"),
        (
            "postgresql://db/x?user=a@b&password=s3cret&connect_timeout=1",
            "postgresql://db/x?user=a@b&password=***&connect_timeout=1",
        ),
        ("postgresql://app@db/x", "postgresql://app@db/x"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    """However it stands there."""
    from runbook.journal.postgres import line

    assert line.shown(url) == shown
