"""sql.query and sql.execute on a real PostgreSQL: what is read, written once, and known after a fault."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from runbook import clients
from runbook.clients.attempts import Attempt, boot_id
from runbook.core.changes import CannotTell, Change, DidApply, DidNotApply, Outcome, Refused
from runbook.core.words import Applied
from runbook.document.words import Effect
from runbook.errors import Forbidden, Unreachable, UsageError, WorldError
from runbook.kinds import sql_execute, sql_query
from runbook.testing.world import FakeWorld
from support.postgres import Server, until
from support.relay import Relay

LEDGER = (
    "CREATE TABLE runbook_ledger (key text PRIMARY KEY, state text NOT NULL, rows bigint, "
    "at timestamptz NOT NULL DEFAULT now())"
)
STUCK = "UPDATE jobs SET state = %(to)s WHERE state = 'stuck'"
RELEASE = {"statement": STUCK, "values": {"to": "queued"}, "rows": 2}
World = Callable[..., FakeWorld]


@pytest.fixture
def url(postgres: Server) -> str:
    """A database with three jobs, two of them stuck, and a ledger."""
    url = postgres.database()
    for sql in (
        "CREATE TABLE jobs (id int PRIMARY KEY, state text, cost numeric)",
        "INSERT INTO jobs VALUES (1, 'stuck', 1.5), (2, 'stuck', NULL), (3, 'done', 2)",
        LEDGER,
    ):
        postgres.execute(sql, url.rpartition("/")[2])
    return url


@pytest.fixture
def world(url: str, tmp_path: Path) -> World:
    """A world with that database; each call is another attempt, or none."""

    def world(attempt: int | None = None, *, settings: dict[str, Any] | None = None, timeout: float = 10) -> FakeWorld:
        client = clients.connect("sql", {"url": url, **(settings or {})}, lambda reference: reference["text"])
        file = None
        if attempt is not None:
            path = tmp_path / f"attempt~{attempt}"
            file = Attempt.earlier(path, boot_id()) if path.exists() else Attempt.create(path)
        return FakeWorld(tmp_path, clients={"sql": client}, attempt=file, intent="run/1/a", timeout=timeout)

    return world


def planned(world: FakeWorld, **inputs: Any) -> Change:
    change = sql_execute.plan(RELEASE | inputs, world)
    assert isinstance(change, Change), change
    return change


def states(server: Server, url: str) -> list[str]:
    return [row[0] for row in server.execute("SELECT state FROM jobs ORDER BY id", url.rpartition("/")[2])]


# reading


def test_rows_come_as_data(world: World) -> None:
    """With their names; one value of one row is at hand."""
    seen = sql_query.observe({"statement": "SELECT id, cost FROM jobs ORDER BY id"}, world())
    assert seen.output["rows"] == [{"id": 1, "cost": 1.5}, {"id": 2, "cost": None}, {"id": 3, "cost": 2}]
    seen = sql_query.observe(
        {"statement": "SELECT count(*) FROM jobs WHERE state = %(s)s", "values": {"s": "stuck"}}, world()
    )
    assert (seen.output["value"], seen.output["count"]) == (2, 1)


@pytest.mark.fault(82)
def test_a_table_of_ten_million_rows_is_read_as_far_as_was_asked(world: World) -> None:
    """The server keeps the rest, and it is said that there is more."""
    seen = sql_query.observe({"statement": "SELECT generate_series(1, 10000000)", "rows": 3}, world())
    assert (len(seen.output["rows"]), seen.output["more"]) == (3, True)
    assert seen.output["count"] is None  # three and more are not "fewer than a hundred"
    assert seen.warnings == ("there are more than 3 rows; the rest was not read",)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE jobs SET state = 'x'",
        "SELECT 1; DELETE FROM jobs",
        "SELECT 1; COMMIT; DELETE FROM jobs",
        "WITH gone AS (DELETE FROM jobs RETURNING 1) SELECT * FROM gone",
    ],
)
def test_a_query_cannot_write(world: World, postgres: Server, url: str, statement: str) -> None:
    """Whatever its author wrote."""
    with pytest.raises(WorldError):
        sql_query.observe({"statement": statement}, world())
    assert states(postgres, url) == ["stuck", "stuck", "done"]


@pytest.mark.fault(82)
def test_a_value_is_never_read_as_sql(world: World, postgres: Server, url: str) -> None:
    """Nor as a place for values, where there are none."""
    hostile = "'; DELETE FROM jobs; --"
    seen = sql_query.observe(
        {"statement": "SELECT count(*) FROM jobs WHERE state = %(s)s", "values": {"s": hostile}}, world()
    )
    assert seen.output["value"] == 0
    assert sql_query.observe({"statement": "SELECT 'a%(s)s%' LIKE 'a%'"}, world()).output["value"] is True
    assert states(postgres, url) == ["stuck", "stuck", "done"]


@pytest.mark.fault(82)
def test_a_query_that_takes_too_long_is_ended_there(world: World) -> None:
    """The server stops it; nothing is guessed from its silence."""
    with pytest.raises(WorldError, match="canceling statement") as error:
        sql_query.observe({"statement": "SELECT pg_sleep(60)"}, world(timeout=1))
    assert "longer timeout" in str(error.value.hint)


def test_servers_that_cannot_be_asked_say_why(world: World) -> None:
    """A server that is not there, a password that is wrong, a URL of something else."""
    with pytest.raises(Unreachable):
        world(settings={"url": "postgresql://postgres@127.0.0.1:1/db"}).client("sql").check(5)
    bad = {"url": {"text": "postgresql://nobody:s3cret@127.0.0.1/db"}}
    with pytest.raises((Forbidden, Unreachable)) as error:
        world(settings=bad).client("sql").check(5)
    assert "s3cret" not in str(error.value)
    with pytest.raises(UsageError, match="needs a postgresql:// URL"):
        world(settings={"url": "mysql://127.0.0.1/db"})


# writing


def test_a_change_is_committed_with_its_key(world: World, postgres: Server, url: str) -> None:
    """Planned without a trace; applied; its key stands beside it."""
    change = planned(world())
    assert states(postgres, url) == ["stuck", "stuck", "done"]
    outcome = sql_execute.apply(change, world(1))
    assert (outcome.applied, outcome.output["count"]) == (Applied.YES, 2)
    assert states(postgres, url) == ["queued", "queued", "done"]
    assert sql_execute.confirm(change, world(1)) == DidApply(
        outcome=Outcome(applied=Applied.YES, output={"count": 2, "rows": None})
    )


@pytest.mark.fault(82)
def test_another_number_of_rows_is_rolled_back(world: World, postgres: Server, url: str) -> None:
    """What was approved concerns so many rows, and no more."""
    outcome = sql_execute.apply(planned(world(), rows={"max": 1}), world(1))
    assert outcome.applied is Applied.NO
    assert outcome.error
    assert outcome.error.message == "it concerned 2 rows, and 0 to 1 were approved: it was rolled back"
    assert states(postgres, url) == ["stuck", "stuck", "done"]


@pytest.mark.fault(82)
def test_a_lock_of_somebody_else_is_waited_for_so_long_and_nothing_is_changed(
    world: World, postgres: Server, url: str
) -> None:
    """Whoever holds the row is in the way: it was not applied, and is said so."""
    change = planned(world())
    with psycopg.connect(url) as other:
        other.execute("SELECT 1 FROM jobs WHERE id = 2 FOR UPDATE")
        outcome = sql_execute.apply(change, world(1, timeout=2))
    assert outcome.applied is Applied.NO
    assert outcome.error
    assert "timeout" in outcome.error.message
    assert states(postgres, url) == ["stuck", "stuck", "done"]


@pytest.mark.fault(82)
def test_a_deadlock_that_is_ended_at_our_cost_has_changed_nothing(world: World, postgres: Server, url: str) -> None:
    """The server breaks the circle: what it takes back of ours was not applied, and the other goes on."""
    change = planned(world())
    with psycopg.connect(url) as other:
        other.execute("SET deadlock_timeout = '60s'")  # so that ours looks first, and is the one that is ended
        other.execute("SELECT 1 FROM jobs WHERE id = 2 FOR UPDATE")
        outcomes: list[Outcome] = []
        ours = threading.Thread(target=lambda: outcomes.append(sql_execute.apply(change, world(1))))
        ours.start()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        while postgres.execute(waiting, url.rpartition("/")[2]) != [(1,)]:
            assert ours.is_alive(), outcomes
        other.execute("UPDATE jobs SET cost = 7 WHERE id = 1")
        ours.join(20)
    assert [outcome.applied for outcome in outcomes] == [Applied.NO]
    assert outcomes[0].error
    assert "deadlock" in outcomes[0].error.message
    assert states(postgres, url) == ["stuck", "stuck", "done"]


def test_what_it_returns_is_kept(world: World) -> None:
    """So that a later step knows which rows they were."""
    change = planned(world(), statement=f"{STUCK} RETURNING id, cost")
    assert sql_execute.apply(change, world(1)).output["rows"] == [{"id": 1, "cost": 1.5}, {"id": 2, "cost": None}]


def test_a_statement_that_makes_no_sense_is_refused_before_the_gate(world: World) -> None:
    """Nobody approves a misspelt table."""
    with pytest.raises(WorldError, match='relation "jbos" does not exist'):
        sql_execute.plan({"statement": "UPDATE jbos SET a = 1 WHERE b = 2", "rows": 1}, world())


def test_a_read_only_connection_plans_nothing(world: World) -> None:
    """It says so where a person sees it."""
    refused = sql_execute.plan(RELEASE, world(settings={"read_only": True}))
    assert isinstance(refused, Refused)
    assert "read-only" in refused.reason


def test_plans_use_the_credentials_for_reading(world: World, postgres: Server, url: str) -> None:
    """What changes is opened after a gate; what may only read cannot say whether the other may write."""
    name = url.rpartition("/")[2]
    postgres.execute("DROP ROLE IF EXISTS reader")
    postgres.execute("CREATE ROLE reader LOGIN")
    postgres.execute("GRANT SELECT ON jobs, runbook_ledger TO reader", name)
    apart = {"read": {"url": url.replace("postgres@", "reader@")}}
    preview = {"statement": "SELECT current_user AS who"}
    change = planned(world(settings=apart), preview=preview)
    assert change.request["preview"]["output"] == '{"who":"reader"}'
    assert sql_execute.apply(change, world(1, settings=apart)).applied is Applied.YES
    postgres.execute("DROP OWNED BY reader", name)


def test_another_preview_is_another_change(world: World, postgres: Server, url: str) -> None:
    """What was shown is part of what was approved."""
    preview = {"statement": "SELECT count(*) FROM jobs WHERE state = 'stuck'"}
    before = planned(world(), preview=preview)
    postgres.execute("UPDATE jobs SET state = 'stuck' WHERE id = 3", url.rpartition("/")[2])
    assert planned(world(), preview=preview).digest != before.digest


def test_an_unbounded_write_is_destructive(world: World) -> None:
    """Its author cannot make less of it."""
    assert planned(world(), statement="DELETE FROM jobs", values={}, rows="any").effect is Effect.DESTRUCTIVE


def test_a_number_of_rows_that_bounds_nothing_is_warned_of(world: World) -> None:
    """`rows: 1` would read as if one row were lost."""
    within = "WITH gone AS (DELETE FROM jobs WHERE id > 0 RETURNING 1) SELECT 1"
    (warning,) = planned(world(), statement=within, values={}, rows=1).warnings
    assert "not counted" in warning
    assert planned(world(), statement=within, values={}, rows="any").warnings == ()


@pytest.mark.parametrize(
    "url", ["postgresql://app:pa/s3cret@db/x", "postgresql://app:s3cret#x@db", "postgresql://[::1/x"]
)
def test_a_url_that_cannot_be_read_is_not_cited(url: str) -> None:
    """Mostly it is the password that stands in the way."""
    with pytest.raises(UsageError) as raised:
        clients.connect("sql", {"url": {"env": "DATABASE_URL"}}, lambda _: url)
    assert "s3cret" not in str(raised.value)
    assert "percent-encoded" in (raised.value.hint or "")


# answers that were lost


@pytest.mark.fault(82)
@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_commit_is_settled_by_the_ledger(world: World, postgres: Server, url: str, arrives: bool) -> None:
    """It happened, or it did not and cannot any more; nobody has to guess."""
    with Relay(postgres.port) as relay:
        through = {"url": url.replace(str(postgres.port), str(relay.port))}
        change = planned(world(settings=through))
        relay.cut_at_commit = "after" if arrives else "before"
        assert sql_execute.apply(change, world(1, settings=through)).applied is Applied.UNKNOWN
        found = settled(change, world, through)
        assert isinstance(found, DidApply if arrives else DidNotApply)
        assert states(postgres, url)[0] == ("queued" if arrives else "stuck")
        if not arrives:
            assert sql_execute.apply(change, world(2, settings=through)).applied is Applied.YES


@pytest.mark.fault(82)
def test_what_was_called_off_can_never_commit(world: World, postgres: Server, url: str) -> None:
    """A runner that was held up before its transaction finds its key taken."""
    change = planned(world())
    held_up = world(1)
    assert isinstance(sql_execute.confirm(change, world(1)), DidNotApply)
    outcome = sql_execute.apply(change, held_up)
    assert outcome.applied is Applied.NO
    assert states(postgres, url) == ["stuck", "stuck", "done"]


@pytest.mark.fault(82)
def test_a_transaction_that_is_still_open_cannot_be_told(
    world: World, postgres: Server, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks is told that it still runs, and asks again."""
    from runbook.clients import sql

    monkeypatch.setattr(sql, "_LOCK", 0.2)
    change = planned(world(), statement=f"{STUCK} AND pg_sleep(1) IS NOT NULL", rows="any")
    attempt = world(1)
    thread = threading.Thread(target=sql_execute.apply, args=(change, attempt))
    thread.start()
    for _ in until("the statement runs"):
        if postgres.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'UPDATE jobs%' AND state = 'active'"):
            break
    found = sql_execute.confirm(change, world(1))
    assert isinstance(found, CannotTell)
    assert found.running
    thread.join()
    assert isinstance(sql_execute.confirm(change, world(1)), DidApply)


@pytest.mark.fault(82)
def test_without_a_ledger_a_doubt_stays_one(world: World, postgres: Server, url: str) -> None:
    """The gate says so before."""
    postgres.execute("DROP TABLE runbook_ledger", url.rpartition("/")[2])
    change = planned(world())
    assert change.warnings[0].startswith("there is no table runbook_ledger")
    assert sql_execute.apply(change, world(1)).applied is Applied.YES
    assert isinstance(sql_execute.confirm(change, world(1)), CannotTell)


@pytest.mark.fault(82)
def test_a_ledger_that_was_made_after_a_change_does_not_speak_about_it(
    world: World, postgres: Server, url: str
) -> None:
    """The gate says that the table is missing; who makes it before resuming must not have the change made twice."""
    postgres.execute("DROP TABLE runbook_ledger", url.rpartition("/")[2])
    change = planned(world())
    assert sql_execute.apply(change, world(1)).applied is Applied.YES
    postgres.execute(LEDGER, url.rpartition("/")[2])
    found = sql_execute.confirm(change, world(1))
    assert isinstance(found, CannotTell)
    assert "it was not noted" in found.reason


def test_a_connection_that_leads_elsewhere_by_now_gets_nothing_and_tells_nothing(
    world: World, postgres: Server, url: str
) -> None:
    """The configuration was changed while the run waited: another database has another ledger."""
    other = postgres.database()
    postgres.execute(LEDGER, other.rpartition("/")[2])
    change, there = planned(world()), {"url": other}
    outcome = sql_execute.apply(change, world(1, settings=there))
    assert outcome.error is not None
    assert (outcome.applied, outcome.error.code) == (Applied.NO, "elsewhere")
    assert isinstance(sql_execute.confirm(change, world(1, settings=there)), CannotTell)
    assert postgres.execute("SELECT * FROM runbook_ledger", other.rpartition("/")[2]) == []


def settled(change: Change, world: World, settings: dict[str, Any]) -> Any:
    """What is found once the server has noticed that the line is gone."""
    for _ in until("the transaction is over"):
        with suppress(WorldError):
            found = sql_execute.confirm(change, world(1, settings=settings))
            if not isinstance(found, CannotTell):
                return found
    raise AssertionError
