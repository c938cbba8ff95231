"""RB129: a state that is meant to pass, and nothing ends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.rules.walk import Phase, Site
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

# what leaves something closed, what opens it again, and what is closed
_CLOSED: Final = {
    "kubernetes.cordon": ("kubernetes.uncordon", "the node takes no pods"),
    "kubernetes.drain": ("kubernetes.uncordon", "the node takes no pods"),
    "kubernetes.rollout_pause": ("kubernetes.rollout_resume", "nothing is rolled out"),
}
_BAD = """\
resolution:
  - id: hold_rollout
%s    steps:
      - {id: pause, uses: kubernetes.rollout_pause, with: {deployment: mail-worker}}
"""


def check(about: About) -> Iterator[Finding]:
    """What is cordoned or paused is opened again in the same option, or somebody is reminded."""
    sites = [site for site in about.sites if site.phase is Phase.OPTION]
    for position, site in enumerate(sites):
        if site.step.uses not in _CLOSED:
            continue
        opens, state = _CLOSED[site.step.uses]
        option = about.runbook.resolution[int(site.pointer[1])]
        if option.temporary is None and not _opened(sites[position + 1 :], site, opens):
            message = f"after '{site.step.id}' {state} until somebody remembers it"
            hint = f"add 'temporary:' to '{option.id}', which reminds of it, or a step of {opens}"
            yield about.finding(site.pointer, message, hint)


def _opened(later: list[Site], site: Site, opens: str) -> bool:
    return any(one.step.uses == opens and one.pointer[:2] == site.pointer[:2] for one in later)


RULE = Rule(
    code="RB129",
    name="left-behind",
    severity=Severity.WARNING,
    title="A node or a rollout that stays closed",
    why=(
        "A paused rollout swallows next week's release without a word, and a cordoned node is found when the others "
        "are full. Nothing alerts on either: they look as if somebody wanted them so."
    ),
    instead=(
        "`temporary: 12h` records a follow-up with the command that opens it again; `runbook` alone lists it until it "
        "is done. Where it is open again before the option ends, do that in a step."
    ),
    bad=runbook(TRIAGE, _BAD % "", VERIFICATION),
    good=runbook(TRIAGE, _BAD % "    temporary: 12h\n", VERIFICATION),
    check=check,
)
