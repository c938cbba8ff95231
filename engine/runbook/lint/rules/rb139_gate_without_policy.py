"""RB139: a gate that needs several people, where nobody has said who there is.

Without a policy the OS user is everyone, so one person can say yes and no other exists. Only a project that has a
configuration is asked: of loose files nobody knows where they will be run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import Option
from runbook.document.rules.walk import Phase
from runbook.document.words import Effect
from runbook.lint.gates import effect_of
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.document.spec import Specs
    from runbook.lint.rule import About

_GATE = "    approval: {required: 2, timeout: 10m}\n"
_CONFIG = "apiVersion: runbook/v1\nkind: Config\n"
_POLICY = """\
apiVersion: runbook/v1
kind: Policy
people: {ada: {user: ada}, ben: {user: ben}, cleo: {user: cleo}}
"""


def check(about: About) -> Iterator[Finding]:
    """Where a gate needs somebody else, a policy says who there is."""
    bare = [name for name, config in about.library.surroundings(about.entry.path) if config.policy is None]
    if not bare:
        return
    where = f" in the environment '{bare[0]}'" if bare[0] else ""
    changing = {site.pointer[1] for site in about.every_site if site.phase is Phase.OPTION and about.is_change(site)}
    for i, option in enumerate(about.runbook.resolution):
        why = _needs_others(option, about.specs) if i in changing else None
        if why:
            message = f"the gate of '{option.id}' cannot be met{where}: {why}, and there is no policy that says who"
            hint = "name the people in a policy, and the policy in runbook.yaml"
            yield about.finding(("resolution", i, "approval" if option.approval else "id"), message, hint)


def _needs_others(option: Option, specs: Specs) -> str | None:
    """Why who started the run is not enough."""
    terms = option.approval
    people = max(terms.required or 1, len(terms.from_each)) if terms else 1
    if people > 1:
        return f"it needs {people} people"
    if terms and terms.exclude_initiator:
        return "who started the run may not answer it"
    return "what destroys is approved by somebody else" if effect_of(option, specs) is Effect.DESTRUCTIVE else None


RULE = Rule(
    code="RB139",
    name="gate-without-policy",
    severity=Severity.WARNING,
    title="A gate that needs others, and no policy",
    why=(
        "Without a policy whoever runs it is the only person there is. A gate that needs two, or somebody else, is "
        "then refused every time, and the change is made past it, or by breaking the glass."
    ),
    instead="`runbook init` writes a policy to begin with; people and groups stand in it by their OS users.",
    bad=runbook(TRIAGE, "resolution:\n", RESTART, _GATE, VERIFICATION) | {"runbook.yaml": _CONFIG},
    good=runbook(TRIAGE, "resolution:\n", RESTART, _GATE, VERIFICATION)
    | {"runbook.yaml": _CONFIG + "policy: policy.yaml\n", "policy.yaml": _POLICY},
    check=check,
)
