"""The steps of docs/verifying.md, exactly as they stand there, with the real tools and without this program."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runbook.journal import Journal
from runbook.journal.canonical import canonical
from runbook.journal.export import export
from runbook.journal.merkle import Growing
from runbook.journal.seals import Seal, new_key, sign
from support.journals import begun, draft, in_memory

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verifying.md"
[STEPS] = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
KEY = new_key(bytes(range(32)), "ops")

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not all(map(shutil.which, ("bash", "openssl", "sha256sum"))), reason="needs bash and openssl"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An export of eleven records, a seal of the first ten, and the public line."""
    journal: Journal = begun(in_memory(), notes=8)
    with journal.writing("run/1") as writer:
        writer.append(draft(data={"output": "a line \\ of 'text' % \u2028 and more\n" * 2000, "raw": b"\xff\x00"}))
        writer.append(draft(data={"odd": "\t\\n $(false) `false` \u00e9\u2014 %s"}))
    tree = Growing()
    for raw in list(journal.raw("run/1"))[:10]:
        tree.add(raw)
    (tmp_path / "run.jsonl").write_bytes(b"".join(export(journal, "run/1")))
    (tmp_path / "newest.seal").write_text(sign(Seal("run/1", 10, tree.root.hex()), KEY))
    (tmp_path / "seal.pub").write_text(KEY.public + "\n")
    return tmp_path


def by_hand(folder: Path) -> tuple[int, str]:
    done = subprocess.run(["bash", "-c", STEPS], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert "syntax error" not in done.stderr
    return done.returncode, done.stdout


def test_what_was_sealed_verifies_by_hand(folder: Path) -> None:
    """Payloads, odd characters and records after the seal included."""
    code, said = by_hand(folder)
    assert code == 0, said
    assert said.endswith("verified: 10 of 11 records of run/1\n")


def in_file(name: str, before: str, after: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert before in text
        (folder / name).write_text(text.replace(before, after, 1))

    return change


def cut(folder: Path) -> None:
    lines = (folder / "run.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "run.jsonl").write_bytes(b"".join(lines[:6]))


def rewritten(folder: Path) -> None:
    """The third record is another one, and every link after it is made to fit."""
    from runbook.journal.record import sha256

    lines, prev = (folder / "run.jsonl").read_bytes().splitlines(), None
    for at, line in enumerate(lines):
        if not line.startswith(b'{"actor":'):
            continue
        record = json.loads(line)
        record["prev"] = prev or record["prev"]
        record["data"] = {"forged": True} if record["seq"] == 2 else record["data"]
        lines[at] = canonical(record)
        prev = sha256(lines[at])
    (folder / "run.jsonl").write_bytes(b"\n".join(lines) + b"\n")


def resigned(folder: Path) -> None:
    text = (folder / "newest.seal").read_text().splitlines()
    other = sign(Seal("run/1", 10, "ab" * 32), new_key(bytes(32), "ops")).splitlines()
    (folder / "newest.seal").write_text("\n".join([*text[:4], other[4]]) + "\n")


@pytest.mark.fault(84)
@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (in_file("run.jsonl", '"number":3', '"number":4'), "record 5 does not follow"),
        (cut, "truncated: 6 of 10 records"),
        (rewritten, "rewritten: the root is"),
        (in_file("newest.seal", "\n10\n", "\n9\n"), "rewritten: the root is"),
        (resigned, "the key did not sign this seal"),
        (in_file("seal.pub", "AQOh", "AQOi"), "the key did not sign this seal"),
    ],
    ids=["changed", "cut", "rewritten", "a seal's size", "another's signature", "another key"],
)
def test_tampering_is_found_by_hand(folder: Path, tamper: Callable[[Path], None], said: str) -> None:
    """And told apart, as this program would."""
    tamper(folder)
    code, out = by_hand(folder)
    assert (code, said in out) == (3, True), out
