"""What a person signs when their word goes into a store that anybody may write to, and which words count there.

Signed is a text that names everything the word is about: store, run, gate, what was shown, what was said, by whom and
when. So a signature says nothing at another gate, in another run or in another store. Nothing here knows a key: who
signed is asked of the signature, and `clients.ssh_signatures` says whether it holds.

In a run that was started so (`votes: signed` in its first record) an answer or a settlement of a guest is taken only
once its runner has recorded that it counts (`word.judged`): a log is replayed as it was lived, whatever keys are
revoked later. With `words: signed` the same holds for a request to abort; and of a note, from which nothing follows,
the runner says whether anybody could have written it. (Runs that were started before that have only the former.)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

from runbook.core.canonical import canonical
from runbook.core.records import Written

NAMESPACE = "runbook-vote"
SIGNED = "signed"  # `votes` and `words` of a run's first record
SPOKEN = ("note", "follow_up_closed", "undone", "exec")  # notes that are somebody's word; others are the procedure's

_HELD = ("answer.given", "settlement.given")
_TOLD = {"vote.given": "verdict", "answer.given": "value", "settlement.given": "as"}
WORDS = (*_TOLD, "abort.requested", "note.added")  # types of records that may carry a signature
_ARMOUR = ("-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----")


class Signed(msgspec.Struct, frozen=True):
    """A signature as a record keeps it: when it was made (seconds since 1970, UTC), and its armoured text."""

    at: float
    text: str


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says to a run. `key` is the gate's, the question's or the change's; `said` the verdict or value."""

    about: str
    key: str
    by: str
    said: Any
    store: str = ""
    stream: str = ""
    reason: str | None = None
    digest: str | None = None
    break_glass: bool = False

    def text(self, at: float) -> bytes:
        """The text that is signed, at an instant."""
        return b"runbook-vote/v1\n" + canonical({**msgspec.structs.asdict(self), "at": at}) + b"\n"


def noted(data: Mapping[str, Any], by: str) -> Word:
    """What somebody signs who writes a note with this data."""
    said = {name: value for name, value in data.items() if name != "signature"}
    return Word(about="note", key="", by=by, said=said, reason=data.get("reason"))


def is_word(record: Written) -> bool:
    """Whether a record is what somebody said, and may carry a signature."""
    return record.type in WORDS and (record.type != "note.added" or record.data.get("about") in SPOKEN)


def word_of(record: Written, store: str, stream: str) -> Word:
    """The word that a record holds: a vote, an answer, a settlement, a request to abort or a note."""
    data = record.data
    if record.type == "note.added":
        return msgspec.structs.replace(noted(data, str(record.actor.id)), store=store, stream=stream)
    return Word(
        store=store,
        stream=stream,
        about=record.type.partition(".")[0],
        key=str(data.get("gate")) if record.type == "vote.given" else record.key or "",
        by=str(record.actor.id),
        said=data.get(_TOLD[record.type]) if record.type in _TOLD else None,
        reason=data.get("reason"),
        digest=data.get("digest"),
        break_glass=bool(data.get("break_glass")),
    )


def signed_of(data: Any) -> Signed | None:
    """The signature in a record's data; None where there is none, or something else in its place."""
    found = data.get("signature")
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        return None
    at = found.get("at")
    return Signed(float(at), found["text"]) if isinstance(at, int | float) else None


def fingerprint(key: str) -> str:
    """How OpenSSH names a public key (`ssh-ed25519 AAAA…`): `SHA256:` and its hash. ValueError for what is no key."""
    return _named(base64.b64decode(key.split()[1], validate=True))


def signer(text: str) -> str | None:
    """The fingerprint of the key that a signature says it was made with; None for what is no signature."""
    lines = text.strip().splitlines()
    if len(lines) < 3 or (lines[0], lines[-1]) != _ARMOUR:
        return None
    try:
        blob = base64.b64decode("".join(lines[1:-1]), validate=True)
    except binascii.Error:
        return None
    size = int.from_bytes(blob[10:14], "big")  # after the magic of six bytes and a version of four
    return _named(blob[14 : 14 + size]) if blob.startswith(b"SSHSIG") else None


def _named(blob: bytes) -> str:
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


_Record = TypeVar("_Record", bound=Written)


class Sieve(Generic[_Record]):
    """Lets records through in order, and holds words back until they are judged. `unjudged` are those by `seq`."""

    def __init__(self) -> None:
        self.signed = False
        self.unjudged: dict[int, _Record] = {}
        self._held: tuple[str, ...] = _HELD
        self._notes = False

    def take(self, record: _Record) -> list[_Record]:
        """What is to be folded now: the record, what it lets through, or nothing yet."""
        if record.type == "run.started":
            self.signed = record.data.get("votes") == SIGNED
            self._notes = record.data.get("words") == SIGNED
            self._held = (*_HELD, "abort.requested") if self._notes else _HELD
        if not self.signed:
            return [record]
        if record.type == "word.judged":
            held = self.unjudged.pop(int(record.data["seq"]), None)
            through = held is not None and held.type in self._held and bool(record.data["counts"])
            return [record, held] if held is not None and through else [record]
        if not self._judged(record):
            return [record]
        self.unjudged[record.seq] = record
        return [] if record.type in self._held else [record]

    def _judged(self, record: _Record) -> bool:
        if record.type == "vote.given":
            return True
        if record.epoch > 0:
            return False  # what its runner says stands as all that it observes does
        return record.type in self._held or (self._notes and record.type == "note.added" and is_word(record))
