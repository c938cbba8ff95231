"""What can be done to records, exports and seals, as data: each is found, named, and told apart from the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from support.tampering import RUN, Scene

FOLDER = Path(__file__).resolve().parents[2] / "cases" / "tampering"
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(file.read_text())
]


@pytest.mark.fault(84)
@pytest.mark.parametrize("case", CASES)
def test_each_tampering_is_called_what_it_is(tmp_path: Path, case: dict[str, Any]) -> None:
    """By its word, and by the first record that is not what was written; what is harmless is no alarm."""
    verdict = Scene(tmp_path).verdict(case)
    says = case["says"]
    assert (verdict.problem, verdict.seq) == (says.get("problem"), says.get("record")), verdict.message
    assert verdict.stream == RUN


def test_there_are_thirty_and_no_two_say_the_same(tmp_path: Path) -> None:
    """Whoever reads the line knows what was done without looking for it."""
    said: dict[tuple[Any, ...], str] = {}
    for number, param in enumerate(CASES):
        case = param.values[0]
        if case["says"]:
            (tmp_path / str(number)).mkdir()
            verdict = Scene(tmp_path / str(number)).verdict(case)
            said.setdefault((verdict.problem, verdict.seq, verdict.message), param.id or "")
    assert len({problem for problem, _, _ in said}) >= 15
    assert len(said) >= 30
