"""One query in a read-only transaction. What it gives is limited by the server, not by what arrives here."""

from __future__ import annotations

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.kinds import sql_statements, sql_values
from runbook.kinds.protocol import Inputs, World

_MOST = 100

SPEC = KindSpec(
    name="sql.query",
    summary="Ask a PostgreSQL database, in a transaction that cannot write.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["statement"],
        "properties": {
            "statement": {
                "type": "string",
                "minLength": 1,
                "description": "One query, as it stands: no templates. Pass values by `values`, as `%(name)s`.",
                "examples": ["SELECT count(*) AS waiting FROM jobs WHERE state = %(state)s"],
            },
            "values": sql_statements.VALUES,
            "rows": {
                "type": "integer",
                "minimum": 1,
                "maximum": 1000,
                "default": _MOST,
                "description": "How many rows are read at most.",
                "examples": [20],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "rows": sql_values.ROWS,
            "count": {
                "type": ["integer", "null"],
                "description": "How many rows there are; null where there are more than were read.",
            },
            "value": {"description": "The only value, where there is one row of one column; else null."},
            "more": {"type": "boolean", "description": "Whether there were more rows than were read."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="sql",
    timeout="30s",
    example={
        "id": "connections",
        "title": "Connections that hold a transaction open and do nothing",
        "uses": "sql.query",
        "with": {
            "statement": "SELECT count(*) FROM pg_stat_activity WHERE state = %(state)s",
            "values": {"state": "idle in transaction"},
        },
        "expect": "value < 20",
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return sql_statements.one_line(str(inputs.get("statement", "")))


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return sql_statements.psql(str(inputs.get("statement", "")), dict(inputs.get("values", {})))


def observe(inputs: Inputs, world: World) -> Observation:
    """Its rows. WorldError where the server does not answer, or refuses the query."""
    most = int(inputs.get("rows", _MOST))
    found = world.client("sql").query(inputs["statement"], inputs.get("values", {}), most, world.remaining())
    rows = sql_values.rows(found)
    only = len(rows) == 1 and len(found.columns) == 1 and not found.more
    output = {
        "rows": rows,
        "count": None if found.more else len(rows),  # so many and more is no number to be judged by
        "value": next(iter(rows[0].values())) if only else None,
        "more": found.more,
    }
    warnings = (f"there are more than {most} rows; the rest was not read",) if found.more else ()
    return Observation(output=output, warnings=warnings)
