from __future__ import annotations

from typing import Any

import pytest

from runbook.core.differences import difference, said
from runbook.document.words import Effect
from support.machines import change


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


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (change("a"), change("a", uid="u2"), "the target was lamp a (u1), now lamp a (u2)"),
        (change("a", was=1, lasting=True), change("a", was=2, lasting=True), "/to was 1 → 1, now 2 → 1"),
        (change("a"), change("a", fields=()), "/to was 0 → 1, now not touched"),
        (change("a"), change("a", request={"x": 1}), "the request is another one"),
        (change("a"), change("a", effect=Effect.DESTRUCTIVE), "the effect was change, now destructive"),
        (change("a"), change("a", lasting=True), "its undo is another one"),
    ],
)
def test_the_difference_between_two_plans_is_said_in_words(before: Any, after: Any, words: str) -> None:
    """Target, fields, request, effect, undo."""
    assert difference(before, after) == words
