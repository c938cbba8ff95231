"""Proofs hold for what was sealed, and for nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runbook.errors import BrokenChain, UsageError
from runbook.journal import open_store
from runbook.journal.problems import Problem
from runbook.journal.proofs import is_proof, prove_record, prove_since, verify_proof
from runbook.journal.trust import trusted
from support.tampering import NEW, OLD, RUN, SIZES, STORE, THIEF, Scene, sealed

KEYS = [trusted(OLD.public)]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def proof(scene: Scene, seq: int | None = None, since: str | None = None) -> Path:
    path = scene.folder / "proof.json"
    with closing(open_store(scene.url)) as journal:
        if since is not None:
            path.write_bytes(prove_since(journal, RUN, since, scene.kept))
        else:
            path.write_bytes(prove_record(journal, RUN, seq or 0, scene.kept))
    return path


@pytest.mark.parametrize("seq", range(10))
def test_each_record_is_proven_without_the_others(scene: Scene, seq: int) -> None:
    """One line that says which, checked with the public key alone."""
    path = proof(scene, seq)
    assert is_proof(path)
    verdict = verify_proof(path, KEYS)
    assert (verdict.ok, verdict.stream, verdict.sealed, verdict.note) == (True, RUN, 10, "")
    assert verdict.message == f"record {seq} is one of the 10 that were sealed"
    assert path.read_bytes().count(b'"seq') <= 1


@pytest.mark.parametrize("size", SIZES)
def test_a_newer_seal_is_proven_to_go_on_from_an_older(scene: Scene, size: int) -> None:
    """Without a single record."""
    before = sealed(scene.streams[RUN][:size], OLD)
    path = proof(scene, since=before)
    assert verify_proof(path, KEYS).ok
    assert b"actor" not in path.read_bytes()


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def do(proof: dict[str, Any]) -> None:
        proof[name] = change(proof[name])

    return do


@pytest.mark.fault(84)
@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (changed("record", lambda text: text.replace('"number":6', '"number":7')), Problem.REWRITTEN),
        (changed("record", lambda text: text.replace('"seq":6', '"seq":5')), Problem.REWRITTEN),
        (changed("record", lambda text: text.replace("run/1", "run/2")), Problem.REWRITTEN),
        (changed("hashes", lambda hashes: hashes[::-1]), Problem.REWRITTEN),
        (changed("hashes", lambda hashes: hashes[:-1]), Problem.REWRITTEN),
        (changed("seal", lambda text: text.replace("\n10\n", "\n11\n")), Problem.SEAL_CHANGED),
        (changed("seal", lambda text: text.replace("ops-2026", "ops-2025")), Problem.SEAL_KEY),
    ],
    ids=["a value", "a place", "a run", "hashes in another order", "a hash less", "a size", "a signer"],
)
def test_a_changed_proof_does_not_hold(scene: Scene, tamper: Any, problem: Problem) -> None:
    """Whatever of it was changed."""
    path = proof(scene, 6)
    found = json.loads(path.read_text())
    tamper(found["proof"])
    path.write_text(json.dumps(found, separators=(",", ":")))
    assert verify_proof(path, KEYS).problem is problem


def test_a_proof_counts_only_by_a_key_that_was_valid(scene: Scene) -> None:
    """Nor by another of the same name; without any key it says that nobody's signature was checked."""
    path = proof(scene, 6)
    assert verify_proof(path, [trusted(THIEF.public), trusted(NEW.public)]).problem is Problem.SEAL_KEY
    assert verify_proof(path, [trusted(OLD.public, "2027-01-01")]).problem is Problem.SEAL_KEY
    assert "not checked" in verify_proof(path, []).note


def test_what_was_not_sealed_cannot_be_proven(scene: Scene) -> None:
    """A record after the last seal, or records that are not those that were sealed."""
    scene.kept = scene.kept[:2]
    with pytest.raises(UsageError, match="covers record 7"):
        proof(scene, 7)
    scene.do(STORE, {"rewrite": 2})
    scene.save()
    with pytest.raises(BrokenChain, match="not what was sealed"):
        proof(scene, 3)


@pytest.mark.parametrize("text", ["", "{}", '{"proof":1}', '{"proof":{"seal":"x","hashes":["zz"]}}'])
def test_what_is_no_proof_is_said(tmp_path: Path, text: str) -> None:
    """Rather than called forged."""
    path = tmp_path / "proof.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="no proof"):
        verify_proof(path, KEYS)
