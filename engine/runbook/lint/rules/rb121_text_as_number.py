"""RB121: text put in order like a number, which it is not: '9' comes after '10'."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from runbook.document.declared import schemas
from runbook.document.findings import Finding, Severity
from runbook.document.language.static import types
from runbook.document.language.tree import Compare, Constant, Node, children, described, path_of
from runbook.document.model import Runbook, Steps
from runbook.document.rules.walk import Phase, Site
from runbook.lint.conditions import Condition, conditions
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_NUMBER: Final = re.compile(r"\s*[-+]?\d+(\.\d+)?\s*", re.ASCII)

_TRIAGE = """\
triage:
  - {id: waiting, uses: command.run, with: {argv: [mailq, --count], effect: read}}
"""
_WHEN = "    when: steps.waiting.stdout > '1000'\n"


def check(about: About) -> Iterator[Finding]:
    """What is compared by size is a number, or text that is no number either."""
    sites: dict[str, Site] | None = None
    for one in conditions(about):
        for left, sign, right in _ordered(one.tree) if "<" in one.text or ">" in one.text else ():
            if _is_number(left) or _is_number(right):
                continue  # that does not fit text, which the loader says
            if sites is None:
                sites = {site.step.id: site for site in about.every_site if site.phase is not Phase.SIGNAL}
            if _is_digits(left) or _is_digits(right):
                text = described(right if _is_digits(left) else left)
            elif _is_text(about, sites, one, left) and _is_text(about, sites, one, right):
                text = described(left)
            else:
                continue
            message = f"{one.called}: '{sign}' compares text here, letter by letter: '9' is more than '10'"
            hint = f"make numbers of both sides, such as ({text} | int)"
            yield about.finding(one.place, message, hint, within=one.within(left))


def _ordered(node: Node) -> Iterator[tuple[Node, str, Node]]:
    """Every two values that are compared by size."""
    if isinstance(node, Compare):
        left = node.first
        for sign, right in node.links:
            if sign in ("<", "<=", ">", ">="):
                yield left, sign, right
            left = right
    for child in children(node):
        yield from _ordered(child)


def _is_number(node: Node) -> bool:
    return isinstance(node, Constant) and not isinstance(node.value, str)


def _is_digits(node: Node) -> bool:
    return isinstance(node, Constant) and isinstance(node.value, str) and bool(_NUMBER.fullmatch(node.value))


def _is_text(about: About, sites: Mapping[str, Site], one: Condition, node: Node) -> bool:
    """Whether it is an output of a step that is always text."""
    path = path_of(node)
    if len(path) == 1 and one.of is not None:
        return _output(about, one.of, path[0]) == {"string"}
    if len(path) != 3 or path[0] != "steps" or path[1] not in sites or sites[path[1]].loops:
        return False
    return _output(about, sites[path[1]], path[2]) == {"string"}


def _output(about: About, site: Site, name: str) -> frozenset[str]:
    spec = about.spec(site)
    if spec is None:
        return frozenset()
    return types(schemas(site.step.outputs).get(name) or spec.outputs.get("properties", {}).get(name))


RULE = Rule(
    code="RB121",
    name="text-as-number",
    severity=Severity.WARNING,
    title="Text compared like a number",
    why=(
        "What a command prints is text, and so is what a `regex` finds. Text is put in order letter by letter, as in a "
        "dictionary: `'9' > '10'` is true. The condition works in every test with as many digits, and not on the night "
        "when there is one more."
    ),
    instead="Make a number of it: `(stdout | int) > 1000`, or declare an output with `type: integer`.",
    bad=runbook(_TRIAGE, "resolution:\n", RESTART, _WHEN, VERIFICATION),
    good=runbook(_TRIAGE, "resolution:\n", RESTART, "    when: (steps.waiting.stdout | int) > 1000\n", VERIFICATION),
    check=check,
    of=(Runbook, Steps),
)
