"""A bad release is taken back once, whatever happens in between, and nothing that repeats it brings the release back.

`kubectl rollout undo`, repeated, toggles (kubernetes-rollback, "Why it is not idempotent"). Here whole runs are
repeated, killed, outrun and disturbed, each on the scripted API server and on a real cluster.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.kube_cluster import Cluster
from support.projects import applied
from support.real_cluster import GOOD, NEWER, NEWEST, wait
from support.relayed_api import lose
from support.rollback_runs import JSON, Release, agreed, killed_at, release


@pytest.fixture
def bad(cluster: Cluster, tmp_path: Path) -> Iterator[Release]:
    """GOOD, then NEWER, which is current and bad."""
    with release(cluster, tmp_path) as made:
        yield made


def test_the_run_repeated_after_success_changes_nothing(bad: Release) -> None:
    """The second finds nothing that is known to be good: refused, and the good release stays."""
    project = bad.project()
    first = project.run("back", "--yes")
    assert (first.exit, first.run["outcome"], bad.image) == (0, "resolved", GOOD), first.err
    second = project.run("back", "--yes")
    assert (second.exit, second.run["outcome"], applied(second.run)) == (5, "not_resolved", []), second.err
    assert "known to be good" in second.err
    assert (len(bad.relay.changes), bad.image) == (1, GOOD)


@pytest.mark.fault(67)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_request_and_a_lost_answer_end_the_same(bad: Release, when: str) -> None:
    """The doubt is settled by the mark on the Deployment; the patch takes effect once."""
    setattr(bad.relay, when, lose)
    project = bad.project()
    said = project.run("back", "--yes")
    for _ in range(3):  # what never arrived is sent again once that is proven, by whoever goes on
        if said.exit == 0:
            break
        said = project.does("resume", said.run["run"], "--yes", *JSON)
    assert (said.exit, said.run["outcome"], applied(said.run)) == (0, "resolved", ["roll_back"]), said.err
    assert bad.image == GOOD
    assert len(bad.relay.changes) == (1 if when == "after" else 2)


@pytest.mark.fault(67, 83)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_runner_that_is_killed_at_the_patch_is_gone_on_from(bad: Release, when: str) -> None:
    """SIGKILL before the patch is passed on, or between patch and result: either way it is there once."""
    project = bad.project()
    run = killed_at(project, bad.relay, when, "run", "back", "--yes")
    said = project.does("resume", run, "--yes", *JSON)
    assert (said.exit, said.run["outcome"], applied(said.run)) == (0, "resolved", ["roll_back"]), said.err
    assert (len(bad.relay.changes), bad.image) == (1, GOOD)


@pytest.mark.fault(86)
def test_a_second_runner_comes_too_late(bad: Release) -> None:
    """Two people see the same plan in stores that do not know of each other; one of them rolls back."""
    ours, theirs = bad.project("ours"), bad.project("theirs")
    one, other = ours.run("back"), theirs.run("back")
    assert one.run["approvals"][0]["digest"][:12] == other.run["approvals"][0]["digest"][:12]
    assert agreed(ours, one).run["outcome"] == "resolved"
    said = agreed(theirs, other)
    assert (said.exit, applied(said.run)) == (5, []), said.err
    assert (len(bad.relay.changes), bad.image) == (1, GOOD)


def test_the_next_incident_never_rolls_forward_to_the_bad_release(bad: Release) -> None:
    """GOOD, NEWER, back, NEWEST, back: GOOD again."""
    project = bad.project()
    assert project.run("back", "--yes").exit == 0
    bad.deploy(NEWEST)
    wait(lambda: bad.settled(4))
    said = project.run("back", "--yes")
    assert (said.exit, said.run["outcome"], bad.image) == (0, "resolved", GOOD), said.err


def test_a_release_during_the_gate_voids_the_approval_and_both_plans_are_shown(bad: Release) -> None:
    """What was approved was the way back from NEWER; the way back from NEWEST is another one."""
    project = bad.project()
    waiting = project.run("back")
    bad.deploy(NEWEST)
    wait(lambda: bad.settled(3))
    again = agreed(project, waiting)
    assert (again.exit, applied(again.run), bad.relay.changes) == (6, [], []), again.err
    assert again.run["approvals"][-1]["digest"] != waiting.run["approvals"][-1]["digest"]
    shown = " ".join(again.err.split())
    assert f"images.api '{NEWER}' → '{GOOD}', now" in shown
    assert f"images.api '{NEWEST}' → '{NEWER}'" in shown
    assert agreed(project, again).run["outcome"] == "resolved"
    assert bad.image == NEWER


@pytest.mark.fault(68)
def test_a_deployment_made_anew_voids_the_approval(bad: Release) -> None:
    """It has the same name, the same releases and another uid."""
    project = bad.project()
    waiting = project.run("back")
    before = bad.read()["metadata"]["uid"]
    bad.cluster.client.delete(bad.cluster.path("Deployment", "api"), {"propagationPolicy": "Background"}, timeout=10)
    wait(lambda: bad.cluster.get("Deployment", "api") is None)
    bad.create()
    again = agreed(project, waiting)
    assert (again.exit, applied(again.run), bad.relay.changes) == (6, [], []), again.err
    assert before in again.err
    assert bad.read()["metadata"]["uid"] in again.err


@contextmanager
def rescaled(bad: Release, seconds: float) -> Iterator[None]:
    """Something sets the replicas to another number every so many seconds."""
    over = threading.Event()

    def work() -> None:
        replicas = 2
        while not over.wait(seconds):
            replicas = 5 - replicas
            bad.set("/spec/replicas", replicas)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_an_autoscaler_that_never_rests_costs_one_approval(bad: Release) -> None:
    """The generation moves all the time; it is the precondition of the moment of sending, and nobody approves it."""
    project = bad.project()
    with rescaled(bad, 0.5):
        waiting = project.run("back")
        first = bad.read()["metadata"]["generation"]
        wait(lambda: bad.read()["metadata"]["generation"] > first + 5)
        said = agreed(project, waiting)
    assert (said.exit, said.run["outcome"], applied(said.run)) == (0, "resolved", ["roll_back"]), said.err
    records = project.records(said.run["run"])
    assert [record["type"] for record in records].count("gate.opened") == 1
    assert bad.image == GOOD


@pytest.mark.parametrize(
    ("what", "said"), [("paused", "paused"), ("no history", "no earlier revision"), ("gone", "not kept any more")]
)
def test_what_cannot_be_rolled_back_is_refused_before_anybody_is_asked(bad: Release, what: str, said: str) -> None:
    """With the reason, and without a request that could change something."""
    project = bad.project()
    if what == "paused":
        bad.set("/spec/paused", True)
    elif what == "gone":
        book = project.folder / "runbooks" / "back.yaml"
        book.write_text(book.read_text().replace("{deployment: api,", "{to_revision: 7, deployment: api,", 1))
    else:
        bad.set("/spec/revisionHistoryLimit", 0)
        forgotten(bad)
    refused = project.run("back", "--yes")
    assert (refused.exit, refused.run["outcome"]) == (5, "not_resolved"), refused.err
    assert said in refused.err
    assert (bad.relay.changes, bad.image) == ([], NEWER)


def forgotten(bad: Release) -> None:
    """The controller keeps no ReplicaSet but the current one."""
    sets = bad.cluster.path("ReplicaSet")
    if bad.cluster.scripted is not None:
        objects = bad.cluster.scripted.objects
        kept = [path for path in objects if path.startswith(sets + "/")]
        del objects[min(kept, key=lambda path: str(objects[path]["metadata"]["creationTimestamp"]))]
    wait(lambda: len(bad.cluster.client.read_all(sets, timeout=10).items) == 1)
