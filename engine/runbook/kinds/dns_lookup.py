"""Does a name have addresses? Asked as programs on this machine would ask: hosts file, search list and all.

That there is no such name is the answer `fail`; a resolver that is away or answers SERVFAIL says nothing about
the name, and is an error of ours.
"""

from __future__ import annotations

from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds.protocol import Inputs, World
from runbook.kinds.tcp_connect import checked_host

SPEC = KindSpec(
    name="dns.lookup",
    summary="Whether a name has addresses, and which.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "description": "Host name.", "examples": ["api.example.com"]},
            "type": {
                "enum": ["A", "AAAA"],
                "description": "Only IPv4 (A) or only IPv6 (AAAA) addresses; both without it.",
                "examples": ["AAAA"],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "found": {"type": "boolean", "description": "True when the name has such an address."},
            "addresses": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Its addresses, in the resolver's order.",
            },
            "error": {"type": ["string", "null"], "description": "Why there are none."},
        },
    },
    expect="found",
    reach=Reach.ASKS,
    timeout="10s",
    example={"id": "name", "uses": "dns.lookup", "with": {"name": "api.example.com"}},
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Look up {inputs.get('name')}" + (f" ({inputs['type']})" if inputs.get("type") else "")


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    import shlex

    database = {"A": "ahostsv4", "AAAA": "ahostsv6"}.get(str(inputs.get("type")), "ahosts")
    return f"getent {database} {shlex.quote(str(inputs.get('name')))}"


def observe(inputs: Inputs, world: World) -> Observation:
    """Ask the system's resolver once. LocalFault when it does not answer."""
    import socket

    from runbook.clients import net

    families = {None: socket.AF_UNSPEC, "A": socket.AF_INET, "AAAA": socket.AF_INET6}
    name, wanted = checked_host(inputs["name"]), inputs.get("type")
    if wanted not in families:
        raise ParameterError(f"step input 'type' must be A or AAAA, got {wanted!r}")
    try:
        addresses = net.lookup(name, net.Deadline(world.remaining()), families[wanted])
    except net.NoAnswer as error:
        output = {"found": False, "addresses": [], "error": error.message}
        return Observation(verdict=Verdict.FAIL, output=output)
    return Observation(output={"found": True, "addresses": addresses, "error": None})
