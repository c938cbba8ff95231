"""Two runners at one target, each with a journal of its own, on the scripted API server and on a real one."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from runbook.clients.kubernetes import leases as leases_module
from runbook.clients.kubernetes.leases import Holder, Leases, name_of
from runbook.clients.kubernetes.paths import PLACES
from runbook.errors import WorldError
from support.kube_cluster import Cluster
from support.real_cluster import wait

TARGET, SPOKEN = "Deployment/shop/api", "Deployment shop/api"
OVER = "2020-01-01T00:00:00.000000Z"


def runner(at: Cluster, run: str, by: str = "alice") -> Leases:
    about = {"run": run, "runbook": "scale", "by": by, "host": f"{by}s-laptop"}
    return Leases(at.client, at.namespace, about)


def lease(at: Cluster) -> dict[str, Any] | None:
    return at.get("Lease", name_of(TARGET))


def runs_out(at: Cluster) -> None:
    """As if its runner had been killed an hour ago."""
    operations = [{"op": "add", "path": "/spec/renewTime", "value": OVER}]
    at.client.patch(PLACES["Lease"].path(at.namespace, name_of(TARGET)), operations, timeout=10)


def test_the_second_sees_the_first(cluster: Cluster) -> None:
    """Who, on which machine, in which run, since when; the first keeps its lease, and sees nobody."""
    first, second = runner(cluster, "01first"), runner(cluster, "01second", "bob")
    assert first.claim(TARGET, SPOKEN) is None
    seen = second.claim(TARGET, SPOKEN)
    assert isinstance(seen, Holder)
    assert (seen.run, seen.by, seen.host, seen.runbook) == ("01first", "alice", "alices-laptop", "scale")
    assert f"since {seen.since}" in str(seen)
    assert second.look(TARGET) == seen
    assert first.look(TARGET) is None
    assert first.claim(TARGET, SPOKEN) is None
    first.release()


def test_a_lease_says_what_it_is_to_whoever_finds_it(cluster: Cluster) -> None:
    """`kubectl get lease -o yaml` in the night: which tool, which target, which run, until when."""
    first = runner(cluster, "01first")
    first.claim(TARGET, SPOKEN)
    made = lease(cluster) or {}
    assert made["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "runbook-engine"}
    assert made["metadata"]["annotations"]["runbook-engine/target"] == SPOKEN
    assert made["spec"]["holderIdentity"] == "alice@alices-laptop/01first"
    assert made["spec"]["leaseDurationSeconds"] == leases_module.DURATION
    first.release()


def test_the_end_of_a_run_frees_its_target(cluster: Cluster) -> None:
    """And the next one takes it."""
    first, second = runner(cluster, "01first"), runner(cluster, "01second", "bob")
    first.claim(TARGET, SPOKEN)
    first.release()
    assert lease(cluster) is None
    assert second.claim(TARGET, SPOKEN) is None
    second.release()


def test_a_lease_that_ran_out_is_nobodys(cluster: Cluster) -> None:
    """A runner that was killed leaves one behind: it is neither shown nor in the way, and is taken over."""
    first, second = runner(cluster, "01first"), runner(cluster, "01second", "bob")
    first.claim(TARGET, SPOKEN)
    runs_out(cluster)
    assert second.look(TARGET) is None
    assert second.claim(TARGET, SPOKEN) is None
    assert (lease(cluster) or {})["metadata"]["annotations"]["runbook-engine/run"] == "01second"
    seen = first.look(TARGET)
    assert seen is not None
    assert seen.by == "bob"
    second.release()


def test_who_lost_a_lease_leaves_it_alone(cluster: Cluster) -> None:
    """A laptop that slept for an hour neither renews nor deletes what is another's by now."""
    first, second = runner(cluster, "01first"), runner(cluster, "01second", "bob")
    first.claim(TARGET, SPOKEN)
    runs_out(cluster)
    second.claim(TARGET, SPOKEN)
    before = lease(cluster)
    first.renew()
    first.release()
    assert lease(cluster) == before
    second.release()


def test_a_run_that_is_resumed_has_its_lease_again(cluster: Cluster) -> None:
    """Another process, on another machine perhaps: the run is the same."""
    runner(cluster, "01first").claim(TARGET, SPOKEN)
    resumed = runner(cluster, "01first", "bob")
    assert resumed.claim(TARGET, SPOKEN) is None
    assert (lease(cluster) or {})["spec"]["holderIdentity"] == "bob@bobs-laptop/01first"
    resumed.release()
    assert lease(cluster) is None


def test_a_lease_is_renewed_while_its_run_goes_on(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting at a gate for an hour is being at it."""
    monkeypatch.setattr(leases_module, "RENEWED", 0.05)
    first = runner(cluster, "01first")
    first.claim(TARGET, SPOKEN)
    runs_out(cluster)
    wait(lambda: (lease(cluster) or {})["spec"]["renewTime"] != OVER, 10)
    first.release()
    assert lease(cluster) is None


@pytest.mark.fault(87)
def test_of_two_at_once_one_has_it_and_the_other_sees_it(cluster: Cluster) -> None:
    """Both find none, and both make it: the server takes one."""
    runners = [runner(cluster, f"01run{number}", f"person{number}") for number in range(2)]
    found: list[Holder | None] = []
    threads = [threading.Thread(target=lambda one=one: found.append(one.claim(TARGET, SPOKEN))) for one in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is None for one in found) == 1
    assert sum(isinstance(one, Holder) for one in found) == 1
    for one in runners:
        one.release()
    assert lease(cluster) is None


def test_a_namespace_that_is_not_there_is_said(cluster: Cluster) -> None:
    """In the server's words."""
    about = {"run": "01first", "runbook": "scale", "by": "alice", "host": "laptop"}
    if cluster.scripted is not None:
        cluster.scripted.fail("POST", status=404, message='namespaces "nowhere" not found')
    with pytest.raises(WorldError, match='namespaces "nowhere" not found'):
        Leases(cluster.client, "nowhere", about).claim(TARGET, SPOKEN)
