"""Ids that sort by time: lower-case ULIDs, made from a time and random bytes that the caller brings.

48 bits of milliseconds and 80 bits of randomness, as 26 characters of Crockford's base 32 (no i, l, o, u).
"""

from __future__ import annotations

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def ulid(at: float, random: bytes) -> str:
    """The id of something made at `at` (seconds since 1970, UTC); `random` is 10 bytes from a good source."""
    if len(random) != 10:
        raise ValueError(f"a ULID takes 10 random bytes, not {len(random)}")
    milliseconds = min(max(int(at * 1000), 0), 2**48 - 1)
    number = milliseconds << 80 | int.from_bytes(random, "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
