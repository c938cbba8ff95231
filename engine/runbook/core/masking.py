"""Secrets are replaced by `***`, in whatever form they turn up: raw, by line, base64, quoted or escaped.

A secret is learnt with `add` and never forgotten. What is looked for is each *form* of it, as text and as bytes.
Occurrences may overlap: everything that any of them covers is replaced, so that no rest of one secret is left
standing beside another. A secret shorter than six characters would tear holes into ordinary text, so it is
replaced only where it is the whole value.

This module does not know where secrets come from, nor where output goes. The journal's writer and the reader of
a command's output call it, and nothing else does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

MASK = "***"
SHORTEST = 6

_GLANCE = 64  # bytes within which an output may turn out to be nothing but a short secret

_Bytes = bytes  # `Masker.bytes` hides the builtin inside the class


class Masker:
    """Knows the secrets of this process and takes them out of text, bytes, JSON and streams."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._texts: tuple[str, ...] = ()
        self._datas: tuple[_Bytes, ...] = ()
        self._heads: dict[int, list[_Bytes]] = {}
        self._wholes: frozenset[str] = frozenset()
        self._numeric = False
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> str | None:
        """Learn a secret. Returns a warning when it is too short to be found inside other text, else None."""
        value = secret.strip()
        if len(value) < SHORTEST:
            if not value:
                return "an empty secret cannot be masked"
            self._learn(set(), {value})
            return (
                f"a secret of fewer than {SHORTEST} characters is masked only where it is the whole value; "
                "use a longer one"
            )
        forms = {form for part in _parts(secret) for form in _forms(part)}
        self._learn(forms, set())
        return None

    def _learn(self, forms: set[str], wholes: set[str]) -> None:
        texts = sorted(set(self._texts) | forms, key=lambda form: (-len(form), form))
        self._texts = tuple(texts)
        self._datas = tuple(form.encode("utf-8", "surrogatepass") for form in texts)
        heads: dict[int, list[_Bytes]] = {}
        for data in self._datas:
            heads.setdefault(data[0], []).append(data)
        self._heads = heads
        self._wholes = self._wholes | wholes
        self._numeric = any(form.lstrip("-").isdigit() for form in (*texts, *self._wholes))

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._wholes and text.strip() in self._wholes:
            return MASK
        if not self._texts:
            return text
        spans = _spans(text, self._texts)
        return _replaced(text, spans, MASK) if spans else text

    def bytes(self, data: _Bytes) -> _Bytes:
        """The bytes without secrets, in whatever encoding their rest may be."""
        if self._wholes and len(data) < _GLANCE and data.strip().decode("utf-8", "replace") in self._wholes:
            return MASK.encode()
        return self.inside(data)

    def inside(self, data: _Bytes) -> _Bytes:
        """A piece of some bytes without secrets: it is not asked whether the piece as a whole is one."""
        spans = _spans(data, self._datas)
        return _replaced(data, spans, MASK.encode()) if spans else data

    def split(self, data: _Bytes, *, beginning: bool) -> tuple[_Bytes, _Bytes]:
        """What of an output can be shown before its next bytes are known, masked; and what must be kept.

        Kept is the first suffix that may still grow into a form, with any complete form that reaches into it; at
        the `beginning`, also what may turn out to be a short secret alone.
        """
        if beginning and self._wholes and len(data) < _GLANCE:
            return b"", data
        longest = len(self._datas[0]) if self._datas else 1
        cut = next(
            (at for at in range(max(0, len(data) - longest + 1), len(data)) if self._may_grow(data, at)),
            len(data),
        )
        spans = _spans(data, self._datas)
        cut = next((start for start, stop in spans if start < cut < stop), cut)
        return _replaced(data[:cut], [span for span in spans if span[1] <= cut], MASK.encode()), data[cut:]

    def _may_grow(self, data: _Bytes, at: int) -> bool:
        rest = len(data) - at
        return any(len(form) > rest and data.endswith(form[:rest]) for form in self._heads.get(data[at], ()))

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


def _spans(data: Any, forms: tuple[Any, ...]) -> list[tuple[int, int]]:
    """Where any of the forms stand, in order; those that overlap as one."""
    found: list[tuple[int, int]] = []
    for form in forms:
        at = data.find(form)
        while at >= 0:
            found.append((at, at + len(form)))
            at = data.find(form, at + 1)
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _replaced(data: Any, spans: list[tuple[int, int]], mask: Any) -> Any:
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [data[end:start], mask]
        end = stop
    return data[:0].join((*pieces, data[end:]))


def _parts(secret: str) -> set[str]:
    """What of a secret is a secret by itself: the whole, its lines, and the leaves of a structured one."""
    lines = {line.strip() for line in secret.splitlines()} if "\n" in secret else set()
    armour = {line for line in lines if line.startswith("-----")}  # PEM's frame is in every key and certificate
    parts = {secret, secret.strip()} | (lines - armour)
    if secret.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):  # it may only look structured
            parts.update(_leaves(json.loads(secret)))
    return {part for part in parts if len(part) >= SHORTEST}


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield str(value)


def _forms(part: str) -> set[str]:
    """The spellings in which other programs print this part."""
    import html
    import shlex
    from urllib.parse import quote, quote_plus

    spelt = json.dumps(part)[1:-1]
    plain = json.dumps(part, ensure_ascii=False)[1:-1]
    go = plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")  # as Go's encoder does
    data = part.encode("utf-8", "surrogatepass")
    forms = {part, spelt, plain, spelt.replace("/", "\\/"), go}
    for quoted in (quote(data, safe=""), quote(data), quote_plus(data)):
        forms |= {quoted, _lower_escapes(quoted)}
    forms |= {shlex.quote(part).removeprefix("'").removesuffix("'"), part.replace("'", "'\\''")}
    forms |= {html.escape(part), html.escape(part, quote=False), html.escape(part).replace("&#x27;", "&#39;")}
    forms |= set(_base64(data)) | {data.hex(), data.hex().upper()}
    return {form for form in forms if len(form) >= SHORTEST}


def _lower_escapes(quoted: str) -> str:
    head, *rest = quoted.split("%")
    return "%".join((head, *(piece[:2].lower() + piece[2:] for piece in rest)))


def _base64(data: bytes) -> Iterator[str]:
    """What is always the same in base64 of something that contains `data`, at each of the three alignments."""
    import base64

    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + data).decode()
        inner = encoded[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
        yield inner
        yield inner.translate(str.maketrans("+/", "-_"))
