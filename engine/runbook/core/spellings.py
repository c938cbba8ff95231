"""The spellings in which a secret may turn up: as it is, by line or leaf, and as other programs quote and encode it.

Line breaks do not count: every spelling comes without them, to be looked for in text without them. So a secret is
found that somebody has wrapped (`base64` does, after 76 characters), with whatever line ends. Of something encoded in
groups only what the secret alone decides is given, so that what stands before and after it does not matter.

This module does not know how anything is searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

SHORTEST = 6  # characters: anything shorter stands in ordinary text by chance

_BREAKS = b"\r\n"
_ENCODE_URI = "/;,?:@&=+$!~*'()#"  # what JavaScript's `encodeURI` leaves alone; `encodeURIComponent` less
_SHELL_SAFE = re.compile(r"([^\w@%+=:./-])")  # what bash's `%q` leaves alone
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_AUTHORITY = re.compile(r"[/?#]")
_ASKED = re.compile(r"[?&]password=([^&]*)")
_HEX_ESCAPE = re.compile(r"\\u[0-9a-f]{4}")


def without_breaks(data: bytes) -> bytes:
    """The bytes without line breaks; the same object if there are none."""
    return data.translate(None, _BREAKS) if b"\n" in data or b"\r" in data else data


def spellings(secret: str) -> frozenset[bytes]:
    """All spellings of a secret, of at least `SHORTEST` bytes each, without line breaks."""
    found = {without_breaks(form) for part in _parts(secret) for form in _forms(part)}
    return frozenset(form for form in found if len(form) >= SHORTEST)


def _parts(secret: str) -> set[str]:
    """What of a secret is a secret by itself: the whole, its lines, the leaves of a structure, a password in it."""
    lines = {line.strip() for line in secret.splitlines()} if len(secret.splitlines()) > 1 else set()
    armour = {line for line in lines if line.startswith("-----")}  # PEM's frame is in every key and certificate
    parts = {secret, secret.strip(), *passwords(secret.strip()), *_of_header(secret.strip())} | (lines - armour)
    if secret.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):  # it may only look structured
            parts.update(_leaves(_parsed(secret)))
    return {part for part in parts if len(part) >= SHORTEST}


def passwords(url: str) -> Iterator[str]:
    """The password of a URL, or its token, as it stands there and decoded: whoever complains of it cites it alone."""
    from urllib.parse import unquote

    scheme, mark, rest = url.partition("://")
    if not mark or not _SCHEME.fullmatch(scheme):
        return
    for asked in _ASKED.finditer(rest):
        yield from (asked[1], unquote(asked[1]))
    for authority in {_AUTHORITY.split(rest, maxsplit=1)[0], rest}:  # a `/` in a password should be encoded, and is not
        user, colon, password = authority.rpartition("@")[0].partition(":")
        alone = password if colon else user if scheme.startswith("http") else ""
        yield from (alone, unquote(alone))


def _of_header(secret: str) -> Iterator[str]:
    """What stands after the scheme of an Authorization header; of `Basic` the password too."""
    import base64

    scheme, _, credentials = secret.partition(" ")
    if scheme.lower() not in ("bearer", "basic", "token", "apikey") or " " in credentials.strip():
        return
    yield credentials.strip()
    if scheme.lower() == "basic":
        with suppress(ValueError):
            yield base64.b64decode(credentials, validate=True).decode().partition(":")[2]


def _parsed(secret: str) -> Any:
    import json

    return json.loads(secret)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield str(value)


def _forms(part: str) -> Iterator[bytes]:
    """Each spelling of one part."""
    quoted = {part, *_json(part)}
    quoted |= {again for once in _json(part) for again in _json(once)}  # JSON as text in JSON
    for text in (*quoted, *_shell(part), *_python(part), *_markup(part)):
        yield text.encode("utf-8", "surrogatepass")
    for data in {raw for text in quoted for raw in _raw(text)}:
        yield from (data, data.hex().encode(), data.hex().upper().encode())
        yield from _percent(data)
        yield from _base64(data)


def _raw(text: str) -> Iterator[bytes]:
    """As UTF-8, and as the bytes it came from if it was none."""
    yield text.encode("utf-8", "surrogatepass")
    with suppress(UnicodeEncodeError):
        yield text.encode("utf-8", "surrogateescape")


def _json(part: str) -> set[str]:
    import json

    spelt = json.dumps(part)[1:-1]
    plain = json.dumps(part, ensure_ascii=False)[1:-1]
    go = plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")  # as Go's encoder does
    return {spelt, plain, go, _upper_escapes(spelt), spelt.replace("/", "\\/"), plain.replace("/", "\\/")}


def _shell(part: str) -> set[str]:
    import shlex

    return {
        shlex.quote(part).removeprefix("'").removesuffix("'"),
        part.replace("'", "'\\''"),
        part.replace('"', '\\"'),
        re.sub(r'([\\"$`])', r"\\\1", part),  # between double quotes
        _SHELL_SAFE.sub(r"\\\1", part),
        _SHELL_SAFE.sub(lambda found: found[1] if found[1] in ",#~" else f"\\{found[1]}", part),
    }


def _python(part: str) -> set[str]:
    return {repr(part)[1:-1], repr(part + "'\"")[1:-1].removesuffix("\\'\""), ascii(part)[1:-1]} | {
        repr(data)[2:-1] for data in _raw(part)
    }


def _markup(part: str) -> set[str]:
    import html

    whole = html.escape(part)
    return {
        whole,
        html.escape(part, quote=False),
        whole.replace("&#x27;", "'"),
        whole.replace("&#x27;", "&#39;"),
        whole.replace("&#x27;", "&apos;"),
        whole.replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),  # as Go's templates do
    }


def _percent(data: bytes) -> Iterator[bytes]:
    from urllib.parse import quote, quote_plus

    for quoted in (quote(data, safe=""), quote(data), quote(data, safe="!'()*"), quote(data, safe=_ENCODE_URI)):
        yield from (quoted.encode(), _lower_escapes(quoted).encode())
    yield from (quote_plus(data).encode(), _lower_escapes(quote_plus(data)).encode())


def _lower_escapes(quoted: str) -> str:
    head, *rest = quoted.split("%")
    return "%".join((head, *(piece[:2].lower() + piece[2:] for piece in rest)))


def _upper_escapes(spelt: str) -> str:
    return _HEX_ESCAPE.sub(lambda found: found[0][:2] + found[0][2:].upper(), spelt)


def _base64(data: bytes) -> Iterator[bytes]:
    """What is always the same in base64 of something that contains `data`, at each of the three alignments."""
    import base64

    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + data)
        inner = encoded[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))
