"""Secrets are replaced by `***`, in whatever spelling they turn up: raw, by line, encoded, quoted, wrapped.

A secret is learnt with `add` and never forgotten. What is looked for is each of its spellings, in the bytes without
their line breaks. Occurrences may overlap: everything that any of them covers is replaced, so that no rest of one
secret is left standing beside another. A secret shorter than six characters would tear holes into ordinary text, so
it is replaced only where it is the whole value.

The search is for the first bytes of all spellings at once, in one pass of linear time however many there are; whole
spellings are compared only where one of these beginnings stands.

This module does not know where secrets come from, nor where output goes. Three call it: the journal's writer, the
reader of a command's output, and the way out of the process to whoever sits there.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from runbook.core.spellings import SHORTEST, spellings, without_breaks

MASK = "***"

_GLANCE = 64  # bytes within which an output may turn out to be nothing but a short secret
_SPACE = 64 << 20  # what the search may use at most: that of a thousand spellings needs a few MiB
_BREAK = re.compile(rb"[\r\n]")

_Bytes = bytes  # `Masker.bytes` hides the builtin inside the class


class Masker:
    """Knows the secrets of this process and takes them out of text, bytes, JSON and streams; for many threads."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._adding = threading.Lock()
        self._forms: frozenset[_Bytes] = frozenset()
        self._search = _Search(self._forms)
        self._wholes: frozenset[str] = frozenset()
        self._numeric = False
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> str | None:
        """Learn a secret. Returns a warning when it is too short to be found inside other text, else None."""
        value = secret.strip()
        if not value:
            return "an empty secret cannot be masked"
        long = len("".join(value.splitlines())) >= SHORTEST
        forms = spellings(secret) if long else frozenset()
        with self._adding:
            self._forms |= forms
            self._wholes |= frozenset() if long else {value}
            self._numeric = self._numeric or _is_number(value) or any(map(_is_number, forms))
        if long:
            return None
        return (
            f"a secret of fewer than {SHORTEST} characters is masked only where it is the whole value; use a longer one"
        )

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._wholes and text.strip() in self._wholes:
            return MASK
        if not self._forms:
            return text
        data = text.encode("utf-8", "surrogatepass")
        masked = self.inside(data)
        return text if masked is data else masked.decode("utf-8", "surrogatepass")

    def bytes(self, data: _Bytes) -> _Bytes:
        """The bytes without secrets, in whatever encoding their rest may be."""
        if self._wholes and len(data) < _GLANCE and data.strip().decode("utf-8", "replace") in self._wholes:
            return MASK.encode()
        return self.inside(data)

    def inside(self, data: _Bytes) -> _Bytes:
        """A piece of some bytes without secrets: it is not asked whether the piece as a whole is one."""
        spans, _ = self._sought().found(data)
        return _replaced(data, spans) if spans else data

    def split(self, data: _Bytes, *, beginning: bool) -> tuple[_Bytes, _Bytes]:
        """What of an output can be shown before its next bytes are known, masked; and what must be kept.

        Kept is the first suffix that may still grow into a spelling, with any complete one that reaches into it; at
        the `beginning`, also what may turn out to be a short secret alone.
        """
        if beginning and self._wholes and len(data) < _GLANCE:
            return b"", data
        spans, cut = self._sought().found(data)
        cut = next((start for start, stop in spans if start < cut < stop), cut)
        return _replaced(data[:cut], [span for span in spans if span[1] <= cut]), data[cut:]

    def _sought(self) -> _Search:
        """The search for all that is known by now, made anew only after something was learnt."""
        search, forms = self._search, self._forms
        if search.forms is not forms:
            self._search = search = _Search(forms)
        return search

    def number(self, number: float) -> float | str:
        """A number, or `***` when its digits contain a secret."""
        if not self._numeric:
            return number
        digits = str(number)
        return number if self.text(digits) == digits else MASK

    def value(self, value: Any) -> Any:
        """JSON data (dicts, lists, text, numbers, bytes) without secrets, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.bytes(value)
        if isinstance(value, dict):
            return {self.value(name): self.value(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self.number(value)
        return value

    def stream(self) -> Stream:
        """A masker for output that arrives in chunks."""
        return Stream(self)


class Stream:
    """Masks chunks of one output: keeps back what may be the beginning of a secret until it is decided.

    `feed` returns what can be shown by now, `close` the rest. Together they return what `Masker.bytes` would
    have returned for the whole.
    """

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._kept = b""
        self._started = False

    def feed(self, chunk: bytes) -> bytes:
        """Take the next chunk; returns masked bytes, possibly none."""
        data = self._kept + chunk
        shown, self._kept = self._masker.split(data, beginning=not self._started)
        self._started = self._started or len(self._kept) < len(data)
        return shown

    def close(self) -> bytes:
        """What was kept back, masked."""
        rest, self._kept = self._kept, b""
        return self._masker.inside(rest) if self._started else self._masker.bytes(rest)


class _Search:
    """Finds any of many spellings in bytes, of which the line breaks are passed over."""

    def __init__(self, forms: frozenset[bytes]) -> None:
        self.forms = forms
        self._by_head: dict[bytes, list[bytes]] = {}
        for form in sorted(forms, key=len, reverse=True):
            self._by_head.setdefault(form[:SHORTEST], []).append(form)
        self._starts = frozenset(head[:size] for head in self._by_head for size in range(1, SHORTEST))
        self._pattern: Any = _compiled(self._by_head) if forms else None

    def found(self, data: bytes) -> tuple[list[tuple[int, int]], int]:
        """Where spellings stand, in order, those that overlap as one; and from where on one may still grow."""
        if self._pattern is None:
            return [], len(data)
        plain = without_breaks(data)
        spans: list[tuple[int, int]] = []
        growing = next(
            (at for at in range(max(0, len(plain) - SHORTEST + 1), len(plain)) if plain[at:] in self._starts),
            len(plain),
        )
        for at in self._heads(plain):
            forms = self._by_head[plain[at : at + SHORTEST]]
            if at < growing and any(len(form) > len(plain) - at and form.startswith(plain[at:]) for form in forms):
                growing = at
            size = next((len(form) for form in forms if plain.startswith(form, at)), 0)
            if size and spans and at < spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], at + size))
            elif size:
                spans.append((at, at + size))
        return (spans, growing) if plain is data else _placed(data, spans, growing)

    def _heads(self, plain: bytes) -> Iterator[int]:
        at = -1
        while hit := self._pattern.search(plain, at + 1):
            at = hit.start()
            yield at


def _compiled(heads: Iterable[bytes]) -> Any:
    import re2  # its time does not depend on how many there are; whoever has no secrets does not load it

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _SPACE
    options.log_errors = False
    return re2.compile("|".join("".join(f"\\x{byte:02x}" for byte in head) for head in sorted(heads)).encode(), options)


def _placed(data: bytes, spans: list[tuple[int, int]], growing: int) -> tuple[list[tuple[int, int]], int]:
    """Places in bytes without line breaks as places in those with them."""
    breaks = [found.start() - number for number, found in enumerate(_BREAK.finditer(data))]

    def placed(at: int) -> int:
        return at + bisect_right(breaks, at)

    end = len(data) - len(breaks)
    return (
        [(placed(start), placed(stop - 1) + 1) for start, stop in spans],
        placed(growing) if growing < end else len(data),
    )


def _replaced(data: bytes, spans: list[tuple[int, int]]) -> bytes:
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [data[end:start], MASK.encode()]
        end = stop
    return b"".join((*pieces, data[end:]))


def _is_number(form: str | bytes) -> bool:
    try:
        float(form)
    except ValueError:
        return False
    return True
