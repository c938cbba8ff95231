"""The people of a scenario: those of the project's policy, or, without one, whoever the runbook and scenario name."""

from __future__ import annotations

from runbook.document.model import Person, Policy, Runbook, ScenarioCase

SOMEBODY = "whoever-is-on-call"


def policy_of(case: ScenarioCase, book: Runbook, policy: Policy | None) -> Policy:
    """A policy that knows everybody who speaks in the scenario.

    A project's own policy stands as it is. Without one, each group that the runbook names has as members all
    persons that the scenario names.
    """
    if policy is not None:
        return policy
    persons = {name for approval in case.approvals.values() for name in approval.granted_by}
    persons |= {approval.denied_by for approval in case.approvals.values() if approval.denied_by}
    persons |= {approval.skipped_by for approval in case.approvals.values() if approval.skipped_by}
    persons |= {approval.aborted_by for approval in case.approvals.values() if approval.aborted_by}
    persons |= {initiator(case)}
    named = {
        name
        for option in book.resolution
        if option.approval
        for name in ((option.approval.from_ or ()) + option.approval.from_each)
    }
    groups = {name: tuple(sorted(persons)) for name in named - persons}
    return Policy(people={name: Person(user=name) for name in sorted(persons)}, groups=groups)


def initiator(case: ScenarioCase) -> str:
    """Who starts the simulated run."""
    return case.initiator or SOMEBODY


def speaker(case: ScenarioCase, option: str) -> str | None:
    """Whom the person at the keyboard plays at an option's gate."""
    approval = case.approvals.get(option)
    if approval is None:
        return None
    if approval.granted_by:
        return approval.granted_by[0]
    return approval.denied_by or approval.skipped_by or approval.aborted_by
