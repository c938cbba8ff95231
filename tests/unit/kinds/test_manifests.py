from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from runbook.errors import ParameterError
from runbook.kinds import manifests
from runbook.testing.world import FakeWorld

FLAGS: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flags"}}
TEXT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flags}\n"


@pytest.fixture
def world(tmp_path: Path) -> FakeWorld:
    return FakeWorld(tmp_path, environ={"PASSWORD": "hunter2!"})


def test_a_manifest_stands_in_the_step_or_in_a_file(world: FakeWorld) -> None:
    """Either way it is the same object."""
    folder = world.project / "manifests"
    folder.mkdir()
    (folder / "flags.yaml").write_text(TEXT)
    assert manifests.given({"file": "manifests/flags.yaml"}, world) == FLAGS
    assert manifests.given({"manifest": FLAGS}, world) == FLAGS


@pytest.mark.parametrize("inputs", [{}, {"manifest": FLAGS, "file": "flags.yaml"}])
def test_a_step_names_one_manifest(world: FakeWorld, inputs: dict[str, Any]) -> None:
    """Not none, not two."""
    with pytest.raises(ParameterError, match="`manifest` or `file`"):
        manifests.given(inputs, world)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("x", "a manifest is a map"),
        ([FLAGS, FLAGS], "2 objects; a step applies one object"),
        ({"apiVersion": "v1", "kind": "List", "items": [FLAGS]}, "a List of 1 objects"),
        ({"kind": "ConfigMap", "metadata": {"name": "x"}}, "no `apiVersion`"),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, "`metadata.name` is missing"),
        (FLAGS | {"metadata": {"generateName": "x-"}}, "`metadata.name` is missing"),
        (FLAGS | {"metadata": {"name": "x", "uid": "1"}}, "/metadata/uid is the server's"),
        (FLAGS | {"metadata": {"name": "x", "managedFields": []}}, "/metadata/managedFields is the server's"),
        (FLAGS | {"status": {"phase": "Done"}}, "/status/phase: a status is"),
        (FLAGS | {"metadata": {"name": "x", "annotations": {"runbook-engine/run": "1"}}}, "its own changes"),
    ],
)
def test_what_is_no_manifest_of_one_object_is_said(world: FakeWorld, manifest: Any, said: str) -> None:
    """With what is wrong, and where."""
    with pytest.raises(ParameterError, match=said):
        manifests.given({"manifest": manifest}, world)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT + "---\n" + TEXT, r"flags.yaml:4:1: a second document starts at line 4; a step applies one object"),
        ("- a\n- b\n", "a list, not a mapping"),
        (TEXT + "kind: Secret\n", "kind"),
        ("", "the file is empty"),
        ("a: [", "flags.yaml:2:1: expected a value"),
    ],
)
def test_a_file_is_one_document(world: FakeWorld, text: str, said: str) -> None:
    """The line is named where it is not."""
    (world.project / "flags.yaml").write_text(text)
    with pytest.raises(ParameterError, match=said):
        manifests.given({"file": "flags.yaml"}, world)


@pytest.mark.parametrize("name", ["/etc/hostname", "../flags.yaml", "manifests/../../flags.yaml", "link.yaml", "a\0b"])
def test_a_file_is_within_the_project(world: FakeWorld, name: str) -> None:
    """Also where a link leads out of it."""
    (world.project / "link.yaml").symlink_to("/etc/hostname")
    with pytest.raises(ParameterError, match="outside of the project"):
        manifests.given({"file": name}, world)


def test_what_is_no_file_is_said_at_once(world: FakeWorld) -> None:
    """Nothing waits for a writer."""
    os.mkfifo(world.project / "pipe.yaml")
    for name, said in (("pipe.yaml", "not a regular file"), (".", "not a regular file"), ("none.yaml", "No such file")):
        with pytest.raises(ParameterError, match=said):
            manifests.given({"file": name}, world)


def test_words_of_two_meanings_are_text(world: FakeWorld) -> None:
    """`on` is no boolean; the server says where it wants one."""
    (world.project / "flags.yaml").write_text(TEXT + "data: {cart: on}\n")
    assert manifests.given({"file": "flags.yaml"}, world)["data"] == {"cart": "on"}


def test_values_of_a_secret_are_references_in_a_step_and_plain_in_a_file(world: FakeWorld) -> None:
    """What is sent is one map of encoded values."""
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}}
    given = manifests.given({"manifest": secret | {"stringData": {"password": {"env": "PASSWORD"}}}}, world)
    assert given == secret | {"data": {"password": "aHVudGVyMiE="}}
    with pytest.raises(ParameterError, match="by reference"):
        manifests.given({"manifest": secret | {"stringData": {"password": "hunter2!"}}}, world)
    (world.project / "db.yaml").write_text(TEXT.replace("ConfigMap", "Secret") + "stringData: {password: hunter2!}\n")
    assert manifests.given({"file": "db.yaml"}, world)["data"] == {"password": "aHVudGVyMiE="}


def test_a_namespace_is_named_once(world: FakeWorld) -> None:
    """The manifest's holds, and a step that says another is an error."""
    there = FLAGS | {"metadata": {"name": "flags", "namespace": "shop"}}
    assert manifests.where(there, {}, world) == "shop"
    assert manifests.where(FLAGS, {"namespace": "shop"}, world) == "shop"
    with pytest.raises(ParameterError, match="shop, and the step other"):
        manifests.where(there, {"namespace": "other"}, world)
