"""A command that failed: which of its exit codes are answers, and whether it said anything."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.core import exits
from runbook.document.expressions import parse


@pytest.mark.parametrize(
    ("output", "failed", "silence"),
    [
        ({"exit_code": 0, "stdout": ""}, False, None),
        ({"exit_code": 1, "stdout": ""}, True, "it exited with 1 and printed nothing"),
        ({"exit_code": 137, "stdout": " \n"}, True, "it exited with 137 and printed nothing"),
        ({"exit_code": 1, "stdout": "inactive\n"}, True, None),
        ({"exit_code": None, "stdout": ""}, False, None),
        ({"exit_code": True, "stdout": ""}, False, None),
        ({"exit_code": 1, "stdout": None}, True, None),
        ({"status": 500}, False, None),
    ],
)
def test_only_a_command_that_failed_and_printed_nothing_is_silent(
    output: dict[str, Any], failed: bool, silence: str | None
) -> None:
    """What it did print is there; what is no exit code is none."""
    assert (exits.failed(output), exits.silence(output)) == (failed, silence)


@pytest.mark.parametrize(
    ("expression", "looks"),
    [("exit_code == 0", True), ("stdout == '' or exit_code in [0, 1]", True), ("stdout == 'exit_code'", False)],
)
def test_an_expression_looks_at_the_exit_code_if_it_names_it(expression: str, looks: bool) -> None:
    """Its name in a text is no look."""
    assert exits.looks_at_exit(parse(expression)) is looks
