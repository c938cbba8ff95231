"""What the text of a statement says of itself."""

from __future__ import annotations

import shlex
from decimal import Decimal

import pytest

from runbook.clients.sql import Rows
from runbook.document.words import Effect
from runbook.kinds import sql_execute, sql_statements, sql_values


@pytest.mark.parametrize(
    ("statement", "effect"),
    [
        ("UPDATE jobs SET state = 'x' WHERE id = 1", Effect.CHANGE),
        ("-- why\n/* and how */ insert into jobs values (1)", Effect.CHANGE),
        ("SELECT pg_terminate_backend(1)", Effect.CHANGE),
        ("UPDATE jobs SET state = 'no WHERE here'", Effect.DESTRUCTIVE),
        ("DELETE FROM jobs -- WHERE id = 1", Effect.DESTRUCTIVE),
        ("WITH gone AS (DELETE FROM jobs RETURNING *) SELECT count(*) FROM gone", Effect.DESTRUCTIVE),
        ("UPDATE jobs SET a = (SELECT b FROM c WHERE c.id = 1)", Effect.DESTRUCTIVE),
        ("DELETE FROM jobs USING (SELECT 1 WHERE true) x", Effect.DESTRUCTIVE),
        ("WITH d AS (DELETE FROM jobs RETURNING 1) SELECT 1 FROM d WHERE 1 = 1", Effect.DESTRUCTIVE),
        ("WITH old AS (SELECT id FROM jobs) UPDATE jobs SET a = 1 FROM old WHERE jobs.id = old.id", Effect.CHANGE),
        ("INSERT INTO jobs VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 2", Effect.CHANGE),
        ("MERGE INTO jobs USING new ON jobs.id = new.id WHEN MATCHED THEN UPDATE SET a = 1", Effect.CHANGE),
        ("DELETE FROM jobs /* /* */ WHERE */", Effect.DESTRUCTIVE),
        ("/* /* */ INSERT */ DROP TABLE jobs", Effect.DESTRUCTIVE),
        (r"UPDATE jobs SET state = E'\' WHERE '", Effect.DESTRUCTIVE),
        ("WITH q$x$ AS (DELETE FROM jobs RETURNING 1) SELECT 1 FROM q$x$", Effect.DESTRUCTIVE),
        ("SELECT 1 /* never closed WHERE", Effect.CHANGE),
        ("DROP TABLE jobs", Effect.DESTRUCTIVE),
        ("ALTER TABLE jobs DROP COLUMN state", Effect.DESTRUCTIVE),
        ("TRUNCATE jobs", Effect.DESTRUCTIVE),
        ("", Effect.DESTRUCTIVE),
    ],
)
def test_what_defines_things_or_has_no_bound_loses_data(statement: str, effect: Effect) -> None:
    """A guess errs towards danger."""
    assert sql_statements.effect(statement) is effect


@pytest.mark.parametrize(
    ("statement", "within"),
    [
        ("WITH d AS (DELETE FROM jobs WHERE true RETURNING 1) SELECT 1", True),
        ("WITH d AS MATERIALIZED (INSERT INTO a SELECT 1 RETURNING 1) SELECT 1", True),
        ("WITH old AS (SELECT id FROM jobs FOR UPDATE) UPDATE jobs SET a = 1 FROM old WHERE jobs.id = old.id", False),
        ("INSERT INTO jobs (id, update) VALUES (1, ')')", False),
    ],
)
def test_what_is_written_within_a_statement_is_not_what_its_rows_count(statement: str, within: bool) -> None:
    """The server counts the rows of the outermost one."""
    assert sql_statements.writes_within(statement) is within


@pytest.mark.fault(82)
@pytest.mark.parametrize(
    "statement",
    ["COMMIT", "begin; select 1", "VACUUM jobs", "CREATE INDEX CONCURRENTLY i ON jobs (id)", "COPY jobs TO '/tmp/x'"],
)
def test_what_a_transaction_cannot_hold_is_refused(statement: str) -> None:
    """It could neither be undone nor be told of after a lost answer."""
    assert sql_statements.refusal(statement)


def test_words_in_texts_and_names_are_no_commands() -> None:
    """A row that speaks of CONCURRENTLY is a row."""
    assert sql_statements.refusal("UPDATE jobs SET note = 'CONCURRENTLY' WHERE id = 1") is None
    assert sql_statements.refusal('INSERT INTO "TABLESPACE" VALUES ($x$ CREATE DATABASE $x$)') is None


def test_the_line_to_type_by_hand_leaves_quoting_to_psql() -> None:
    """A value stays a value there too."""
    line = sql_statements.psql("UPDATE j SET a = %(a)s WHERE id = %(id)s;", {"a": "it's; DROP", "id": 7})
    head, _, text = line.partition(" <<'SQL'\n")
    assert shlex.split(head) == ["psql", "$DATABASE_URL", "-v", "a=it's; DROP", "-v", "id=7"]
    assert text == "UPDATE j SET a = :'a' WHERE id = :'id';\nSQL"


def test_no_line_of_a_statement_ends_what_is_typed_by_hand() -> None:
    """A shell would execute what stands behind it."""
    line = sql_statements.psql("SELECT '\nSQL\nrm -rf ~\n'", {})
    assert line.startswith("psql \"$DATABASE_URL\" <<'SQL_'\n")
    assert line.endswith("\nSQL_")


def test_the_line_to_type_by_hand_has_each_percent_once() -> None:
    """With values `%%` is written for one; without them a `%` is a `%`."""
    assert "like 'idle%' and n > :'n'" in sql_statements.psql("select 1 where s like 'idle%%' and n > %(n)s", {"n": 1})
    assert "like 'a%%'" in sql_statements.psql("select 1 where s like 'a%%'", {})


@pytest.mark.fault(82)
@pytest.mark.parametrize(
    ("value", "data"),
    [
        (Decimal("1.5"), 1.5),
        (Decimal("10"), 10),
        (Decimal("0.1000000000000000000001"), "0.1000000000000000000001"),
        (Decimal("NaN"), "NaN"),
        (2**60, str(2**60)),
        (float("inf"), "inf"),
        (b"\x00\xff", "\\x00ff"),
        ([1, None], [1, None]),
    ],
)
def test_a_value_is_never_rounded(value: object, data: object) -> None:
    """What no JSON number says exactly is text."""
    assert sql_values.plain(value) == data


def test_columns_of_one_name_are_all_kept() -> None:
    """A join gives two ids."""
    assert sql_values.rows(Rows(("id", "id", "n"), ((1, 2, 3),), False)) == [{"id": 1, "id#2": 2, "n": 3}]


def test_a_number_is_shown_as_it_is_sent() -> None:
    """A whole float comes back from the journal as an integer, which PostgreSQL divides otherwise."""
    change = sql_execute.rehearse({"statement": "UPDATE j SET a = %(x)s / 3", "values": {"x": 2.0}, "rows": 1}, {})
    assert "  x = 2" in change.diff.splitlines()
    assert "-v x=2 <<" in change.by_hand
    assert change.inputs["values"] == {"x": 2} == change.request["values"]


def test_a_rehearsal_opens_nothing() -> None:
    """The change comes from its inputs alone, and its undo with it; a plan raises the effect."""
    undo = {"statement": "INSERT INTO jobs VALUES (1)", "rows": 1}
    change = sql_execute.rehearse({"statement": "DELETE FROM jobs", "rows": {"max": 10}, "undo": undo}, {})
    assert (change.target.connection, change.effect, change.request["rows"]) == (
        "rehearsal",
        "destructive",
        {"max": 10},
    )
    assert change.undo
    assert change.undo.effect is Effect.CHANGE
