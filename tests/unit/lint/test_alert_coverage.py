"""Rule files beside a library: what is covered, and links that are written without touching anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.errors import DocumentError
from runbook.lint.alert_coverage import Coverage, coverage
from runbook.lint.alert_rules import alert_rules
from runbook.lint.alert_urls import annotated
from support.specs import SPECS

RULES = """\
# what pages us
groups:
  - name: api
    rules:
      - record: job:errors
        expr: sum(errors)
      - alert: ErrorsHigh   # the classic
        expr: job:errors > 1
        labels: {severity: critical, team: "{{ $labels.team }}"}
        annotations:
          # for people
          summary: "Errors: {{ $value }}"
      - alert: ErrorsHigh
        expr: job:errors > 0.1
        labels: {severity: warning}
      - {alert: Slow, expr: latency > 1, annotations: {summary: slow}}
      - alert: Old
        expr: 'up == 0'
        annotations: {}
      - alert: Moved
        annotations:
          runbook_url: 'https://old.example.com/x'   # the wiki
        expr: up == 0
"""
URL = "https://docs.example.com/{name}"


def book(name: str, *symptoms: str) -> tuple[Runbook, str]:
    """A runbook with these symptoms, in YAML."""
    text = f"apiVersion: runbook/v1\nkind: Runbook\nname: {name}\ntitle: T\nsymptoms: [{', '.join(symptoms)}]\n"
    loaded = load(text.encode(), SPECS).document
    assert isinstance(loaded, Runbook)
    return loaded, f"runbooks/{name}.yaml"


def held(*books: tuple[Runbook, str], only: dict[str, frozenset[str]] | None = None) -> Coverage:
    return coverage(alert_rules(RULES.encode(), "r.yaml"), books, url=URL, only=only)


def test_an_alert_has_the_runbooks_whose_symptoms_it_can_be() -> None:
    """A label that the rule sets decides; one that it takes from elsewhere may be anything."""
    found = held(
        book("critical", "{alert: ErrorsHigh, labels: {severity: critical, team: shop}}"),
        book("any", "{alert: ErrorsHigh}"),
        book("job", "{alert: ErrorsHigh, labels: {severity: warning, job: api}}"),
    )
    assert [one.runbooks for one in found.alerts[:2]] == [("critical", "any"), ("any", "job")]
    assert [one.wanted for one in found.alerts[:2]] == [None, None]  # several: nobody knows which
    assert found.percent == 40.0


def test_a_symptom_without_a_rule_is_dead() -> None:
    """Whatever was asked about labels: its rule may have others."""
    found = held(book("one", "{alert: Slow}", "{alert: Gone}"), only={"severity": frozenset({"critical"})})
    assert [(dead.runbook, dead.alert) for dead in found.dead] == [("one", "Gone")]
    assert [one.alert.name for one in found.alerts] == ["ErrorsHigh"]


def test_links_are_one_line_each_and_nothing_else() -> None:
    """Comments, quotes, order and everything that is not ours stay byte for byte."""
    lines = {one.name: one.line for one in alert_rules(RULES.encode(), "r.yaml")[1:]}
    urls = {7: "https://d/one", 13: "https://d/two", lines["Moved"]: "https://d/moved#top"}
    edited = annotated(RULES, "r.yaml", urls)
    assert edited.left == ()
    new = [line for line in edited.text.splitlines() if line not in RULES.splitlines()]
    assert new == [
        "          runbook_url: https://d/one",
        "          runbook_url: https://d/two",
        "          runbook_url: https://d/moved#top   # the wiki",
    ]
    assert [line for line in edited.text.splitlines() if line not in new and line != "        annotations:"] == [
        line for line in RULES.splitlines() if "old.example.com" not in line and line != "        annotations:"
    ]
    assert annotated(edited.text, "r.yaml", {}).text == edited.text


def test_what_stands_in_braces_is_left_alone_and_told() -> None:
    """A person does that in a second; a program would reformat it."""
    lines = {one.name: one.line for one in alert_rules(RULES.encode(), "r.yaml")}
    urls = {lines["Slow"]: "https://d/slow", lines["Old"]: "https://d/old"}
    assert annotated(RULES, "r.yaml", urls) == (RULES, tuple(urls))


@pytest.mark.parametrize("text", ["groups: [\n", "a: 1\n", "groups: []\n--- {"])
def test_what_is_no_rule_file_is_refused(text: str) -> None:
    """Before anything is edited."""
    with pytest.raises(DocumentError):
        annotated(text, "r.yaml", {1: "https://d/x"})


def test_an_alert_that_stands_behind_an_alias_is_written_once(tmp_path: Path) -> None:
    """One text for two places: both get it."""
    text = "groups:\n  - name: a\n    rules: &r\n      - alert: A\n        expr: up\n  - name: b\n    rules: *r\n"
    edited = annotated(text, "r.yaml", {4: "https://d/a"})
    assert edited.text.count("runbook_url") == 1
    assert [one.annotations["runbook_url"] for one in alert_rules(edited.text.encode(), "r")] == ["https://d/a"] * 2
