"""RB119: a condition that waits for the verdict of a step that has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.language.tree import Compare, Constant, ListOf, Node, children, path_of
from runbook.document.model import Runbook, Steps
from runbook.document.rules.walk import Phase, Site
from runbook.document.words import Reach, Role
from runbook.lint.conditions import conditions
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_ASKED: Final = frozenset({"pass", "fail"})  # 'unknown' it can be: where nobody answered

_TRIAGE = """\
triage:
  - {id: lag, uses: prometheus.query, with: {query: max(replication_lag_seconds)}}
"""
_WHEN = "    when: steps.lag.verdict == 'pass'\n"


def check(about: About) -> Iterator[Finding]:
    """Who asks for `pass` or `fail` asks a step that judges."""
    without: dict[str, Site] | None = None
    for one in conditions(about):
        for node in _asking(one.tree) if "verdict" in one.text else ():
            if without is None:
                without = {site.step.id: site for site in about.every_site if _judges_nothing(about, site)}
            site = without.get(path_of(node)[1])
            if site is not None:
                message = f"{one.called}: '{site.step.id}' has no 'expect', so it never passes and never fails"
                hint = f"add 'expect:' to '{site.step.id}', or ask for one of its outputs"
                yield about.finding(one.place, message, hint, within=one.within(node))


def _asking(node: Node) -> Iterator[Node]:
    """Every `steps.ID.verdict` that is compared with 'pass' or 'fail'."""
    if isinstance(node, Compare):
        sides = (node.first, *(right for _, right in node.links))
        if any(_is_asked(side) for side in sides):
            yield from (side for side in sides if _is_verdict(side))
        return
    for child in children(node):
        yield from _asking(child)


def _is_asked(node: Node) -> bool:
    if isinstance(node, ListOf):
        return any(map(_is_asked, node.items))
    return isinstance(node, Constant) and node.value in _ASKED


def _is_verdict(node: Node) -> bool:
    path = path_of(node)
    return len(path) == 3 and path[0] == "steps" and path[2] == "verdict"


def _judges_nothing(about: About, site: Site) -> bool:
    """A probe through a server, or a command, that has no expectation: its own, its kind's, or its item's."""
    spec = about.spec(site)
    if spec is None or site.phase in (Phase.SIGNAL, Phase.ITEM) or site.step.expect or spec.expect or site.loops:
        return False
    return spec.role is Role.PROBE and spec.reach is not Reach.ASKS


RULE = Rule(
    code="RB119",
    name="no-verdict",
    severity=Severity.WARNING,
    title="A condition over a verdict that is never given",
    why=(
        "A probe without `expect` reads and does not judge: its verdict is null. `steps.lag.verdict == 'pass'` is then "
        "false in every run, the option is skipped every time, and its author believes that it was not needed."
    ),
    instead="Say what is expected where it is read, or ask for the reading itself: `steps.lag.value < 30`.",
    bad=runbook(_TRIAGE, "resolution:\n", RESTART, _WHEN, VERIFICATION),
    good=runbook(_TRIAGE.replace("}}", "}, expect: value < 30}"), "resolution:\n", RESTART, _WHEN, VERIFICATION),
    check=check,
    of=(Runbook, Steps),
)
