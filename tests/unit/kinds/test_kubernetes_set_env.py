from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.core.changes import CannotTell, DidApply, DidNotApply, NothingToDo, Refused
from runbook.core.words import Applied, Verdict
from runbook.errors import ParameterError, WorldError
from runbook.kinds import kubernetes_set_env as set_env
from support.kube_kinds import Shop, shop

POOL = {"DB_POOL_SIZE": "50"}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def env(at: Shop) -> dict[str, Any]:
    container = at.deployment["spec"]["template"]["spec"]["containers"][0]
    return {entry["name"]: entry.get("value") for entry in container["env"]}


def test_a_plan_shows_the_old_and_the_new_value(at: Shop) -> None:
    """And the line that a person would type."""
    change = at.planned(set_env, env=POOL)
    assert change.diff.splitlines()[-2:] == ["-DB_POOL_SIZE=20", "+DB_POOL_SIZE=50"]
    assert change.fields[0].path == "/spec/template/spec/containers/api/env/DB_POOL_SIZE"
    assert change.by_hand == "kubectl --context test -n shop set env deployment/api --containers=api DB_POOL_SIZE=50"
    assert at.api.sent("PATCH") == []


def test_what_is_sent_is_tested_on_container_name_and_old_value(at: Shop) -> None:
    """Positions in lists mean nothing by themselves."""
    change = at.planned(set_env, env=POOL)
    at.applied(set_env, change)
    tests = {one["path"]: one["value"] for one in at.api.sent("PATCH")[0]["body"] if one["op"] == "test"}
    root = "/spec/template/spec/containers/0"
    assert tests[f"{root}/name"] == "api"
    assert (tests[f"{root}/env/0/name"], tests[f"{root}/env/0/value"]) == ("DB_POOL_SIZE", "20")
    assert env(at) == POOL


def test_a_value_that_somebody_else_has_set_is_not_overwritten(at: Shop) -> None:
    """The server refuses; the plan made anew is another one."""
    change = at.planned(set_env, env=POOL)
    at.deployment["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] = "30"
    assert set_env.apply(change, at.world("intent-1")).applied is Applied.NO
    assert at.planned(set_env, env=POOL).digest != change.digest


def test_values_that_are_there_need_nothing(at: Shop) -> None:
    """No rollout for no change."""
    assert isinstance(set_env.plan(at.inputs | {"env": {"DB_POOL_SIZE": "20"}}, at.world()), NothingToDo)


@pytest.mark.parametrize("wanted", [POOL, {"NEW": "1"}, {"DB_POOL_SIZE": None}, {"DB_POOL_SIZE": "1", "NEW": "2"}])
def test_the_undo_planned_anew_has_the_digest_that_was_approved(at: Shop, wanted: dict[str, str | None]) -> None:
    """And it puts the environment back as it was."""
    before = env(at)
    change = at.planned(set_env, env=wanted)
    at.applied(set_env, change)
    assert env(at) != before
    assert change.undo is not None
    back = set_env.plan(change.undo.inputs, at.world())
    assert back.digest == change.undo.digest
    at.applied(set_env, back, "intent-2")
    assert env(at) == before


def test_a_container_without_environment_gets_one_and_loses_it_again(at: Shop) -> None:
    """The list that is added for it stays behind empty, as the server has it."""
    del at.deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    at.api.reconcile()
    change = at.planned(set_env, env={"NEW": "1"})
    at.applied(set_env, change)
    assert env(at) == {"NEW": "1"}
    assert change.undo is not None
    assert set_env.plan(change.undo.inputs, at.world()).digest == change.undo.digest


def test_a_variable_from_a_secret_is_refused_with_its_source(at: Shop) -> None:
    """A plain value in its place would move the truth."""
    reference = {"secretKeyRef": {"name": "db", "key": "size"}}
    container = at.deployment["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "DB_POOL_SIZE", "valueFrom": reference}]
    planned = set_env.plan(at.inputs | {"env": POOL}, at.world())
    assert isinstance(planned, Refused)
    assert "key size of secret db" in planned.reason


def test_several_containers_need_a_name(at: Shop) -> None:
    """And the reason lists them."""
    containers = at.deployment["spec"]["template"]["spec"]["containers"]
    containers.append({"name": "proxy", "image": "proxy:1"})
    planned = set_env.plan(at.inputs | {"env": POOL}, at.world())
    assert isinstance(planned, Refused)
    assert "api, proxy" in planned.reason
    assert at.planned(set_env, env=POOL, container="proxy").fields[0].before is None


def test_a_paused_deployment_is_refused(at: Shop) -> None:
    """The change would be accepted and never arrive."""
    at.deployment["spec"]["paused"] = True
    assert isinstance(set_env.plan(at.inputs | {"env": POOL}, at.world()), Refused)


def test_it_arrives_as_a_rollout_does(at: Shop) -> None:
    """A pool size that never becomes ready does not arrive."""
    at.api.ready = False
    change = at.planned(set_env, env=POOL)
    outcome = at.applied(set_env, change)
    assert set_env.arrived(change, outcome, at.world()).verdict is Verdict.UNKNOWN
    at.api.ready = True
    at.api.reconcile()
    seen = set_env.arrived(change, outcome, at.world())
    assert seen.verdict is Verdict.PASS
    assert set(seen.output) == set_env.SPEC.output_names
    assert seen.output["before"] == {"DB_POOL_SIZE": "20"}


def test_a_webhook_is_heard_and_one_that_takes_no_dry_run_is_not_fatal(at: Shop) -> None:
    """A no is a refusal; not to be asked is said."""
    at.api.fail("PATCH", status=400, message='admission webhook "w" does not support dry run')
    assert any("not tried out" in said for said in at.planned(set_env, env=POOL).warnings)
    at.api.fail("PATCH", status=400, message='admission webhook "w" denied the request: no Fridays')
    refused = set_env.plan(at.inputs | {"env": POOL}, at.world())
    assert isinstance(refused, Refused)
    assert "no Fridays" in refused.reason


def test_a_lost_answer_is_settled_by_the_mark_or_by_the_old_value(at: Shop) -> None:
    """And by nobody where neither is there."""
    change = at.planned(set_env, env=POOL)
    never = copy.deepcopy(change)
    at.api.fail("PATCH", lost=True)
    with pytest.raises(WorldError):
        set_env.apply(change, at.world("intent-1"))
    assert isinstance(set_env.confirm(change, at.world("intent-1")), DidApply)
    assert isinstance(set_env.confirm(never, at.world("intent-2")), CannotTell)
    at.deployment["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] = "20"
    assert isinstance(set_env.confirm(never, at.world("intent-2")), DidNotApply)


def test_a_value_that_is_not_text_is_an_error_with_the_way_out(at: Shop) -> None:
    """An environment has only text; `50` and `50.0` are not the same there."""
    with pytest.raises(ParameterError, match="string"):
        set_env.plan(at.inputs | {"env": {"DB_POOL_SIZE": 50}}, at.world())


def test_a_rehearsal_names_the_variables() -> None:
    """With the values before, where the scenario gives them."""
    change = set_env.rehearse(Shop.inputs | {"env": POOL}, {"before": {"DB_POOL_SIZE": "20"}})
    assert (change.fields[0].before, change.fields[0].after) == ("20", "50")
