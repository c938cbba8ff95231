from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runbook.core.changes import Change, Field, Target
from runbook.document.words import Effect
from support.machines import change, stored

BASE = change("lamp", to=2)
OTHER_TARGET = msgspec.structs.replace(BASE.target, uid="u2")
OTHER_UNDO = change("lamp", to=2, was=9).undo


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "roll"},
        {"version": 2},
        {"target": OTHER_TARGET},
        {"request": {"replicas": 3}},
        {"fields": (Field(path="/to", before=1, after=2),)},
        {"undo": OTHER_UNDO},
        {"undo": None},
        {"effect": Effect.DESTRUCTIVE},
        {"after": "0" * 64},
    ],
)
def test_whatever_would_happen_otherwise_voids_an_approval(other: dict[str, Any]) -> None:
    """The digest covers kind, version, target, request, fields as they are now, undo, effect and what comes before."""
    assert msgspec.structs.replace(BASE, **other).digest != BASE.digest


@pytest.mark.parametrize(
    "other",
    [
        {"precondition": {"generation": 7}},
        {"warnings": ("deprecated",)},
        {"diff": "- 1\n+ 2"},
        {"by_hand": "turn it"},
        {"summary": "another sentence"},
        {"inputs": {"to": 2, "note": "x"}},
        {"connection": "house"},
    ],
)
def test_what_only_shows_or_fences_a_change_does_not_void_an_approval(other: dict[str, Any]) -> None:
    """Generations, warnings, the drawn diff and sentences may move while people decide."""
    assert msgspec.structs.replace(BASE, **other).digest == BASE.digest


def test_why_a_change_cannot_be_undone_is_part_of_what_is_approved() -> None:
    """Without an undo the reason stands in its place."""
    lasting = msgspec.structs.replace(BASE, undo=None, irreversible="data is gone")
    assert lasting.digest != msgspec.structs.replace(lasting, irreversible="nobody asked").digest


def test_a_change_that_was_stored_has_the_digest_that_was_shown() -> None:
    """The change of the plan's record is the change that people saw."""
    change_ = msgspec.structs.replace(BASE, request={"replicas": 12.0, "when": [1.5, None]})
    assert msgspec.convert(stored(change_), Change).digest == change_.digest


@pytest.mark.parametrize(
    ("target", "lock", "spoken"),
    [
        (
            Target(connection="c1", kind="Deployment", namespace="prod", name="api"),
            "c1/Deployment/prod/api",
            "prod/api",
        ),
        (Target(connection="c1", kind="Node", name="n1", uid="u"), "c1/Node/n1", "Node n1"),
    ],
)
def test_a_target_is_locked_by_what_names_it_and_not_by_its_uid(target: Target, lock: str, spoken: str) -> None:
    """An object made anew under its old name is still the one that two runs must not touch at once."""
    assert target.lock == lock
    assert str(target).endswith(spoken)
