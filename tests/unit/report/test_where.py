"""Where a run takes place and on what, in few words."""

from __future__ import annotations

import pytest

from runbook.report.style import Style
from runbook.report.where import where_lines, where_text

API = {"kind": "Deployment", "namespace": "shop", "name": "api"}


@pytest.mark.parametrize(
    ("environment", "target", "words"),
    [
        ("prod", API, "in prod, on Deployment shop/api"),
        ("prod", None, "in prod"),
        (None, API, "on Deployment shop/api"),
        (None, None, ""),
    ],
)
def test_what_a_run_does_not_say_is_not_mentioned(
    environment: str | None, target: dict[str, str] | None, words: str
) -> None:
    """A project without environments reads as it always did."""
    assert where_text(environment, target) == words


def test_a_page_has_a_line_for_each() -> None:
    """Labelled, and harmless whatever the name holds."""
    lines = where_lines("prod", {"name": "a\x1b[2Jb"}, Style())
    assert [line.split()[0] for line in lines] == ["where", "target"]
    assert "\x1b" not in "".join(lines)
