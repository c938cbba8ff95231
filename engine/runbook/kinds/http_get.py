"""What does a URL answer? One GET; any status is an answer, silence is the answer `fail`."""

from __future__ import annotations

from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.kinds import http_exchange
from runbook.kinds.needs import Address
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="http.get",
    summary="What a URL answers to a GET.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["url"],
        "properties": {
            "url": http_exchange.URL,
            "headers": http_exchange.HEADERS,
            "follow_redirects": {
                "type": "boolean",
                "default": False,
                "description": "Follow redirects within the same host; those to other hosts are answers.",
                "examples": [True],
            },
        },
    },
    outputs={"type": "object", "additionalProperties": False, "properties": http_exchange.OUTPUTS},
    expect="status >= 200 and status < 300",
    text="body",
    reach=Reach.ASKS,
    timeout="10s",
    example={
        "id": "health",
        "title": "Health checks pass",
        "uses": "http.get",
        "with": {"url": "https://api.example.com/health"},
        "expect": "status == 200",
        "timeout": "5s",
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"GET {inputs.get('url')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return http_exchange.curl("GET", inputs)


def needs(inputs: Inputs) -> tuple[Address, ...]:
    """The server that it asks."""
    return (Address(inputs["url"]),) if inputs.get("url") else ()


def observe(inputs: Inputs, world: World) -> Observation:
    """One GET. A server that does not answer is the answer `fail`; LocalFault where we cannot ask."""
    from runbook.clients import net

    client = http_exchange.client(world)
    headers = http_exchange.resolved(inputs.get("headers", {}), world)
    url = client.resolve(inputs["url"])
    try:
        response = client.request(
            "GET",
            url,
            timeout=world.remaining(),
            headers=headers,
            follow=bool(inputs.get("follow_redirects", False)),
        )
    except net.NoAnswer as error:
        return Observation(verdict=Verdict.FAIL, output=http_exchange.silence(url, error.message))
    output, warnings = http_exchange.outputs(response)
    return Observation(output=output, warnings=warnings)
