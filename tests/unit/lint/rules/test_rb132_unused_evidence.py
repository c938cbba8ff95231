"""RB132: evidence that is never collected."""

from __future__ import annotations

from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION
from support.rulings import said

PLAN = """\
apiVersion: runbook/v1
kind: EvidencePlan
name: kept
items:
  - {id: files, uses: command.run, with: {argv: [ls], effect: read}}
"""
FILES = {"runbooks/kept.yaml": PLAN}
HAND = "resolution: [{id: o, steps: [{id: s, uses: manual.do, with: {text: Do.}}]}]\n"


def test_work_by_hand_passes_no_gate():
    """So nothing begins there."""
    told = ["this is never collected: it begins at the first gate, and nothing here passes one"]
    assert said("RB132", "evidence: kept\n", HAND, VERIFICATION, files=FILES) == told
    assert said("RB132", "evidence: {plan: kept}\n", TRIAGE, files=FILES) == told


def test_any_change_has_a_gate():
    """In any option."""
    assert said("RB132", "evidence: kept\n", "resolution:\n", RESTART, VERIFICATION, files=FILES) == []
