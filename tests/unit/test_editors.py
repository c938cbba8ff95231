"""What `docs/editors.md` has people paste: it parses, names schemas that are there, and reads what lint prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

from runbook.document.findings import Finding
from runbook.document.schema import FILES

PAGE = (Path(__file__).parents[2] / "docs" / "editors.md").read_text()
SETTINGS, TASKS = (json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def test_every_schema_that_the_page_names_is_written() -> None:
    """By `runbook schema --write`; and the table has each of them."""
    assert {Path(path).name for path in SETTINGS["yaml.schemas"]} <= set(FILES.values())
    assert set(re.findall(r"[\w-]+\.schema\.json", PAGE)) == set(FILES.values())


def test_the_problem_matcher_reads_a_line_of_lint() -> None:
    """File, line, column and what is wrong, each in its place."""
    matcher = TASKS["tasks"][0]["problemMatcher"]["pattern"]
    finding = Finding(path="runbooks/a b.yaml", line=3, column=7, code="RB021", message="unknown key 'a: b'", hint="no")
    found = re.fullmatch(matcher["regexp"], str(finding))
    assert found is not None
    parts = [found[matcher[part]] for part in ("file", "line", "column", "message")]
    assert parts == ["runbooks/a b.yaml", "3", "7", "RB021: unknown key 'a: b'; no"]
