"""Words with signatures: made for whoever speaks here, and judged when a run counts what was said.

Who may write to a shared database may write as anybody; there a vote, an answer or a settlement counts only with a
signature by a key that today's policy lists for that person. In a file store that is so where the policy says
`votes: signed`, and for whoever a gate asks to sign (`via: [signature]`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from runbook.clients import ssh_signatures
from runbook.core.records import Written
from runbook.core.signing import Signed, Word, fingerprint, signed_of, signer, word_of
from runbook.document.words import Votes
from runbook.errors import Refused, UsageError
from runbook.hosts.said import Desk, Gate, Question, Said, Say, Vote
from runbook.journal import Journal
from runbook.policy.people import People

APART = 300.0  # seconds between a signature's time and its record's: two clocks, and a passphrase


class Judgement(NamedTuple):
    """Whether a word counts as far as its signature goes, and by which key; `why` it does not."""

    why: str | None
    key: str | None = None


class Signatures:
    """Judges and makes the signatures of one run, by today's policy."""

    def __init__(self, journal: Journal, people: People, stream: str, home: Path | None = None) -> None:
        self.needed = people.policy is not None and (journal.shared or people.policy.votes is Votes.SIGNED)
        self.stream = stream
        self._journal = journal
        self._people = people
        self._home = home
        self._judged: dict[tuple[int, tuple[str, ...]], Judgement] = {}

    def asked(self, via: Sequence[str] | None) -> bool:
        """Whether a word must be signed: everywhere here, or at a gate that takes nothing else from this machine."""
        return self.needed or (via is not None and "signature" in via and "os" not in via)

    def judged(self, record: Written, deadline: float | None = None) -> Judgement:
        """A record's word. What need not be signed and does not claim to be counts as it is."""
        if not self.needed and record.actor.via != "signature":
            return Judgement(None)
        keys = self._people.keys(record.actor.id)
        known = self._judged.get((record.seq, keys))
        if known is None:
            known = self._judged[record.seq, keys] = self._judge(record, keys)
        signed = signed_of(record.data)
        if known.why is None and deadline is not None and signed is not None and signed.at > deadline:
            return Judgement("it was signed after the gate's deadline", known.key)
        return known

    def _judge(self, record: Written, keys: tuple[str, ...]) -> Judgement:
        who, signed = record.actor.id, signed_of(record.data)
        if signed is None:
            return Judgement("it is not signed, and in this store anybody could have written it")
        name = signer(signed.text)
        if name is None:
            return Judgement("what stands in place of its signature is none")
        if name not in map(fingerprint, keys):
            return Judgement(f"it is signed with {name}, which the policy does not list for {who}", name)
        if abs(record.time - signed.at) > APART:
            return Judgement("its signature was made at another time than it was recorded", name)
        text = word_of(record, self._store, self.stream).text(signed.at)
        if not ssh_signatures.verified(text, signed.text, keys):
            return Judgement("its signature is not of what it says, or was made for something else", name)
        return Judgement(None, name)

    @property
    def _store(self) -> str:
        return self._journal.own_stream() or ""

    # --- made here ----------------------------------------------------------------------------------------

    def sign(self, word: Word, at: float, key: Path | None = None) -> Signed:
        """Sign what is about to be said; `store` and `stream` of the word are filled in, secrets taken out.

        UsageError where no key can be used, Refused for one that the policy does not list for this person.
        """
        keys = self._people.keys(word.by)
        if not keys:
            raise Refused(
                f"what {word.by} says here must be signed, and the policy lists no key for {word.by}",
                hint=f"add it to the policy: people: {{{word.by}: {{keys: [ssh-ed25519 …]}}}}",
            )
        mask = self._journal.masker
        said = {"said": mask.value(word.said), "reason": mask.text(word.reason) if word.reason else word.reason}
        text = msgspec.structs.replace(word, store=self._store, stream=self.stream, **said).text(at)
        signature = self._signature(text, keys, key)
        name = signer(signature)
        if name is None or name not in map(fingerprint, keys):
            raise Refused(
                f"{key} is {name}, and the policy lists another for {word.by}: {', '.join(map(fingerprint, keys))}",
                hint="sign with a key that it lists, or have this one added",
            )
        return Signed(at, signature)

    def _signature(self, text: bytes, keys: tuple[str, ...], key: Path | None) -> str:
        if key is not None:
            return ssh_signatures.sign(text, key.expanduser())
        import os

        with ssh_signatures.key_among(keys, os.environ, self._home or Path.home()) as found:
            if found is None:
                raise UsageError(
                    "no key that the policy lists for you is in your ssh-agent or in ~/.ssh",
                    hint="name it with --key, or `ssh-add` it; the policy lists " + ", ".join(map(fingerprint, keys)),
                )
            return ssh_signatures.sign(text, found)


class Signing:
    """A desk whose votes are signed before they are said. What cannot be signed is said as it is, and why is told."""

    def __init__(
        self,
        desk: Desk,
        signatures: Signatures,
        key: Path | None,
        now: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        self._desk = desk
        self._signatures = signatures
        self._key = key
        self._now = now
        self._tell = tell

    @property
    def attended(self) -> bool:
        """Whether somebody sits at the desk behind."""
        return self._desk.attended

    def opened(self, open_: Gate | Question, say: Say) -> None:
        """On to the desk; what is said at a gate comes back by way of the key."""
        signs = isinstance(open_, Gate) and self._signatures.asked(open_.terms.via)
        self._desk.opened(open_, (lambda said: say(self._signed(open_, said))) if signs else say)

    def closed(self, key: str) -> None:
        """Pass it on."""
        self._desk.closed(key)

    def _signed(self, gate: Gate | Question, said: Said) -> Said:
        if not isinstance(said, Vote) or not isinstance(gate, Gate):
            return said
        word = Word(
            about="vote",
            key=said.key,
            by=said.by,
            said=said.verdict,
            reason=said.reason,
            digest=gate.command.gate_digest,
            break_glass=said.break_glass,
        )
        try:
            signed = self._signatures.sign(word, self._now(), self._key)
        except (Refused, UsageError) as error:
            self._tell(f"what you said is not signed, and does not count: {error}")
            return said
        return said._replace(via="signature", signed=signed)


def written(signed: Signed | None) -> dict[str, object]:
    """As a record's data keeps it; nothing for what is not signed."""
    return {"signature": {"at": signed.at, "text": signed.text}} if signed else {}
