"""RB161: two runbooks for one alert."""

from __future__ import annotations

import json

import pytest

from runbook.lint.rules.rb161_overlapping_symptoms import _pairs, _Symptom
from support.rulings import said

LOOK = "triage: [{id: look, uses: tcp.connect, with: {host: a.internal, port: 1}}]\n"


def book(name: str, *symptoms: dict[str, object], ends: str = LOOK) -> str:
    head = f"apiVersion: runbook/v1\nkind: Runbook\nname: {name}\ntitle: It is slow\n"
    listed = [{"id": f"s{i}", **one} for i, one in enumerate(symptoms)]
    return f"{head}symptoms: {json.dumps(listed)}\n{ends}"


def alert(name: str = "Slow", **labels: str) -> dict[str, object]:
    return {"alert": name, "labels": labels} if labels else {"alert": name}


def both(one: dict[str, object], other: dict[str, object], *, ends: str = LOOK) -> list[str]:
    files = {"runbooks/a.yaml": book("a", one), "runbooks/b.yaml": book("b", other, ends=ends)}
    return said("RB161", files=files)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (alert(), alert()),
        (alert(job="a"), alert()),
        (alert(job="a"), alert(job="a", severity="page")),
        (alert(job="a"), alert(severity="page")),
        (alert(job="a"), alert(job="{{ alert.labels.job }}")),
    ],
)
def test_one_alert_may_be_both(one, other):
    """No label that both name says which."""
    assert both(one, other) == ["the alert 'Slow' starts 'a' (runbooks/a.yaml) as well"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (alert(), alert("Down")),
        (alert(job="a"), alert(job="b")),
        (alert(job="a", severity="page"), alert(severity="warn")),
    ],
)
def test_a_label_tells_them_apart(one, other):
    """Or their names do."""
    assert both(one, other) == []


def test_one_that_goes_on_with_the_other_is_meant():
    """A person is led from one to the other."""
    over = "resolution: [{id: over, continue_with: {runbook: a}}]\n"
    assert both(alert(), alert(), ends=over) == []


def test_two_projects_have_their_alerts_each():
    """A copy in an example folder is not run beside the other."""
    config = "apiVersion: runbook/v1\nkind: Config\n"
    files = {
        "runbook.yaml": config,
        "runbooks/a.yaml": book("a", alert()),
        "demo/runbook.yaml": config,
        "demo/runbooks/b.yaml": book("b", alert()),
    }
    assert said("RB161", files=files) == []


def test_one_runbook_may_have_an_alert_twice():
    """With other labels, say."""
    assert said("RB161", files={"runbooks/a.yaml": book("a", alert(job="a"), alert(severity="page"))}) == []


def test_many_runbooks_of_one_alert_are_not_compared_one_by_one():
    """Each is looked up by its labels in a table."""
    asked = 0

    class Labels(dict[str, str]):
        def __getitem__(self, name: str) -> str:
            nonlocal asked
            asked += 1
            return super().__getitem__(name)

    many = [_Symptom(None, None, 0, Labels(service=str(i))) for i in range(1000)]  # type: ignore[arg-type]
    assert list(_pairs(many)) == []
    assert asked < 5 * len(many)
