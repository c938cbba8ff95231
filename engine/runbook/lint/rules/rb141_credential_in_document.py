"""RB141: a credential written out in a document, which is read in pull requests, logs and chats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import Config, EvidencePlan, Policy, Runbook, Scenarios, Steps
from runbook.document.source import Pointer
from runbook.lint.contents.credentials import in_address, is_meant, is_named_so, may_hold, shape
from runbook.lint.contents.values import parameters_of, references
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.document.rules.walk import Site
    from runbook.lint.rule import About

_REFERENCE: Final = "write {env: NAME}, {file: PATH} or {command: […]}, and have the one that stood here withdrawn"
_SCHEME: Final = re.compile(r"\s*(?:bearer|basic|token)\s+", re.IGNORECASE)

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-broken
title: Nobody can pay
triage:
  - id: provider
    uses: http.get
    with:
      url: https://pay.internal/v1/status
      headers: {Authorization: Bearer 8f14e45fceea167a}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-broken
title: Nobody can pay
triage:
  - id: provider
    uses: http.get
    with:
      url: https://pay.internal/v1/status
      headers: {Authorization: {env: PAY_AUTHORIZATION}}
"""


def check(about: About) -> Iterator[Finding]:
    """No text has the shape of an issued key; no header, variable or address of a step holds a credential."""
    if may_hold(about.entry.data):
        for place, kind in _shaped(about.entry.source.data, ()):
            yield about.finding(place, f"{kind} stands in the document", _REFERENCE)
    for site in about.sites:
        if not site.step.signal:
            yield from _of_step(about, site)


def _shaped(data: Any, place: tuple[str | int, ...]) -> Iterator[tuple[Pointer, str]]:
    if isinstance(data, str):
        kind = shape(data)
        if kind:
            yield place, kind
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _shaped(value, (*place, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _shaped(value, (*place, i))


def _of_step(about: About, site: Site) -> Iterator[Finding]:
    place: Pointer = (*site.pointer, "with")
    for key in ("headers", "env", "values"):
        given = site.step.inputs.get(key)
        for name, value in given.items() if isinstance(given, Mapping) else ():
            if is_named_so(name) and _is_written(value):
                what = "header" if key == "headers" else "variable"
                yield about.finding((*place, key, name), f"the {what} '{name}' holds a credential", _REFERENCE)
    url = site.step.inputs.get("url")
    if isinstance(url, str):
        yield from _of_address(about, (*place, "url"), url)


def _of_address(about: About, place: Pointer, url: str) -> Iterator[Finding]:
    secrets = {name for name, parameter in parameters_of(about.document).items() if parameter.secret}
    named = [path[1] for path in references(url) if path[0] == "params" and path[1:2] and path[1] in secrets]
    kind = f"the secret parameter '{named[0]}'" if named else in_address(url) if "{{" not in url else None
    if kind:
        hint = "addresses are logged by every proxy on the way; send it in a header, by reference"
        yield about.finding(place, f"{kind} is part of an address", hint)


def _is_written(value: Any) -> bool:
    """Whether the credential itself stands there: a text without a template where it would be."""
    return isinstance(value, str) and "{{" not in value and is_meant(_SCHEME.sub("", value, count=1))


RULE = Rule(
    code="RB141",
    name="credential-in-document",
    severity=Severity.WARNING,
    title="A credential written into a document",
    why=(
        "Documents are read in pull requests, kept for ever by git, shown at gates and sent to chats. A key that once "
        "stood in one is known, whatever is done to the file afterwards."
    ),
    instead=(
        "A reference to where it is kept: `{env: NAME}`, `{file: PATH}`, `{command: [argv]}`. Have the key that stood "
        "there withdrawn."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan, Scenarios, Policy, Config),
)
