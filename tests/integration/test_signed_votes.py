"""Votes between machines without a server: two OS users, each with an SSH key, and a database between them.

Run as root, as which the tests may become other users. What somebody does who writes to the database past the
program is done here through the journal itself, under the name of another.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.journal import Actor, Draft, open_store
from support.postgres import Server
from support.projects import Project, Said, applied

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(os.getuid() != 0, reason="only root may become the two OS users that this is about"),
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH's client is not installed: `make deps`"),
]

AS_USER = Path(__file__).parents[1] / "support" / "as_user.py"
POLICY = """
people:
  starter: {{user: {0}, keys: ["{2}"]}}
  approver: {{user: {1}, keys: ["{3}"]}}
groups: {{sre: [starter, approver]}}
run: {{from: [sre]}}
"""
RUNBOOK = """
name: shared
title: A change that somebody else approves
owners: [tests]
resolution:
  - id: only
    title: Write one file
    approval: {from: [approver]}
    steps:
      - {id: one, uses: command.run, with: {argv: [touch, here/one]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {id: there, uses: command.run, with: {argv: [test, -e, here/one], effect: read}}
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
        self.project.runbook(RUNBOOK)
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
        user = self.users[name]
        home = self.folder / f"home-{name}"
        home.mkdir(exist_ok=True)
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
        self.project.environ |= {"HOME": str(home), "XDG_STATE_HOME": str(home)}
        return self.project.does(*words, command=(sys.executable, str(AS_USER), user))

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

    def forged(self, run: dict[str, Any], **data: Any) -> None:
        """What somebody who may write to the store writes in the approver's name."""
        journal = open_store(self.store)
        vote = {"gate": run["approvals"][-1]["gate"], "digest": run["approvals"][-1]["digest"], "verdict": "grant"}
        with journal.writing(f"run/{run['run']}") as writer:
            actor = Actor(kind="person", id="approver", via="signature" if "signature" in data else "os")
            writer.append(Draft("vote.given", None, {**vote, "reason": None, "break_glass": False, **data}, actor))
        journal.close()

    def vote(self, run: dict[str, Any]) -> dict[str, Any]:
        """The newest vote's data."""
        journal = open_store(self.store)
        votes = [record for record in journal.read(f"run/{run['run']}") if record.type == "vote.given"]
        journal.close()
        return dict(votes[-1].data)

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
def people(folder: Path, postgres: Server) -> People:
    """Both of them, and a database that either may write to."""
    there = {entry.pw_name for entry in pwd.getpwall()}
    users = [name for name in ("daemon", "www-data", "nobody", "bin") if name in there][:2]
    if len(users) < 2:
        pytest.skip("the machine has not two OS users to become")
    return People(folder, postgres.database(), users)


def not_counted(people: People, run: dict[str, Any], why: str) -> None:
    """The run goes on waiting, nothing was done, and the record says of the vote why it does not count."""
    said = people.resumed(run)
    assert (said.exit, applied(said.run)) == (6, []), said.err
    told = people.does("starter", "log", "show", run["run"], "--output", "jsonl").out
    assert why in told


def test_a_signed_yes_of_another_user_counts(people: People) -> None:
    """The vote goes through the database alone; how it was known is in the record, with the key."""
    run = people.started()
    assert people.approved(run, "--key", people.key("approver")).exit == 0
    said = people.resumed(run)
    assert (said.exit, said.run["outcome"], applied(said.run)) == (0, "resolved", ["one"]), said.err
    [vote] = said.run["approvals"][0]["votes"]
    assert (vote["by"], vote["via"]) == ("approver", "signature")


def test_a_yes_without_a_usable_key_is_not_even_recorded(people: People) -> None:
    """Whoever has no listed key at hand is told which would do, and what to type; a key of another is refused."""
    run = people.started()
    without = people.approved(run)
    assert without.exit == 2
    assert "no key that the policy lists for you" in without.err
    people.policy(starter=people.public["approver"], approver=people.public["starter"])
    wrong = people.approved(run, "--key", people.key("approver"))
    assert wrong.exit == 8
    assert "the policy lists another for approver" in wrong.err


def test_a_yes_that_anybody_could_have_written_does_not_count(people: People) -> None:
    """Somebody writes to the database in the approver's name: it stands there, and nothing follows."""
    run = people.started()
    people.forged(run)
    not_counted(people, run, "it is not signed")
    people.forged(run, signature={"at": 0.0, "text": "yes"})
    not_counted(people, run, "is none")


@pytest.mark.fault(46)
def test_a_signature_of_another_run_does_not_count(people: People) -> None:
    """What was said to one run is copied into another, and is not of what it says there."""
    first = people.started()
    assert people.approved(first, "--key", people.key("approver")).exit == 0
    signature = people.vote(first)["signature"]
    assert people.resumed(first).exit == 0
    (people.project.folder / "here" / "one").unlink()
    second = people.started()
    people.forged(second, signature=signature)
    not_counted(people, second, "was made for something else")


def test_a_no_is_not_turned_into_a_yes(people: People) -> None:
    """The signature is over the verdict and the reason too."""
    run = people.started()
    denied = people.does("approver", "deny", run["run"], "--reason", "not now", "--key", people.key("approver"))
    assert denied.exit == 0
    signature = people.vote(run)["signature"]
    other = people.started() if people.resumed(run).exit == 7 else run
    people.forged(other, signature=signature)
    not_counted(people, other, "was made for something else")


@pytest.mark.fault(43)
def test_a_key_that_was_revoked_meanwhile_does_not_count(people: People) -> None:
    """The policy is judged as it is now: between the vote and its counting the key was taken out."""
    run = people.started()
    assert people.approved(run, "--key", people.key("approver")).exit == 0
    spare = people._key("spare", people.users["approver"])
    people.policy(approver=spare)
    not_counted(people, run, "which the policy does not list for approver")


def test_in_a_file_store_nothing_is_signed_unless_the_policy_says_so(people: People, folder: Path) -> None:
    """`votes: signed` asks for it there too, of the one who starts the run as of anybody."""
    shared = folder / "store"
    shared.mkdir()
    shared.chmod(0o777)
    alone = People(folder / "alone", f"sqlite:///{shared}/journal.db", list(people.users.values()))
    terms = RUNBOOK.replace("from: [approver]", "from: [starter]")
    alone.project.runbook(terms)
    assert alone.does("starter", "run", "shared", "--yes", "--output", "json").exit == 0
    (alone.project.folder / "here" / "one").unlink()
    alone.policy("votes: signed\n")
    unsigned = alone.does("starter", "run", "shared", "--yes", "--output", "json")
    assert (unsigned.exit, unsigned.run["status"]) == (6, "waiting")
    assert "is not signed, and does not count" in unsigned.err
    said = alone.does(
        "starter", "resume", unsigned.run["run"], "--yes", "--key", alone.key("starter"), "--output", "json"
    )
    assert (said.exit, applied(said.run)) == (0, ["one"]), said.err
