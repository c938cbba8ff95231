"""What kinds say that their steps need, as data."""

from __future__ import annotations

from typing import Any

import pytest

from runbook import kinds
from runbook.kinds.needs import Program, programs

SAYING = [name for name in kinds.MODULES if hasattr(kinds.get(name), "needs")]


@pytest.mark.parametrize("name", SAYING)
def test_a_kind_says_what_it_can_of_what_is_known(name: str) -> None:
    """Before a run any input may be missing, and none of them alone is what the rest depends on."""
    module = kinds.get(name)
    example: dict[str, Any] = module.SPEC.example["with"]
    for missing in ({}, *({key: value for key, value in example.items() if key != left} for left in example)):
        assert isinstance(module.needs(missing), tuple)


def test_a_command_needs_every_program_that_it_may_start() -> None:
    """Its own, those of its undo, confirm and preview; each once, and from its folder."""
    parts = {
        "undo": {"argv": ["mv", "b", "a"]},
        "confirm": {"argv": ["./look"], "cwd": "bin"},
        "preview": {"argv": ["mv"]},
    }
    found = programs({"argv": ["mv", "a", "b"], **parts})
    assert found == (Program("mv"), Program("./look", "bin"))
    assert programs({"script": "x", "undo": {"script": "y", "shell": ["bash", "-c"]}}, "/bin/sh") == (
        Program("/bin/sh"),
        Program("bash"),
    )
