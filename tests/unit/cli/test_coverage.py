"""`coverage`: alerts beside the library, as people and pipelines see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli import coverage
from runbook.errors import Exit, UsageError
from support.sessions import Heard, session

BOOK = (
    "apiVersion: runbook/v1\nkind: Runbook\nname: slow\ntitle: It is slow\nsymptoms: [{alert: Slow}, {alert: Gone}]\n"
)
RULES = """\
groups:
  - name: a
    rules:
      - alert: Slow
        expr: latency > 1
        labels: {severity: critical}
      - alert: Wrong
        expr: errors > 1
"""
URL = "https://docs.example.com/{name}.html"


@pytest.fixture
def project(tmp_path: Path) -> Heard:
    """A library of one runbook, and two alerts."""
    heard = session(tmp_path)
    for practice in (tmp_path / "runbooks").iterdir():
        practice.unlink()
    (tmp_path / "runbooks" / "slow.yaml").write_text(BOOK)
    (tmp_path / "rules.yaml").write_text(RULES)
    return heard


def asked(heard: Heard, **more: object) -> Exit:
    rules = (heard.project.root / "rules.yaml",)
    return coverage.coverage(heard, coverage.Options(rules, **more))  # type: ignore[arg-type]


def test_each_alert_is_told_with_its_runbook(project: Heard) -> None:
    """And what waits for an alert that nobody sends."""
    assert asked(project) is Exit.OK
    path = project.project.root / "rules.yaml"
    assert project.out.getvalue().splitlines() == [
        f"✓ Slow ({path}:4): slow",
        f"✗ Wrong ({path}:7): no runbook",
        "! slow waits for Gone, which no rule gives",
    ]
    assert project.err.getvalue() == "1 of 2 alerts have a runbook: 50.0 %\n"


@pytest.mark.parametrize(("percent", "exit_"), [(50.0, Exit.OK), (50.1, Exit.INVALID)])
def test_a_pipeline_asks_for_so_many(project: Heard, percent: float, exit_: Exit) -> None:
    """Exit 3 below."""
    assert asked(project, fail_under=percent) is exit_


def test_only_some_alerts_are_asked_for(project: Heard) -> None:
    """Those that page, say."""
    assert asked(project, labels=("severity=critical", "severity=page"), output="json") is Exit.OK
    assert [one["alert"] for one in project.json["alerts"]] == ["Slow"]
    assert project.json["percent"] == 100.0
    assert project.json["unknown_alerts"] == [{"runbook": "slow", "alert": "Gone"}]


def test_links_are_asked_for_and_written(project: Heard) -> None:
    """A second time there is nothing to write."""
    assert asked(project, url=URL) is Exit.OK
    assert "its runbook_url is missing" in project.out.getvalue()
    assert asked(project, url=URL, write=True) is Exit.OK
    text = (project.project.root / "rules.yaml").read_text()
    wanted = "        annotations:\n          runbook_url: https://docs.example.com/slow.html\n"
    assert text == RULES.replace("      - alert: Slow\n", f"      - alert: Slow\n{wanted}")
    assert "wrote 1 runbook_url into 1 files" in project.err.getvalue()
    assert asked(project, url=URL, write=True) is Exit.OK
    assert (project.project.root / "rules.yaml").read_text() == text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"write": True}, "--write needs --url"),
        ({"url": "https://docs.example.com/"}, r"\{name\} or \{path\}"),
        ({"labels": ("severity",)}, "is no NAME=VALUE"),
    ],
)
def test_what_makes_no_sense_is_refused(project: Heard, options: dict[str, object], said: str) -> None:
    """Before any file is read."""
    with pytest.raises(UsageError, match=said):
        asked(project, **options)
    assert (project.project.root / "rules.yaml").read_text() == RULES
