"""A document's text in the one style, or none: what comes out is read again, and must say the same.

The same values of the same types, the same comments, and the same typed document where there is one. Else it is our
mistake, and the file stays as it is.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runbook.authoring.formatting.order import put_in_order
from runbook.authoring.formatting.printing import printed
from runbook.authoring.formatting.reading import tree
from runbook.authoring.formatting.tree import Tree
from runbook.document import schema
from runbook.document.build import Document, build
from runbook.document.characters import decode
from runbook.document.findings import Finding
from runbook.document.source import Source, parse
from runbook.document.spec import Specs
from runbook.errors import DocumentError


def is_ours(data: bytes) -> bool:
    """Whether a file says that it is a document of this engine; cheap, and true too often rather than not enough."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, which is refused with a word about it
        data = data.replace(b"\0", b"")
    return b"runbook/" in data and b"apiVersion" in data


def formatted(data: bytes, specs: Specs, *, path: str = "<input>") -> str | None:
    """The text of a document in the one style; None for YAML that is none of our documents.

    DocumentError where it cannot be read, and where what came out would not say the same (RB098).
    """
    if not is_ours(data):
        return None
    text = decode(data, path).replace("\r\n", "\n")
    source = parse(text.encode(), path)
    if not str(source.data.get("apiVersion", "")).startswith("runbook/"):
        return None
    before = tree(source)
    comments = sorted(before.comments())
    put_in_order(before, str(source.data.get("kind")), specs)
    result = printed(before)
    if result != text:
        _hold(source, comments, result, specs)
    return result


def in_style(text: str, specs: Specs) -> str:
    """The text of a document that the engine wrote, in the one style."""
    return formatted(text.encode(), specs) or text


def _hold(before: Source, comments: list[str], result: str, specs: Specs) -> None:
    """DocumentError where the result does not say what the source says."""
    try:
        after = parse(result.encode(), before.path)
        again: Tree | None = tree(after)
    except DocumentError:
        after, again = before, None
    if (
        again is None
        or not _same(before.data, after.data)
        or comments != sorted(again.comments())
        or _typed(before, specs) != _typed(after, specs)
    ):
        raise DocumentError(
            [
                Finding(
                    path=before.path,
                    line=1,
                    column=1,
                    code="RB098",
                    message="formatted, it would say something else",
                    hint="it is left as it is; this is a mistake of ours, and we would like to see the file",
                )
            ]
        )


def _same(one: Any, other: Any) -> bool:
    """Equal in value and type; the order of keys is no part of what a mapping says."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _typed(source: Source, specs: Specs) -> Document | None:
    """The typed document; None for one that does not fit its schema."""
    kind = str(source.data.get("kind"))
    if kind not in schema.KINDS or schema.problems(kind, source, specs) is not None:
        return None
    try:
        return build(kind, source.data, specs)
    except (msgspec.ValidationError, LookupError, ValueError):
        return None
