import enum
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import PurePosixPath

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from runbook.core.masking import Masker
from runbook.journal.storable import DEEPEST, storable
from support.journals import Awkward, same, values


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Point(msgspec.Struct, rename={"x": "with"}):
    x: int
    y: int | msgspec.UnsetType = msgspec.UNSET


@dataclass
class Pair:
    a: int
    b: tuple[int, ...]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_twice_is_once(value):
    """What has been made storable is not changed again."""
    once = storable(value, Masker())
    assert same(storable(once, Masker()), once)


@pytest.mark.fault(58)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12.0, 12),
        (-0.0, 0),
        ((1, 2), [1, 2]),
        ({3, 1, 2}, [1, 2, 3]),
        ({1: "a", "1": "b"}, {"1": "a", "1~": "b"}),
        ({(1, 2): 0, None: 1}, {"(1, 2)": 0, "None": 1}),
        ({"\ud800": 1}, {"\\ud800": 1}),
        (date(2026, 11, 23), "2026-11-23"),
        (timedelta(minutes=2), "0:02:00"),
        (Decimal("1.50"), "1.50"),
        (PurePosixPath("/etc/hosts"), "/etc/hosts"),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Point(1), {"with": 1}),
        (Pair(1, (2,)), {"a": 1, "b": [2]}),
        (bytearray(b"x"), b"x"),
        (Awkward(), "(a Awkward that cannot be shown)"),
        (ValueError("no"), "ValueError('no')"),
    ],
)
def test_becomes_the_nearest_data(value, expected):
    """Everything has one plain form."""
    assert same(storable(value, Masker()), expected)


def test_a_loop_is_said():
    """A structure that contains itself ends where it begins again."""
    loop: list[object] = [1]
    loop.append(loop)
    assert storable(loop, Masker()) == [1, "(a loop)"]


def test_bottomless_nesting_is_cut():
    """Ten thousand levels become a hundred and a note, not a stack overflow."""
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    stored, levels = storable(deep, Masker()), 0
    while isinstance(stored, list):
        stored, levels = stored[0], levels + 1
    assert (levels, stored) == (DEEPEST, f"(nested more than {DEEPEST} levels deep)")


def test_shared_parts_do_not_explode():
    """Forty doublings are a thousand billion values; writing them ends at a budget."""
    bomb: list[object] = ["x"]
    for _ in range(40):
        bomb = [bomb, bomb]
    assert storable(bomb, Masker()) is not None


@pytest.mark.fault(61)
def test_secrets_are_taken_out_everywhere():
    """In keys, leaves, bytes, numbers and the text of objects."""
    masker = Masker(["s3cr3t-token", "12345678"])
    value = {"s3cr3t-token": [b"s3cr3t-token", 12345678, ValueError("s3cr3t-token"), {"a": "x s3cr3t-token y"}]}
    assert storable(value, masker) == {"***": [b"***", "***", "ValueError('***')", {"a": "x *** y"}]}
