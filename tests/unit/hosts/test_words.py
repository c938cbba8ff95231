"""Signatures are looked at afterwards: which hold, which are by keys that nobody lists, which are of something else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbook.core.signing import Word, noted
from runbook.document.model import Person, Policy
from runbook.document.words import Votes
from runbook.hosts.signatures import Signatures, written
from runbook.hosts.words import Words, checked
from runbook.journal import Actor, Draft, Journal
from runbook.journal.memory import MemoryStore
from runbook.policy.people import People

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH's client is not installed")

RUN = "run/one"
ENGINE = Actor("engine", "e")
GATE = "resolution/a:approve#1"


class Record:
    """A run whose words are signed by ann, who has one key."""

    def __init__(self, folder: Path) -> None:
        self._key = folder / "ann"
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._key)]
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
        self.public = self._key.with_name("ann.pub").read_text()
        self.journal = Journal(MemoryStore(), clock=lambda: 1000.0)
        first = Draft("run.started", None, {"votes": "signed", "words": "signed"}, ENGINE)
        self.journal.open_stream(RUN, first, epoch=1)
        people = People(Policy(people={"ann": Person(user="ann", keys=(self.public,))}, votes=Votes.SIGNED), "ann")
        self._signatures = Signatures(self.journal, people, RUN)

    def said(self, type_: str, word: Word, data: dict[str, Any], *, counts: bool | None = True) -> None:
        """What somebody said and signed; `data` is what the record says of it."""
        signed = self._signatures.sign(word, 1000.0, self._key)
        with self.journal.writing(RUN) as writer:
            actor = Actor("person", "ann", via="signature")
            record = writer.append(Draft(type_, None, {**data, **written(signed)}, actor))
        if counts is not None:
            judged = {"seq": record.seq, "counts": counts, "signer": self._signatures.judged(record).key}
            self.ran("word.judged", judged)

    def ran(self, type_: str, data: dict[str, Any]) -> None:
        """A record of the runner."""
        lease = self.journal.lease(RUN, {})
        with self.journal.writing(RUN, lease) as writer:
            writer.append(Draft(type_, None, data, ENGINE))
        lease.release()

    def voted(self, verdict: str = "grant", *, counts: bool | None = True) -> None:
        """A yes, of which the record says `verdict`."""
        word = Word(about="vote", key=GATE, by="ann", said="grant", digest="d")
        self.said("vote.given", word, {"gate": GATE, "digest": "d", "verdict": verdict}, counts=counts)

    def looked_at(self, *keys: str, store: str | None = None) -> Words:
        """What is found with these keys of ann at hand."""
        own = store or self.journal.own_stream() or ""
        return checked(self.journal.read(RUN), own, RUN, lambda name: keys if name == "ann" else ())


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(tmp_path)


def test_words_are_counted_by_whose_key_made_them(record: Record) -> None:
    """All that people sign; without the key it is whole, and nobody at hand knows whose it is."""
    record.voted()
    record.said("abort.requested", Word(about="abort", key="", by="ann", said=None, reason="r"), {"reason": "r"})
    note = {"about": "note", "text": "x" * 20_000}
    record.said("note.added", noted(note, "ann"), note)
    assert record.looked_at(record.public) == Words(3, 3, 0)
    assert record.looked_at() == Words(3, 0, 3)


def another_verdict(record: Record) -> None:
    record.voted("deny")


def another_note_after_the_end(record: Record) -> None:
    record.ran("run.finished", {"outcome": "resolved"})
    said = noted({"about": "note", "text": "not yet"}, "ann")
    record.said("note.added", said, {"about": "note", "text": "all is well"}, counts=None)


def none_in_its_place(record: Record) -> None:
    data = {"gate": GATE, "digest": "d", "verdict": "grant", "signature": {"at": 1000.0, "text": "yes"}}
    with record.journal.writing(RUN) as writer:
        vote = writer.append(Draft("vote.given", None, data, Actor("person", "ann", via="signature")))
    record.ran("word.judged", {"seq": vote.seq, "counts": True, "signer": "SHA256:x"})


@pytest.mark.fault(84)
@pytest.mark.parametrize("forged", [another_verdict, another_note_after_the_end, none_in_its_place])
def test_a_word_that_counted_without_being_what_was_signed_is_found(
    record: Record, forged: Callable[[Record], None]
) -> None:
    """Whatever a policy says today: the record alone tells."""
    record.voted()
    forged(record)
    words = record.looked_at(record.public)
    assert (words.signed, words.verified, len(words.broken)) == (2, 1, 1)
    assert words.broken[0][1] == "what ann said counted, and its signature is not of it"


def test_what_does_not_count_is_no_forgery_of_the_record(record: Record) -> None:
    """It says so itself, or its runner is yet to look at it; in another store nothing of it holds."""
    record.voted("deny", counts=False)
    record.voted("deny", counts=None)
    assert record.looked_at(record.public) == Words(0, 0, 0)
    record.voted()
    assert len(record.looked_at(record.public, store="store/other").broken) == 1


def test_what_anybody_could_have_written_after_the_end_is_counted(record: Record) -> None:
    """Before it the runner says so of each; what the engine noted is nobody's word."""
    ann = Actor("person", "ann")

    def noted_(**data: Any) -> int:
        with record.journal.writing(RUN) as writer:
            return writer.append(Draft("note.added", None, data, ann)).seq

    before = noted_(about="note", text="x")
    record.ran("word.judged", {"seq": before, "counts": False, "signer": None})
    assert record.looked_at(record.public).unsigned == 0
    record.ran("run.finished", {"outcome": "resolved"})
    for about in ("undone", "exec", "note", "step"):
        noted_(about=about)
    assert (record.looked_at(record.public).unsigned, record.looked_at(record.public).signed) == (3, 0)
