"""What http.get and http.request share: headers as inputs, the client, an answer as outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runbook.errors import NotConfigured, ParameterError
from runbook.kinds.command_inputs import SECRET

if TYPE_CHECKING:
    from runbook.clients.http import HttpClient, Response
    from runbook.kinds.protocol import World

BODY_CHARACTERS = 64 * 1024

# Cookies are credentials of whoever was answered; they have no place in a record.
_UNRECORDED = frozenset({"set-cookie", "set-cookie2"})

URL = {
    "type": "string",
    "description": "An http or https URL, or one relative to that of the step's http connection.",
    "examples": ["https://api.example.com/health"],
}

HEADERS = {
    "type": "object",
    "description": "Request headers. A value is text, or a secret by reference: {env: NAME}, {file: PATH}, "
    "{command: [argv]}.",
    "examples": [{"Accept": "application/json", "Authorization": {"env": "API_AUTHORIZATION"}}],
    "additionalProperties": {
        "if": {"type": "object"},
        "then": SECRET,
        "else": {"type": ["string", "integer", "number"]},
    },
}

OUTPUTS: dict[str, Any] = {
    "status": {"type": ["integer", "null"], "description": "Status code; null when there was no answer."},
    "body": {"type": ["string", "null"], "description": "Body as text, at most 64 Ki characters."},
    "truncated": {"type": ["boolean", "null"], "description": "Whether the body was longer than what is kept."},
    "json": {"description": "Body parsed as JSON; null where it is none."},
    "headers": {
        "type": ["object", "null"],
        "description": "Headers of the answer, names in lower case.",
        "additionalProperties": {"type": "string"},
    },
    "elapsed_seconds": {"type": ["number", "null"], "description": "Seconds until the last byte."},
    "url": {"type": ["string", "null"], "description": "The URL that answered, after redirects."},
    "error": {"type": ["string", "null"], "description": "Why there was no answer."},
}


def client(world: World) -> HttpClient:
    """The step's http connection, or one that adds nothing."""
    from runbook.clients import http

    try:
        found: HttpClient = world.client("http")
    except NotConfigured:
        return http.connect({}, world.secret)
    return found


def resolved(headers: Any, world: World) -> dict[str, str]:
    """The step's headers as they are sent."""
    from runbook.clients.http import urls

    if not isinstance(headers, Mapping):
        raise ParameterError(f"step input 'headers' must be a mapping, got {headers!r}")
    return urls.headers(
        {name: world.secret(value) if is_secret(value) else str(value) for name, value in headers.items()}
    )


def is_secret(value: Any) -> bool:
    """Whether a header's value stands for another; a template may have made a number of one that does not."""
    return isinstance(value, Mapping)


def silence(url: str, message: str) -> dict[str, Any]:
    """The outputs of an exchange without an answer."""
    return dict.fromkeys(OUTPUTS) | {"url": url, "error": message}


def outputs(response: Response) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The outputs of an answer, and warnings about what they leave out."""
    text, warnings = response.text, []
    truncated = response.truncated or len(text) > BODY_CHARACTERS
    if truncated:
        warnings.append(f"the body is longer than {BODY_CHARACTERS // 1024} Ki characters; the rest is not kept")
    parsed = None
    if response.media == "application/json" or response.media.endswith("+json"):
        try:
            parsed = strict_json(response.body)
        except ValueError as error:
            warnings.append(f"the body says that it is JSON and is not: {error}")
    headers = {name: value for name, value in response.headers.items() if name not in _UNRECORDED}
    found = {
        "status": response.status,
        "body": text[:BODY_CHARACTERS],
        "truncated": truncated,
        "json": parsed,
        "headers": headers,
        "elapsed_seconds": response.elapsed,
        "url": response.url,
        "error": None,
    }
    return found, tuple(warnings)


def strict_json(data: bytes) -> Any:
    """JSON as RFC 8259 has it, each key once; ValueError for NaN, doubles, half documents and bad UTF-8."""

    def no_constant(name: str) -> None:
        raise ValueError(f"{name} is no JSON")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key stands twice in one object")
        return found

    try:
        return json.loads(data.decode("utf-8"), parse_constant=no_constant, object_pairs_hook=once)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def curl(method: str, inputs: Mapping[str, Any]) -> str:
    """The curl line for a step's inputs; secrets stand in it as the shell would find them."""
    import shlex

    parts = ["curl", "--silent", "--show-error", "--include"]
    if method not in ("GET", "HEAD"):
        parts += ["--request", method]
    if method == "HEAD":
        parts.append("--head")
    headers = inputs.get("headers")
    for name, value in (headers if isinstance(headers, Mapping) else {}).items():
        parts += ["--header", _header(name, value)]
    if "json" in inputs:
        parts += ["--json", shlex.quote(json.dumps(inputs["json"], ensure_ascii=False))]
    elif "body" in inputs:
        parts += ["--data-raw", shlex.quote(str(inputs["body"]))]
    return " ".join([*parts, shlex.quote(str(inputs.get("url")))])


def _header(name: str, value: Any) -> str:
    import shlex

    if isinstance(value, Mapping) and "env" in value:
        return f'"{name}: ${value["env"]}"'
    if isinstance(value, Mapping) and "file" in value:
        return f'"{name}: $(cat {shlex.quote(str(value["file"]))})"'
    if isinstance(value, Mapping) and "command" in value:
        return f'"{name}: $({shlex.join(map(str, value["command"]))})"'
    return shlex.quote(f"{name}: {value}")
