"""RB126: one thing after the other is changed, and nobody looks in between.

Every loop is bounded (20 items unless `max` says more), and its items stand at one gate, so that is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import ForEach
from runbook.document.rules.walk import Phase, Site
from runbook.document.words import Role
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
resolution:
  - id: restart
    steps:
      - id: restart_worker
        uses: ssh.run
        with: {host: "{{ host }}", argv: [systemctl, restart, mail-worker]}
        irreversible: What the worker was doing is lost.
        for_each:
          items: [mail-1, mail-2, mail-3]
          as: host
"""
_BETWEEN = """\
          between:
            - id: answers
              uses: tcp.connect
              with: {host: "{{ host }}", port: 25}
              until: {within: 1m}
"""


def check(about: About) -> Iterator[Finding]:
    """Between the items of a loop that changes something there is a look that can stop it."""
    for site in about.sites:
        loop = site.step.for_each
        if site.phase is Phase.OPTION and loop and not site.between and about.is_change(site) and _is_blind(loop):
            yield about.finding((*site.pointer, "for_each"), _message(site.step.id), _HINT, key=True)
    for i, option in enumerate(about.runbook.resolution):
        if option.for_each and _is_blind(option.for_each):
            steps = [site for site in about.every_site if site.pointer[:3] == ("resolution", i, "steps")]
            if any(map(about.is_change, steps)) and not any(_judges(about, site) for site in steps):
                yield about.finding(("resolution", i, "for_each"), _message(option.id), _HINT, key=True)


def _is_blind(loop: ForEach) -> bool:
    return not loop.between and (isinstance(loop.items, str) or len(loop.items) > 1)


def _judges(about: About, site: Site) -> bool:
    """A probe that fails, or a person who says so, ends the option in the middle of the items."""
    spec = about.spec(site)
    if spec is None or spec.role is Role.MANUAL:
        return True
    return not about.is_change(site) and bool(site.step.expect or spec.expect)


def _message(id_: str) -> str:
    return f"'{id_}' changes one item after the other, and nobody looks in between"


_HINT = "add 'between:' with a probe that must pass before the next item"

RULE = Rule(
    code="RB126",
    name="loop-without-look",
    severity=Severity.WARNING,
    title="A loop over changes without a look in between",
    why=(
        "A command that exits with 0 has been accepted, not proven. What breaks the first host breaks all of them "
        "within a minute, and the loop stops only where a command fails."
    ),
    instead=(
        "`between` holds probes that must pass before the next item; with `until` they wait for it. The ones that "
        "matter most come last: `order_by`."
    ),
    bad=runbook(TRIAGE, _BAD, VERIFICATION),
    good=runbook(TRIAGE, _BAD, _BETWEEN, VERIFICATION),
    check=check,
)
