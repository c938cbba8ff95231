"""Two OS users, each with an SSH key and a machine of their own as far as a store can tell, and a policy of both.

Run as root, as which the tests may become other users. What somebody does who writes to the database past the program
is done through the journal itself, under the name of another.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runbook.journal import Actor, Draft, Record, open_store
from support.postgres import Server
from support.projects import Project, Said

NEEDED = [
    pytest.mark.integration,
    pytest.mark.skipif(os.getuid() != 0, reason="only root may become the two OS users that this is about"),
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH's client is not installed: `make deps`"),
]

AS_USER = Path(__file__).with_name("as_user.py")
POLICY = """
people:
  starter: {{user: {0}, keys: ["{2}"]}}
  approver: {{user: {1}, keys: ["{3}"]}}
groups: {{sre: [starter, approver]}}
run: {{from: [sre]}}
"""


class People:
    """A starter and an approver, their keys, and the project that they share."""

    def __init__(self, folder: Path, store: str, users: list[str], extra: str = "") -> None:
        self.store = store
        self.users = {"starter": users[0], "approver": users[1]}
        self.folder = folder
        folder.mkdir(mode=0o755, exist_ok=True)
        self.public = {name: self._key(name, user) for name, user in self.users.items()}
        self.project = Project(folder / "project", f"policy: policy.yaml\nstore: {store}\n")
        self.policy(extra)
        for path in (self.project.folder, self.project.folder / "here"):
            path.mkdir(exist_ok=True)
            path.chmod(0o777 if path.name == "here" else 0o755)

    def policy(self, extra: str = "", **keys: str) -> None:
        """Write the policy with these keys in place of the right ones."""
        public = {**self.public, **keys}
        self.project.policy(POLICY.format(*self.users.values(), *public.values()) + extra)

    def key(self, name: str) -> str:
        """Where somebody's private key lies, readable by them alone."""
        return str(self.folder / name)

    def does(self, name: str, *words: str) -> Said:
        """One of them types a command, on a machine of their own as far as the store can tell."""
        return self.project.does(*words, command=self.command(name))

    def command(self, name: str) -> tuple[str, ...]:
        """What stands before the words that one of them types; the environment is theirs from now on."""
        user = self.users[name]
        home = self.folder / f"home-{name}"
        home.mkdir(exist_ok=True)
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
        self.project.environ |= {"HOME": str(home), "XDG_STATE_HOME": str(home)}
        return (sys.executable, str(AS_USER), user)

    def started(self) -> dict[str, Any]:
        """A run that the starter has started, and that waits for the approver."""
        said = self.does("starter", "run", "shared", "--output", "json")
        assert (said.exit, said.run["status"]) == (6, "waiting"), said.err
        return said.run

    def approved(self, run: dict[str, Any], *words: str, by: str = "approver") -> Said:
        """Say yes to exactly what waits now."""
        return self.does(by, "approve", run["run"], "--digest", run["approvals"][-1]["digest"][:12], *words)

    def resumed(self, run: dict[str, Any]) -> Said:
        """Go on with the run."""
        return self.does("starter", "resume", run["run"], "--output", "json")

    def forged(self, run: dict[str, Any], type_: str, key: str | None, **data: Any) -> None:
        """What somebody who may write to the store writes in the approver's name."""
        with closing(open_store(self.store)) as journal, journal.writing(f"run/{run['run']}") as writer:
            actor = Actor(kind="person", id="approver", via="signature" if "signature" in data else "os")
            writer.append(Draft(type_, key, data, actor))

    def said(self, run: dict[str, Any], type_: str) -> list[Record]:
        """The run's records of a type."""
        with closing(open_store(self.store)) as journal:
            return [record for record in journal.read(f"run/{run['run']}") if record.type == type_]

    def _key(self, name: str, user: str) -> str:
        path = self.folder / name
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
        return path.with_name(f"{name}.pub").read_text().strip()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may look into."""
    path = Path(tempfile.mkdtemp(prefix="signed-votes-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def signers(folder: Path, postgres: Server) -> People:
    """Both of them, and a database that either may write to."""
    there = {entry.pw_name for entry in pwd.getpwall()}
    users = [name for name in ("daemon", "www-data", "nobody", "bin") if name in there][:2]
    if len(users) < 2:
        pytest.skip("the machine has not two OS users to become")
    return People(folder, postgres.database(), users)
