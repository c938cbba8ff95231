"""How a preview differs, in a few lines."""

from __future__ import annotations

import time
from typing import Any

import pytest

from runbook.core.differences import difference
from runbook.core.redrawn import redrawn
from support.machines import change

PLAN = [f"{n} unchanged" for n in range(50)]


def of(text: str | None, **more: Any) -> dict[str, Any]:
    return {"argv": ["apply"]} | ({"preview": {"command": "plan", "output": text, **more}} if text is not None else {})


def test_the_lines_that_are_different_are_shown_with_one_around() -> None:
    """Not the whole of it again: whoever approved it knows the rest."""
    now = [*PLAN[:20], "- web-7", "--force", *PLAN[21:]]
    assert redrawn(of("\n".join(PLAN)), of("\n".join(now))) == (
        "the preview is another one now:\n 19 unchanged\n-20 unchanged\n+- web-7\n+--force\n 21 unchanged"
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (of("a"), of("a"), None),
        (of("a"), of(None), "the preview is gone"),
        (of(None), of("a"), "there is a preview now"),
        (of("a", sha256="1"), of("a", sha256="2"), "the preview is another one, beyond what is shown of it"),
        (of("a"), of("a") | {"preview": {"command": "other", "output": "a"}}, "the preview is another one, by another"),
        (of(""), of("a"), "the preview is another one now:\n-\n+a"),
    ],
)
def test_a_difference_is_always_said(before: dict[str, Any], after: dict[str, Any], said: str | None) -> None:
    """Also where no line is different."""
    found = redrawn(before, after)
    assert found == said if said is None else str(found).startswith(said)


def test_a_difference_is_short_and_soon_found() -> None:
    """Two previews with nothing in common, of thousands of equal lines, take no minute and no page."""
    began = time.monotonic()
    found = redrawn(of("x\n" * 30_000 + "y"), of("y\n" * 30_000 + "x" * 500))
    assert found is not None
    assert time.monotonic() - began < 5
    assert len(found.split("\n")) < 20
    assert max(map(len, found.split("\n"))) <= 120


@pytest.mark.fault(47)
def test_a_change_whose_preview_is_another_one_says_so_and_nothing_else() -> None:
    """The request that is sent is the same; what it would do is not."""
    before, after = (change("a", request=of(text)) for text in ("1 to add", "2 to add"))
    assert before.digest != after.digest
    assert difference(before, after) == "the preview is another one now:\n-1 to add\n+2 to add"
