"""Where a configuration leads: a warning where that is out of the project, whose files are reviewed together."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook import kinds
from runbook.lint.lint import lint

CONFIG = "apiVersion: runbook/v1\nkind: Config\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with its configuration in a folder below its root, and something beside it."""
    folder = tmp_path / "repository" / "ops"
    (folder / "runbooks").mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    (tmp_path / "repository" / "shared").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "policy.yaml").write_text("apiVersion: runbook/v1\nkind: Policy\n")
    return folder


def said(project: Path, config: str) -> list[tuple[int, str, str]]:
    (project / "runbook.yaml").write_text(CONFIG + config)
    found = lint([project / "runbook.yaml"], kinds.specs()).findings
    return [(finding.line, finding.code, str(finding.severity)) for finding in found]


def test_what_stays_in_the_repository_is_inside(project: Path) -> None:
    """Above the configuration too."""
    assert said(project, "library: [runbooks, ../shared]\n") == []


def test_what_leads_out_is_warned_of(project: Path) -> None:
    """By `..`, as a whole path, and of an environment."""
    away = project.parents[1] / "elsewhere"
    config = f"library: [runbooks, ../../elsewhere]\npolicy: {away}/policy.yaml\n"
    config += "environments: {prod: {policy: ../../elsewhere/policy.yaml}}\n"
    assert said(project, config) == [(line, "RB078", "warning") for line in (3, 4, 5)]


def test_a_link_leads_where_it_leads(project: Path) -> None:
    """Whatever it is called."""
    (project / "policy.yaml").symlink_to(project.parents[1] / "elsewhere" / "policy.yaml")
    assert said(project, "policy: policy.yaml\n") == [(3, "RB078", "warning")]


def test_what_is_not_there_is_an_error_wherever_it_would_be(project: Path) -> None:
    """And said once."""
    assert said(project, "policy: ../../nowhere/policy.yaml\n") == [(3, "RB055", "error")]
