"""RB133: changes that nobody is asked about, as often as an alert fires."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import Policy
from runbook.document.words import Effect
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Policy
people: {ada: {user: ada}}
auto:
  runbooks: [queue-stuck]
  effects: [read, change]
  cooldown: 30m
"""


def check(about: About) -> Iterator[Finding]:
    """What the policy approves by itself has an end."""
    assert isinstance(about.document, Policy)  # noqa: S101 - `Rule.of` says so
    auto = about.document.auto
    if auto is None or not auto.runbooks or auto.max_runs is not None:
        return
    if any(effect in (Effect.CHANGE, Effect.DESTRUCTIVE) for effect in auto.effects):
        message = "nothing ends 'auto': it changes the same thing again as often as the alert fires"
        yield about.finding(("auto",), message, "add 'max_runs: {count: 3, per: 24h}'; then people are asked", key=True)


RULE = Rule(
    code="RB133",
    name="auto-without-brake",
    severity=Severity.WARNING,
    title="Changes without asking, without a brake",
    why=(
        "A restart that helps for ten minutes hides a leak for weeks when it is made every ten minutes without "
        "anybody. `cooldown` spaces the runs; only `max_runs` ends them and calls people."
    ),
    instead="Say how often is often enough: `max_runs: {count: 3, per: 24h}`, per runbook and target.",
    bad={"policy.yaml": _BAD},
    good={"policy.yaml": _BAD + "  max_runs: {count: 3, per: 24h}\n"},
    check=check,
    of=(Policy,),
)
