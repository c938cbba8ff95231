"""What an API server's answer is to us: an object or a list, the server's clock, its warnings; within limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

import msgspec

from runbook.clients.kubernetes.errors import LostAnswer
from runbook.errors import Unreachable, WorldError

ANSWER_CAP = 32 * 1024 * 1024  # bytes of one answer

Query = Sequence[tuple[str, str]]


class Answer(msgspec.Struct, frozen=True):
    """What the server said: its object, its clock, and what it warned of.

    `at` is the server's `Date`, to whole seconds: ages are judged by the clock that stamped the objects.
    """

    body: dict[str, Any]
    at: datetime
    warnings: tuple[str, ...] = ()


class Listing(msgspec.Struct, frozen=True):
    """A list of objects; `complete` is False where there are more than were asked for."""

    items: list[dict[str, Any]]
    at: datetime
    complete: bool = True


def parsed(raw: bytes, headers: Mapping[str, str], asked: str) -> Answer:
    """An answer from its bytes; Unreachable where something answered that is no API server."""
    if len(raw) > ANSWER_CAP:
        raise WorldError(f"{asked}: the answer is larger than {ANSWER_CAP // 2**20} MiB")
    try:
        said = json.loads(raw)
        at = parsedate_to_datetime(headers["Date"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreachable(f"{asked}: something that is no API server answered: {error}") from error
    if not isinstance(said, dict):
        raise Unreachable(f"{asked}: something that is no API server answered")
    return Answer(body=said, at=at, warnings=tuple(_warnings(headers)))


def read(response: Any, cap: int, until: float, asked: str) -> bytes:
    """A body, at most `cap` bytes of it, and not beyond the deadline even when it drips."""
    taken = bytearray()
    while chunk := response.read1(65536, decode_content=True):  # what is there; `stream` waits for as much as it may
        taken += chunk
        if len(taken) >= cap:
            response.close()  # what is left is not worth reading for the sake of the connection
            break
        if monotonic() > until:
            response.close()
            raise LostAnswer(f"{asked}: the answer did not end in time")
    response.release_conn()
    return bytes(taken[:cap])


def _warnings(headers: Mapping[str, str]) -> Iterator[str]:
    """Texts of `Warning: 299 - "…"` (RFC 7234 §5.5), as the API server sends them for deprecated fields."""
    for part in (headers.get("Warning") or "").split("299 - ")[1:]:
        yield part.strip().strip(",").strip().strip('"')
