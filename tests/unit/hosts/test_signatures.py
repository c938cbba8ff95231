"""Signed words are judged by the policy of today: what is said, where, when and by which key."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from runbook.clients import ssh_signatures
from runbook.core.signing import Signed, Word, noted
from runbook.document.model import Person, Policy
from runbook.document.words import Votes
from runbook.errors import Refused, UsageError
from runbook.hosts.said import Gate, Vote
from runbook.hosts.signatures import APART, Signatures, Signing, written
from runbook.journal import Actor, Draft, Journal, Record
from runbook.journal.memory import MemoryStore
from runbook.policy.people import People

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH's client is not installed")

RUN = "run/one"
WORD = Word(about="vote", key="resolution/a:approve#1", by="ann", said="grant", digest="d" * 64)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Ann's private key; the public one lies beside it."""
    return made(tmp_path / "ann")


def made(path: Path) -> Path:
    """A new key without a passphrase."""
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return path


def people(*keys: Path) -> People:
    """A policy in which ann has these keys."""
    listed = tuple(path.with_name(path.name + ".pub").read_text().strip() for path in keys)
    return People(Policy(people={"ann": Person(user="ann", keys=listed)}, votes=Votes.SIGNED), "ann")


def journal() -> Journal:
    """A store with one run that asks for signatures."""
    store = Journal(MemoryStore(), clock=lambda: 1000.0)
    store.open_stream(RUN, Draft("run.started", None, {"votes": "signed"}, Actor("engine", "e")), epoch=1)
    return store


def recorded(store: Journal, signed: Signed, *, at: float = 1000.0, verdict: str = "grant") -> Record:
    """The vote as a guest writes it."""
    data = {"gate": WORD.key, "digest": WORD.digest, "verdict": verdict, "reason": None, **written(signed)}
    with store.writing(RUN) as writer:
        return writer.append(Draft("vote.given", None, data, Actor("person", "ann", via="signature")), at=at)


def test_a_vote_counts_with_a_listed_key_and_not_after_the_deadline(key: Path) -> None:
    """Which key it was is told; a vote that was signed too late is no vote."""
    store = journal()
    signatures = Signatures(store, people(key), RUN)
    record = recorded(store, signatures.sign(WORD, 1000.0, key))
    assert signatures.judged(record).why is None
    assert str(signatures.judged(record).key).startswith("SHA256:")
    assert signatures.judged(record, deadline=999.0).why == "it was signed after the gate's deadline"


def test_another_verdict_another_run_another_store_and_another_time_do_not_count(key: Path) -> None:
    """The signature is copied; what it is of is not what the record says."""
    store, other = journal(), journal()
    signed = Signatures(store, people(key), RUN).sign(WORD, 1000.0, key)
    here = Signatures(store, people(key), RUN)
    assert "is not of what it says" in str(here.judged(recorded(store, signed, verdict="deny")).why)
    assert "is not of what it says" in str(Signatures(other, people(key), RUN).judged(recorded(other, signed)).why)
    assert "is not of what it says" in str(
        Signatures(store, people(key), "run/two").judged(recorded(store, signed)).why
    )
    late = recorded(store, signed, at=1000.0 + APART + 1)
    assert "at another time" in str(here.judged(late).why)


@pytest.mark.fault(93)
@pytest.mark.parametrize("trouble", ["missing", "damaged", "readable"])
def test_a_key_that_cannot_be_used_signs_nothing_and_says_so(key: Path, trouble: str) -> None:
    """Gone, damaged, or readable by others, which OpenSSH does not forgive: nothing is said in its place."""
    store = journal()
    signatures = Signatures(store, people(key), RUN)
    if trouble == "missing":
        key.unlink()
    elif trouble == "damaged":
        key.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nnothing\n")
    else:
        key.chmod(0o644)
    with pytest.raises(UsageError, match="does not sign"):
        signatures.sign(WORD, 1000.0, key)


@pytest.mark.fault(93)
def test_a_key_that_is_not_listed_any_more_does_not_count_and_does_not_sign(key: Path, tmp_path: Path) -> None:
    """Today's policy decides; whoever signs with another key is told which the policy lists."""
    store, spare = journal(), made(tmp_path / "spare")
    record = recorded(store, Signatures(store, people(key), RUN).sign(WORD, 1000.0, key))
    later = Signatures(store, people(spare), RUN)
    assert "which the policy does not list for ann" in str(later.judged(record).why)
    with pytest.raises(Refused, match="the policy lists another for ann"):
        later.sign(WORD, 1000.0, key)
    with pytest.raises(Refused, match="lists no key for bob"):
        later.sign(msgspec.structs.replace(WORD, by="bob"), 1000.0, key)


def test_a_word_that_is_no_text_in_utf_8_counts(key: Path) -> None:
    """A name or an argument may have any bytes; the record gives them back as they were signed."""
    store = journal()
    signatures, note = Signatures(store, people(key), RUN), {"about": "note", "text": "see \udcff"}
    data = {**note, **written(signatures.sign(noted(note, "ann"), 1000.0, key))}
    with store.writing(RUN) as writer:
        writer.append(Draft("note.added", None, data, Actor("person", "ann", via="signature")), at=1000.0)
    *_, record = store.read(RUN)
    assert signatures.judged(record).why is None


class Yes:
    """A desk at which somebody says yes at once."""

    attended = True

    def opened(self, gate: Any, say: Any) -> None:
        say(Vote("resolution/a:approve#1", "grant", "ann"))


def test_a_key_that_gives_no_answer_says_no_more_than_that(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to advise; the word is said as it is."""
    monkeypatch.setattr(ssh_signatures, "_PATIENCE", 0.0)
    told: list[str] = []
    said: list[Any] = []
    signing: Any = Signing(Yes(), Signatures(journal(), people(key), RUN), key, lambda: 1000.0, told.append)
    gate: Any = SimpleNamespace(gate_digest="d" * 64)
    signing.opened(Gate(gate, SimpleNamespace(via=None), 1e9), said.append)
    assert told == ["what you said is not signed, and does not count: ssh-keygen gave no answer within 0 s"]
    assert [(vote.via, vote.signed) for vote in said] == [("os", None)]
