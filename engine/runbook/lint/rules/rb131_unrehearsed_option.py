"""RB131: an option that no scenario says anything about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from runbook.core.addresses import parts, whole
from runbook.document.findings import Finding, Severity
from runbook.document.model import Option, ScenarioCase
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_AFTER_ALL: Final = frozenset(
    {"denied", "not_resolved", "blocked"}
)  # the outcomes of a run that came to its last option

_SECOND = """\
  - id: second_provider
    steps:
      - id: switch
        uses: command.run
        with: {argv: [mailctl, route, backup], undo: {argv: [mailctl, route, main]}}
"""
_SCENARIOS = """\
apiVersion: runbook/v1
kind: Scenario
runbook: queue-stuck
scenarios:
  - name: a restart moves the queue
    given: {moving: {json: {waiting: 3}}}
    approvals: {restart: {granted_by: [ada]}}
    expect: {outcome: resolved, option: restart}
"""
_FURTHER = """\
  - name: the second provider takes the mail
    given: {moving: [{json: {waiting: 900}}, {after: switch, json: {waiting: 3}}]}
    approvals: {restart: {granted_by: [ada]}, second_provider: {granted_by: [ada]}}
    expect: {outcome: resolved, option: second_provider}
"""
_FILE = "runbooks/queue-stuck.scenarios.yaml"


def check(about: About) -> Iterator[Finding]:
    """Every option is named by a scenario: itself, one of its steps, or the runbook that it goes on with.

    One without a condition is also come to where a scenario ends after all options.
    """
    cases = [case for document in about.scenarios for case in document.scenarios]
    if not cases:
        return
    named = {name for case in cases for name in _names(case)}
    all_tried = any(case.expect.outcome in _AFTER_ALL for case in cases)
    for i, option in enumerate(about.runbook.resolution):
        if named.isdisjoint(_called(option)) and not (all_tried and option.when is None):
            message = f"no scenario comes to the option '{option.id}'"
            hint = f"write one that expects 'option: {option.id}', and one in which it does not help"
            yield about.finding(("resolution", i, "id"), message, hint)


def _called(option: Option) -> set[str]:
    over = {f"> {option.continue_with.runbook}"} if option.continue_with else set()
    return {option.id, *(step.id for step in option.every), *over}


def _names(case: ScenarioCase) -> Iterator[str]:
    """Every part of every address that a scenario names."""
    expect = case.expect
    addresses = [*case.given, *case.answers, *case.approvals, *(expect.applied or ()), *(expect.undone or ())]
    addresses += [*(expect.verdicts or ()), *_moments(case.given), *([expect.option] if expect.option else [])]
    for address in addresses:
        yield from parts(whole(address))
    if expect.continues:
        yield f"> {expect.continues}"


def _moments(given: Mapping[str, Any]) -> Iterator[str]:
    for answers in given.values():
        for answer in answers if isinstance(answers, list) else [answers]:
            if isinstance(answer, dict) and isinstance(answer.get("after"), str):
                yield answer["after"]


RULE = Rule(
    code="RB131",
    name="unrehearsed-option",
    severity=Severity.WARNING,
    title="An option that no scenario comes to",
    why=(
        "The first option is rehearsed and the third never was: its condition has a typing error in a name that "
        "exists, its check looks at the wrong thing. It is tried on the night on which the other two did not help."
    ),
    instead=(
        "For each option a scenario that it resolves, and one in which it does not help. `runbook test` says what is "
        "covered; this rule only looks whether a scenario names the option or one of its steps."
    ),
    bad=runbook(TRIAGE, "resolution:\n", RESTART, _SECOND, VERIFICATION) | {_FILE: _SCENARIOS},
    good=runbook(TRIAGE, "resolution:\n", RESTART, _SECOND, VERIFICATION) | {_FILE: _SCENARIOS + _FURTHER},
    check=check,
)
