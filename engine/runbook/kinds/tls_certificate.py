"""Is a server's certificate believed, and for how much longer?"""

from __future__ import annotations

from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds.protocol import Inputs, World
from runbook.kinds.tcp_connect import checked_host, checked_port

SPEC = KindSpec(
    name="tls.certificate",
    summary="Whether a server's certificate is valid, and when it expires.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["host"],
        "properties": {
            "host": {
                "type": "string",
                "description": "Host name or address to connect to.",
                "examples": ["api.example.com"],
            },
            "port": {
                "type": "integer",
                "minimum": 1,
                "maximum": 65535,
                "default": 443,
                "description": "TCP port.",
                "examples": [8443],
            },
            "server_name": {
                "type": "string",
                "description": "Name to ask for and to check, where it is not `host`.",
                "examples": ["api.example.com"],
            },
            "ca_file": {
                "type": "string",
                "description": "Certificates (PEM) to believe in place of the system's, relative to the project.",
                "examples": ["ca.pem"],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "valid": {
                "type": "boolean",
                "description": "True when it is believed: issuer, name and dates.",
            },
            "days_left": {
                "type": ["number", "null"],
                "description": "Days until it expires; negative when it has.",
            },
            "not_after": {"type": ["string", "null"], "description": "When it expires, RFC 3339 in UTC."},
            "issuer": {"type": ["string", "null"], "description": "Who signed it."},
            "subject": {"type": ["string", "null"], "description": "Whom it is for."},
            "names": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Host names and addresses it is for.",
            },
            "error": {"type": ["string", "null"], "description": "Why it is not valid."},
        },
    },
    expect="valid",
    reach=Reach.ASKS,
    timeout="10s",
    example={
        "id": "certificate",
        "title": "The certificate lasts another two weeks",
        "uses": "tls.certificate",
        "with": {"host": "api.example.com"},
        "expect": "valid and days_left > 14",
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Look at the certificate of {inputs.get('host')}:{inputs.get('port', 443)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    import shlex

    host = str(inputs.get("host"))
    where, name = f"{host}:{inputs.get('port', 443)}", str(inputs.get("server_name", host))
    ask = f"openssl s_client -connect {shlex.quote(where)} -servername {shlex.quote(name)} </dev/null"
    return f"{ask} | openssl x509 -noout -subject -issuer -dates -ext subjectAltName"


def observe(inputs: Inputs, world: World) -> Observation:
    """Shake hands, send nothing. No TLS, and a certificate that is not believed, are the answer `fail`."""
    from runbook.clients import net, tls

    host, port = checked_host(inputs["host"]), checked_port(inputs.get("port", 443))
    name = checked_host(inputs.get("server_name", host))
    ca_file = inputs.get("ca_file")
    if ca_file is not None and not isinstance(ca_file, str):
        raise ParameterError(f"step input 'ca_file' must be a path, got {ca_file!r}")
    try:
        found = tls.certificate(
            host,
            port,
            server_name=name,
            deadline=net.Deadline(world.remaining()),
            ca_file=str(world.project / ca_file) if ca_file else None,
        )
    except net.NoAnswer as error:
        nothing = dict.fromkeys(SPEC.output_names) | {"valid": False, "names": [], "error": error.message}
        return Observation(verdict=Verdict.FAIL, output=nothing)
    output = {
        "valid": found.error is None,
        "days_left": found.days_left,
        "not_after": found.not_after,
        "issuer": found.issuer,
        "subject": found.subject,
        "names": list(found.names),
        "error": found.error,
    }
    return Observation(verdict=Verdict.FAIL if found.error else None, output=output)
