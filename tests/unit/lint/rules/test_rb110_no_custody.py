"""RB110: a security or data runbook that keeps no evidence, or goes on without it."""

from __future__ import annotations

import pytest

from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION
from support.rulings import said

PLAN = """\
apiVersion: runbook/v1
kind: EvidencePlan
name: kept
items:
  - {id: files, uses: command.run, with: {argv: [ls], effect: read}}
"""
WORK = ("resolution:\n", RESTART, VERIFICATION)


@pytest.mark.parametrize("tag", ["security", "Security", "data-breach", "credentials", "data", "gdpr", "pii_leak"])
def test_tags_say_what_it_is_about(tag):
    """Whatever else it is tagged with."""
    assert said("RB110", f"tags: [mail, {tag}]\n", *WORK) == [
        f"a runbook about '{tag}' changes something, and keeps no evidence before"
    ]


@pytest.mark.parametrize("tag", ["database", "data-platform", "metadata", "data-center", "leader", "mail"])
def test_other_tags_that_look_alike_do_not(tag):
    """A data platform is no data breach."""
    assert said("RB110", f"tags: [{tag}]\n", *WORK) == []


def test_who_only_looks_destroys_nothing():
    """Nothing is lost that could be kept."""
    assert said("RB110", "tags: [security]\n", TRIAGE) == []


def test_a_plan_that_may_be_missing_is_not_enough():
    """Only a required one stops the first change."""
    files = {"runbooks/kept.yaml": PLAN}
    assert said("RB110", "tags: [security]\nevidence: kept\n", *WORK, files=files) == [
        "'kept' is not required: what it could not keep is lost with the first change"
    ]
    required = {"runbooks/kept.yaml": PLAN + "required: true\n"}
    assert said("RB110", "tags: [security]\nevidence: kept\n", *WORK, files=required) == []
