"""Templates of other tools: said to be that, and nothing of ours taken for one."""

from __future__ import annotations

import pytest

from runbook.document.language.errors import ExpressionError
from runbook.document.language.foreign import foreign
from runbook.document.templates import template


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("$labels.instance", "write {{ alert.labels.instance }}"),
        (".CommonLabels.alertname", "write {{ alert.labels.alertname }}"),
        (".Annotations.summary", "write {{ alert.annotations.summary }}"),
        ("$labels", "write {{ alert.labels.NAME }}"),
        (".Values.db.host", "make it a parameter, and write {{ params.host }}"),
        ("$value | humanize", "an alert brings no value with it; measure it in a step, and write {{ steps.ID.value }}"),
    ],
)
def test_what_to_write_instead_is_said(text: str, hint: str) -> None:
    """The name that it has here, where it has one."""
    found = foreign(text)
    assert found is not None
    assert found.hint == hint


@pytest.mark.parametrize("text", [".Names", "range .items", "end", 'include "chart.name" .', "if $x", 'printf "%s" .a'])
def test_what_only_the_other_tool_knows_may_be_passed_on(text: str) -> None:
    """Such as the format that docker or kubectl is asked for."""
    found = foreign(text)
    assert found is not None
    assert "for the braces of another tool write {{ '{{' }}" in str(found.hint)


@pytest.mark.parametrize("text", ["params.", "steps.a.value >", "if", "end_time +", "", "..", "1 $"])
def test_a_mistake_in_our_own_language_keeps_its_message(text: str) -> None:
    """Only what looks like Go is said to be Go."""
    assert foreign(text) is None


def test_the_place_is_that_of_the_braces_content() -> None:
    """Line and column in the whole text."""
    with pytest.raises(ExpressionError, match="Go template of Prometheus") as refused:
        template('sum(up)\n/ up{instance="{{ $labels.instance }}"}')
    assert (refused.value.line, refused.value.column) == (2, 19)
