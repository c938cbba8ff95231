"""Seals: a stream's Merkle root, signed. What makes cutting the tail, or rewriting the whole, show.

A seal is text to be kept or posted anywhere, after the C2SP formats `tlog-checkpoint` and `signed-note`:

    runbook-journal/v1/run/01k…       what is sealed
    42                                how many records
    <base64 of the RFC 6962 root over their bytes>

    — runbook <base64 of key id and Ed25519 signature>

A public key is one line, `name+id+base64`; a key file holds `PRIVATE+KEY+name+id+base64`. What signs takes 30 ms to
import, so it is imported where it is used.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path

import msgspec

from runbook.errors import BrokenChain, StoreError, UsageError
from runbook.journal.folder import sync, told
from runbook.journal.record import sha256

ORIGIN = "runbook-journal/v1/"

_ED25519 = b"\x01"  # signed-note's number for this kind of key
_PRIVATE = "PRIVATE+KEY+"
_SEAL = re.compile(rf"^{ORIGIN}[^\n]+\n\d{{1,18}}\n[A-Za-z0-9+/=]+\n\n(?:— [^\n]+(?:\n|\Z))+", re.MULTILINE)
_NO_KEY = "this is no public key of a seal"
_LOOKS = "it looks like name+12345678+base64, as `runbook seal show` prints it"


class Seal(msgspec.Struct, frozen=True):
    """What a seal says: the first `size` records of `stream` have this root (hexadecimal)."""

    stream: str
    size: int
    root: str


class SealKey(msgspec.Struct, frozen=True):
    """A key to sign with. Its `repr` does not show the seed."""

    name: str
    id: str
    seed: bytes

    @property
    def public(self) -> str:
        """The line that others need to check what this key signed."""
        return f"{self.name}+{self.id}+{_base64(_ED25519 + _public_bytes(self.seed))}"

    @property
    def called(self) -> str:
        """How records and people name it."""
        return f"{self.name}+{self.id}"

    def __repr__(self) -> str:
        return f"SealKey({self.called!r})"


class PublicKey(msgspec.Struct, frozen=True):
    """A key to check with; `data` are the 32 bytes of Ed25519."""

    name: str
    id: str
    data: bytes

    @property
    def called(self) -> str:
        """How records and people name it."""
        return f"{self.name}+{self.id}"


# --- keys -----------------------------------------------------------------------------------------------------


def make_key(path: Path, name: str = "runbook") -> SealKey:
    """A new key in a new file, for its owner alone. UsageError for a file that is there, or a name that cannot be."""
    key = new_key(os.urandom(32), name)
    with told(f"write the key {path}"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise UsageError(
                f"{path} is there already, and was left as it is", hint="a new key goes into another file"
            ) from error
        with os.fdopen(handle, "w") as file:
            file.write(f"{_PRIVATE}{key.called}+{_base64(_ED25519 + key.seed)}\n")
            file.flush()
            os.fsync(handle)
        sync(path.parent)
    return key


def new_key(seed: bytes, name: str = "runbook") -> SealKey:
    """The key of this seed, 32 bytes."""
    if not name or "+" in name or not name.isprintable() or any(character.isspace() for character in name):
        raise UsageError(f"a key cannot be called {name!r}", hint="no spaces, no plus sign")
    return SealKey(name, _key_id(name, _public_bytes(seed)), seed)


def read_key(path: Path) -> SealKey:
    """The key in this file. Raises StoreError for one that cannot be read, or that others may read."""
    with told(f"read the key {path}"):
        if path.stat().st_mode & 0o077:
            raise StoreError(f"others may read the key {path}", hint=f"chmod 600 {path}, and consider a new key")
        text = path.read_text(errors="replace")
    return private_key(text, str(path))


def private_key(text: str, where: str) -> SealKey:
    """The key in this text, which is read from `where`."""
    try:
        name, id_, data = text.strip().removeprefix(_PRIVATE).split("+", 2)
        seed = base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error):
        name, id_, seed = "", "", b""
    if not text.startswith(_PRIVATE) or len(seed) != 33 or seed[:1] != _ED25519:
        raise StoreError(f"{where} holds no key to seal with", hint="`runbook seal keygen FILE` makes one")
    return SealKey(name, id_, seed[1:])


def public_key(line: str) -> PublicKey:
    """The key in this line; UsageError for any other text."""
    try:
        name, id_, data = line.strip().split("+", 2)
        public = base64.b64decode(data, validate=True)
    except ValueError as error:
        raise UsageError(_NO_KEY, hint=_LOOKS) from error
    if len(public) != 33 or public[:1] != _ED25519 or _key_id(name, public[1:]) != id_:
        raise UsageError(_NO_KEY, hint=_LOOKS)
    return PublicKey(name, id_, public[1:])


# --- seals ----------------------------------------------------------------------------------------------------


def sign(seal: Seal, key: SealKey) -> str:
    """The seal as text, signed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    text = f"{ORIGIN}{seal.stream}\n{seal.size}\n{_base64(bytes.fromhex(seal.root))}\n"
    signature = Ed25519PrivateKey.from_private_bytes(key.seed).sign(text.encode())
    return f"{text}\n— {key.name} {_base64(bytes.fromhex(key.id) + signature)}\n"


def seals_in(text: str) -> list[str]:
    """All seals that stand in a text, whatever stands around them: a file, a log of a chat."""
    return [found[0].rstrip("\n") + "\n" for found in _SEAL.finditer(text.replace("\r\n", "\n"))]


def parsed(text: str) -> Seal:
    """What a seal says, whoever signed it. UsageError for what is no seal."""
    try:
        origin, size, root = text.split("\n")[:3]
        hashed = base64.b64decode(root, validate=True)
        if not origin.startswith(ORIGIN) or len(hashed) != 32 or not size.isdecimal():
            raise ValueError(origin)
        return Seal(origin.removeprefix(ORIGIN), int(size), hashed.hex())
    except ValueError as error:
        raise UsageError(
            "this is no seal of a journal", hint="a seal has three lines, a blank one, and a signature"
        ) from error


def signers(text: str) -> list[str]:
    """The keys that a seal names, as `name+id`; whether they have signed it is another question."""
    return [f"{name}+{data[:4].hex()}" for name, data in _signatures(text)]


def check(text: str, key: PublicKey) -> Seal:
    """What a seal says that this key signed.

    Raises UsageError for what is no seal, BrokenChain when the key did not sign this text.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    seal = parsed(text)
    note = text.rpartition("\n\n")[0] + "\n"
    for name, data in _signatures(text):
        if (name, data[:4].hex()) != (key.name, key.id):
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.data).verify(data[4:], note.encode())
        except (InvalidSignature, ValueError):
            continue
        return seal
    raise BrokenChain(
        f"the seal of {seal.size} records of {seal.stream} was not signed by {key.called}",
        stream=seal.stream,
        seq=max(0, seal.size - 1),
        hint="it was changed, or is another key's",
    )


def _signatures(text: str) -> list[tuple[str, bytes]]:
    found = []
    for line in text.rpartition("\n\n")[2].splitlines():
        dash, _, rest = line.partition(" ")
        name, _, data = rest.partition(" ")
        try:
            decoded = base64.b64decode(data, validate=True)
        except ValueError:
            decoded = b""
        if dash == "—" and name:
            found.append((name, decoded))
    return found


def _public_bytes(seed: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _key_id(name: str, public: bytes) -> str:
    return sha256(name.encode() + b"\n" + _ED25519 + public)[:8]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
