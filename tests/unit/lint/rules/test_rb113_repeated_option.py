"""RB113: an option that repeats another one."""

from __future__ import annotations

import pytest

from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION
from support.rulings import said

AGAIN = RESTART.replace("id: restart", "id: again")
PART = """\
apiVersion: runbook/v1
kind: Steps
name: look
parameters: {port: {type: integer}}
steps:
  - {id: there, uses: tcp.connect, with: {host: a.example.com, port: "{{ params.port }}"}}
"""


def test_other_names_make_no_other_option():
    """What it is called does not help."""
    titled = AGAIN.replace("    steps:", "    title: Once more\n    steps:")
    assert said("RB113", TRIAGE, "resolution:\n", RESTART, titled, VERIFICATION) == [
        "'again' does once more, word for word, what 'restart' did"
    ]


@pytest.mark.parametrize(
    "other",
    [
        AGAIN.replace("restart, mail", "start, mail"),
        AGAIN + "    when: steps.smarthost.reachable\n",
        AGAIN + "      - {id: pause, uses: wait.until, with: {for: 1m}}\n",
        AGAIN.replace("    steps:", "    for_each: {items: [a, b]}\n    steps:"),
    ],
)
def test_another_condition_argument_or_step_makes_it_another_way(other):
    """Anything that decides what is done."""
    assert said("RB113", TRIAGE, "resolution:\n", RESTART, other, VERIFICATION) == []


def test_included_steps_may_differ_in_what_they_are_given():
    """Their parameters are not compared, so nothing is said."""
    option = "  - {id: %s, steps: [{include: look, as: %s, with: {port: %s}}]}\n"
    parts = ("resolution:\n", option % ("a", "a", 1), option % ("b", "b", 2), VERIFICATION)
    assert said("RB113", *parts, files={"runbooks/look.yaml": PART}) == []
