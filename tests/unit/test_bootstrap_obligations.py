"""Where a project's obligations come from: what is shipped, its files, its holidays, its zone."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.bootstrap import Project
from runbook.errors import DocumentError, UsageError
from support.obligations import ACME

HEAD = "apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///j.db\n"


def project(folder: Path, text: str) -> Project:
    (folder / "runbook.yaml").write_text(HEAD + text)
    return Project(folder, environ={})


def test_regimes_of_ones_own_are_read_beside_the_shipped_ones(tmp_path: Path) -> None:
    """Their findings are those of any document."""
    (tmp_path / "acme.yaml").write_text(ACME)
    rules = project(tmp_path, "obligations: {files: [acme.yaml]}\n").obligations
    assert {"acme", "gdpr"} <= set(rules.regimes.names)
    (tmp_path / "acme.yaml").write_text(ACME.replace("hours: 10", "horus: 10"))
    with pytest.raises(DocumentError, match=r"acme.yaml:\d+:\d+: RB021: unknown key 'horus'; did you mean 'hours'"):
        _ = project(tmp_path, "obligations: {files: [acme.yaml]}\n").obligations


def test_a_file_that_is_no_regime_is_refused(tmp_path: Path) -> None:
    """Also where it is a good document of another kind."""
    (tmp_path / "policy.yaml").write_text("apiVersion: runbook/v1\nkind: Policy\npeople: {}\n")
    with pytest.raises(UsageError, match="is not a Regime document"):
        _ = project(tmp_path, "obligations: {files: [policy.yaml]}\n").obligations


def test_a_time_zone_that_there_is_not_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """Days that begin at the wrong hour end at the wrong hour."""
    with pytest.raises(UsageError, match="there is no time zone 'Europe/Berln'") as error:
        _ = project(tmp_path, "obligations: {zone: Europe/Berln}\n").obligations
    assert error.value.hint == "did you mean 'Europe/Berlin'?"


def test_without_a_configuration_days_are_those_of_utc(tmp_path: Path) -> None:
    """It works at once, and says what it does not know."""
    here = Project(tmp_path, environ={}).obligations.here
    assert (str(here.zone), here.entities) == ("UTC", frozenset())
    assert here.calendar.unknown is not None
