"""RB156: a label that is used of an answer whose query adds it up."""

from __future__ import annotations

import pytest

from support.contents import asked
from support.rulings import findings, said

USES = "finally: [{id: end, uses: command.run, with: {argv: [a, '{{ steps.one.labels.pod }}'], effect: read}}]\n"


@pytest.mark.parametrize(
    "query",
    [
        "sum(a)",
        "sum by (node) (a)",
        "max(a) / 2",
        "sum by (node) (a) / sum by (node) (b)",
        "abs(count(a))",
        "vector(1)",
    ],
)
def test_a_label_that_is_gone_is_not_to_be_used(query):
    """Wherever the document uses it."""
    assert len(said("RB156", asked(query), USES)) == 1


@pytest.mark.parametrize(
    "query",
    [
        "a",
        "sum by (pod) (a)",
        "topk(1, sum by (pod) (a))",
        "sum without (node) (a)",
        "sum by (pod) (a) * on (pod) group_left (node) b",
        "sum by (node) (a) * on (node) group_left (pod) b",
        "label_replace(sum(a), 'pod', 'x', '', '')",
        "sum by (pod, node) (a) > 5",
        "sum(a) or sum by (pod) (b)",
        "count_values('pod', a)",
        "sum by ({{ run.mode }}) (a)",
    ],
)
def test_one_that_may_be_there_may_be_used(query):
    """What is not known is not told."""
    assert said("RB156", asked(query), USES) == []


def test_an_expectation_uses_labels_of_its_own_answer():
    """By their bare name."""
    [found] = findings("RB156", asked("max(a)", expect="value > 5 and labels.pod != 'b'"))
    assert found.hint == "keep it: `sum by (pod) (…)`"
    assert said("RB156", asked("max(a)", expect="value > 5")) == []
