"""Who administers the database may do all that a forger of a file may: each is found, named, and told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from support.postgres import Server
from support.tampering import RUN, Scene

FOLDER = Path(__file__).resolve().parents[1] / "cases" / "tampering"
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(file.read_text())
    if "store" in case
]


@pytest.mark.fault(84)
@pytest.mark.parametrize("case", CASES)
def test_each_tampering_by_sql_is_called_what_it_is(tmp_path: Path, postgres: Server, case: dict[str, Any]) -> None:
    """By the same word as in a file, and by the first record that is not what was written."""
    verdict = Scene(tmp_path, postgres.database()).verdict(case)
    says = case["says"]
    assert (verdict.problem, verdict.seq) == (says.get("problem"), says.get("record")), verdict.message
    assert verdict.stream == RUN
