"""Numbers of things and of bytes, as people say them."""

from __future__ import annotations


def amount(size: int) -> str:
    """Bytes as people say them: `312 bytes`, `4.1 KiB`, `2.0 MiB`."""
    if size < 1024:
        return f"{size} byte{'' if size == 1 else 's'}"
    return f"{size / 1024:.1f} KiB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MiB"


def counted(number: int, what: str) -> str:
    """`1 payload`, `2 payloads`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
