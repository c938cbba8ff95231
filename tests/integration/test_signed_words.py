"""Answers and settlements between machines without a server: signed as votes are, of two OS users, over a database."""

from __future__ import annotations

import json
import signal
import subprocess
from contextlib import closing
from typing import Any

import pytest

from runbook.journal import open_store
from runbook.journal.canonical import canonical
from runbook.journal.record import genesis, sha256
from support.postgres import Server, until
from support.projects import applied
from support.signers import NEEDED, People, folder, signers

__all__ = ["folder", "signers"]  # fixtures

pytestmark = NEEDED

ASKS = """
name: shared
title: A question that somebody else answers
resolution:
  - id: only
    approval: {required: 1, from: [starter]}
    steps:
      - {id: where, uses: manual.ask, with: {question: Which of them?, choices: [one, two]}}
      - {id: there, uses: command.run, with: {argv: [touch, "here/{{ steps.where.value }}"]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {id: done, uses: command.run, with: {argv: [test, -e, here/one], effect: read}}
"""
DOUBTED = """
name: shared
title: A change whose runner dies
resolution:
  - id: only
    approval: {required: 1, from: [sre]}
    steps:
      - {id: one, uses: command.run, with: {argv: [sh, -c, "touch here/begun; sleep 0.5; touch here/one"]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {id: done, uses: command.run, with: {argv: [test, -e, here/one], effect: read}}
"""
QUESTION = "resolution/only/where:ask#1"
CHANGE = "resolution/only/one:apply#1"


def resumed(people: People, run: dict[str, Any], *words: str) -> Any:
    """The starter goes on with the run, and says yes where they may."""
    return people.does("starter", "resume", run["run"], "--output", "json", *words)


def why_not(people: People, run: dict[str, Any]) -> list[str | None]:
    """What the runner has recorded of each word, in order; None for one that counts."""
    return [None if one.data["counts"] else one.data["reason"] for one in people.said(run, "word.judged")]


# --- answers ------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(signers: People) -> dict[str, Any]:
    """A run of the starter's that waits for an answer."""
    signers.project.runbook(ASKS)
    return signers.started()


def test_a_signed_answer_of_another_user_counts(signers: People, asked: dict[str, Any]) -> None:
    """It goes through the database alone, is held against the policy by the run, and is what the change is made of."""
    key = ("--key", signers.key("approver"))
    said = signers.does("approver", "answer", asked["run"], "where", "one", "--reason", "I looked", *key)
    assert said.exit == 0, said.err
    done = resumed(signers, asked, "--yes", "--key", signers.key("starter"))
    assert (done.exit, done.run["outcome"], applied(done.run)) == (0, "resolved", ["there"]), done.err
    [answer] = signers.said(asked, "answer.given")
    assert (answer.actor.id, answer.actor.via) == ("approver", "signature")
    assert signers.does("starter", "log", "verify", asked["run"]).exit == 0


@pytest.mark.fault(46)
def test_an_answer_that_anybody_could_have_written_is_not_taken(signers: People, asked: dict[str, Any]) -> None:
    """Unsigned, or with the signature of another answer: the question stays open, and the record says why."""
    data = {"value": "two", "reason": None, "by": "approver"}
    signers.forged(asked, "answer.given", QUESTION, **data)
    assert (resumed(signers, asked).exit, why_not(signers, asked)) == (
        6, ["it is not signed, and in this store anybody could have written it"],
    )  # fmt: skip
    assert signers.does("approver", "answer", asked["run"], "where", "one", "--key", signers.key("approver")).exit == 0
    signature = signers.said(asked, "answer.given")[-1].data["signature"]
    other = signers.does("starter", "abort", asked["run"], "--reason", "again", "--key", signers.key("starter"))
    assert other.exit == 0, other.err
    resumed(signers, asked)
    second = signers.started()
    signers.forged(second, "answer.given", QUESTION, **data, signature=signature)
    assert resumed(signers, second).exit == 6
    assert why_not(signers, second) == ["its signature is not of what it says, or was made for something else"]
    assert not (signers.project.folder / "here" / "two").exists()


@pytest.mark.fault(43)
def test_an_answer_by_a_key_that_was_revoked_meanwhile_is_not_taken(signers: People, asked: dict[str, Any]) -> None:
    """Judged by today's policy, as votes are."""
    assert signers.does("approver", "answer", asked["run"], "where", "one", "--key", signers.key("approver")).exit == 0
    signers.policy(approver=signers._key("spare", signers.users["approver"]))
    assert resumed(signers, asked).exit == 6
    [why] = why_not(signers, asked)
    assert "which the policy does not list for approver" in str(why)


# --- settlements --------------------------------------------------------------------------------------------------


@pytest.fixture
def doubted(signers: People, postgres: Server) -> dict[str, Any]:
    """A run whose runner was killed in its change, and that nobody can say anything of."""
    signers.project.runbook(DOUBTED)
    run = signers.started()
    assert signers.approved(run, "--key", signers.key("approver")).exit == 0
    argv = [*signers.command("starter"), "resume", run["run"]]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    runner = subprocess.Popen(argv, cwd=signers.project.folder, env=signers.project.environ, **quiet)
    for _ in until("the change has begun", 60.0):
        if (signers.project.folder / "here" / "begun").exists():
            break
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    for _ in until("the change has ended without it", 60.0):
        if (signers.project.folder / "here" / "one").exists():
            break
    expired = "UPDATE runbook.claims SET until = clock_timestamp() - interval '1s'"
    postgres.execute(expired, signers.store.rpartition("/")[2])
    said = resumed(signers, run)
    assert said.exit == 9, said.err
    return run


def test_a_signed_settlement_of_another_user_counts(signers: People, doubted: dict[str, Any]) -> None:
    """The approver says, from a machine that has seen nothing of it, that it is there; it is not made again."""
    words = ("--settle", "one=applied", "--reason", "the file is there", "--key", signers.key("approver"))
    said = signers.does("approver", "resume", doubted["run"], *words, "--output", "json")
    assert (said.exit, said.run["outcome"], applied(said.run)) == (0, "resolved", ["one"]), said.err
    [settlement] = signers.said(doubted, "settlement.given")
    assert (settlement.actor.id, settlement.actor.via, settlement.data["as"]) == ("approver", "signature", "applied")
    assert len(signers.said(doubted, "change.intended")) == 1
    assert signers.does("starter", "log", "verify", doubted["run"]).exit == 0


@pytest.mark.fault(46)
def test_a_settlement_that_anybody_could_have_written_settles_nothing(signers: People, doubted: dict[str, Any]) -> None:
    """Who may write to the database cannot have a change made twice by saying that it was not made."""
    data = {"as": "not_applied", "reason": "trust me", "by": "approver"}
    signers.forged(doubted, "settlement.given", CHANGE, **data)
    assert resumed(signers, doubted).exit == 9
    signers.forged(doubted, "settlement.given", CHANGE, **data, signature={"at": 0.0, "text": "yes"})
    assert resumed(signers, doubted).exit == 9
    vote = signers.said(doubted, "vote.given")[-1].data["signature"]
    signers.forged(doubted, "settlement.given", CHANGE, **data, signature=vote)
    assert resumed(signers, doubted).exit == 9
    unsigned, none, other = why_not(signers, doubted)[-3:]
    assert "not signed" in str(unsigned)
    assert "is none" in str(none)
    assert "made for something else" in str(other)
    assert len(signers.said(doubted, "change.intended")) == 1


@pytest.mark.fault(84)
def test_a_settlement_that_was_turned_round_afterwards_shows(
    signers: People, doubted: dict[str, Any], postgres: Server
) -> None:
    """By SQL, with every hash after it made to fit: nothing but the signature knows, and it is named."""
    words = ("--settle", "one=applied", "--reason", "the file is there", "--key", signers.key("approver"))
    assert signers.does("approver", "resume", doubted["run"], *words).exit == 0
    seq = signers.said(doubted, "settlement.given")[0].seq
    rewritten(signers.store, f"run/{doubted['run']}", postgres)
    said = signers.does("starter", "log", "verify", doubted["run"], "--output", "json")
    assert said.exit == 3, said.out
    [found] = said.json["streams"]
    assert (found["problem"], found["seq"]) == ("signature", seq), found


def rewritten(store: str, stream: str, server: Server) -> None:
    """`applied` becomes `not_applied`, and the chain and what the store says of its end are made to fit."""
    database = store.rpartition("/")[2]
    with closing(open_store(store)) as journal:
        own = str(journal.own_stream())
        raws, about = list(journal.raw(stream)), list(journal.raw(own))
    forged, prev = [], genesis(stream)
    for raw in raws:
        record = json.loads(raw)
        if record["type"] == "settlement.given":
            record["data"]["as"] = "not_applied"
        forged.append(canonical({**record, "prev": prev}))
        prev = sha256(forged[-1])
    ends, before = [], genesis(own)
    for raw in about:
        record = json.loads(raw)
        if record["type"] == "stream.sealed" and record["data"]["stream"] == stream:
            record["data"]["head"] = sha256(forged[record["data"]["size"] - 1])
        ends.append(canonical({**record, "prev": before}))
        before = sha256(ends[-1])
    for name, records in ((stream, forged), (own, ends)):
        for seq, raw in enumerate(records):
            raw_sql = f"decode('{raw.hex()}', 'hex')"
            server.execute(
                f"UPDATE runbook.records SET raw = {raw_sql} WHERE stream = '{name}' AND seq = {seq}", database
            )
