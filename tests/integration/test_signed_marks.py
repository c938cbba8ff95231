"""What one run says in another, that it took something back or was done by hand in it: signed as other words are."""

from __future__ import annotations

import os
import pwd
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runbook.journal import Actor, Draft, open_store
from support.signers import NEEDED, People, folder, signers

__all__ = ["folder", "signers"]  # fixtures

pytestmark = NEEDED

BOOK = """
name: shared
title: A file that is made, and can be taken away
resolution:
  - id: only
    approval: {required: 1, from: [sre]}
    steps:
      - id: one
        uses: command.run
        with: {argv: [touch, here/one], undo: {argv: [rm, here/one]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {id: done, uses: command.run, with: {argv: [test, -e, here/one], effect: read}}
"""
CHANGE = "resolution/only/one:apply#1"


def with_key(people: People, name: str) -> None:
    """Their key lies where OpenSSH looks for it."""
    ssh = people.folder / f"home-{name}" / ".ssh"
    ssh.mkdir(parents=True)
    for suffix in ("", ".pub"):
        shutil.copy(f"{people.key(name)}{suffix}", ssh / f"id_ed25519{suffix}")
    for path in (ssh.parent, ssh, *ssh.iterdir()):
        os.chown(path, pwd.getpwnam(people.users[name]).pw_uid, -1)
    (ssh / "id_ed25519").chmod(0o600)


@pytest.fixture
def done(signers: People) -> dict[str, Any]:
    """A finished run of the starter's that has made a file; the starter's key is at hand."""
    signers.project.runbook(BOOK)
    with_key(signers, "starter")
    said = signers.does("starter", "run", "shared", "--yes", "--output", "json")
    assert (said.exit, said.run["outcome"]) == (0, "resolved"), said.err
    return said.run


def marks(people: People, run: dict[str, Any], about: str) -> list[tuple[str, bool]]:
    """How each note of this kind came to be there, and whether it has a signature."""
    notes = [one for one in people.said(run, "note.added") if one.data.get("about") == about]
    return [(one.actor.via, "signature" in one.data) for one in notes]


def signed(people: People, run: dict[str, Any]) -> dict[str, int]:
    """What `log verify` says of the words of a run."""
    said = people.does("starter", "log", "verify", run["run"], "--output", "json")
    assert said.exit == 0, said.out
    return dict(said.json["streams"][0]["signatures"])


def test_what_is_taken_back_is_signed_where_words_must_be(signers: People, done: dict[str, Any]) -> None:
    """By whoever took it back; `log verify` holds the signature against what the note says."""
    before = signed(signers, done)["verified"]
    undone = signers.does("starter", "undo", done["run"], "--yes", "--output", "json")
    assert undone.exit == 0, undone.err
    assert marks(signers, done, "undone") == [("signature", True)]
    assert signed(signers, done) == {"signed": before + 1, "verified": before + 1, "unknown": 0, "unsigned": 0}


def test_what_is_done_by_hand_is_signed_where_words_must_be(signers: People, done: dict[str, Any]) -> None:
    """When it begins and when it has ended."""
    said = signers.does("starter", "exec", done["run"], "--yes", "--reason", "as asked", "--", "touch", "here/two")
    assert said.exit == 0, said.err
    assert marks(signers, done, "exec") == [("signature", True)] * 2
    assert signed(signers, done)["verified"] >= 2


def test_a_mark_that_cannot_be_signed_is_written_and_said(signers: People, done: dict[str, Any]) -> None:
    """It has happened all the same; the exit code is that of the undo."""
    key = Path(signers.folder / "home-starter" / ".ssh" / "id_ed25519")
    waits = signers.does("starter", "undo", done["run"], "--output", "json").run
    assert signers.approved(waits, "--key", signers.key("starter"), by="starter").exit == 0
    key.unlink()
    ended = signers.does("starter", "resume", waits["run"], "--output", "json")
    assert ended.exit == 0, ended.err
    assert f"what is noted in run {done['run']} is not signed" in ended.err
    assert marks(signers, done, "undone") == [("os", False)]


def test_a_mark_by_another_key_is_not_verified(signers: People, done: dict[str, Any]) -> None:
    """The signature of another word does not make it one: `log verify` names the record."""
    undone = signers.does("starter", "undo", done["run"], "--yes", "--output", "json")
    assert undone.exit == 0, undone.err
    [note] = [one for one in signers.said(done, "note.added") if one.data.get("about") == "undone"]
    with closing(open_store(signers.store)) as journal, journal.writing(f"run/{done['run']}") as writer:
        data = {**note.data, "changes": ["resolution/only/other:apply#1"]}
        writer.append(Draft("note.added", None, data, Actor(kind="person", id="starter", via="signature")))
    said = signers.does("starter", "log", "verify", done["run"], "--output", "json")
    assert (said.exit, said.json["streams"][0]["problem"]) == (3, "signature")


def test_a_forged_mark_keeps_nobody_from_taking_back(signers: People, done: dict[str, Any]) -> None:
    """Whoever may write to the database says that it was taken back; only a run that did so is believed."""
    signers.forged(done, "note.added", None, about="undone", changes=[CHANGE], by="01zzzz")
    undone = signers.does("starter", "undo", done["run"], "--yes", "--output", "json")
    assert undone.exit == 0, undone.err
    assert not (signers.project.folder / "here" / "one").exists()
