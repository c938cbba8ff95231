"""Manifests of the project's repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.hosts.manifests import manifests
from support.repositories import Repo

ENVIRON = {"PATH": "/usr/bin:/bin"}
API = "kind: Deployment\nmetadata: {name: api}\nspec: {replicas: 3}\n"


def found(repo: Repo, *names: str) -> list[tuple[str, object]]:
    return [(one.path, one.value["kind"]) for one in manifests(repo.folder, ENVIRON, names or ("api",))]


def test_objects_of_the_last_commit_are_found_by_name(tmp_path: Path) -> None:
    """What is only in the working tree is not deployed from it."""
    repo = Repo(tmp_path)
    repo.commit({"deploy/api.yaml": API, "deploy/db.yml": API.replace("api", "database")})
    repo.write({"deploy/new.yaml": API})
    assert found(repo) == [("deploy/api.yaml", "Deployment")]
    assert found(repo, "database") == [("deploy/db.yml", "Deployment")]


def test_several_documents_and_lists_are_taken_apart(tmp_path: Path) -> None:
    """As kubectl reads them."""
    repo = Repo(tmp_path)
    listed = "kind: List\nitems:\n  - {kind: Service, metadata: {name: api}}\n"
    repo.commit({"all.yaml": f"{API}---\n{listed}"})
    assert [kind for _, kind in found(repo)] == ["Deployment", "Service"]


@pytest.mark.parametrize(
    "text",
    [
        "replicas: {{ .Values.replicas }} # api\n",
        "api: [" * 60_000,
        "- " * 60_000 + "api\n",
        "&a [api, *a]\n",
        "api: 2026-99-99\n",
        "\x00api",
        "!!python/object/apply:os.system ['api']\n",
    ],
)
def test_what_is_no_plain_yaml_is_passed_over(tmp_path: Path, text: str) -> None:
    """A template, something nested too deeply, something hostile: nothing is made of it, and the rest is read."""
    repo = Repo(tmp_path)
    repo.commit({"a.yaml": text, "deploy/api.yaml": API})
    assert [
        path for path, _ in [(m.path, 0) for m in manifests(repo.folder, ENVIRON, ["api"]) if m.value.get("kind")]
    ] == ["deploy/api.yaml"]


def test_without_a_repository_nothing_is_known(tmp_path: Path) -> None:
    """Nor before the first commit, nor when nothing is asked for."""
    assert manifests(tmp_path, ENVIRON, ["api"]) == []
    assert manifests(Repo(tmp_path / "new").folder, ENVIRON, ["api"]) == []
    assert manifests(tmp_path, {}, []) == []
