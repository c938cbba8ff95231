"""What `log verify` says of signed words: how many a run's record holds, and how many are by keys that are at hand.

The keys are those of a policy: the one that was named, else the project's. A signature holds its public key, and the
record the name of the key that counted, so that a forged word shows without any policy; that a key is somebody's, only
a policy can say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runbook.errors import UsageError

if TYPE_CHECKING:
    from runbook.cli.session import Session
    from runbook.document.model import Policy
    from runbook.hosts.words import Words
    from runbook.journal.problems import Verdict


def words_of(
    session: Session, verdicts: Sequence[Verdict], file: Path | None, policy: Path | None
) -> Mapping[str, Words]:
    """The signed words of each run that verifies, by its stream; of those in a file, if one is verified.

    What keeps them from being looked at is told, and nothing of that run is given.
    """
    found: dict[str, Words] = {}
    keys: dict[str, tuple[str, ...]] | None = None
    for stream in (verdict.stream for verdict in verdicts if verdict.ok and verdict.stream.startswith("run/")):
        if not _has_signatures(session, stream, file):
            continue
        keys = _keys(session, policy) if keys is None else keys
        try:
            found[stream] = _checked(session, stream, file, keys)
        except UsageError as error:
            session.say(f"signed words of {stream} are not checked: {error.message}")
    return found


def told_words(words: Words | None) -> str:
    """As a line goes on; nothing where nothing is signed."""
    if words is None:
        return ""
    bare = f", {words.unsigned} unsigned: anybody could have written that" if words.unsigned else ""
    if not words.signed:
        return bare
    named = f"{words.signed} signed word{'s' if words.signed > 1 else ''}"
    unknown = f", {words.unknown} by unknown keys" if words.unknown else ""
    return f", {named}, {words.verified} verified{unknown}{bare}"


def words_object(words: Words | None) -> dict[str, int] | None:
    """As scripts are told; None where nothing was signed, or could be looked at."""
    if words is None:
        return None
    return {name: getattr(words, name) for name in ("signed", "verified", "unknown", "unsigned")}


def _checked(session: Session, stream: str, file: Path | None, keys: Mapping[str, tuple[str, ...]]) -> Words:
    from runbook.hosts.words import TYPES, checked
    from runbook.journal.export import exported_records

    def keys_of(person: str) -> tuple[str, ...]:
        return keys.get(person, ())

    if file is None:
        journal = session.project.journal
        return checked(journal.read(stream), journal.own_stream() or "", stream, keys_of)
    store, records = exported_records(file, TYPES)
    if store is None:
        raise UsageError(
            "the export does not say which store it is from, which signed words name", hint="export it anew"
        )
    return checked(records, store, stream, keys_of)


def _has_signatures(session: Session, stream: str, file: Path | None) -> bool:
    """A word too long for its record stands beside it; what is none is found out when it is read."""
    from runbook.core.signing import WORDS

    types = [f'"type":"{type_}"'.encode() for type_ in WORDS]

    def may_be(raw: bytes) -> bool:
        about = b'"signature":' in raw or b'"payload":' in raw or b'"about":' in raw
        return about and any(type_ in raw for type_ in types)

    if file is None:
        return any(map(may_be, session.project.journal.raw(stream)))
    with file.open("rb") as lines:
        return any(map(may_be, lines))


def _keys(session: Session, policy: Path | None) -> dict[str, tuple[str, ...]]:
    given = session.project.policy if policy is None else _read(session, policy)
    return {name: person.keys for name, person in given.people.items()} if given is not None else {}


def _read(session: Session, path: Path) -> Policy:
    from runbook.document.load import load
    from runbook.document.model import Policy
    from runbook.hosts.files import read

    document = load(read(path), session.project.specs, path=str(path)).document
    if not isinstance(document, Policy):
        raise UsageError(f"{path} is not a Policy document", hint="its kind must be `Policy`")
    return document
