from __future__ import annotations

from typing import Any

import pytest

from runbook.core.differences import said


def template(image: str, mark: str) -> dict[str, Any]:
    return {"hash": f"h{mark}", "images": {"api": image, "proxy": "envoy:1"}, "sha256": mark * 64}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (3, 10, "3 → 10"),
        (None, "on", "None → 'on'"),
        (template("api:2", "a"), template("api:1", "b"), "hash 'ha' → 'hb', images.api 'api:2' → 'api:1'"),
        ({"sha256": "a" * 64}, {"sha256": "b" * 64}, f"sha256 '{'a' * 64}' → '{'b' * 64}'"),
        ({"name": "x"}, {"name": "x"}, "as it is"),
        ({"a": {"b": 1}}, {"a": {}}, "a.b 1 → None"),
    ],
)
def test_of_a_map_only_what_differs_is_said(before: Any, after: Any, words: str) -> None:
    """A fingerprint only where there is nothing else."""
    assert said(before, after) == words
