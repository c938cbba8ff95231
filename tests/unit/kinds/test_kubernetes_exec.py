"""Commands in containers, over a WebSocket as a real API server speaks it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from runbook.clients import kubernetes
from runbook.clients.kubernetes import channels
from runbook.clients.kubernetes.errors import LostAnswer, NotFound, ServerFailed
from runbook.core.changes import CannotTell, Change, DidApply, DidNotApply, Outcome
from runbook.core.words import Applied
from runbook.document.words import Effect
from runbook.errors import Forbidden, ParameterError, WorldError
from runbook.kinds import kubernetes_exec as execute
from support.kube_cluster import Cluster, running, scripted
from support.kube_exec import V4, V5, Running
from support.kube_verbs import all_asked

HELLO = ["echo", "hello", "$(id)"]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with scripted(tmp_path) as made:
        made.pod("api-1")
        yield made


def api(at: Cluster) -> Any:
    return at.scripted


def given(at: Cluster, **more: Any) -> dict[str, Any]:
    where = {} if {"deployment", "statefulset"} & more.keys() else {"pod": "api-1"}
    return {"namespace": at.namespace, "argv": HELLO} | where | more


def planned(at: Cluster, **more: Any) -> Change:
    change = execute.plan(given(at, **more), at.world())
    assert isinstance(change, Change)
    return change


def says(out: str = "", err: str = "", code: int = 0) -> Any:
    def container(run: Running) -> None:
        run.out(out)
        run.err(err)
        run.exits(code)

    return container


def applied(at: Cluster, change: Change | None = None, timeout: float = 20) -> Outcome:
    return execute.apply(change or planned(at), at.world("intent-1", timeout=timeout))


def argvs(at: Cluster) -> list[list[str]]:
    return [run.argv for run in api(at).started]


# --- what is run, and how it ends -----------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [V5, V4])
def test_a_command_is_run_with_its_arguments_as_they_are(at: Cluster, protocol: str) -> None:
    """No shell reads them; streams stay apart; no terminal is asked for."""
    api(at).protocols, api(at).container = (protocol,), says("hello\n", "warning\n")
    outcome = applied(at)
    assert (outcome.applied, outcome.error) == (Applied.YES, None)
    assert set(outcome.output) == execute.SPEC.output_names
    out = outcome.output
    assert (out["exit_code"], out["stdout"], out["stderr"], out["truncated"]) == (0, "hello\n", "warning\n", False)
    assert (out["pod"], out["container"]) == ("api-1", "api")
    (run,) = api(at).started
    assert (run.argv, run.container, run.protocol) == (HELLO, "api", protocol)
    assert run.asked == {"container": "api", "stdout": "true", "stderr": "true", "stdin": "false"}


@pytest.mark.parametrize(("on_error", "left"), [("partly", Applied.PARTLY), ("not_applied", Applied.NO)])
def test_another_exit_code_is_a_failure_with_its_last_words(at: Cluster, on_error: str, left: Applied) -> None:
    """What it has done by then, its author knows."""
    api(at).container = says("some\n", "first\nno such queue\n", 3)
    outcome = applied(at, planned(at, on_error=on_error))
    assert (outcome.applied, outcome.output["exit_code"]) == (left, 3)
    assert outcome.error is not None
    assert outcome.error.message == "exited with 3: no such queue"


def test_a_read_has_the_exit_code_as_its_answer(at: Cluster) -> None:
    """`expect` judges it."""
    api(at).container = says("7\n", code=1)
    seen = execute.observe(given(at, effect="read"), at.world())
    assert (seen.output["exit_code"], seen.output["stdout"]) == (1, "7\n")
    assert execute.SPEC.expect == "exit_code == 0"


def test_a_command_can_be_given_an_input_that_ends(at: Cluster) -> None:
    """In the protocol that can say so, whatever its size."""
    heard = []

    def container(run: Running) -> None:
        heard.append(run.stdin())
        run.exits(0)

    api(at).container = container
    text = "x" * 100_000
    assert applied(at, planned(at, stdin=text)).applied is Applied.YES
    assert heard == [text.encode()]
    assert api(at).started[0].protocol == V5


def test_an_input_that_cannot_be_ended_is_not_begun(at: Cluster) -> None:
    """A server before 1.30: nothing was started, and the message says which one it takes."""
    api(at).protocols = (V4,)
    outcome = applied(at, planned(at, stdin="x"))
    assert outcome.applied is Applied.NO
    assert outcome.error is not None
    assert "Kubernetes 1.30" in outcome.error.message
    assert api(at).started == []


def test_of_a_long_output_the_beginning_and_the_end_are_kept(at: Cluster) -> None:
    """In frames as large as they come; all of it is read."""

    def container(run: Running) -> None:
        run.out("begin\n")
        for _ in range(40):
            run.out("x" * 70_000 + "\n")
        run.out("end\n")
        run.exits(0)

    api(at).container = container
    out = applied(at).output
    assert out["truncated"]
    assert len(out["stdout"]) < channels.OUTPUT_CAP + 100
    assert out["stdout"].startswith("begin\n")
    assert out["stdout"].endswith("end\n")


def test_secrets_are_masked_over_the_border_of_two_frames(at: Cluster) -> None:
    """Before anything is kept."""

    def container(run: Running) -> None:
        run.out("token s3cr3")
        run.out("t-token\n")
        run.err("s3cr3t-token")
        run.exits(0)

    api(at).container = container
    world = at.world("intent-1")
    (at.folder / "token").write_text("s3cr3t-token")
    world.secret({"file": "token"})
    out = execute.apply(planned(at), world).output
    assert (out["stdout"], out["stderr"]) == ("token ***\n", "***")


def test_a_server_that_asks_for_a_sign_of_life_gets_one(at: Cluster) -> None:
    """A long command without output is not taken for a dead connection."""

    answered = threading.Event()

    def pinged(run: Running) -> None:
        run.ping()
        head = run._in.read(2)
        assert head[0] & 15 == 10
        answered.set()
        run.exits(0)

    api(at).container = pinged
    assert applied(at).applied is Applied.YES
    assert answered.is_set()


# --- what was not started -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "applied_", "code"),
    [
        ({"status": 403, "message": 'User "me" cannot create resource "pods/exec"'}, Applied.NO, "forbidden"),
        ({"status": 404, "message": 'pods "api-1" not found'}, Applied.NO, "not-found"),
        ({"status": 400, "message": "container x is not valid for pod api-1"}, Applied.NO, "rejected"),
        ({"raw": b"HTTP/1.1 407 Proxy\r\nContent-Length: 0\r\n\r\n"}, Applied.NO, "rejected"),
    ],
)
def test_a_handshake_that_is_refused_has_started_nothing(at: Cluster, how: dict, applied_: Applied, code: str) -> None:
    """By whoever: an upgrade that was answered with a no did not come about."""
    change = planned(at)
    api(at).fail("EXEC", **how)
    outcome = applied(at, change)
    assert outcome.applied is applied_
    assert outcome.error is not None
    assert outcome.error.code == code


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"status": 500, "message": "unexpected EOF"}, ServerFailed),
        ({"status": 503}, ServerFailed),
        ({"dropped": True}, LostAnswer),
        ({"raw": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"}, WorldError),
        ({"raw": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"}, LostAnswer),
    ],
)
def test_a_handshake_that_breaks_is_a_doubt(at: Cluster, how: dict, error: type) -> None:
    """The server may have started it; no redirect is followed, and nothing is sent twice."""
    change = planned(at)
    before = len(api(at).requests)
    api(at).fail("EXEC", **how)
    with pytest.raises(error):
        applied(at, change)
    assert len([one for one in api(at).requests[before:] if one["path"].endswith("/exec")]) == 1


@pytest.mark.parametrize(
    "why",
    [
        'failed to start exec "1f": OCI runtime exec failed: exec failed: unable to start container process: '
        'exec: "echo": executable file not found in $PATH: unknown',
        "error dialing backend: dial tcp 10.0.0.7:10250: connect: no route to host",
        'unable to upgrade connection: container not found ("api")',
    ],
)
def test_a_runtime_that_could_not_start_it_says_so(at: Cluster, why: str) -> None:
    """Over the connection that was already upgraded."""
    api(at).container = lambda run: run.fails(why)
    outcome = applied(at)
    assert outcome.applied is Applied.NO
    assert outcome.error is not None
    assert why[:30] in outcome.error.message
    with pytest.raises(WorldError, match="error executing command"):
        execute.observe(given(at, effect="read"), at.world())


def test_a_pod_that_was_made_anew_voids_what_was_approved(at: Cluster) -> None:
    """`queue-0` of a StatefulSet keeps its name; planned again, it is another change."""
    change = planned(at)
    at.client.delete(at.path("Pod", "api-1"), {}, timeout=5)
    at.pod("api-1")
    outcome = applied(at, change)
    assert outcome.applied is Applied.NO
    assert outcome.error is not None
    assert outcome.error.code == "precondition"
    assert planned(at).digest != change.digest
    assert api(at).started == []


def test_a_container_that_was_started_anew_since_the_plan_is_planned_again(at: Cluster) -> None:
    """Otherwise a doubt about what runs in the new one would be settled by the end of the old one."""
    at.set_status("Pod", "api-1", running(containerID="c://1"))
    change = planned(at, confirm={"argv": ["done?"]})
    at.set_status("Pod", "api-1", running(containerID="c://2"))
    outcome = applied(at, change)
    assert outcome.error is not None
    assert (outcome.applied, outcome.error.code) == (Applied.NO, "precondition")
    assert planned(at, confirm={"argv": ["done?"]}).digest == change.digest
    assert api(at).started == []


def test_a_pod_that_is_gone_is_known_before_anything_is_started(at: Cluster) -> None:
    """And while planning."""
    change = planned(at)
    at.client.delete(at.path("Pod", "api-1"), {}, timeout=5)
    outcome = applied(at, change)
    assert outcome.applied is Applied.NO
    with pytest.raises(NotFound):
        planned(at)


@pytest.mark.parametrize("verb", ["create", "get"])
def test_who_may_not_is_told_so_when_planning(at: Cluster, verb: str) -> None:
    """Which permission is missing; a command cannot be tried out."""
    api(at).may = lambda asked: {"allowed": asked["verb"] != verb}
    with pytest.raises(Forbidden, match=f"`{verb}` on pods/exec"):
        planned(at)


# --- what nobody saw end --------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["cut", "closes"])
def test_a_connection_that_ends_in_mid_output_is_a_doubt(at: Cluster, end: str) -> None:
    """What was said until then is kept; that it may go on is said."""

    def container(run: Running) -> None:
        run.out("half of it\n")
        getattr(run, end)()

    api(at).container = container
    outcome = applied(at)
    assert (outcome.applied, outcome.output["stdout"]) == (Applied.UNKNOWN, "half of it\n")
    assert outcome.error is not None
    assert outcome.error.code == "lost-answer"
    assert "what was started may go on in Pod" in outcome.error.message
    with pytest.raises(WorldError, match="before its exit code was told"):
        execute.observe(given(at, effect="read"), at.world())


@pytest.mark.parametrize("status", [b"", b"not json", b"[1]", b'{"status":"Failure","reason":"NonZeroExitCode"}'])
def test_an_end_that_tells_no_exit_code_is_a_doubt(at: Cluster, status: bytes) -> None:
    """Nothing is guessed."""
    api(at).container = lambda run: run.tells(status)
    assert applied(at).applied is Applied.UNKNOWN


def test_at_the_end_of_its_time_the_connection_is_closed_and_no_more(at: Cluster) -> None:
    """Nothing in the container is ended by that."""
    closed = threading.Event()

    def container(run: Running) -> None:
        run.out("working\n")
        if run.message() is None:
            closed.set()

    api(at).container = container
    outcome = applied(at, timeout=0.7)
    assert outcome.applied is Applied.UNKNOWN
    assert outcome.output["stdout"] == "working\n"
    assert outcome.error is not None
    assert outcome.error.code == "timeout"
    assert "may go on in Pod" in outcome.error.message
    assert closed.wait(5)


def test_a_run_that_is_called_off_leaves_it_in_doubt(at: Cluster) -> None:
    """At once, not at the end of its time."""
    world = at.world("intent-1")

    def container(run: Running) -> None:
        world.cancel()
        run.message()

    api(at).container = container
    outcome = execute.apply(planned(at), world)
    assert outcome.error is not None
    assert (outcome.applied, outcome.error.code) == (Applied.UNKNOWN, "cancelled")


def answering(code: int) -> Any:
    def container(run: Running) -> None:
        run.exits(code if run.argv == ["done?"] else 0)

    return container


@pytest.mark.parametrize(("code", "found"), [(0, DidApply), (1, CannotTell), (2, CannotTell)])
def test_after_a_doubt_the_confirm_command_is_asked(at: Cluster, code: int, found: type) -> None:
    """While its process may live, `not there` is no proof."""
    change = planned(at, confirm={"argv": ["done?"]})
    api(at).container = answering(code)
    assert isinstance(execute.confirm(change, at.world("intent-1")), found)
    assert argvs(at) == [["done?"]]


@pytest.mark.parametrize("how", ["restarted", "deleted"])
def test_what_is_not_there_once_nothing_of_it_lives_was_not_applied(at: Cluster, how: str) -> None:
    """A container that was started anew, or a pod that is another one, holds nothing of before."""
    at.set_status("Pod", "api-1", running(containerID="c://1"))
    change = planned(at, confirm={"argv": ["done?"]})
    if how == "deleted":
        at.client.delete(at.path("Pod", "api-1"), {}, timeout=5)
        at.pod("api-1")
    at.set_status("Pod", "api-1", running(containerID="c://2"))
    api(at).container = answering(1)
    assert isinstance(execute.confirm(change, at.world("intent-1")), DidNotApply)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ({}, says(err="unable to connect to node rabbit@queue-0\n", code=1)),
        ({"expect": "'done' in stdout"}, says(err="node is starting\n", code=69)),
        ({}, says(code=126)),
    ],
    ids=["exit 1 with a complaint", "an expect that does not look at the exit code", "it could not be run"],
)
def test_a_complaint_is_no_proof_that_nothing_was_done(at: Cluster, question: dict[str, Any], answer: Any) -> None:
    """What had just been started anew is what cannot answer yet: on its `no` the command would be sent again."""
    at.set_status("Pod", "api-1", running(containerID="c://1"))
    change = planned(at, confirm={"argv": ["done?"], **question})
    at.set_status("Pod", "api-1", running(containerID="c://2"))
    api(at).container = answer
    assert isinstance(execute.confirm(change, at.world("intent-1")), CannotTell)


def test_confirm_may_say_what_to_look_for(at: Cluster) -> None:
    """As that of any other command."""
    change = planned(at, confirm={"argv": ["done?"], "expect": "'done' in stdout"})
    api(at).container = says("it is done\n")
    assert isinstance(execute.confirm(change, at.world("intent-1")), DidApply)


def test_without_a_confirm_command_a_person_settles_it(at: Cluster) -> None:
    """Also where the pod that would know is gone."""
    assert isinstance(execute.confirm(planned(at), at.world("intent-1")), CannotTell)
    change = planned(at, confirm={"argv": ["done?"]})
    at.client.delete(at.path("Pod", "api-1"), {}, timeout=5)
    found = execute.confirm(change, at.world("intent-1"))
    assert isinstance(found, CannotTell)
    assert "could not say" in found.reason


# --- which pod ------------------------------------------------------------------------------------------------


def deployment(at: Cluster) -> dict[str, Any]:
    """A Deployment without pods; what controls its pods."""
    template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": "a"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "api"}}, "template": template}
    at.make("Deployment", "api", {"spec": spec})
    (made,) = at.client.read_all(at.path("ReplicaSet"), timeout=5).items
    about = {"name": made["metadata"]["name"], "uid": made["metadata"]["uid"]}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": True} | about


def test_of_a_workload_the_newest_ready_pod_is_meant(at: Cluster) -> None:
    """Its own: neither one with the same labels, nor one that is not ready."""
    owner = deployment(at)
    for name in ("api-2", "api-3", "api-4"):
        api(at).later(60)
        at.pod(name, owner=owner)
    at.set_status("Pod", "api-4", running(ready=False))
    change = planned(at, deployment="api")
    assert (change.target.kind, change.target.name) == ("Pod", "api-3")
    api(at).later(60)
    at.pod("api-5", owner=owner)
    assert planned(at, deployment="api").digest != change.digest
    assert applied(at, change).output["pod"] == "api-3"


def test_a_workload_without_a_ready_pod_has_none_to_run_it_in(at: Cluster) -> None:
    """A pod with its labels is not its."""
    deployment(at)
    with pytest.raises(WorldError, match="no pod that is ready, of 0"):
        planned(at, deployment="api")


def test_of_several_containers_one_is_named(at: Cluster) -> None:
    """The error lists them."""
    both = [{"name": "api", "image": "a"}, {"name": "proxy", "image": "b"}]
    at.pod("api-2", containers=both)
    with pytest.raises(ParameterError, match="name one: api, proxy"):
        planned(at, pod="api-2")
    with pytest.raises(ParameterError, match="no container 'apy'; it has api, proxy"):
        planned(at, pod="api-2", container="apy")
    assert planned(at, pod="api-2", container="api").request["container"] == "api"


def test_a_container_that_does_not_run_is_said_when_planning(at: Cluster) -> None:
    """With the reason that kubectl shows."""
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    at.set_status("Pod", "api-1", running(ready=False, state=waiting))
    with pytest.raises(WorldError, match="does not run: CrashLoopBackOff"):
        planned(at)


@pytest.mark.parametrize("inputs", [{"deployment": "api", "pod": "a"}, {"argv": "ls"}, {"argv": ["a\0b"]}])
def test_a_rendered_value_that_means_nothing_is_refused(at: Cluster, inputs: dict[str, Any]) -> None:
    """Before anything is sent."""
    with pytest.raises(ParameterError):
        execute.plan(given(at) | inputs, at.world())


@pytest.mark.parametrize("pod", ["../../secrets/token", "..", "a%2f..", "api-1/exec?command=id"])
def test_a_pods_name_never_leads_to_another_object(at: Cluster, pod: str) -> None:
    """It may come from an alert's label."""
    with pytest.raises(ParameterError, match="cannot be a name"):
        planned(at, pod=pod)
    assert api(at).started == []


# --- what is approved -----------------------------------------------------------------------------------------


def test_what_is_approved_is_the_pod_the_container_and_every_argument(at: Cluster) -> None:
    """Its effect too; a restart of the container in between is no other change."""
    digests = {planned(at, **more).digest for more in ({}, {"argv": ["a"]}, {"stdin": "x"}, {"effect": "destructive"})}
    assert len(digests) == 4
    assert planned(at, effect="destructive").effect is Effect.DESTRUCTIVE
    at.set_status("Pod", "api-1", running(containerID="c://9"))
    assert planned(at).digest in digests


def test_the_line_for_a_person_names_the_cluster_and_leaves_the_input_alone(at: Cluster) -> None:
    """And the pod that was chosen."""
    line = planned(at, stdin="kubectl", argv=["sh"]).by_hand
    assert line == f"printf %s kubectl | kubectl --context test -n {at.namespace} exec -i api-1 -c api -- sh"


def test_its_undo_is_done_in_the_same_pod(at: Cluster) -> None:
    """Planned anew it is the undo that was approved, as long as that pod is there."""
    owner = deployment(at)
    at.pod("api-2", owner=owner)
    change = planned(at, deployment="api", undo={"argv": ["back"]})
    assert change.undo is not None
    api(at).later(60)
    at.pod("api-3", owner=owner)
    again = execute.plan(change.undo.inputs, at.world())
    assert isinstance(again, Change)
    assert (again.target.name, again.digest) == ("api-2", change.undo.digest)
    assert planned(at).irreversible == "the runbook gives no undo"


def test_what_is_needed_is_what_is_sent(at: Cluster) -> None:
    """A WebSocket is a GET; servers ask for `create` besides."""
    at.pod("api-2", owner=deployment(at))
    inputs = given(at, deployment="api")
    api(at).requests.clear()
    change = execute.plan(inputs, at.world())
    assert isinstance(change, Change)
    applied(at, change)
    asked = all_asked(api(at).requests) | {("create", "pods/exec")}
    assert asked == {(need.verb, need.resource) for need in execute.needs(inputs)}
    assert execute.needs(given(at))[0].is_there


def test_it_is_rehearsed_without_a_cluster() -> None:
    """From its inputs alone."""
    change = execute.rehearse({"deployment": "api", "argv": ["a"], "undo": {"argv": ["b"]}}, {})
    assert (change.target.connection, change.target.name) == ("rehearsal", "deployment/api")
    assert change.undo is not None
    assert change.undo.request["argv"] == ["b"]


def test_what_is_read_goes_with_the_credentials_for_reading(at: Cluster, tmp_path: Path) -> None:
    """What changes goes with the others."""
    api(at).token = None
    folder = tmp_path / "other"
    folder.mkdir()
    reading = api(at).kubeconfig(folder, token="reading")
    settings = {"kubeconfig": str(api(at).kubeconfig(tmp_path, token="changing")), "read": {"kubeconfig": str(reading)}}
    at.client = kubernetes.connect(settings, str)
    execute.observe(given(at, effect="read"), at.world())
    applied(at)
    used = [one["token"] for one in api(at).requests if one["path"].endswith("/exec")]
    assert used == ["reading", "changing"]


def test_a_login_that_has_run_out_is_renewed_before_anything_is_started(at: Cluster, tmp_path: Path) -> None:
    """A 401 comes before the upgrade, so it may be sent again, once."""
    token = tmp_path / "token"
    token.write_text("old")
    at.client = kubernetes.connect({"kubeconfig": str(api(at).kubeconfig(tmp_path, tokenFile=str(token)))}, str)
    api(at).token = "old"
    change = planned(at)
    pod = at.client.read(at.path("Pod", "api-1"), timeout=5)
    assert pod.body
    token.write_text("new")
    api(at).token = "new"
    assert applied(at, replace(change)).applied is Applied.YES
    assert len(api(at).started) == 1
