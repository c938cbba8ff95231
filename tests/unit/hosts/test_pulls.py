"""Dangerous pull requests are told as what they are, first; harmless ones are left in peace.

Each is a folder under `tests/cases/pulls`: the project before and after, and everything that must be said of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from runbook import kinds
from runbook.authoring.diff.codes import Level
from runbook.hosts.comparing import Comparison, compared
from runbook.hosts.trees import OnDisk

PULLS = Path(__file__).parents[2] / "cases" / "pulls"
DANGEROUS = sorted(folder for folder in PULLS.iterdir() if not folder.name.startswith("quiet-"))
QUIET = sorted(folder for folder in PULLS.iterdir() if folder.name.startswith("quiet-"))


def read(folder: Path) -> tuple[Comparison, dict[str, Any]]:
    expected: dict[str, Any] = yaml.safe_load((folder / "expected.yaml").read_text())
    authors = (expected["author"],) if "author" in expected else ()
    trees = OnDisk(folder / "base", "base"), OnDisk(folder / "head", "head")
    return compared(*trees, kinds.specs(), label="base:", authors=authors), expected


@pytest.mark.parametrize("folder", DANGEROUS, ids=lambda folder: folder.name)
def test_a_dangerous_pull_request_is_told_first(folder: Path) -> None:
    """The first line says what is dangerous about it; nothing is said besides but what is listed."""
    comparison, expected = read(folder)
    first = comparison.meanings[0]
    assert (first.level, first.sentence) == (Level.DANGER, expected["first"])
    assert [one.code for one in comparison.meanings] == expected["codes"]


@pytest.mark.parametrize("folder", QUIET, ids=lambda folder: folder.name)
def test_a_harmless_pull_request_is_left_in_peace(folder: Path) -> None:
    """Nothing of it is a danger or a caution; what says the same in other words is not even noted."""
    comparison, expected = read(folder)
    assert {one.level for one in comparison.meanings} <= {Level.NOTE}
    assert [one.code for one in comparison.meanings] == expected["codes"]


@pytest.mark.parametrize("folder", [*DANGEROUS, *QUIET], ids=lambda folder: folder.name)
def test_nothing_is_said_of_what_is_the_same(folder: Path) -> None:
    """Each side beside itself."""
    for side in ("base", "head"):
        one = OnDisk(folder / side, side)
        assert compared(one, one, kinds.specs()).meanings == []


def test_there_are_thirty_dangerous_ones_and_ten_harmless() -> None:
    """And each of them is readable as it stands."""
    assert len(DANGEROUS) >= 30
    assert len(QUIET) >= 10
