"""A notification, from the first question to the number that the authority gave, as somebody types it at night."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.projects import Project, Said

pytestmark = pytest.mark.acceptance

CONFIG = """\
obligations:
  scope: [gdpr, nis2]
  holidays: {dates: [2026-12-24]}
  zone: Europe/Berlin
"""
ITEMS = ("nature", "people", "records", "contact", "consequences", "measures")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "shop", CONFIG)
    made.does("incident", "declare", "--severity", "SEV1", "--type", "Security", "--title", "An export was public")
    return made


def obliged(project: Project, *words: str) -> Said:
    """What `runbook obligations` says to these words."""
    return project.does("obligations", *words)


def test_a_notification_is_filed_once_it_says_what_it_must(project: Project) -> None:
    """Nobody decides but a person, nothing is filed half, and the record tells all of it."""
    assert "Nobody has decided yet whether these apply" in obliged(project, "INC-1").out
    reason = "names and mail addresses were readable"
    assert obliged(project, "judge", "INC-1", "gdpr", "--applies", "--reason", reason).exit == 0
    assert "running gdpr.authority" in obliged(project, "anchor", "INC-1", "aware").err

    refused = obliged(project, "file", "INC-1", "gdpr.authority", "--reference", "2026-0815")
    assert refused.exit == 8
    assert all(f"\n  {item}: " in refused.err for item in ITEMS)

    for item in ITEMS:
        assert obliged(project, "answer", "INC-1", "gdpr.authority", item, f"what is known of {item}").exit == 0
    draft = obliged(project, "draft", "INC-1", "gdpr.authority").out
    assert "MISSING" not in draft and "what is known of measures" in draft and "Not legal advice" in draft

    filed = obliged(project, "file", "INC-1", "gdpr.authority", "--reference", "2026-0815", "--output", "json")
    assert filed.exit == 0
    first = filed.json["obligations"][0]
    assert (first["report"], first["state"], first["late"], first["filed"][0]["reference"]) == (
        "gdpr.authority",
        "met",
        False,
        "2026-0815",
    )
    timeline = project.does("incident", "timeline", "INC-1").out
    assert f"gdpr applies: {reason}" in timeline and "gdpr.authority filed as 2026-0815" in timeline
    assert project.does("store", "check").exit == 0


def test_every_refusal_says_what_to_do_and_writes_nothing(project: Project) -> None:
    """Exit codes as everywhere: 2 for what was typed, 8 for what is not allowed."""
    before = project.does("incident", "timeline", "INC-1").out
    assert obliged(project, "judge", "INC-1", "gdrp", "--applies", "--reason", "x").exit == 2
    assert obliged(project, "judge", "INC-1", "gdpr_omnibus", "--applies", "--reason", "x").exit == 8
    assert obliged(project, "anchor", "INC-1", "aware", "--at", "2026-11-01 14:23").exit == 2
    assert obliged(project, "file", "INC-1", "gdpr.authority", "--reference", "x").exit == 8
    assert obliged(project, "INC-7").exit == 2
    assert project.does("incident", "timeline", "INC-1").out == before
