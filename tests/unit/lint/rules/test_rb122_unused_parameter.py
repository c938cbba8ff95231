"""RB122: a parameter that changes nothing."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE, VERIFICATION
from support.rulings import said

HOST = "parameters:\n  host: {type: string, default: a}\n"
PLAN = """\
apiVersion: runbook/v1
kind: EvidencePlan
name: kept
parameters: {%s: {type: string, default: a}}
items:
  - {id: files, uses: command.run, with: {argv: [ls], effect: read}}
"""
STEPS = """\
apiVersion: runbook/v1
kind: Steps
name: look
parameters: {port: {type: integer}, host: {type: string}}
steps:
  - {id: there, uses: tcp.connect, with: {host: "{{ params.host }}", port: 1}}
"""


def test_what_no_text_names_is_told():
    """Whatever else is named."""
    assert said(
        "RB122", HOST + "  port: {type: integer, default: 1}\n", TRIAGE.replace("587", "'{{ params.port }}'")
    ) == ["the parameter 'host' is used nowhere: whatever it is set to, nothing is done otherwise"]


@pytest.mark.parametrize(
    "part",
    [
        "target: {name: '{{ params.host }}'}\n",
        "concurrency: x-{{ params.host }}\n",
        "concurrency: x-{{ params[ 'host' ] }}\n",
        "caution: See {{params.host}}.\n",
        "communication: [{at: start, to: console, text: 'It is {{ params . host }}.'}]\n",
        "escalation: {to: mail, message: \"{{ params['host'] }}\"}\n",
        "resolution: [{id: o, when: params.host == 'a', steps: [{id: s, uses: manual.do, with: {text: Do.}}]}]\n"
        + VERIFICATION,
        "concurrency: x-{{ params | length }}\n",
    ],
)
def test_every_place_counts(part):
    """Where `params` is used as a whole, all of them are."""
    assert said("RB122", HOST, TRIAGE, part) == []


def test_the_evidence_plan_takes_those_of_its_own_names():
    """Without a word of the runbook."""
    for name, found in (("host", 0), ("other", 1)):
        files = {"runbooks/kept.yaml": PLAN % name}
        told = [one for one in said("RB122", HOST, TRIAGE, "evidence: kept\n", files=files) if "'host'" in one]
        assert len(told) == (found or 1)  # the plan itself does not use what it takes


def test_a_template_of_the_project_may_use_it():
    """It stands in another file."""
    message = "communication: [{at: start, to: console, template: mine}]\n"
    config = {"runbook.yaml": "apiVersion: runbook/v1\nkind: Config\n"}
    for text, found in (("Host {{ params.host }}", 0), ("Host {{ run.id }}", 1)):
        files = {**config, "templates/mine.md": text}
        assert len(said("RB122", HOST, TRIAGE, message, files=files)) == found


def test_steps_and_plans_have_parameters_too():
    """Who includes them sets them for nothing."""
    assert said("RB122", TRIAGE, files={"runbooks/look.yaml": STEPS}) == [
        "the parameter 'port' is used nowhere: whatever it is set to, nothing is done otherwise"
    ]
