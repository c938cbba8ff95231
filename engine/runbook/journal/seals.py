"""Signed checkpoints: what makes cutting the tail, or rewriting the whole, show.

A seal is text to be kept or posted anywhere, after the C2SP formats `tlog-checkpoint` and `signed-note`:

    runbook-journal/v1/run/01k…       what is sealed
    42                                how many records
    <base64 of the last one's hash>

    — runbook <base64 of key id and Ed25519 signature>

A public key is one line, `name+id+base64`; a key file holds `PRIVATE+KEY+name+id+base64`.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

import msgspec

from runbook.errors import BrokenChain, StoreError, UsageError
from runbook.journal.folder import sync, told
from runbook.journal.port import Checkpoint
from runbook.journal.record import sha256

ORIGIN = "runbook-journal/v1/"

_ED25519 = b"\x01"  # signed-note's number for this kind of key
_PRIVATE = "PRIVATE+KEY+"


class SealKey(msgspec.Struct, frozen=True):
    """A key to sign with. Its `repr` does not show the seed."""

    name: str
    seed: bytes

    @property
    def public(self) -> str:
        """The line that others need to check what this key signed."""
        public = _ED25519 + _public_bytes(self.seed)
        return f"{self.name}+{_key_id(self.name, public).hex()}+{_base64(public)}"

    def __repr__(self) -> str:
        return f"SealKey(name={self.name!r})"


def seal_key(path: Path, name: str = "runbook") -> SealKey:
    """The key in this file, made on first use. Raises StoreError when others may read it."""
    with told(f"read the key {path}"):
        if not path.exists():
            return _made(path, name)
        if path.stat().st_mode & 0o077:
            raise StoreError(f"others may read the key {path}", hint=f"chmod 600 {path}, and consider a new key")
        text = path.read_text().strip()
    try:
        name, _, data = text.removeprefix(_PRIVATE).split("+", 2)
        seed = base64.b64decode(data, validate=True)[1:]
    except (ValueError, binascii.Error) as error:
        raise StoreError(f"{path} holds no seal key", hint="name another file") from error
    if not text.startswith(_PRIVATE) or len(seed) != 32:
        raise StoreError(f"{path} holds no seal key", hint="name another file")
    return SealKey(name, seed)


def sign(checkpoint: Checkpoint, key: SealKey) -> str:
    """The seal: the checkpoint as text, signed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    text = f"{ORIGIN}{checkpoint.stream}\n{checkpoint.size}\n{_base64(bytes.fromhex(checkpoint.head))}\n"
    signature = Ed25519PrivateKey.from_private_bytes(key.seed).sign(text.encode())
    key_id = _key_id(key.name, _ED25519 + _public_bytes(key.seed))
    return f"{text}\n— {key.name} {_base64(key_id + signature)}\n"


def check(text: str, public_key: str) -> Checkpoint:
    """The checkpoint in a seal that this key signed.

    Raises UsageError for what is no seal or no key, BrokenChain when the key did not sign this text.
    """
    note, _, signatures = text.rpartition("\n\n")
    note += "\n"
    checkpoint = _parsed(note)
    name, public = _public(public_key)
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        signer, _, data = rest.partition(" ")
        if dash == "—" and signer == name and _signed(note, data, name, public):
            return checkpoint
    raise BrokenChain(
        f"the seal of {checkpoint.stream} was not signed by {name}",
        stream=checkpoint.stream,
        seq=checkpoint.size - 1,
        hint="it was changed, or is another key's",
    )


def _signed(note: str, data: str, name: str, public: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        signature = base64.b64decode(data, validate=True)
        if signature[:4] != _key_id(name, public):
            return False
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], note.encode())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _parsed(note: str) -> Checkpoint:
    try:
        origin, size, head = note.splitlines()[:3]
        if not origin.startswith(ORIGIN):
            raise ValueError(origin)
        return Checkpoint(origin.removeprefix(ORIGIN), int(size), base64.b64decode(head, validate=True).hex())
    except ValueError as error:
        raise UsageError(
            "this is no seal of a journal", hint="a seal has three lines, a blank one, and a signature"
        ) from error


def _public(line: str) -> tuple[str, bytes]:
    try:
        name, key_id, data = line.strip().split("+", 2)
        public = base64.b64decode(data, validate=True)
    except ValueError as error:
        raise UsageError("this is no public key of a seal", hint="it looks like name+12345678+base64") from error
    if len(public) != 33 or public[:1] != _ED25519 or _key_id(name, public).hex() != key_id:
        raise UsageError("this is no public key of a seal", hint="it looks like name+12345678+base64")
    return name, public


def _made(path: Path, name: str) -> SealKey:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise UsageError(f"a key cannot be called {name!r}", hint="no spaces, no plus sign")
    key = SealKey(name, os.urandom(32))
    key_id = _key_id(name, _ED25519 + _public_bytes(key.seed)).hex()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{_PRIVATE}{name}+{key_id}+{_base64(_ED25519 + key.seed)}\n")
        file.flush()
        os.fsync(handle)
    sync(path.parent)
    return key


def _public_bytes(seed: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _key_id(name: str, public: bytes) -> bytes:
    return bytes.fromhex(sha256(name.encode() + b"\n" + public))[:4]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
