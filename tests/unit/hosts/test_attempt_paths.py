from __future__ import annotations

from itertools import combinations
from pathlib import Path

from runbook.hosts.sending import attempt_path

LONG = "x" * 119
KEYS = [
    f"resolution/o/act[{key}]:apply#1" for key in ("a/b", "a:b", "a~b", "a", "..", "../../b", LONG + "a", LONG + "b")
]


def test_every_item_of_a_loop_has_an_attempt_file_of_its_own_in_the_folder() -> None:
    """Whatever its key is, and however long: two of one name would be one lock."""
    paths = [attempt_path(Path("/attempts"), "0" * 26, key, 1) for key in KEYS]
    assert all(one != other for one, other in combinations(paths, 2))
    assert {path.parent for path in paths} == {Path("/attempts")}


def test_its_name_is_one_that_a_file_may_have() -> None:
    """255 bytes at most, also where every id is as long as it may be."""
    key = f"resolution/{'o' * 63}/{'s' * 63}[{'k' * 120}]:apply#1000"
    assert len(attempt_path(Path("/"), "0" * 26, key, 12).name) <= 255


def test_without_a_loop_it_is_what_it_was() -> None:
    """A run that an earlier version left behind is found again."""
    assert attempt_path(Path("/a"), "r", "resolution/o/act:apply#1", 2) == Path("/a/r~resolution~o~act~apply~1~2")
