from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from runbook.errors import BrokenChain, StoreError, UsageError
from runbook.journal import Checkpoint
from runbook.journal.seals import SealKey, check, seal_key, sign
from runbook.journal.verify import verify
from support.journals import begun, in_memory

CHECKPOINT = Checkpoint("run/01k9", 42, "ab" * 32)


@pytest.fixture
def key() -> SealKey:
    return SealKey("runbook", bytes(range(32)))


def test_a_seal_is_a_signed_note(key: SealKey):
    """Origin, size, hash, a blank line, a signature: the text that C2SP's tools read."""
    lines = sign(CHECKPOINT, key).split("\n")
    assert lines[:4] == ["runbook-journal/v1/run/01k9", "42", base64.b64encode(b"\xab" * 32).decode(), ""]
    assert lines[4].startswith("— runbook ")
    assert len(base64.b64decode(lines[4].split()[2])) == 4 + 64
    assert lines[5:] == [""]


def test_what_was_signed_is_given_back(key: SealKey):
    """By the public line of the key that signed, whoever else signed too."""
    text = sign(CHECKPOINT, key)
    assert check(text, key.public) == CHECKPOINT
    other = SealKey("witness", bytes(32))
    assert check(text + sign(CHECKPOINT, other).splitlines()[-1] + "\n", other.public) == CHECKPOINT


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
        check(FORGERIES[forgery](sign(CHECKPOINT, key)), key.public)


@pytest.mark.fault(93)
def test_another_key_is_refused(key: SealKey):
    """Also one of the same name."""
    with pytest.raises(BrokenChain):
        check(sign(CHECKPOINT, key), SealKey("runbook", bytes(32)).public)


@pytest.mark.parametrize("text", ["", "hello", "a\nb\nc\n\n— x y\n", "runbook-journal/v1/run/1\nmany\nAAAA\n\n—\n"])
def test_what_is_no_seal_is_said(key: SealKey, text: str):
    """Rather than called forged."""
    with pytest.raises(UsageError, match="no seal"):
        check(text, key.public)


@pytest.mark.fault(93)
@pytest.mark.parametrize("line", ["", "runbook", "runbook+00000000+AAAA", "runbook+zz+%%"])
def test_what_is_no_key_is_said(key: SealKey, line: str):
    """Before anything is compared with it."""
    with pytest.raises(UsageError, match="no public key"):
        check(sign(CHECKPOINT, key), line)


def test_a_key_is_made_once_and_kept_private(tmp_path: Path):
    """For its owner alone; its `repr`, which may land in a log, does not show it."""
    path = tmp_path / "keys" / "seal.key"
    key = seal_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert seal_key(path) == key
    assert repr(key) == "SealKey(name='runbook')"


@pytest.mark.fault(93)
def test_a_key_that_others_may_read_is_refused(tmp_path: Path):
    """With the command that repairs it."""
    path = tmp_path / "seal.key"
    seal_key(path)
    path.chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        seal_key(path)


@pytest.mark.parametrize("content", ["", "hello", "PRIVATE+KEY+a+b+AAAA"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: str):
    """And is not overwritten."""
    path = tmp_path / "seal.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="holds no seal key"):
        seal_key(path)
    assert path.read_text() == content


def test_a_sealed_stream_verifies_against_its_seal(key: SealKey):
    """From a run to a text that somebody keeps, and back."""
    journal = begun(in_memory(), notes=3)
    head = journal.head("run/1")
    text = sign(Checkpoint("run/1", head.seq + 1, head.hash), key)
    assert verify(journal, "run/1", check(text, key.public))[0].ok
