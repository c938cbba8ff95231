"""Jobs where a real API server will not do what is asked: lost answers, crashes, what may not be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.clients.kubernetes.errors import LostAnswer, ServerFailed
from runbook.core.changes import CannotTell, Change, DidApply, DidNotApply, Outcome, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import ParameterError
from runbook.kinds import kubernetes_job as job
from support.kube_cluster import Cluster, scripted
from support.kube_jobs import INTENT, all_jobs, cronjob, ends, inputs, planned, pod, seen, sent
from support.kube_verbs import all_asked


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with scripted(tmp_path) as made:
        yield made


def api(at: Cluster):
    assert at.scripted is not None
    return at.scripted


@pytest.mark.fault(67)
@pytest.mark.parametrize(("how", "error"), [({"lost": True}, LostAnswer), ({"status": 504}, ServerFailed)])
def test_an_answer_that_is_lost_is_a_doubt_that_its_name_decides(at: Cluster, how: dict, error: type) -> None:
    """Made or not made, there is never a second."""
    change = planned(at)
    api(at).fail("POST", **how)
    with pytest.raises(error):
        job.apply(change, at.world(INTENT))
    found = job.confirm(change, at.world(INTENT))
    assert isinstance(found, DidApply if "lost" in how else DidNotApply)
    sent(at, change)
    assert len(all_jobs(at)) == 1


def test_after_a_crash_between_making_and_recording_it_is_found_by_its_mark(at: Cluster) -> None:
    """With the same state as was never written down, so that its end is waited for as ever."""
    change = planned(at)
    lost = sent(at, change)
    found = job.confirm(change, at.world(INTENT))
    assert isinstance(found, DidApply)
    assert found.outcome == lost
    ends(at, lost, log="done\n")
    assert seen(at, change, found.outcome).output["log"] == "done\n"


def test_nothing_is_proven_once_the_job_may_have_ended_and_been_removed(at: Cluster) -> None:
    """Half an hour later its events need not be there any more, nor itself after its time to live."""
    change = planned(at, keep="10m")
    api(at).later(11 * 60)
    found = job.confirm(change, at.world(INTENT))
    assert isinstance(found, CannotTell)
    assert "so long ago" in found.reason


def test_nothing_is_proven_where_events_may_not_be_read(at: Cluster) -> None:
    """The missing permission is named."""
    change = planned(at)
    world = at.world(INTENT)
    for _ in range(3):  # one look is a GET of the Job; those after the server's time are the clock and the events
        api(at).fail("GET", delay=0.3)
    api(at).fail("GET")
    real = at.client.read_all
    at.client.read_all = lambda path, **more: _forbid(path) or real(path, **more)  # type: ignore[method-assign]
    found = job.confirm(change, world)
    assert isinstance(found, CannotTell)
    assert "events say, which may not be read here" in found.reason


def _forbid(path: str) -> None:
    from runbook.errors import Forbidden

    if path.endswith("/events"):
        raise Forbidden("no")


def test_before_the_server_has_had_its_time_nothing_is_said(at: Cluster) -> None:
    """A request that is still under way may yet make it."""
    found = job.confirm(planned(at), at.world(INTENT, timeout=0.5))
    assert isinstance(found, CannotTell)
    assert "may still be made" in found.reason


def test_a_webhook_without_dry_runs_is_said_and_does_not_stand_in_the_way(at: Cluster) -> None:
    """As a warning."""
    api(at).fail("POST", status=400, message='admission webhook "w" does not support dry run')
    assert "not tried out on the server" in planned(at).warnings[0]


def test_what_the_server_calls_invalid_is_refused_when_planned(at: Cluster) -> None:
    """With its words."""
    causes = [{"reason": "FieldValueInvalid", "field": "spec"}]
    api(at).fail("POST", status=422, message='Job.batch "task" is invalid: spec', causes=causes)
    refused = job.plan(inputs(at), at.world())
    assert isinstance(refused, Refused)
    assert "is invalid" in refused.reason


def test_what_a_webhook_would_make_of_it_is_said(at: Cluster) -> None:
    """Another image; a sidecar, beside which no Job ever ends."""

    def inject(obj: dict) -> None:
        pods = obj["spec"]["template"]["spec"]
        pods["containers"][0]["image"] = "mirror/busybox:1.36"
        pods["containers"].append({"name": "istio-proxy", "image": "proxy:1"})

    api(at).admission = inject
    said = " ".join(planned(at).warnings)
    assert "it would be 'mirror/busybox:1.36'" in said
    assert "adds istio-proxy: a container that does not end keeps a Job from ending" in said
    api(at).admission = lambda obj: obj["spec"].setdefault("completionMode", "NonIndexed")
    assert planned(at, argv=["a", "b"]).warnings == ()


@pytest.mark.fault(73)
def test_what_is_newer_than_we_are_is_not_dropped_from_a_cronjobs_template(at: Cluster) -> None:
    """Raw JSON both ways."""
    pods = {"containers": [{"name": "main", "image": "a", "newer": {"x": [1]}}], "restartPolicy": "Never"}
    cronjob(at, template={"template": {"spec": pods}, "newerToo": True})
    made = at.get("Job", sent(at, planned(at, from_cronjob="invoices")).state["name"])
    assert made is not None
    assert made["spec"]["newerToo"] is True
    assert made["spec"]["template"]["spec"]["containers"][0]["newer"] == {"x": [1]}


@pytest.mark.parametrize("name", ["../secrets", "a/b", "..", "a%2fb"])
def test_a_name_never_leads_to_another_object(at: Cluster, name: str) -> None:
    """A CronJob's name may come from an alert's label."""
    with pytest.raises(ParameterError, match="cannot be a name"):
        job.plan(inputs(at, from_cronjob=name), at.world())


def test_a_cronjob_that_forbids_two_at_once_is_not_run_beside_itself(at: Cluster) -> None:
    """Otherwise it is said."""
    made = cronjob(at, concurrencyPolicy="Forbid")
    at.set_status("CronJob", "invoices", {"active": [{"name": "invoices-1"}]})
    refused = job.plan(inputs(at, from_cronjob="invoices"), at.world())
    assert isinstance(refused, Refused)
    assert "invoices-1" in refused.reason
    assert made["spec"]["concurrencyPolicy"] == "Forbid"


def test_a_running_task_is_a_warning_where_its_author_allows_two(at: Cluster) -> None:
    """Whoever approves should know."""
    cronjob(at)
    at.set_status("CronJob", "invoices", {"active": [{"name": "invoices-1"}]})
    assert "it runs beside invoices-1, which the schedule started" in planned(at, from_cronjob="invoices").warnings


def test_the_line_for_a_person_names_the_cluster_and_leaves_the_template_alone(at: Cluster) -> None:
    """An image of kubectl is no command line."""
    spec = {"containers": [{"name": "main", "image": "bitnami/kubectl:1"}]}
    line = planned(at, template={"spec": spec}).by_hand
    assert "bitnami/kubectl:1" in line
    assert line.endswith(f"| kubectl --context test -n {at.namespace} create -f -")


def test_its_effect_is_what_it_says_and_it_is_never_undone(at: Cluster) -> None:
    """Deleting it would not take back what it did."""
    change = planned(at, effect="destructive")
    assert (change.effect, change.undo) == (Effect.DESTRUCTIVE, None)
    assert change.irreversible == job.STAYS_DONE
    assert planned(at).digest != change.digest


def test_the_state_has_the_line_that_stops_it(at: Cluster) -> None:
    """With its context: a run that is aborted says it."""
    outcome = sent(at, planned(at))
    name = outcome.state["name"]
    assert outcome.state["stop"] == f"kubectl --context test -n {at.namespace} delete job {name}"


def test_what_was_said_until_the_steps_time_is_over_is_kept(at: Cluster) -> None:
    """Not before: each look would read it all again."""
    change = planned(at)
    outcome = sent(at, change)
    state = [{"name": "main", "restartCount": 0, "state": {"running": {}}}]
    pod(at, outcome, "row 1\nrow 2\n", phase="Running", containerStatuses=state)
    assert job.arrived(change, outcome, at.world()).output["log"] is None
    found = job.arrived(change, outcome, at.world(timeout=4))
    assert (found.verdict, found.output["log"]) == (Verdict.UNKNOWN, "row 1\nrow 2\n")
    assert "x7k2p Running" in (found.unknown or "")


def test_pods_that_a_quota_refuses_are_said(at: Cluster) -> None:
    """Only the Job's events know."""
    change = planned(at)
    outcome = sent(at, change)
    about = {"kind": "Job", "name": outcome.state["name"]}
    said = 'Error creating: pods "x" is forbidden: exceeded quota: small'
    at.make("Event", "e", {"involvedObject": about, "reason": "FailedCreate", "message": said})
    assert said in (job.arrived(change, outcome, at.world()).unknown or "")


def test_an_end_is_told_where_its_pods_may_not_be_read(at: Cluster) -> None:
    """What is missing is named."""
    change = planned(at)
    outcome = sent(at, change)
    ends(at, outcome)
    real = at.client.read_all
    at.client.read_all = lambda path, **more: _no_pods(path) or real(path, **more)  # type: ignore[method-assign]
    found = job.arrived(change, outcome, at.world())
    assert (found.verdict, found.output["log"]) == (Verdict.PASS, None)
    assert found.output["missing"] == ["its pods may not be read here (`list` on pods)"]


def _no_pods(path: str) -> None:
    from runbook.errors import Forbidden

    if path.endswith("/pods"):
        raise Forbidden("no")


def test_secrets_in_its_log_are_masked_before_anything_is_cut(at: Cluster) -> None:
    """Also in the last line that the failure quotes."""
    change = planned(at)
    outcome = sent(at, change)
    ends(at, outcome, code=1, log="login with s3cr3t-token\n")
    world = at.world()
    (at.folder / "token").write_text("s3cr3t-token")
    world.secret({"file": "token"})
    found = job.arrived(change, outcome, world)
    assert found.output["log"] == "login with ***\n"
    assert "s3cr3t" not in str(found)


def test_a_job_that_was_made_anew_is_not_ours(at: Cluster) -> None:
    """By its uid."""
    change = planned(at)
    outcome = sent(at, change)
    api(at).put(at.path("Job", outcome.state["name"]), {"kind": "Job", "spec": {}})
    assert "made anew" in (job.arrived(change, outcome, at.world()).unknown or "")


def test_what_a_person_settled_is_not_looked_for(at: Cluster) -> None:
    """Its name was never recorded."""
    found = job.arrived(planned(at), Outcome(applied=Applied.YES), at.world())
    assert found.verdict is Verdict.FAIL
    assert "settled" in (found.unknown or "")


def test_what_is_needed_is_what_is_sent(at: Cluster) -> None:
    """From the plan to its end, with a look before it has pods."""
    cronjob(at)
    given = inputs(at, from_cronjob="invoices")
    api(at).requests.clear()
    change = job.plan(given, at.world())
    assert isinstance(change, Change)
    outcome = sent(at, change)
    job.arrived(change, outcome, at.world())
    asked = all_asked(api(at).requests)
    ends(at, outcome)
    api(at).requests.clear()
    seen(at, change, outcome)
    asked |= all_asked(api(at).requests)
    assert asked == {(need.verb, need.resource) for need in job.needs(given)}


def test_it_is_rehearsed_without_a_cluster(at: Cluster) -> None:
    """From its inputs alone; what a CronJob would run is not known then."""
    change = job.rehearse({"namespace": "shop", "image": "a:1", "argv": ["x"]}, {})
    assert (change.target.connection, change.irreversible) == ("rehearsal", job.STAYS_DONE)
    assert change.fields[0].after == "a:1"
    assert job.rehearse({"from_cronjob": "invoices", "argv": ["x"]}, {}).fields == ()
    assert api(at).sent("POST")[1:] == []
