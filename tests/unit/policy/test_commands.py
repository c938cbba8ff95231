from __future__ import annotations

import pytest

from runbook.document.model import CommandEntry, Commands
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


VALUES = policy(commands=Commands(read=(("etcdctl", "status", "--endpoints=*"), ("ls", "/tmp/*"), ("x", "=*"))))


@pytest.mark.parametrize(
    ("argv", "believed"),
    [
        (("etcdctl", "status", "--endpoints=https://a:2379,https://b:2379"), True),
        (("etcdctl", "status", "--endpoints="), True),
        (("etcdctl", "status", "--endpoints=a b\n--write"), True),  # one element, whatever is in it
        (("etcdctl", "status", "--endpoints"), False),
        (("etcdctl", "status", "--endpoints", "a"), False),
        (("etcdctl", "status", "--endpoints=a", "--hex"), False),
        (("etcdctl", "status", "--endpoints-from=a"), False),
        (("etcdctl", "status", " --endpoints=a"), False),
        (("ls", "/tmp/*"), True),
        (("ls", "/tmp/x"), False),
        (("x", "=y"), False),
    ],
)
def test_an_option_with_any_value_is_one_element(argv: tuple[str, ...], believed: bool) -> None:
    """A star elsewhere stands for itself."""
    assert believed_read(VALUES, argv) is believed


THERE = policy(
    commands=Commands(
        read=(
            ("uptime",),
            CommandEntry(host="db-*.example.com", argv=("systemctl", "status", "*")),
            CommandEntry(host="10.0.0.*", argv=("uptime",)),
        )
    )
)
STATUS = ("systemctl", "status", "etcd")


@pytest.mark.parametrize(
    ("host", "argv", "believed"),
    [
        ("db-1.example.com", STATUS, True),
        ("DB-12.Example.com", STATUS, True),
        ("db-.example.com", STATUS, True),
        ("db-1.evil.example.com", STATUS, False),
        ("db-1.example.com.evil.org", STATUS, False),
        ("web-1.example.com", STATUS, False),
        (None, STATUS, False),  # what is believed there is not believed here
        ("db-1.example.com", ("uptime",), False),  # nor the other way round
        (None, ("uptime",), True),
        ("10.0.0.7", ("uptime",), True),
        ("10.0.1.7", ("uptime",), False),
        ("", ("uptime",), False),
    ],
)
def test_on_another_machine_only_an_entry_with_its_host_is_believed(
    host: str | None, argv: tuple[str, ...], believed: bool
) -> None:
    """A program may be another one there."""
    assert believed_read(THERE, argv, host) is believed


@pytest.mark.parametrize(
    ("argv", "env", "believed"),
    [
        (("psql", "-c", "select 1"), ("PGPASSWORD",), True),
        (("psql", "-c", "select 1"), (), True),
        (("psql", "-c", "select 1"), ("PGPASSWORD", "PATH"), False),
        (("uptime",), ("PATH",), False),
    ],
)
def test_what_is_given_an_environment_is_believed_only_with_names_that_its_entry_lists(
    argv: tuple[str, ...], env: tuple[str, ...], believed: bool
) -> None:
    """`PATH` makes another program of a believed one."""
    listed = policy(commands=Commands(read=(("uptime",), CommandEntry(argv=("psql", "-c", "*"), env=("PGPASSWORD",)))))
    assert believed_read(listed, argv, None, env) is believed
