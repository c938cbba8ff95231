"""The order of keys: the docs name the one that the schemas have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook.document.schema import compose
from support.specs import SPECS

DOCS = (Path(__file__).parents[4] / "docs" / "runbook-format.md").read_text()
RUNBOOK, SCENARIO = compose("Runbook", SPECS), compose("Scenario", SPECS)
SCHEMAS = {
    "a runbook": RUNBOOK,
    "a step": RUNBOOK["$defs"]["option_step"],
    "an option": RUNBOOK["$defs"]["option"],
    "a parameter": RUNBOOK["$defs"]["parameter"],
    "a scenario": SCENARIO["$defs"]["scenario"],
}


@pytest.mark.parametrize("what", SCHEMAS)
def test_the_docs_say_in_which_order_keys_stand(what: str) -> None:
    """All keys of a schema, as `fmt` writes them."""
    row = re.search(rf"^  \| {what} \| `([^`]*)`", DOCS, re.MULTILINE)
    assert row is not None
    told = row[1].split()
    assert [key for key in told if key in SCHEMAS[what]["properties"]] == list(SCHEMAS[what]["properties"])
