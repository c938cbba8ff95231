"""Hold notifications back while something is worked on: one silence in Alertmanager, for a time, with its reason.

Approved are the matchers, the length, the comment and the name under it. The alerts that it would hold back now are
shown, and are not part of that: they come and go. When it is made, it begins and ends by Alertmanager's own clock.
What a silence is as a change, and how it is found again, is in `silences.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    DidNotApply,
    Error,
    NothingToDo,
    Observation,
    Outcome,
    Planned,
    Refused,
)
from runbook.core.words import Applied, Verdict
from runbook.document.durations import PATTERN
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import Forbidden, WorldError
from runbook.kinds import alertmanager_matchers as matching
from runbook.kinds import silences as changes
from runbook.kinds.alertmanager_matchers import Matcher
from runbook.kinds.elsewhere import elsewhere
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.alertmanager import AlertmanagerClient, Silence

MOST_SHOWN = 20
PATIENCE = 10.0  # seconds after which what has not arrived will not; peers of a cluster agree within that time, too
LOOK_EVERY = 0.25

SPEC = KindSpec(
    name=changes.KIND,
    summary="Silence alerts in Alertmanager for a time.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["matchers", "duration", "comment"],
        "properties": {
            "matchers": {
                "type": ["array", "object"],
                "minItems": 1,
                "minProperties": 1,
                "items": {"type": "string"},
                "additionalProperties": {"type": ["string", "number"]},
                "description": "Which alerts, all of them together: a mapping of labels and their values, or a list of "
                "name=value, name!=value, name=~pattern and name!~pattern.",
                "examples": [
                    {"alertname": "ReplicationLag", "cluster": "{{ params.cluster }}"},
                    ["alertname=ReplicationLag", 'instance=~"db-[0-9]+"'],
                ],
            },
            "duration": {
                "type": "string",
                "pattern": PATTERN,
                "description": "How long it lasts from the moment it is made, a duration with unit.",
                "examples": ["2h", "30m"],
            },
            "comment": {
                "type": "string",
                "minLength": 1,
                "description": "Why, for whoever finds it; the run that made it is added.",
                "examples": ["Failing over db-1, see INC-7"],
            },
            "created_by": {
                "type": "string",
                "minLength": 1,
                "description": "Whose silence it is. Default: who started the run.",
                "examples": ["storage-oncall"],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "silence_id": {"type": ["string", "null"], "description": "Id of the silence."},
            "ends_at": {"type": ["string", "null"], "description": "When it ends, RFC 3339."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="alertmanager",
    timeout="30s",
    example={
        "id": "silence",
        "title": "Hold back pages while the replica is built anew",
        "uses": "alertmanager.silence",
        "with": {
            "matchers": {"alertname": "ReplicationLag", "cluster": "{{ params.cluster }}"},
            "duration": "2h",
            "comment": "The replica is being built anew",
        },
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Silence {matching.spelt(inputs.get('matchers'))} for {inputs.get('duration')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return changes.amtool(inputs)


def plan(inputs: Inputs, world: World) -> Planned:
    """The silence, and the alerts that it would hold back now. Raises as the client does."""
    client: AlertmanagerClient = world.client("alertmanager")
    if changes.TAKES_BACK in inputs:
        undo = changes.undoing(inputs, client.identity)
        alive = any(not one.over for one in changes.ours(undo, client.silences(world.remaining()).silences))
        return undo if alive else NothingToDo(reason="the silence has ended already")
    change = changes.planned(inputs, client.identity, created_by=world.initiator, run=world.run)
    matchers = matching.read(inputs["matchers"])
    if not any(matcher.selects for matcher in matchers):
        return Refused(reason=f"{changes.spelt(matchers)} fits any alert; a silence needs a label with a value")
    seen = client.silences(world.remaining())
    until = seen.now + change.request["duration"]
    for silence in seen.silences:
        if silence.state == "active" and changes.same(silence, change) and silence.ends_at >= until:
            return NothingToDo(reason=f"silence {silence.id} does that already, until {_utc(silence.ends_at)}")
    return _shown(change, matchers, client, world)


def apply(change: Change, world: World) -> Outcome:
    """Make it, or for an undo expire it."""
    from runbook.clients.alertmanager import Rejected
    from runbook.clients.net import LocalFault, NoAnswer

    client: AlertmanagerClient = world.client("alertmanager")
    if (lost := elsewhere(change, client.identity, world)) is not None:
        return Outcome(applied=Applied.NO, error=Error(code="elsewhere", message=lost))
    try:
        seen = client.silences(world.remaining())
    except WorldError as error:
        return _failed(Applied.NO, error)
    try:
        if changes.TAKES_BACK in change.inputs:
            return _expired(change, seen.silences, client, world)
        ends_at = seen.now + change.request["duration"]
        made = client.create(_body(change, seen.now, ends_at, world), world.remaining())
    except (NoAnswer, LocalFault) as error:
        return _failed(Applied.UNKNOWN if error.sent else Applied.NO, error)
    except (Forbidden, Rejected) as error:
        return _failed(Applied.NO, error)
    except WorldError as error:
        return _failed(Applied.UNKNOWN, error)
    return _done(made, ends_at)


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:  # noqa: ARG001 - the protocol's
    """Its id was its arrival."""
    return Observation(verdict=Verdict.PASS)


def confirm(change: Change, world: World) -> Confirmation:
    """Look for our mark, for as long as a request that was cut off may still be on its way."""
    client: AlertmanagerClient = world.client("alertmanager")
    if (lost := elsewhere(change, client.identity, world)) is not None:
        return CannotTell(reason=f"{lost}; look there whether it was done")
    until = monotonic() + PATIENCE
    while True:
        found = _found(change, client.silences(world.remaining()).silences, world)
        if found is not None:
            return DidApply(outcome=found)
        if monotonic() >= until:
            return DidNotApply(reason="it is not there, and had its time to arrive")
        if world.cancelled() or world.remaining() <= 2 * LOOK_EVERY:
            return CannotTell(reason="it is not there yet, and may still arrive")
        sleep(LOOK_EVERY)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - nothing to be given
    """The change without a connection."""
    return changes.planned(inputs, "rehearsal", created_by="rehearsal", run="rehearsal")


def _shown(change: Change, matchers: tuple[Matcher, ...], client: AlertmanagerClient, world: World) -> Change:
    """The change with the alerts that it would hold back now."""
    from msgspec.structs import replace

    alerts = client.alerts([str(matcher) for matcher in matchers], world.remaining())
    warnings: tuple[str, ...] = ()
    if not alerts:
        warnings = ("no alert fits these matchers now",)
    elif len(alerts) > 1 and len(alerts) == len(client.alerts((), world.remaining())):
        warnings = (f"these are all {len(alerts)} alerts that there are now",)
    count = f"{len(alerts)} alert{'' if len(alerts) == 1 else 's'} now"
    lines = [count + (":" if alerts else ""), *(f"  {_named(labels)}" for labels in alerts[:MOST_SHOWN])]
    if len(alerts) > MOST_SHOWN:
        lines.append(f"  and {len(alerts) - MOST_SHOWN} more")
    return replace(change, summary=f"{change.summary} ({count})", diff="\n".join(lines), warnings=warnings)


def _body(change: Change, now: float, ends_at: float, world: World) -> dict[str, Any]:
    request = change.request
    return {
        "matchers": request["matchers"],
        "startsAt": _utc(now),
        "endsAt": _utc(ends_at),
        "createdBy": request["created_by"],
        "comment": f"{request['comment']} {changes.mark(world.intent or world.run)}",
    }


def _expired(change: Change, silences: tuple[Silence, ...], client: AlertmanagerClient, world: World) -> Outcome:
    ours = [silence for silence in changes.ours(change, silences) if not silence.over]
    for silence in ours:
        client.expire(silence.id, world.remaining())
    return _done(ours[-1].id if ours else None, None)


def _found(change: Change, silences: tuple[Silence, ...], world: World) -> Outcome | None:
    """What a change left, if it is in the world; an undo is, once nothing of what it ends is alive."""
    if changes.TAKES_BACK in change.inputs:
        ours = changes.ours(change, silences)
        return _done(ours[-1].id if ours else None, None) if all(one.over for one in ours) else None
    mark = changes.mark(world.intent or world.run)
    made = next((one for one in silences if one.comment.endswith(mark) and changes.same(one, change)), None)
    return _done(made.id, made.ends_at) if made else None


def _done(silence: str | None, ends_at: float | None) -> Outcome:
    ends = None if ends_at is None else _utc(ends_at)
    return Outcome(applied=Applied.YES, output={"silence_id": silence, "ends_at": ends})


def _failed(applied: Applied, error: WorldError) -> Outcome:
    return Outcome(applied=applied, error=Error(code=error.code, message=str(error)))


def _named(labels: Mapping[str, str]) -> str:
    others = ", ".join(f"{name}={value}" for name, value in sorted(labels.items()) if name != "alertname")
    return f"{labels.get('alertname', '(no name)')}  {others}".rstrip()


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
