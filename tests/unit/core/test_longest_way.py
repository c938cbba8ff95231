"""How long it can take until a person is called."""

from __future__ import annotations

import math

import msgspec
import pytest

from runbook.core.longest_way import longest_way
from runbook.document.durations import Duration
from runbook.document.model import Approval, Escalation, ForEach, Option, Retry, Runbook, Step, Symptom, Verification
from support.specs import SPECS

SCALE = {"uses": "kubernetes.scale", "inputs": {"deployment": "api"}}


def book(**keys) -> Runbook:
    return Runbook(**{"name": "x", "title": "X", "escalation": Escalation(to="production"), **keys})


def probe(id_: str, timeout: float = 10.0, **keys) -> Step:
    return Step(id=id_, uses="prometheus.query", inputs={"query": "up"}, timeout=Duration(timeout), **keys)


def option(**keys) -> Option:
    return Option(**{"id": "o", "steps": (Step(id="scale", **SCALE, timeout=Duration(300.0)),), **keys})


def test_a_runbook_without_escalation_calls_nobody():
    """The way is infinite, not zero."""
    assert math.isinf(longest_way(book(escalation=None), SPECS))


def test_the_whole_way_is_the_sum_of_its_worst_cases():
    """Symptoms, triage, a gate opened in its last second, the symptoms again, the change, settling, verification."""
    whole = book(
        symptoms=(Symptom(id="s", probe=probe("s")),),
        triage=(probe("t", 20.0),),
        resolution=(option(approval=Approval(timeout=Duration(600.0)), settle=Duration(60.0)),),
        verification=Verification(checks=(probe("c"),), within=Duration(120.0)),
    )
    assert longest_way(whole, SPECS) == 10 + 20 + (600 + 10 + 300 + 60 + 120)


def test_after_cuts_the_way_short_and_counts_from_the_symptoms():
    """`after` pages while the run goes on."""
    paged = book(
        symptoms=(Symptom(id="s", probe=probe("s")),),
        resolution=(option(),),
        escalation=Escalation(to="production", after=Duration(300.0)),
    )
    assert longest_way(paged, SPECS) == 310


def test_triage_is_as_long_as_its_longest_chain():
    """What runs side by side is not added up; what waits for each other is."""
    chained = (probe("a"), probe("b", 20.0), probe("c", 5.0, when="steps.a.value > 1"))
    assert longest_way(book(triage=chained), SPECS) == 20
    assert longest_way(book(triage=(*chained, probe("d", 9.0, when="steps.c.value > 1"))), SPECS) == 24


def test_tries_and_the_pauses_between_them_count():
    """Three tries of ten seconds with pauses of one and two."""
    tried = probe("a", retry=Retry(attempts=3, delay=Duration(1.0)))
    assert longest_way(book(triage=(tried,)), SPECS) == 33


@pytest.mark.parametrize(("gates", "seconds"), [(None, 900), (lambda option: 60.0, 60)])
def test_a_gates_timeout_is_what_runbook_and_policy_say(gates, seconds):
    """Fifteen minutes unless somebody says otherwise."""
    assert longest_way(book(resolution=(option(),)), SPECS, gates) == seconds + 300


def test_an_option_that_changes_nothing_has_no_gate():
    """A person's step counts an hour, and no gate."""
    manual = Step(id="look", uses="manual.do", inputs={"text": "Look"})
    assert longest_way(book(resolution=(option(steps=(manual,)),)), SPECS) == 3600


def test_options_add_up():
    """Each may be tried, and each may fail at the end of its time."""
    two = tuple(msgspec.structs.replace(option(), id=name) for name in ("a", "b"))
    assert longest_way(book(resolution=two), SPECS) == 2 * (900 + 300)


def test_a_loop_takes_as_long_as_all_the_items_that_it_may_have_with_what_is_between_them():
    """Of a list that stands in the document they are counted; else `max` is what there may be."""
    listed = ForEach(items="params.hosts", max=3, between=(probe("b", 5.0),))
    written = ForEach(items=("a", "b"))
    scale = Step(id="scale", **SCALE, timeout=Duration(300.0))

    def way(loop: ForEach | None, whole: ForEach | None = None) -> float:
        one = option(steps=(msgspec.structs.replace(scale, for_each=loop),), for_each=whole)
        return longest_way(book(resolution=(one,)), SPECS)

    assert way(listed) - way(None) == 2 * 300.0 + 2 * 5.0
    assert way(written) - way(None) == way(None, written) - way(None) == 300.0
