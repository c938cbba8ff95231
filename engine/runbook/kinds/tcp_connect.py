"""Does something accept connections on a port? No byte is sent."""

from __future__ import annotations

from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="tcp.connect",
    summary="Whether a host accepts TCP connections on a port.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["host", "port"],
        "properties": {
            "host": {
                "type": "string",
                "description": "Host name or address.",
                "examples": ["db.example.com", "10.0.0.12"],
            },
            "port": {
                "type": "integer",
                "minimum": 1,
                "maximum": 65535,
                "description": "TCP port.",
                "examples": [5432],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "reachable": {"type": "boolean", "description": "True when the connection was accepted."},
            "error": {"type": ["string", "null"], "description": "Why it was not."},
            "elapsed_seconds": {"type": "number", "description": "Seconds until the answer, either way."},
            "address": {"type": ["string", "null"], "description": "The address that accepted, with its port."},
        },
    },
    expect="reachable",
    reach=Reach.ASKS,
    timeout="5s",
    example={
        "id": "database",
        "title": "The database answers",
        "uses": "tcp.connect",
        "with": {"host": "db.example.com", "port": 5432},
        "timeout": "3s",
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Connect to {inputs.get('host')}:{inputs.get('port')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    import shlex

    return f"nc -vz -w 5 {shlex.quote(str(inputs.get('host')))} {shlex.quote(str(inputs.get('port')))}"


def observe(inputs: Inputs, world: World) -> Observation:
    """Connect and close. A peer that does not answer is the answer `fail`; LocalFault where we cannot ask."""
    from runbook.clients import net

    host, port = checked_host(inputs["host"]), checked_port(inputs["port"])
    deadline = net.Deadline(world.remaining())
    try:
        with net.connect(host, port, deadline) as sock:
            peer = sock.getpeername()
    except net.NoAnswer as error:
        output = _output(deadline.elapsed, error=error.message)
        return Observation(verdict=Verdict.FAIL, output=output)
    address = f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
    return Observation(output=_output(deadline.elapsed, address=address))


def _output(elapsed: float, address: str | None = None, error: str | None = None) -> dict[str, object]:
    return {
        "reachable": error is None,
        "error": error,
        "elapsed_seconds": round(elapsed, 6),
        "address": address,
    }


def checked_host(host: object) -> str:
    """A host name or address as rendered; ParameterError for what is neither."""
    if not isinstance(host, str) or not host or any(mark in host for mark in " /@\r\n\t\0"):
        raise ParameterError(f"step input 'host' must be a host name or an address, got {host!r}")
    return host.removeprefix("[").removesuffix("]")


def checked_port(port: object) -> int:
    """A TCP port as rendered; ParameterError for what is none."""
    if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65535:
        raise ParameterError(f"step input 'port' must be an integer from 1 to 65535, got {port!r}")
    return port
