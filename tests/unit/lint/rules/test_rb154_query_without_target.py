"""RB154: a query that decides about one of many, and asks about all of them."""

from __future__ import annotations

import pytest

from support.contents import VERIFIED, asked, parameters, symptom
from support.rulings import said

GIVEN = parameters(
    namespace={"type": "string", "default": "production", "from_alert": "labels.namespace"},
    replicas={"type": "integer", "default": 3},
)
ONE = "params.namespace"


@pytest.mark.parametrize("query", ["sum(a)", 'sum(a{job="b"})', 'a{namespace!="production"}', "time() - a"])
def test_a_query_that_is_the_same_for_each_is_found(query):
    """The runbook says that there are several: it takes which one from the alert."""
    assert said("RB154", GIVEN, symptom(query)) == [f"the query of 'one' asks the same whatever {ONE} is"]


@pytest.mark.parametrize(
    "query",
    [
        'sum(a{namespace="{{ params.namespace }}"})',
        'sum(a{pod=~"{{ alert.labels.pod }}.*"})',
        'sum(a{namespace="production"})',
        'sum(a{namespace=~"staging|production"})',
        "vector(1)",
    ],
)
def test_one_that_selects_it_is_left_alone(query):
    """By a value of the run, or by the one that the runbook stands for."""
    assert said("RB154", GIVEN, symptom(query)) == []


def test_the_service_and_the_labels_of_an_alert_say_what_it_is_about():
    """They are constants, and so may the query's be."""
    assert said("RB154", "service: shop\n", GIVEN, symptom('sum(a{service="shop"})')) == []
    alert = "symptoms: [{alert: A, labels: {job: b}}]\n"
    query = "signals: {s: {uses: prometheus.query, with: {query: 'sum(a{job=\"b\"})'}}}\n"
    check = "verification: {checks: [{id: c, signal: s, expect: value > 1}]}\n"
    mend = "resolution: [{id: o, steps: [{id: d, uses: manual.do, with: {text: Do.}}]}]\n"
    assert said("RB154", GIVEN, alert, query, mend, check) == []
    assert len(said("RB154", GIVEN, alert, query.replace('"b"', '"c"'), mend, check)) == 1


def test_a_target_of_templates_says_that_there_are_several():
    """Its keys are what to select by."""
    target = "target: {kind: Deployment, name: cart, namespace: '{{ alert.labels.namespace }}'}\n"
    assert said("RB154", target, symptom("sum(a)")) == ["the query of 'one' asks the same whatever target.namespace is"]
    assert said("RB154", target, symptom('sum(a{namespace="{{ target.namespace }}"})')) == []


def test_a_service_alone_wants_its_queries_to_select_anything():
    """By what it is, not by what of it is counted; a metric of its own needs no label."""
    service = "service: mail-queue\n"
    assert len(said("RB154", service, symptom('sum(rate(a{status=~"5.."}[5m]))'))) == 1
    assert len(said("RB154", service, symptom("sum(a)"))) == 1
    assert said("RB154", service, symptom('sum(a{job="other"})')) == []
    assert said("RB154", service, symptom("sum(mailqueue_depth)")) == []


def test_without_any_of_these_nothing_is_known_of_a_target():
    """There is one of it."""
    assert said("RB154", symptom("sum(a)")) == []
    assert said("RB154", parameters(n={"type": "integer", "default": 1}), symptom("sum(a)")) == []


def test_triage_and_advisory_checks_may_look_around():
    """They decide nothing."""
    assert said("RB154", GIVEN, asked("sum(a)")) == []
    check = "{id: c, uses: prometheus.query, with: {query: sum(a)}, expect: value > 1, advisory: true}"
    checks = VERIFIED.replace("checks: [", f"checks: [{check}, ")
    mend = "resolution: [{id: o, steps: [{id: d, uses: manual.do, with: {text: Do.}}]}]\n"
    assert said("RB154", GIVEN, mend, checks) == []
