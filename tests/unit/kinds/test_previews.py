"""Previews: what a change says of itself is part of what is approved, and one that fails refuses the plan."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from runbook.core.changes import Change, Refused
from runbook.errors import ParameterError, WorldError
from runbook.kinds import command_run, http_request, shell_run
from runbook.kinds.previews import KEPT, NOT_SIMULATED
from runbook.testing.world import FakeWorld
from support.peers import peer, response, says

SECRET = "correct-horse-battery"


@pytest.fixture
def world(tmp_path: Path) -> FakeWorld:
    (tmp_path / "token").write_text(SECRET)
    return FakeWorld(tmp_path)


def planned(world: FakeWorld, *preview: str, **more: Any) -> Any:
    return command_run.plan({"argv": ["true"], "preview": {"argv": list(preview)}, **more}, world)


def test_what_a_preview_prints_is_part_of_the_request(world: FakeWorld) -> None:
    """With the command that printed it; another output is another change, and nothing of it is sent."""
    change = planned(world, "echo", "1 to add")
    assert change.request["preview"] == {"command": "echo '1 to add'", "output": "1 to add\n"}
    assert change.request["argv"] == ["true"]
    assert planned(world, "echo", "1 to add").digest == change.digest
    assert planned(world, "echo", "2 to add").digest != change.digest
    assert "preview" not in command_run.plan({"argv": ["true"]}, world).request


def test_a_preview_has_the_environment_and_folder_of_its_step_and_no_secret_leaves_it(world: FakeWorld) -> None:
    """What it does not say it has from the step; what it prints of a secret is masked before it is hashed."""
    (world.project / "deploy").mkdir()
    env = {"TOKEN": {"file": "token"}}
    change = planned(world, "sh", "-c", 'pwd; echo "$TOKEN"', env=env, cwd="deploy")
    shown = change.request["preview"]["output"]
    assert shown.startswith(str(world.project / "deploy"))
    assert SECRET not in repr(change)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo half; echo 'no such workspace' >&2; exit 3", "the preview exited with 3: no such workspace"),
        ("kill -9 $$", "the preview exited with 137 (SIGKILL"),
    ],
)
def test_a_preview_that_fails_refuses_the_plan(script: str, said: str, world: FakeWorld) -> None:
    """Its last words say why; nobody is asked to approve what could not be shown."""
    refused = planned(world, "sh", "-c", script)
    assert isinstance(refused, Refused)
    assert refused.reason.startswith(said)


def test_a_preview_that_does_not_end_is_no_plan(tmp_path: Path) -> None:
    """It can be told to have more time."""
    with pytest.raises(WorldError, match=r"the preview \(sleep 60\): it did not end within 0s.*longer timeout"):
        planned(FakeWorld(tmp_path, timeout=0.2), "sleep", "60")


def test_of_a_long_preview_both_ends_are_kept_and_all_of_it_is_approved(world: FakeWorld) -> None:
    """A line that is not shown is in the digest all the same."""
    lines = "\n".join(f"line {n}" for n in range(20_000)) + "\n"
    (world.project / "plan").write_text(lines)
    change = planned(world, "cat", "plan")
    preview = change.request["preview"]
    assert len(preview["output"]) < KEPT + 100
    assert "bytes left out" in preview["output"]
    assert preview["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    (world.project / "plan").write_text(lines.replace("line 10000\n", "line 1000O\n"))
    assert planned(world, "sh", "-c", "cat plan").request["preview"]["sha256"] != preview["sha256"]


def test_a_script_has_a_preview_of_its_own(world: FakeWorld) -> None:
    """It is one more constant script with the step's values."""
    inputs = {"script": "true", "values": {"N": 3}, "preview": {"script": 'echo "$N to go"'}}
    change = shell_run.plan(inputs, world)
    assert isinstance(change, Change)
    assert change.request["preview"]["output"] == "3 to go\n"


def test_the_undo_of_a_previewed_change_is_planned_without_it(world: FakeWorld) -> None:
    """What the preview says is about the change."""
    change = planned(world, "echo", "x", undo={"argv": ["false"]})
    assert "preview" not in change.undo.request


def test_a_preview_that_is_none_is_said(world: FakeWorld) -> None:
    """A template may have made something else of it."""
    with pytest.raises(ParameterError, match="'preview' must be a mapping"):
        command_run.plan({"argv": ["true"], "preview": "echo"}, world)


@pytest.mark.parametrize("given", [{}, {"preview": "2 to add"}], ids=["nothing", "a text"])
@pytest.mark.parametrize("kind", [command_run, http_request])
def test_in_a_rehearsal_a_scenario_says_what_the_preview_prints(kind: Any, given: dict[str, str]) -> None:
    """Nothing is run or asked."""
    of = {command_run: {"argv": ["x"], "preview": {"argv": ["no-such-program"]}}}
    inputs = of.get(kind, {"method": "PUT", "url": "/a", "preview": {"url": "/b"}})
    change = kind.rehearse(inputs, given)
    assert change.request["preview"]["output"] == given.get("preview", NOT_SIMULATED)


def asked(tmp_path: Path, *answers: bytes, **more: Any) -> tuple[list[Any], list[bytes]]:
    """A plan for each of these answers of one server, and what it was asked."""
    world = FakeWorld(tmp_path, environ={"TOKEN": "k-123456"}, timeout=5.0)
    with peer(says(*answers)) as server:
        inputs = {"method": "PUT", "url": f"{server.url}/drain", "preview": {"url": f"{server.url}/preview"}}
        found = [http_request.plan(inputs | more, world) for _ in answers]
    return found, server.requests


def test_a_request_is_previewed_by_a_get_with_its_headers(tmp_path: Path) -> None:
    """At the same host it is who the change will be; what is answered is in the digest, secrets masked."""
    answers = [response(200, body) for body in (b"k-123456 drains 3", b"k-123456 drains 3", b"k-123456 drains 4")]
    changes, requests = asked(tmp_path, *answers, headers={"X-Token": {"env": "TOKEN"}})
    assert requests[0].startswith(b"GET /preview HTTP/1.1")
    assert b"k-123456" in requests[0]
    assert changes[0].request["preview"]["output"].endswith(" drains 3")
    assert "k-123456" not in repr(changes)
    first, again, other = (change.digest for change in changes)
    assert first == again != other


def test_a_preview_that_is_no_success_refuses_the_request(tmp_path: Path) -> None:
    """With what the server said."""
    [refused], _ = asked(tmp_path, response(404, b"no such\n drain"))
    assert refused == Refused(reason="the preview answered 404: no such drain")
