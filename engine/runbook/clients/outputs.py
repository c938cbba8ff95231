"""What is kept of a command's output: all of it, or, beyond a size, its beginning and its end.

Secrets are taken out before anything is cut, so that no half of one is left standing at a cut.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

_LINE = 4096  # a cut is moved to a line's end if there is one this near


class Mask(Protocol):
    """Takes secrets out of an output that arrives in chunks; `core.masking.Stream` is one."""

    def feed(self, chunk: bytes) -> bytes:
        """What can be shown by now."""
        ...

    def close(self) -> bytes:
        """The rest."""
        ...


class Kept:
    """The first and the last bytes of a stream, masked before they are cut, in constant memory.

    `total` counts the bytes that came. `hashed` streams have a `sha256` of all that could have been kept.
    """

    def __init__(self, cap: int, mask: Mask | None, *, hashed: bool = False) -> None:
        self._half = cap // 2
        self._mask = mask
        self._hash = hashlib.sha256() if hashed else None
        self._head = bytearray()
        self._tail = bytearray()
        self._size = 0
        self.total = 0

    @property
    def truncated(self) -> bool:
        """Whether something had to be left out."""
        return self._size > 2 * self._half

    @property
    def sha256(self) -> str | None:
        """Of the whole stream as it was masked, once it is closed; None unless asked for."""
        return self._hash.hexdigest() if self._hash else None

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        self.total += len(chunk)
        self._keep(self._mask.feed(chunk) if self._mask else chunk)

    def close(self) -> bytes:
        """All of it, or both ends with a note between them."""
        if self._mask:
            self._keep(self._mask.close())
        if not self.truncated:
            return bytes(self._head + self._tail)
        head, tail = bytes(self._head), bytes(self._tail[-self._half :])
        end = head.rfind(b"\n", max(0, len(head) - _LINE)) + 1 or len(head)
        start = tail.find(b"\n", 0, _LINE) + 1
        left_out = self._size - end - (len(tail) - start)
        return b"%s\n[... %d bytes left out ...]\n%s" % (head[:end].removesuffix(b"\n"), left_out, tail[start:])

    def _keep(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._hash:
            self._hash.update(chunk)
        room = self._half - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk
        if len(self._tail) > 2 * self._half:
            del self._tail[: -self._half]
