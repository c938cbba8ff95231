"""RB170: a host or a word that stands where somebody should have written theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import Config, EvidencePlan, Runbook, Steps
from runbook.document.source import Pointer
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: shop-down
title: The shop does not answer
triage:
  - {id: answer, uses: http.get, with: {url: "https://shop.example.com/health"}}
impact: TODO
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: shop-down
title: The shop does not answer
triage:
  - {id: answer, uses: http.get, with: {url: "https://shop.acme-web.io/health"}}
impact: Nobody can buy.
"""


_HOST: Final = re.compile(  # names that RFC 2606 and RFC 6761 keep free, and those that guides use
    r"(?:(?<![A-Za-z0-9_.-])|(?<=[}*]\.))(?:[A-Za-z0-9_-]+\.)*"
    r"(?:example\.(?:com|org|net)|[A-Za-z0-9-]+\.(?:example|invalid)"
    r"|your(?:domain|company|-(?:domain|company|org|host|server|site))(?:\.[a-z]{2,})?"
    r"|(?:my|some)domain\.[a-z]{2,}|domain\.tld)(?![A-Za-z0-9-])"
)
_WORD: Final = re.compile(
    r"\b(?:CHANGE[-_]?ME|REPLACE[-_]?ME|FILL[-_]?ME[-_]?IN|PLACEHOLDER|TODO|FIXME|TBD)\b"
    r"|<(?:your|my|insert|replace|some)[-_ ][^<>]{1,40}>|^(?:.*[=/@:])?<[A-Z][A-Z0-9_-]{2,40}>$"
)
# One of these is within each of them, for a look at the bytes of a whole file before its texts are looked at.
_IN_HOSTS: Final = (b"example.", b".example", b".invalid", b"yourdomain", b"yourcompany", b"your-", b"domain.")
_IN_WORDS: Final = re.compile(rb"CHANGE|REPLACE|FILL|PLACEHOLDER|TODO|FIXME|TBD|<(?:your|my|insert|replace|some|[A-Z])")
_USED: Final = frozenset(
    {"with", "links", "connections", "channels", "target", "contacts", "values", "default", "enum"}
)
_PROSE: Final = frozenset(
    {"description", "title", "text", "question", "say", "caution", "message", "expect", "examples"}
)
_SAID: Final = frozenset(
    {"title", "impact", "owners", "service", "to", "reach", "name", "description", "text", "about"}
)
_CODE: Final = frozenset({"script", "stdin", "query", "body"})  # where `<WORD>` is something else


def check(about: About) -> Iterator[Finding]:
    """Nothing that is used, called or told is still to be filled in. Examples of parameters are examples."""
    data = about.entry.data
    if not any(part in data for part in _IN_HOSTS) and not _IN_WORDS.search(data):
        return
    for place, text in _texts(about.entry.source.data, ()):
        keys = {part for part in place if isinstance(part, str)}
        used = bool(keys & _USED) and not keys & _PROSE
        found = _HOST.search(text) if used else None
        if found is None and (used or keys & _SAID) and "examples" not in keys:
            found = _WORD.search(text)
            if found is not None and "<" in found[0] and (not used or keys & _CODE):
                found = None
        if found is not None:
            word = found[0][max(found[0].find("<"), 0) :]
            yield about.finding(place, f"'{word}' is a placeholder", "write your own, or take it from a parameter")


def _texts(data: Any, place: tuple[str | int, ...]) -> Iterator[tuple[Pointer, str]]:
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, (*place, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _texts(value, (*place, i))


RULE = Rule(
    code="RB170",
    name="placeholder",
    severity=Severity.WARNING,
    title="A placeholder",
    why=(
        "The host of a guide answers nobody, or somebody else. A page to `TODO` reaches no one. Both look like an "
        "outage of their own at night."
    ),
    instead=(
        "Your own host or word, or a parameter that the alert fills. Said of what is used: inputs, defaults, "
        "links, contacts, connections; the names that RFC 2606 keeps for examples, and words such as `CHANGEME`, "
        "`TODO`, `<your-team>`. Text for people may have `example.com` in it."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan, Config),
)
