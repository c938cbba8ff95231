from __future__ import annotations

import pytest

from runbook.document.model import Commands
from runbook.policy.commands import believed_read
from support.policies import policy

POLICY = policy(commands=Commands(read=(("git", "log", "*"), ("systemctl", "status", "*"), ("uptime",))))


@pytest.mark.parametrize("argv", [("git", "log", "main"), ("systemctl", "status", "api.service"), ("uptime",)])
def test_an_argv_that_matches_an_entry_whole_is_believed(argv: tuple[str, ...]) -> None:
    """Word for word, with `*` for exactly one element."""
    assert believed_read(POLICY, argv)


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("git",),
        ("git", "log"),
        ("git", "log", "main", "--output=x"),
        ("git", "push", "main"),
        ("/tmp/git", "log", "main"),
        ("uptime", "-p"),
        ("systemctl", "status api.service"),
    ],
)
def test_anything_shorter_longer_or_other_is_not(argv: tuple[str, ...]) -> None:
    """A trailing `*` does not stand for the rest, nor for nothing."""
    assert not believed_read(POLICY, argv)


def test_without_a_policy_no_claim_is_believed() -> None:
    """Default deny."""
    assert not believed_read(None, ("uptime",))
