from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from runbook.errors import BrokenChain, StoreError, UsageError
from runbook.journal.seals import Seal, SealKey, check, make_key, new_key, public_key, read_key, seals_in, sign, signers

SEAL = Seal("run/01k9", 42, "ab" * 32)
OTHER = new_key(bytes(32), "witness")


@pytest.fixture
def key() -> SealKey:
    return new_key(bytes(range(32)))


def test_a_seal_is_a_signed_note(key: SealKey):
    """Origin, size, hash, a blank line, a signature: the text that C2SP's tools read."""
    lines = sign(SEAL, key).split("\n")
    assert lines[:4] == ["runbook-journal/v1/run/01k9", "42", base64.b64encode(b"\xab" * 32).decode(), ""]
    assert lines[4].startswith("— runbook ")
    assert len(base64.b64decode(lines[4].split()[2])) == 4 + 64
    assert lines[5:] == [""]


def test_what_was_signed_is_given_back(key: SealKey):
    """By the public line of the key that signed, whoever else signed too."""
    text = sign(SEAL, key)
    assert check(text, public_key(key.public)) == SEAL
    both = text + sign(SEAL, OTHER).splitlines()[-1] + "\n"
    assert check(both, public_key(OTHER.public)) == check(both, public_key(key.public)) == SEAL
    assert signers(both) == [key.called, OTHER.called]


def test_seals_are_found_in_any_text(key: SealKey):
    """In what a chat has kept, with what others said around them and the line ends of another system."""
    one, other = sign(SEAL, key), sign(Seal("run/01ka", 1, "cd" * 32), key)
    chat = f"bot:\r\n{one}\nthanks!\n\n{other}".replace("\n", "\r\n")
    assert seals_in(chat) == [one, other]
    assert seals_in("nothing\nhere\n") == []


FORGERIES = {
    "another size": lambda text: text.replace("42", "43"),
    "another stream": lambda text: text.replace("01k9", "01k8"),
    "another head": lambda text: text.replace("q6ur", "r6ur", 1),
    "another signature": lambda text: text[:-6] + "AAAA=\n",
    "no signature": lambda text: text.rpartition("—")[0],
    "another name": lambda text: text.replace("— runbook", "— other"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_changed_seal_is_refused(key: SealKey, forgery: str):
    """In its text or in its signature."""
    with pytest.raises(BrokenChain, match="was not signed by runbook"):
        check(FORGERIES[forgery](sign(SEAL, key)), public_key(key.public))


@pytest.mark.fault(93)
def test_another_key_is_refused(key: SealKey):
    """Also one of the same name."""
    with pytest.raises(BrokenChain):
        check(sign(SEAL, key), public_key(new_key(bytes(32)).public))


@pytest.mark.parametrize("text", ["", "hello", "a\nb\nc\n\n— x y\n", "runbook-journal/v1/run/1\nmany\nAAAA\n\n—\n"])
def test_what_is_no_seal_is_said(key: SealKey, text: str):
    """Rather than called forged."""
    with pytest.raises(UsageError, match="no seal"):
        check(text, public_key(key.public))


@pytest.mark.fault(93)
@pytest.mark.parametrize("line", ["", "runbook", "runbook+00000000+AAAA", "runbook+zz+%%"])
def test_what_is_no_key_is_said(line: str):
    """Before anything is compared with it."""
    with pytest.raises(UsageError, match="no public key"):
        public_key(line)


def test_a_key_is_made_for_its_owner_alone(tmp_path: Path):
    """Its `repr`, which may land in a log, does not show it."""
    path = tmp_path / "keys" / "seal.key"
    key = make_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path) == key
    assert key.public.startswith(f"runbook+{key.id}+")
    assert repr(key) == f"SealKey('runbook+{key.id}')"


def test_a_key_is_never_overwritten(tmp_path: Path):
    """What it has sealed could not be sealed again."""
    key = make_key(tmp_path / "seal.key")
    with pytest.raises(UsageError, match="there already"):
        make_key(tmp_path / "seal.key")
    assert read_key(tmp_path / "seal.key") == key


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_would_break_the_line_is_refused(tmp_path: Path, name: str):
    """Before a file is made."""
    with pytest.raises(UsageError, match="cannot be called"):
        make_key(tmp_path / "seal.key", name)
    assert not (tmp_path / "seal.key").exists()


@pytest.mark.fault(93)
def test_a_key_that_others_may_read_is_refused(tmp_path: Path):
    """With the command that repairs it."""
    path = tmp_path / "seal.key"
    make_key(path)
    path.chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        read_key(path)


@pytest.mark.parametrize("content", ["", "hello", "PRIVATE+KEY+a+b+AAAA"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: str):
    """With the command that makes one."""
    path = tmp_path / "seal.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="holds no key to seal with"):
        read_key(path)
