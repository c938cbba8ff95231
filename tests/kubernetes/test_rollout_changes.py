"""Status, restart, pause and resume on a real control plane."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.paths import PLACES
from runbook.core.changes import Change, Refused
from runbook.core.words import Applied
from runbook.kinds import kubernetes_rollout_history as history
from runbook.kinds import kubernetes_rollout_pause as pause
from runbook.kinds import kubernetes_rollout_restart as restart
from runbook.kinds import kubernetes_rollout_resume as resume
from runbook.kinds import kubernetes_rollout_status as status
from runbook.kinds import kubernetes_rollout_undo as undo
from support.real_cluster import BROKEN, GOOD, NEWER, Cluster, Workload, cluster, needs_a_cluster, wait

pytestmark = needs_a_cluster

WORKLOADS: dict[str, dict[str, Any]] = {"Deployment": {"replicas": 2}, "StatefulSet": {"replicas": 2}, "DaemonSet": {}}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


@pytest.fixture(params=WORKLOADS)
def app(at: Cluster, request: pytest.FixtureRequest) -> Workload:
    """One revision, GOOD, which has rolled out."""
    made = at.make(request.param, "app", **WORKLOADS[request.param])
    wait(lambda: state(made) == "complete" and made.see(status).output["available"] > 0)
    return made


ONE = pytest.mark.parametrize("app", ["Deployment"], indirect=True)


def state(app: Workload) -> Any:
    return app.see(status).output["state"]


def pods(app: Workload) -> set[str]:
    found = app.cluster.client.read_all(PLACES["Pod"].path(app.cluster.namespace), timeout=5).items
    return {one["metadata"]["uid"] for one in found if not one["metadata"].get("deletionTimestamp")}


def test_a_restart_replaces_every_pod_and_never_twice(app: Workload) -> None:
    """The same change sent again is refused; planned again it is another one."""
    before, change = pods(app), app.planned(restart)
    outcome = app.done(restart, change)
    wait(lambda: not pods(app) & before)
    notes = app.read()["spec"]["template"]["metadata"]["annotations"]
    assert notes["kubectl.kubernetes.io/restartedAt"] == outcome.output["restarted_at"]
    assert restart.apply(change, app.cluster.world("intent-1")).applied is Applied.NO
    assert app.planned(restart).digest != change.digest


def test_a_restart_is_no_version_to_roll_back_to(app: Workload) -> None:
    """There is one version, with two revisions."""
    app.done(restart, app.planned(restart))
    wait(lambda: app.see(history).unknown is None)
    assert app.see(history).output["previous"] is None
    assert isinstance(undo.plan(app.inputs, app.cluster.world()), Refused)


def test_a_version_that_never_becomes_ready_is_never_complete(app: Workload) -> None:
    """At no look, from the patch to the end."""
    app.deploy(BROKEN)
    seen = []
    wait(lambda: seen.append(state(app)) or len(seen) == 15)
    assert "complete" not in seen
    assert seen[-1] == "progressing"


@ONE
def test_a_deadline_fails_a_rollout_and_not_the_one_after_it(app: Workload) -> None:
    """`ProgressDeadlineExceeded` stays in the status until the controller makes progress."""
    app.edit("/spec/progressDeadlineSeconds", 3)
    wait(lambda: state(app) == "complete")
    app.deploy(BROKEN)
    wait(lambda: state(app) == "failed")
    app.applied(undo, app.planned(undo))
    seen: list[Any] = []
    wait(lambda: seen.append(state(app)) or seen[-1] == "complete")
    assert "failed" not in seen


@ONE
def test_what_is_changed_in_a_pause_waits_for_the_resumption(app: Workload) -> None:
    """Paused is not healthy, not rolled back, not restarted; resumed it rolls out."""
    app.done(pause, app.planned(pause))
    app.deploy(NEWER)
    seen = app.see(status)
    assert (seen.output["state"], seen.unknown is not None) == ("paused", True)
    for kind in (undo, restart):
        refused = kind.plan(app.inputs, app.cluster.world())
        assert isinstance(refused, Refused)
        assert "paused" in refused.reason
    change = app.planned(resume)
    assert NEWER in change.diff
    assert GOOD in change.diff
    app.done(resume, change, "intent-2")
    assert state(app) == "complete"


@ONE
def test_pause_and_resume_take_each_other_back_as_approved(app: Workload) -> None:
    """Planned anew, the undo is the one that was approved."""
    for kind, other in ((pause, resume), (resume, pause)):
        if kind is resume:
            app.done(pause, app.planned(pause), "intent-0")
        change = app.planned(kind)
        app.done(kind, change, "intent-1")
        assert change.undo is not None
        back = app.planned(other, **change.undo.inputs)
        assert back.digest == change.undo.digest
        app.done(other, back, "intent-2")
        app.edit("/spec/paused", False)


@ONE
def test_a_rollback_while_the_controller_catches_up_skips_nothing(app: Workload) -> None:
    """Right after a deployment: kubectl would return to two versions ago."""
    app.deploy(NEWER)
    wait(lambda: state(app) == "complete")
    app.deploy(BROKEN)
    planned = undo.plan(app.inputs, app.cluster.world())
    assert isinstance(planned, Change)
    assert planned.request["target"]["images"] == {"app": NEWER}
    assert undo.apply(planned, app.cluster.world("intent-1")).applied is Applied.YES
    wait(lambda: state(app) == "complete")
    assert app.image() == NEWER
