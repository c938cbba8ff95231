"""`log verify` holds signed words against keys: of the project's policy, or of one that was taken along."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from runbook.bootstrap import Project
from runbook.cli.main import carried_out
from runbook.core.signing import Word
from runbook.hosts.signatures import Signatures, written
from runbook.journal import Actor, Draft
from support.projects import Project as Folder

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH's client is not installed")

RUN = "run/01one"
POLICY = "votes: signed\npeople:\n  ann: {{user: ann, keys: [{}]}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A project whose policy knows ann's key, and a run to which she has said yes."""
    key = tmp_path / "ann"
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ann", "-f", str(key)]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    made = Folder(tmp_path / "project", "policy: policy.yaml\n")
    made.policy(POLICY.format(key.with_name("ann.pub").read_text().strip()))
    monkeypatch.chdir(made.folder)
    project = Project(made.folder)
    journal = project.journal
    engine = Actor("engine", "e")
    first = {"votes": "signed", "words": "signed", "runbook": "a", "initiator": "ann"}
    journal.open_stream(RUN, Draft("run.started", None, first, engine), epoch=1)
    word = Word(about="vote", key="g", by="ann", said="grant", digest="d")
    signed = Signatures(journal, project.people, RUN).sign(word, journal.now(), key)
    vote = {"gate": "g", "digest": "d", "verdict": "grant", **written(signed)}
    with journal.writing(RUN) as writer:
        writer.append(Draft("vote.given", None, vote, Actor("person", "ann", via="signature")))
    journal.close()
    return made


def judged(folder: Folder, seq: int = 1) -> None:
    """The runner has found that the word counts."""
    project = Project(folder.folder)
    journal = project.journal
    record = list(journal.read(RUN))[seq]
    name = Signatures(journal, project.people, RUN).judged(record).key
    lease = journal.lease(RUN, {})
    with journal.writing(RUN, lease) as writer:
        data = {"seq": seq, "counts": True, "signer": name}
        writer.append(Draft("word.judged", None, data, Actor("engine", "e")))
    lease.release()
    journal.close()


def verified(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """What `log verify` says of the run: its exit code, and its line."""
    capsys.readouterr()
    code = carried_out(["log", "verify", *words])
    return code, next(line for line in capsys.readouterr().out.splitlines() if RUN in line)


@pytest.mark.fault(93)
def test_the_projects_policy_says_whose_keys_they_are(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that it does not list is unknown, and nothing is wrong with the record for that."""
    judged(folder)
    assert verified(capsys, "01one")[1].endswith(", 1 signed word, 1 verified")
    folder.policy("people: {}\n")
    code, said = verified(capsys)
    assert code == 0
    assert said.endswith(", 1 signed word, 0 verified, 1 by unknown keys")


def test_an_export_is_verified_anywhere_by_a_policy_that_was_taken_along(
    folder: Folder, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the keys are unknown; with it they are that person's, for scripts too."""
    judged(folder)
    file, policy = tmp_path / "run.jsonl", tmp_path / "elsewhere" / "policy.yaml"
    assert carried_out(["log", "export", "01one", "-o", str(file)]) == 0
    policy.parent.mkdir()
    shutil.move(folder.folder / "policy.yaml", policy)
    monkeypatch.chdir(policy.parent)
    shutil.rmtree(folder.folder)
    assert verified(capsys, str(file))[1].endswith(", 1 signed word, 0 verified, 1 by unknown keys")
    assert verified(capsys, str(file), "--policy", str(policy))[1].endswith(", 1 signed word, 1 verified")
    assert carried_out(["log", "verify", str(file), "--policy", str(policy), "--output", "json"]) == 0
    [stream] = json.loads(capsys.readouterr().out)["streams"]
    assert stream["signatures"] == {"signed": 1, "verified": 1, "unknown": 0, "unsigned": 0}


@pytest.mark.fault(84)
def test_a_signature_of_another_store_is_called_what_it_is(
    folder: Folder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A run that was copied into another store; an export of an older program names none, and that is told."""
    judged(folder)
    file = tmp_path / "run.jsonl"
    assert carried_out(["log", "export", "01one", "-o", str(file)]) == 0
    *lines, last = file.read_text().splitlines()
    end = json.loads(last)
    for store, code, said in (("store/other", 3, "record 1: signature: what ann said counted"), (None, 0, "✓")):
        end["store"] = store
        file.write_text("\n".join([*lines, json.dumps(end, separators=(",", ":"))]) + "\n")
        assert verified(capsys, str(file))[0] == code
        assert carried_out(["log", "verify", str(file)]) == code
        out, err = capsys.readouterr()
        assert said in out
        assert ("does not say which store" in err) == (store is None)
