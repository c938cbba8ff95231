"""One HTTP request that may change something: planned in full, sent once, never again on a doubt.

What an answer says about the change, and what is planned, is in `http_change.py`.

An `Idempotency-Key` goes with each request, the same in every attempt. With `effect: read` a GET or HEAD is a
probe. A doubt can be settled by `confirm`, a GET that answers with a status only once the change is there: it is
asked when the change is planned, and one that already answers so proves nothing later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    Error,
    Observation,
    Outcome,
    Planned,
    Refused,
)
from runbook.core.redrawn import PREVIEW
from runbook.core.words import Applied, Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError, WorldError
from runbook.kinds import http_change, http_exchange, previews
from runbook.kinds.needs import Address
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.http import HttpClient

_METHOD = {
    "type": "string",
    "pattern": "^[A-Z]+$",
    "description": "HTTP method, in capitals.",
    "examples": ["POST", "PUT", "DELETE"],
}
_JSON = {"description": "Body, sent as JSON.", "examples": [{"enabled": False}]}
_BODY = {"type": "string", "description": "Body, sent as it stands.", "examples": ["state=drained"]}
_STATUSES = {
    "type": "array",
    "items": {"type": "integer", "minimum": 100, "maximum": 599},
    "minItems": 1,
    "description": "Status codes that mean success; any 2xx without it.",
    "examples": [[200, 204]],
}
_ONE_BODY = {"if": {"required": ["json"]}, "then": {"propertyNames": {"not": {"const": "body"}}}}
_READ = {
    "if": {"properties": {"effect": {"const": "read"}}, "required": ["effect"]},
    "then": {"properties": {"method": {"enum": ["GET", "HEAD"]}}},
}
_MESSAGE = {"url": http_exchange.URL, "headers": http_exchange.HEADERS, "json": _JSON, "body": _BODY}

SPEC = KindSpec(
    name=http_change.KIND,
    version=http_change.VERSION,
    summary="Send one HTTP request.",
    role=Role.ACTION,
    effect=None,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["method", "url"],
        "allOf": [_ONE_BODY, _READ],
        "properties": {
            "effect": {
                "enum": ["read", "change", "destructive"],
                "default": "change",
                "description": "What the request does; `read` makes it a probe and needs GET or HEAD.",
                "examples": ["destructive"],
            },
            "method": _METHOD,
            **_MESSAGE,
            "expect_status": _STATUSES,
            "undo": {
                "type": "object",
                "additionalProperties": False,
                "required": ["method", "url"],
                "allOf": [_ONE_BODY],
                "properties": {"method": _METHOD, **_MESSAGE, "expect_status": _STATUSES},
                "description": "The request that takes this one back, at the same host with the same headers "
                "unless it has its own; without it the step is irreversible.",
                "examples": [{"method": "DELETE", "url": "https://lb.example.com/api/drains/web-1"}],
            },
            "preview": {
                "type": "object",
                "additionalProperties": False,
                "required": ["url"],
                "properties": {
                    "method": {"enum": ["GET"], "description": "GET.", "examples": ["GET"]},
                    "url": http_exchange.URL,
                    "headers": http_exchange.HEADERS,
                },
                "description": "A GET that is sent while planning, at the same host with the same headers unless it "
                "has its own: what it answers is shown at the gate, and approved with the change. For changes only.",
                "examples": [{"url": "https://lb.example.com/api/drains/web-1/preview"}],
            },
            "confirm": {
                "type": "object",
                "additionalProperties": False,
                "required": ["url", "status"],
                "properties": {
                    "url": http_exchange.URL,
                    "status": {
                        "type": "integer",
                        "minimum": 100,
                        "maximum": 599,
                        "description": "The status that a GET gives once the change is there, and not before.",
                        "examples": [200],
                    },
                },
                "description": "How it is found out, after a crash or a lost answer, whether the change is there: "
                "a GET, at the same host with the step's headers.",
                "examples": [{"url": "https://lb.example.com/api/drains/web-1", "status": 200}],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": http_exchange.OUTPUTS
        | {"expected": {"type": ["boolean", "null"], "description": "True when the status means success."}},
    },
    expect="expected",
    text="body",
    reach=Reach.ASKS,
    timeout="30s",
    example={
        "id": "drain",
        "title": "Take web-1 out of the load balancer",
        "uses": "http.request",
        "with": {
            "method": "PUT",
            "url": "https://lb.example.com/api/drains/web-1",
            "headers": {"Authorization": {"env": "LB_AUTHORIZATION"}},
            "json": {"reason": "error rate"},
            "undo": {"method": "DELETE", "url": "https://lb.example.com/api/drains/web-1"},
            "confirm": {"url": "https://lb.example.com/api/drains/web-1", "status": 200},
        },
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"{inputs.get('method')} {inputs.get('url')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return http_exchange.curl(str(inputs.get("method")), inputs)


def needs(inputs: Inputs) -> tuple[Address, ...]:
    """The server that it asks."""
    return (Address(inputs["url"]),) if inputs.get("url") else ()


def observe(inputs: Inputs, world: World) -> Observation:
    """One GET or HEAD. A server that does not answer is the answer `fail`; LocalFault where we cannot ask."""
    from runbook.clients import net

    if inputs["method"] not in ("GET", "HEAD"):
        raise ParameterError(f"a {inputs['method']} request is no read", hint="leave out `effect: read`")
    client = http_exchange.client(world)
    headers = http_exchange.resolved(inputs.get("headers", {}), world)
    url = client.resolve(inputs["url"])
    try:
        response = client.request(inputs["method"], url, timeout=world.remaining(), headers=headers)
    except net.NoAnswer as error:
        silence = http_exchange.silence(url, error.message) | {"expected": None}
        return Observation(verdict=Verdict.FAIL, output=silence)
    output, warnings = http_exchange.outputs(response)
    expected = http_change.expected(inputs, response.status)
    return Observation(output=output | {"expected": expected}, warnings=warnings)


def plan(inputs: Inputs, world: World) -> Planned:
    """The request as it will be sent, secrets concealed; asks `confirm` what it answers before."""
    client = http_exchange.client(world)
    http_exchange.resolved(inputs.get("headers", {}), world)  # a header that cannot be sent shows here, not later

    def concealed(reference: Any) -> Any:
        return {"concealed": world.conceal(world.secret(reference))}

    change = http_change.planned(inputs, client.resolve, concealed)
    preview = previews.of_request(inputs, client, world)
    if isinstance(preview, Refused):
        return preview
    change = previews.joined(change, preview)
    before = _asked(inputs, client, world) if "confirm" in inputs else None
    if before is None:
        return change
    warnings: tuple[str, ...] = ()
    if before == inputs["confirm"]["status"]:
        warnings = (f"`confirm` answers {before} already, so it cannot tell later whether the change arrived",)
    return msgspec.structs.replace(change, precondition={"confirm": before}, warnings=warnings)


def apply(change: Change, world: World) -> Outcome:
    """Send it once."""
    from runbook.clients import net

    inputs = change.inputs
    body, media = http_change.body(inputs)
    key = {"idempotency-key": world.intent} if world.intent else {}
    try:
        response = http_exchange.client(world).request(
            inputs["method"],
            inputs["url"],
            timeout=world.remaining(),
            headers=media | key | http_exchange.resolved(inputs.get("headers", {}), world),  # as they were shown
            body=body,
            changing=True,
        )
    except (net.NoAnswer, net.LocalFault) as error:
        applied = Applied.UNKNOWN if error.sent else Applied.NO
        return Outcome(applied=applied, error=Error(code=error.code, message=error.message))
    except (ParameterError, WorldError) as error:  # a secret, a header or an address: nothing was opened
        return Outcome(applied=Applied.NO, error=Error(code=error.code, message=error.message))
    output, _ = http_exchange.outputs(response)
    expected = http_change.expected(inputs, response.status)
    applied, said = http_change.meaning(response.status, expected)
    error_ = Error(code="http-status", message=f"{change.summary} answered {response.status}: {said}")
    return Outcome(
        applied=applied,
        output=output | {"expected": expected},
        error=None if expected else error_,
    )


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:  # noqa: ARG001 - the protocol's
    """The answer to the request was its arrival."""
    return Observation(verdict=Verdict.PASS)


def confirm(change: Change, world: World) -> Confirmation:
    """Ask `confirm`. It can say that the change is there, never that it cannot still come."""
    asked = change.inputs.get("confirm")
    if asked is None:
        return CannotTell(reason="the step has no `confirm`; look whether the request was carried out")
    before = change.precondition.get("confirm")
    if before is None or before == asked["status"]:
        return CannotTell(reason=f"GET {asked['url']} had answered {before or 'nothing'} before the change")
    now = _asked(change.inputs, http_exchange.client(world), world)
    if now == asked["status"]:
        return DidApply(outcome=Outcome(applied=Applied.YES, output=dict.fromkeys(SPEC.output_names)))
    return CannotTell(reason=f"GET {asked['url']} answers {now or 'nothing'}; the request may still be carried out")


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change without a connection, with the preview that is given; secrets stand as their references."""
    from runbook.clients import http

    nowhere = http.connect({"url": "https://connection.invalid"}, str)  # what a relative URL is relative to
    typed = http_exchange.curl("GET", inputs.get(PREVIEW, {}))
    preview = previews.simulated(inputs, given.get(PREVIEW), typed)
    return previews.joined(http_change.planned(inputs, nowhere.resolve, dict), preview)


def _asked(inputs: Inputs, client: HttpClient, world: World) -> int | None:
    """What a GET of `confirm` answers; None for no answer. At the same origin it has the step's headers."""
    asked = http_change.beside(inputs, inputs["confirm"], client.resolve)
    headers = http_exchange.resolved(asked.get("headers", {}), world)
    try:
        status = client.request("GET", asked["url"], timeout=world.remaining(), headers=headers).status
    except WorldError:
        return None
    return status
