"""ssh without a server: what its words prove, how it is called, and what our own lines in its output say."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import ssh
from runbook.clients.ssh import scripts
from runbook.clients.ssh.faults import HostKey, last_line, never_started
from runbook.clients.ssh.hosts import Host
from runbook.errors import Forbidden, Unreachable, WorldError


def host(tmp_path: Path, **settings: Any) -> Host:
    return ssh.connect({"host": "db-1", **settings}, str).host(None, tmp_path, {"PATH": str(tmp_path)})


def stand_in(tmp_path: Path, script: str) -> None:
    """A program named `ssh`, which is found first; `sent` is what the other side would be given."""
    path = tmp_path / "ssh"
    resolves = 'for sent; do [ "$sent" != -G ] || exec /usr/bin/ssh "$@"; done'
    notes = f'printf "%s\\n" "$@" >{tmp_path}/argv'
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{resolves}\n{notes}\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\nHost key verification failed.\r\n", HostKey),
        (
            "No ED25519 host key is known for db-1 and you have asked for that.\r\nHost key verification failed.",
            HostKey,
        ),
        ("root@db-1: Permission denied (publickey).\r\n", Forbidden),
        ("ssh: Could not resolve hostname db-1: Name or service not known\r\n", Unreachable),
        ("ssh: connect to host db-1 port 22: Connection refused\r\n", Unreachable),
        ("ssh: connect to host db-1 port 22: Connection timed out\r\n", Unreachable),
        ("ssh: connect to host db-1 port 22: No route to host\r\n", Unreachable),
        ("kex_exchange_identification: read: Connection reset by peer\r\n", Unreachable),
    ],
)
def test_what_ssh_says_before_there_is_a_session_proves_that_nothing_was_started(
    said: str, error: type[WorldError]
) -> None:
    """Told apart by whose fault it is."""
    found = never_started(said, "me@db-1:22")
    assert type(found) is error
    assert "me@db-1:22" in str(found)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Connection to db-1 closed by remote host.\r\n",
        "client_loop: send disconnect: Broken pipe\r\n",
        "Timeout, server db-1 not responding.\r\n",
        "/etc/profile: Permission denied\n",
        "motd: Connection refused\n",
    ],
)
def test_a_connection_that_broke_and_the_hosts_own_words_prove_nothing(said: str) -> None:
    """A session may have been there."""
    assert never_started(said, "db-1") is None
    assert last_line(said)


def test_ssh_is_told_everything_and_reads_no_file_of_its_own(tmp_path: Path) -> None:
    """What the user's configuration would add cannot count."""
    stand_in(tmp_path, "exit 255")
    one = host(tmp_path, user="me", port=2222, known_hosts="pins 100%", identity={"file": "key"})
    one.run(["true"], timeout=5, cancelled=lambda: False)
    argv = (tmp_path / "argv").read_text().split("\n")
    assert argv[:3] == ["-F", "none", "-T"]
    assert {"BatchMode=yes", "StrictHostKeyChecking=yes", "ForwardAgent=no", "ControlMaster=no"} <= set(argv)
    assert f'UserKnownHostsFile="{tmp_path}/pins 100%%"' in argv
    assert {"GlobalKnownHostsFile=/dev/null", f'IdentityFile="{tmp_path}/key"', "IdentitiesOnly=yes"} <= set(argv)
    assert argv[argv.index("--") - 4 : argv.index("--") + 2] == ["-p", "2222", "-l", "me", "--", "db-1"]


def test_a_command_that_ran_is_told_from_ssh_that_failed(tmp_path: Path) -> None:
    """The other side's lines are known by a word of this call; nothing of them is left in stderr."""
    stand_in(tmp_path, 'echo "rc: noise" >&2; eval "$sent"')
    seen = host(tmp_path).run(["sh", "-c", "echo out; echo err >&2; exit 255"], timeout=5, cancelled=lambda: False)
    assert (seen.started, seen.exit, seen.stdout, seen.stderr) == (True, 255, b"out\n", b"err\n")


def test_an_end_that_was_not_seen_is_not_guessed(tmp_path: Path) -> None:
    """The connection broke after the command was begun: its exit code is not that of ssh."""
    stand_in(tmp_path, '(eval "$sent") 2>&1 | sed /exit/d >&2; exit 255')
    seen = host(tmp_path).run(["true"], timeout=5, cancelled=lambda: False)
    assert (seen.started, seen.exit) == (True, None)
    assert "was lost while it ran" in str(seen.error)


def test_without_a_word_from_either_nobody_knows(tmp_path: Path) -> None:
    """`started` is None: it may have been."""
    stand_in(tmp_path, "echo 'Connection closed by 10.0.0.1' >&2; exit 255")
    seen = host(tmp_path).run(["true"], timeout=5, cancelled=lambda: False)
    assert (seen.started, seen.exit) == (None, None)


@pytest.mark.parametrize("shell", ["dash", "bash", "sh"])
@pytest.mark.parametrize("script", ["READ", "CHANGE", "LOOK", "SETTLE", "END"])
def test_every_script_is_one_that_any_sh_reads(script: str, shell: str) -> None:
    """On one line, because csh takes no line break inside of quotes."""
    text = getattr(scripts, script)
    assert "\n" not in text
    assert subprocess.run([shell, "-n", "-c", text], capture_output=True, check=False).stderr == b""


def test_the_other_sides_shell_gives_each_argument_whole() -> None:
    """Whatever it contains."""
    words = ["a b", "$(x)", "it's", "", "-e", "\n"]
    line = scripts.command('printf "%s|" "$@"', *words)
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=True)
    assert done.stdout.decode() == "".join(f"{word}|" for word in words)
