"""One statement that changes a database: planned in full, committed at most once, undone where it hits too many rows.

The statement runs in a transaction that begins with its key in the ledger (`clients/sql.py`). So a COMMIT whose answer
was lost is settled by looking for the key; where it is not there it is taken, and what may still be under way can
never commit. How many rows it may concern is part of what is approved: another number rolls it back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from runbook.core.canonical import as_stored
from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    DidNotApply,
    Error,
    Observation,
    Outcome,
    Planned,
    Refused,
    Target,
)
from runbook.core.redrawn import PREVIEW
from runbook.core.words import Applied, Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import Forbidden, WorldError
from runbook.kinds import previews, sql_statements, sql_values
from runbook.kinds.elsewhere import elsewhere
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.sql import SqlClient

_KIND: Final = "sql.execute"
_SHOWN: Final = 20  # rows of a preview
_NOTED: Final = "ledger"  # in a change's precondition: whether it is noted there when it is made
_IRREVERSIBLE: Final = "the step says no statement that takes it back"
_STATEMENT: Final = {
    "type": "string",
    "minLength": 1,
    "description": "One statement, as it stands: no templates. Pass values by `values`, as `%(name)s`.",
    "examples": ["UPDATE jobs SET state = 'queued' WHERE id = %(id)s AND state = 'stuck'"],
}
_ROWS: Final = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {
                "min": {"type": "integer", "minimum": 0, "description": "At least so many.", "examples": [1]},
                "max": {"type": "integer", "minimum": 0, "description": "At most so many.", "examples": [100]},
            },
        },
        {"const": "any"},
    ],
    "description": "How many rows it concerns: a number, `min` and `max`, or `any`. Another number rolls it back.",
    "examples": [1, {"max": 100}, "any"],
}
_PART: Final = {"statement": _STATEMENT, "values": sql_statements.VALUES}

SPEC = KindSpec(
    name=_KIND,
    summary="Execute one statement in a PostgreSQL database, at most once.",
    role=Role.ACTION,
    effect=None,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["statement", "rows"],
        "properties": {
            "effect": {
                "enum": ["change", "destructive"],
                "default": "change",
                "description": "What it does to the data; a plan may raise it. A read is `sql.query`.",
                "examples": ["destructive"],
            },
            **_PART,
            "rows": _ROWS,
            "undo": {
                "type": "object",
                "additionalProperties": False,
                "required": ["statement", "rows"],
                "properties": {**_PART, "rows": _ROWS},
                "description": "The statement that takes it back; without it the step is irreversible.",
                "examples": [
                    {"statement": "UPDATE jobs SET state = 'stuck' WHERE id = %(id)s", "values": {"id": 7}, "rows": 1}
                ],
            },
            "preview": {
                "type": "object",
                "additionalProperties": False,
                "required": ["statement"],
                "properties": _PART,
                "description": "A query that is asked while planning: its rows are shown at the gate, and approved "
                "with the change.",
                "examples": [{"statement": "SELECT id, state FROM jobs WHERE id = %(id)s", "values": {"id": 7}}],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "count": {"type": ["integer", "null"], "description": "How many rows it concerned."},
            "rows": sql_values.ROWS | {"type": ["array", "null"], "description": "What RETURNING gave, at most 1,000."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="sql",
    timeout="30s",
    example={
        "id": "release",
        "title": "Let go the job that nobody works on",
        "uses": _KIND,
        "with": {
            "statement": "UPDATE jobs SET state = 'queued' WHERE id = %(id)s AND state = 'stuck'",
            "values": {"id": 7},
            "rows": 1,
            "undo": {"statement": "UPDATE jobs SET state = 'stuck' WHERE id = %(id)s", "values": {"id": 7}, "rows": 1},
            "preview": {"statement": "SELECT id, state, since FROM jobs WHERE id = %(id)s", "values": {"id": 7}},
        },
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return sql_statements.one_line(str(inputs.get("statement", "")))


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return sql_statements.psql(str(inputs.get("statement", "")), dict(inputs.get("values", {})))


def plan(inputs: Inputs, world: World) -> Planned:
    """The statement with its values; the server reads it, and what is shown of it is asked."""
    client = world.client("sql")
    if client.read_only:
        return Refused(reason=f"the connection to {client.identity} is read-only")
    for part in (inputs, inputs.get("undo") or {}):
        refused = sql_statements.refusal(part.get("statement", "SELECT 1"))
        if refused:
            return Refused(reason=refused)
    change = _planned(inputs, client.identity)
    if sql_statements.can_be_explained(inputs["statement"]):
        try:
            client.explained(inputs["statement"], change.inputs.get("values", {}), world.remaining())
        except Forbidden:
            if not client.reads_apart:  # what may only read may not even ask how it would be written
                raise
    noted = client.has_ledger(world.remaining())
    change = msgspec.structs.replace(change, precondition={_NOTED: noted}, warnings=_warnings(inputs, client, noted))
    return previews.joined(change, _preview(inputs, world))


def apply(change: Change, world: World) -> Outcome:
    """One transaction: noted, executed, counted, committed."""
    from runbook.clients.sql import Lost

    client, inputs = world.client("sql"), change.inputs
    if (lost := elsewhere(change, client.identity, world)) is not None:
        return Outcome(applied=Applied.NO, error=Error(code="elsewhere", message=lost))
    key = _key(world) if change.precondition.get(_NOTED) else None
    try:
        count, returned = client.commit(
            key, inputs["statement"], inputs.get("values", {}), _within(inputs["rows"]), world.remaining()
        )
    except Lost as error:
        return Outcome(applied=Applied.UNKNOWN, error=Error(code=error.code, message=error.message))
    except WorldError as error:  # whatever was begun has been undone
        return Outcome(applied=Applied.NO, error=Error(code=error.code, message=error.message))
    return Outcome(applied=Applied.YES, output={"count": count, "rows": sql_values.rows(returned)})


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:  # noqa: ARG001 - the protocol's
    """What is committed is there."""
    return Observation(verdict=Verdict.PASS)


def confirm(change: Change, world: World) -> Confirmation:
    """Look for its key in the ledger, and take it where it is not there.

    Only where it was noted: a ledger that was made since, or that of another database, does not have it either way.
    """
    from runbook.clients.sql import Refusal

    client = world.client("sql")
    if (lost := elsewhere(change, client.identity, world)) is not None:
        return CannotTell(reason=f"{lost}; look there whether it was done")
    if not change.precondition.get(_NOTED):
        return CannotTell(reason=f"it was not noted in {client.ledger} of {client.identity}; look whether it was done")
    if not client.has_ledger(world.remaining()):
        return CannotTell(reason=f"there is no table {client.ledger} in {client.identity}; look whether it was done")
    try:
        count = client.found(_key(world), world.remaining())
    except Refusal as error:
        return CannotTell(reason=error.message, running="its transaction, which is still open,")
    if count is None:
        return DidNotApply(reason=f"{client.ledger} does not have it, and cannot get it any more")
    return DidApply(outcome=Outcome(applied=Applied.YES, output={"count": count, "rows": None}))


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change from its inputs alone, with the preview that is given."""
    return previews.joined(
        _planned(inputs, "rehearsal"), previews.simulated(inputs, given.get(PREVIEW), _typed(inputs))
    )


def _planned(inputs: Inputs, identity: str) -> Change:
    statement, undo = str(inputs["statement"]), inputs.get("undo")
    values = as_stored(dict(inputs.get("values", {})))  # `2.0` is sent as 2, which divides otherwise: so it is shown
    inputs = dict(inputs) | ({"values": values} if values else {})
    claimed = Effect(inputs.get("effect", Effect.CHANGE))
    return Change(
        kind=_KIND,
        target=Target(connection=identity, kind="Database", name=identity.rpartition("/")[2]),
        summary=sql_statements.one_line(statement),
        effect=claimed.at_least(sql_statements.effect(statement)),
        inputs=inputs,
        request={"statement": statement, "values": values, "rows": inputs["rows"]},
        undo=_planned(undo, identity) if undo else None,
        irreversible=None if undo else _IRREVERSIBLE,
        diff="\n".join([statement.rstrip(), *(f"  {name} = {value!r}" for name, value in values.items())]),
        by_hand=by_hand(inputs),
    )


def _warnings(inputs: Inputs, client: SqlClient, noted: bool) -> tuple[str, ...]:
    lost = "should the answer to its COMMIT be lost, nobody will know whether it is done"
    found = [] if noted else [f"there is no table {client.ledger}: {lost}"]
    if inputs["rows"] != "any" and sql_statements.writes_within(inputs["statement"]):
        found.append("`rows` counts the outermost statement; what is written within it is not counted, nor bounded")
    return tuple(found)


def _preview(inputs: Inputs, world: World) -> previews.Preview | None:
    asked = inputs.get(PREVIEW)
    if not asked:
        return None
    found = world.client("sql").query(asked["statement"], asked.get("values", {}), _SHOWN, world.remaining())
    rows = sql_values.rows(found)
    text = "\n".join(msgspec.json.encode(row).decode() for row in rows) or "(no rows)"
    return {"command": _typed(inputs), "output": f"{text}\n(and more)" if found.more else text}


def _typed(inputs: Inputs) -> str:
    return by_hand(inputs.get(PREVIEW) or {})


def _key(world: World) -> str:
    """One for each attempt: what was called off must not keep the next attempt from being made."""
    attempt = world.attempt.path.name if world.attempt else ""
    return hashlib.sha256(f"{world.intent}\n{attempt}".encode()).hexdigest()[:32]


def _within(rows: Any) -> Any:
    """Raises where another number of rows was concerned than was approved."""
    from runbook.clients.sql import Refusal

    bounds = {"min": rows, "max": rows} if isinstance(rows, int) else {} if rows == "any" else rows
    least, most = bounds.get("min", 0), bounds.get("max")

    def accepts(count: int) -> None:
        if rows != "any" and (count < least or (most is not None and count > most)):
            bound = f"{least}" if least == most else f"{least} to {most}" if most is not None else f"at least {least}"
            raise Refusal(f"it concerned {count} rows, and {bound} were approved: it was rolled back")

    return accepts
