"""RB160: an alert that no rule gives."""

from __future__ import annotations

from support.contents import read
from support.rulings import findings, said

RULES = "groups: [{name: g, rules: [{alert: QueueStuck, expr: a > 5}, {record: r, expr: a}]}]\n"
SYMPTOM = "symptoms: [{{alert: {}}}]\n"


def test_a_slip_of_the_hand_is_named():
    """With what the rules give."""
    [found] = findings("RB160", SYMPTOM.format("QueueStuk"), read("a"), files={"a.rules.yaml": RULES})
    assert found.message == "no rule gives an alert 'QueueStuk'"
    assert found.hint == "did you mean 'QueueStuck'?"


def test_an_alert_of_the_rules_is_known():
    """A recording rule is none."""
    assert said("RB160", SYMPTOM.format("QueueStuck"), read("a"), files={"a.rules.yaml": RULES}) == []
    assert len(said("RB160", SYMPTOM.format("r"), read("a"), files={"a.rules.yaml": RULES})) == 1


def test_without_rules_nothing_is_known():
    """Nobody is told that nothing gives an alert because nobody was asked."""
    assert said("RB160", SYMPTOM.format("QueueStuk"), read("a")) == []


def test_of_many_alerts_only_one_that_is_alike_is_named():
    """Five hundred names would be no help."""
    many = ", ".join(f"{{alert: Other{i}, expr: a}}" for i in range(100))
    rules = RULES.replace("[{alert", f"[{many}, {{alert")
    [found] = findings("RB160", SYMPTOM.format("QueueStuk"), read("a"), files={"a.rules.yaml": rules})
    assert found.hint == "did you mean 'QueueStuck'?"
    [found] = findings("RB160", SYMPTOM.format("Nothing"), read("a"), files={"a.rules.yaml": rules})
    assert found.hint == "correct its name, or add the rule"
