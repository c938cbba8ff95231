"""The signatures in a record, looked at afterwards: whose words of a run hold, by keys that somebody has at hand.

Whether a word counted was judged when it was said, by the policy of that day (`signatures.py`), and stands in the
record. Here it is asked whether each signature still is of what the record says now, which needs no policy, and
whether its key is one that a policy lists for that person, which does. A word that its runner refused, or has not
looked at yet, is neither: the record says of it what there is to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from runbook.clients import ssh_signatures
from runbook.core.records import Written
from runbook.core.signing import SIGNED, WORDS, fingerprint, is_word, signed_of, signer, word_of

TYPES = (*WORDS, "run.started", "word.judged", "run.finished")  # of the records that are looked at

KeysOf = Callable[[str], Sequence[str]]


class Words(NamedTuple):
    """Signed words of a run: how many, and of them those by keys that are listed for whoever is said to have spoken.

    `unknown` are by a key that is not at hand, or something of what was said was dropped since. `broken` are those that
    are not of what the record says, by `seq` and why. `unsigned` are notes that anybody could have written after the
    end of a run of signed words, when no runner looks at them any more.
    """

    signed: int = 0
    verified: int = 0
    unknown: int = 0
    broken: tuple[tuple[int, str], ...] = ()
    unsigned: int = 0


def checked(records: Iterable[Written], store: str, stream: str, keys: KeysOf) -> Words:
    """Hold the words of a whole stream, as it stands in a store of this name, against their signatures.

    UsageError where there is no `ssh-keygen`.
    """
    words: list[Written] = []
    judged: dict[int, Mapping[str, object]] = {}
    over = signs = False
    unsigned: list[int] = []
    for record in records:
        if record.type == "run.started":
            signs = record.data.get("words") == SIGNED
        elif is_word(record) and "signature" in record.data:
            words.append(record)
        elif signs and is_word(record) and record.epoch == 0:
            unsigned.append(record.seq)
        elif record.type == "word.judged":
            judged[int(record.data["seq"])] = record.data
        over = over or record.type == "run.finished"
    counted = [word for word in words if judged.get(word.seq, {"counts": over})["counts"]]
    verified, broken = 0, []
    for word in counted:
        if word.dropped:
            continue
        name = _maker(word, store, stream)
        if name is None or judged.get(word.seq, {"signer": name}).get("signer") != name:
            broken.append((word.seq, f"what {word.actor.id} said counted, and its signature is not of it"))
        elif name in map(fingerprint, keys(str(word.actor.id))):
            verified += 1
    bare = sum(seq not in judged for seq in unsigned) if over else 0
    return Words(len(counted), verified, len(counted) - verified - len(broken), tuple(broken), bare)


def _maker(word: Written, store: str, stream: str) -> str | None:
    """The key that made a word's signature over what the record says; None where it is of something else."""
    signed = signed_of(word.data)
    if signed is None:
        return None
    text = word_of(word, store, stream).text(signed.at)
    return signer(signed.text) if ssh_signatures.intact(text, signed.text) else None
