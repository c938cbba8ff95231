"""Votes between machines without a server: two OS users, each with an SSH key, and a database between them.

Run as root, as which the tests may become other users. What somebody does who writes to the database past the
program is done here through the journal itself, under the name of another.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.projects import applied
from support.signers import NEEDED, People, folder, signers

__all__ = ["folder", "signers"]  # fixtures

pytestmark = NEEDED

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


@pytest.fixture
def people(signers: People) -> People:
    """Both of them, a database that either may write to, and the runbook."""
    signers.project.runbook(RUNBOOK)
    return signers


def forged(people: People, run: dict[str, Any], **data: Any) -> None:
    """A vote that the approver has not given."""
    vote = {"gate": run["approvals"][-1]["gate"], "digest": run["approvals"][-1]["digest"], "verdict": "grant"}
    people.forged(run, "vote.given", None, **vote, **{"reason": None, "break_glass": False, **data})


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
    assert "1 signed word, 1 verified" in people.does("starter", "log", "verify", run["run"]).out


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
    forged(people, run)
    not_counted(people, run, "it is not signed")
    forged(people, run, signature={"at": 0.0, "text": "yes"})
    not_counted(people, run, "is none")


@pytest.mark.fault(46)
def test_a_signature_of_another_run_does_not_count(people: People) -> None:
    """What was said to one run is copied into another, and is not of what it says there."""
    first = people.started()
    assert people.approved(first, "--key", people.key("approver")).exit == 0
    signature = people.said(first, "vote.given")[-1].data["signature"]
    assert people.resumed(first).exit == 0
    (people.project.folder / "here" / "one").unlink()
    second = people.started()
    forged(people, second, signature=signature)
    not_counted(people, second, "was made for something else")


def test_a_no_is_not_turned_into_a_yes(people: People) -> None:
    """The signature is over the verdict and the reason too."""
    run = people.started()
    denied = people.does("approver", "deny", run["run"], "--reason", "not now", "--key", people.key("approver"))
    assert denied.exit == 0
    signature = people.said(run, "vote.given")[-1].data["signature"]
    other = people.started() if people.resumed(run).exit == 7 else run
    forged(people, other, signature=signature)
    not_counted(people, other, "was made for something else")


@pytest.mark.fault(43)
def test_a_key_that_was_revoked_meanwhile_does_not_count(people: People) -> None:
    """The policy is judged as it is now: between the vote and its counting the key was taken out."""
    run = people.started()
    assert people.approved(run, "--key", people.key("approver")).exit == 0
    spare = people._key("spare", people.users["approver"])
    people.policy(approver=spare)
    not_counted(people, run, "which the policy does not list for approver")


def test_an_abort_that_anybody_could_have_written_ends_nothing(people: People) -> None:
    """It is said and does not count, as a note does not: the run is approved and goes on to its end."""
    run = people.started()
    people.forged(run, "abort.requested", None, reason="stop", by="approver")
    people.forged(run, "note.added", None, about="note", text="all is well")
    assert people.approved(run, "--key", people.key("approver")).exit == 0
    said = people.resumed(run)
    assert (said.exit, said.run["outcome"], applied(said.run)) == (0, "resolved", ["one"]), said.err
    judged = [record.data for record in people.said(run, "word.judged") if not record.data["counts"]]
    assert [data["reason"].split(",")[0] for data in judged] == ["it is not signed"] * 2
    assert "what approver said does not count" in said.err


def test_a_signed_abort_ends_the_run_and_a_signed_note_stands(people: People) -> None:
    """Whoever has no listed key at hand is told so, and nothing is recorded; a copy into another run ends nothing."""
    run = people.started()
    for words in (("abort", run["run"]), ("note", run["run"], "seen")):
        assert people.does("approver", *words).exit == 2
    assert people.does("approver", "note", run["run"], "seen", "--key", people.key("approver")).exit == 0
    ended = people.does("approver", "abort", run["run"], "--key", people.key("approver"), "--output", "json")
    assert (ended.exit, ended.run["outcome"]) == (0, "aborted"), ended.err
    second = people.started()
    people.forged(second, "abort.requested", None, **people.said(run, "abort.requested")[0].data)
    not_counted(people, second, "was made for something else")


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
