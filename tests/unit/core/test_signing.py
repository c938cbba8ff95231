"""Words that are signed, and the sieve that holds them back until they are judged."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.core.signing import Sieve, Word, fingerprint, signer

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ann@laptop"
WORD = Word(about="vote", key="resolution/a:approve#1", by="ann", said="grant", store="store/s", stream="run/r")


class Said(msgspec.Struct):
    """A record, as far as the sieve looks at it."""

    seq: int
    type: str
    data: dict[str, Any] = {}
    epoch: int = 0


@pytest.mark.parametrize("field", ["store", "stream", "about", "key", "by", "said", "reason", "digest"])
def test_every_part_of_a_word_is_in_the_text_that_is_signed(field: str) -> None:
    """A signature says nothing about another store, run, gate, plan, verdict, reason or person."""
    other = msgspec.structs.replace(WORD, **{field: "another"})
    assert other.text(1.0) != WORD.text(1.0)
    assert msgspec.structs.replace(WORD, break_glass=True).text(1.0) != WORD.text(1.0) != WORD.text(2.0)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.text(alphabet="\n\"'\\{}:, a"))
def test_no_two_words_have_one_text(reason: str, by: str) -> None:
    """Line breaks and quotes in what people write cannot make the text of another word."""
    one = msgspec.structs.replace(WORD, reason=reason, by=by).text(1.0)
    assert one.count(b"\n") == 2
    assert msgspec.json.decode(one.split(b"\n")[1])["reason"] == reason


def test_a_key_is_named_as_openssh_names_it() -> None:
    """So that a person can compare it with what `ssh-keygen -l` prints."""
    assert fingerprint(KEY) == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
    with pytest.raises(ValueError, match="padding"):
        fingerprint("ssh-ed25519 AAA")


@pytest.mark.parametrize("text", ["", "yes", "-----BEGIN SSH SIGNATURE-----\n?\n-----END SSH SIGNATURE-----"])
def test_what_is_no_signature_has_no_signer(text: str) -> None:
    """Anything may stand in its place; nothing of it raises."""
    assert signer(text) is None


def taken(*records: Said) -> list[int]:
    sieve: Sieve[Any] = Sieve()
    return [each.seq for record in records for each in sieve.take(record)]


START = Said(0, "run.started", {"votes": "signed"}, 1)
ANSWER = Said(1, "answer.given")


def test_an_answer_is_folded_when_it_was_judged_to_count() -> None:
    """Before that nothing follows from it; afterwards it is folded once."""
    counts = Said(2, "word.judged", {"seq": 1, "counts": True}, 1)
    assert taken(START, ANSWER) == [0]
    assert taken(START, ANSWER, counts, counts) == [0, 2, 1, 2]
    assert taken(START, ANSWER, Said(2, "word.judged", {"seq": 1, "counts": False}, 1)) == [0, 2]


def test_an_abort_is_held_back_where_all_words_are_signed_and_a_note_is_judged() -> None:
    """A run that was started before aborts were signed is replayed as it was lived."""
    start = Said(0, "run.started", {"votes": "signed", "words": "signed"}, 1)
    abort, counts = Said(1, "abort.requested"), Said(2, "word.judged", {"seq": 1, "counts": True}, 1)
    assert taken(start, abort) == [0]
    assert taken(start, abort, counts) == [0, 2, 1]
    assert taken(START, abort) == [0, 1]
    assert taken(start, Said(1, "abort.requested", {}, 1)) == [0, 1]
    sieve: Sieve[Any] = Sieve()
    notes = [Said(n, "note.added", {"about": about}) for n, about in enumerate(("note", "step", "undone", "exec"), 1)]
    assert [each.seq for record in (start, *notes) for each in sieve.take(record)] == [0, 1, 2, 3, 4]
    assert list(sieve.unjudged) == [1, 3, 4]


def test_votes_and_runs_without_signatures_are_folded_as_they_come() -> None:
    """A vote is counted by its gate, which asks for its signature itself; what the runner answers is its own word."""
    assert taken(START, Said(1, "vote.given"), Said(2, "answer.given", {}, 1)) == [0, 1, 2]
    assert taken(Said(0, "run.started", {}, 1), ANSWER) == [0, 1]
