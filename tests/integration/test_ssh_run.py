"""ssh.run against a real sshd: what is run there, what is proven of it, and what the line's faults leave open."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook import clients
from runbook.clients.attempts import Attempt, boot_id
from runbook.clients.ssh.faults import HostKey
from runbook.core.changes import CannotTell, Change, DidApply, DidNotApply, Outcome
from runbook.core.words import Applied
from runbook.errors import Forbidden, ParameterError, Unreachable, UsageError, WorldError
from runbook.kinds import ssh_commands, ssh_run
from runbook.testing.world import FakeWorld
from support.peers import closed_port
from support.projects import Project, steps
from support.sshd import Server, made_key, sshd
from support.stack import until

pytestmark = pytest.mark.integration

HOSTILE = [
    "$(touch x)",
    "`touch x`",
    "; rm -rf .",
    "-rf",
    "{{ 7*7 }}",
    "a b\tc\nd",
    "*",
    "",
    "it's",
    '"',
    "\\n",
    "!1",
    "é",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def world(server: Server, tmp_path: Path) -> Iterator[Callable[..., FakeWorld]]:
    """A world with a connection to the server, whose settings a test may change; a test has an intent of its own."""
    intent, made = f"run/{uuid.uuid4()}", []

    def world(settings: dict[str, Any] | None = None, **more: Any) -> FakeWorld:
        client = clients.connect("ssh", server.settings | (settings or {}), str)
        own = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        made.append(FakeWorld(tmp_path, clients={"ssh": client}, environ=own, intent=intent, **more))
        return made[-1]

    yield world
    for one in made:
        shutil.rmtree(f"/tmp/runbook-{ssh_commands.key_of(one)}", ignore_errors=True)


def planned(world: FakeWorld, *argv: str, **inputs: Any) -> Change:
    change = ssh_run.plan({"argv": list(argv), **inputs}, world)
    assert isinstance(change, Change)
    return change


def alive(mark: str) -> list[int]:
    """Processes whose arguments have this mark, other than ours."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", mark.encode()]:
            found.append(int(path.parent.name))
    return found


def said(world: FakeWorld, *argv: str, **inputs: Any) -> dict[str, Any]:
    return ssh_run.observe({"argv": list(argv), **inputs}, world).output


# --- what is run -----------------------------------------------------------------------------------------


def test_a_value_arrives_literally(world: Callable[..., FakeWorld]) -> None:
    """Neither shell on the way reads anything in an argument, nor ssh an option."""
    out = said(world(), "printf", "%s|", *HOSTILE)
    assert out["stdout"] == "".join(f"{value}|" for value in HOSTILE)
    assert set(out) == ssh_run.SPEC.output_names


def test_an_exit_code_is_the_commands_own(world: Callable[..., FakeWorld], server: Server) -> None:
    """255 too, which is ssh's word for everything that goes wrong; and stderr has nothing of ours in it."""
    out = said(world(), "sh", "-c", "echo out; printf err >&2; exit 255")
    assert (out["exit_code"], out["stdout"], out["stderr"]) == (255, "out\n", "err")
    assert out["host"] == server.address


def test_it_runs_in_its_folder_with_its_input(world: Callable[..., FakeWorld], tmp_path: Path) -> None:
    """A folder that is not there is said before anything is started."""
    assert said(world(), "sh", "-c", "pwd; cat", cwd=str(tmp_path), stdin="a'b\n")["stdout"] == f"{tmp_path}\na'b\n"
    with pytest.raises(WorldError, match="there is no folder /no/such"):
        said(world(), "true", cwd="/no/such")


def test_a_command_that_does_not_read_its_input_is_not_waited_for(world: Callable[..., FakeWorld]) -> None:
    """A megabyte that nobody reads."""
    assert said(world(), "sh", "-c", "exec <&-; echo done", stdin="x" * 1_000_000)["stdout"] == "done\n"


def test_of_a_long_output_both_ends_are_kept(world: Callable[..., FakeWorld]) -> None:
    """The exit code is known all the same, though it stands after megabytes of stderr."""
    out = said(world(), "sh", "-c", "seq 300000; seq 300000 >&2; exit 3")
    assert (out["truncated"], out["exit_code"]) == (True, 3)
    assert out["stderr"].startswith("1\n2\n")
    assert out["stderr"].endswith("299999\n300000\n")


def test_nothing_is_asked_and_nothing_forwarded(world: Callable[..., FakeWorld]) -> None:
    """No terminal, no agent."""
    out = said(world(), "sh", "-c", "test -t 0 || echo none; echo agent=${SSH_AUTH_SOCK:-none}")
    assert out["stdout"] == "none\nagent=none\n"


# --- who is believed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("perform", [ssh_run.plan, ssh_run.observe])
def test_a_host_without_a_pinned_key_is_not_believed(
    perform: Callable[..., Any], world: Callable[..., FakeWorld], tmp_path: Path
) -> None:
    """Nor is its key pinned by asking."""
    (tmp_path / "empty").write_text("")
    with pytest.raises(HostKey, match="pinned"):
        perform({"argv": ["true"]}, world({"known_hosts": "empty"}))
    assert (tmp_path / "empty").read_text() == ""


def test_a_changed_host_key_stops_everything(world: Callable[..., FakeWorld], server: Server, tmp_path: Path) -> None:
    """The message says what that may mean; a change was not started."""
    change = planned(world(), "true")
    pinned = {"known_hosts": str(server.pin(made_key(tmp_path / "other")))}
    with pytest.raises(HostKey, match="another host key than the pinned; was the host made anew"):
        said(world(pinned), "true")
    outcome = ssh_run.apply(change, world(pinned))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "changed")


def test_a_wrong_key_is_forbidden(world: Callable[..., FakeWorld], server: Server, tmp_path: Path) -> None:
    """And so is one that others may read, which ssh does not use."""
    made_key(tmp_path / "wrong")
    with pytest.raises(Forbidden, match="does not let us in; check `user` and `identity`"):
        said(world({"identity": {"file": "wrong"}}), "true")
    (tmp_path / "open").write_bytes((server.folder / "client_key").read_bytes())
    (tmp_path / "open").chmod(0o644)
    with pytest.raises(Forbidden, match="others may read the private key; chmod 600"):
        said(world({"identity": {"file": "open"}}), "true")


def test_a_server_that_is_away_is_unreachable(world: Callable[..., FakeWorld], server: Server) -> None:
    """Refused, and a name that nobody knows: a change was not applied."""
    change = planned(world(), "true")
    port = closed_port()
    pins = server.folder / "away"
    key = (server.folder / "known_hosts").read_text().split(" ", 1)[1]
    pins.write_text(f"[127.0.0.1]:{port} {key}no-such-host.invalid {key}")
    away = {"port": port, "known_hosts": str(pins)}
    with pytest.raises(Unreachable, match="refused the connection"):
        said(world(away), "true")
    with pytest.raises(Unreachable, match="is not known by name"):
        said(world({"port": 22, "known_hosts": str(pins)}), "true", host="no-such-host.invalid")
    with pytest.raises(WorldError):
        ssh_run.plan({"argv": ["true"]}, world(away))
    moved = change.target.connection.replace(f":{server.port} ", f":{port} ")
    elsewhere = Change(
        **{**_fields(change), "target": type(change.target)(**{**_fields(change.target), "connection": moved})}
    )
    assert ssh_run.apply(elsewhere, world(away)).applied is Applied.NO


@pytest.mark.parametrize("name", ["-oProxyCommand=touch x", "a b", "$(x)", "-"])
def test_a_host_that_could_be_an_option_is_refused(name: str, world: Callable[..., FakeWorld]) -> None:
    """In the step and in the connection, as host, user or jump."""
    with pytest.raises(UsageError, match="cannot be the name of a host"):
        said(world(), "true", host=name)
    for setting in ({"host": name}, {"host": "a", "user": name}, {"host": "a", "jump": name}):
        with pytest.raises(UsageError, match="cannot be the name of"):
            clients.connect("ssh", setting, str)


def test_without_a_host_nothing_is_asked(world: Callable[..., FakeWorld]) -> None:
    """Neither the step nor the connection names one."""
    with pytest.raises(ParameterError, match="names a host"):
        said(world({"host": None}), "true")


def test_a_jump_host_is_held_to_the_same_rules(world: Callable[..., FakeWorld], server: Server) -> None:
    """Its key has to be pinned in the same file."""
    jump = {"jump": f"127.0.0.1:{server.port}"}
    assert said(world(jump), "echo", "through")["stdout"] == "through\n"
    with pytest.raises(WorldError):
        said(world({"jump": "localhost:1"}), "true")


def test_a_file_of_configuration_is_read_where_the_connection_names_it(
    world: Callable[..., FakeWorld], server: Server, tmp_path: Path
) -> None:
    """An alias of it is known by what it stands for."""
    (tmp_path / "config").write_text(f"Host member\n  HostName 127.0.0.1\n  Port {server.port}\n")
    settings = {"config": "config", "port": None, "host": "member"}
    assert said(world(settings), "echo", "there")["stdout"] == "there\n"
    assert planned(world(settings), "true").target.connection.startswith(f"{server.address} SHA256:")


# --- changes ---------------------------------------------------------------------------------------------


def test_the_plan_names_the_host_by_its_key_and_the_program_as_it_is_found(
    world: Callable[..., FakeWorld], server: Server
) -> None:
    """Planned again it has the same digest; its undo is planned with it."""
    change = planned(world(), "env", "true", undo={"argv": ["true"]})
    assert change.target.connection == f"{server.address} {change.request['host_keys'][0]}"
    assert change.request["path"] == "/usr/bin/env"
    assert change.undo
    assert planned(world(), "env", "true", undo={"argv": ["true"]}).digest == change.digest
    assert planned(world(), "env", "false", undo={"argv": ["true"]}).digest != change.digest
    with pytest.raises(WorldError, match="has no program no-such-program"):
        planned(world(), "no-such-program")


@pytest.mark.parametrize(
    ("code", "on_error", "left"), [(0, None, "yes"), (7, None, "partly"), (7, "not_applied", "no")]
)
def test_an_exit_code_says_what_it_says_of_command_run(
    code: int, on_error: str | None, left: str, world: Callable[..., FakeWorld]
) -> None:
    """With the command's last words."""
    more = {"on_error": on_error} if on_error else {}
    outcome = ssh_run.apply(planned(world(), "sh", "-c", f"echo why >&2; exit {code}", **more), world())
    assert (str(outcome.applied), outcome.output["exit_code"]) == (left, code)
    assert (outcome.error and outcome.error.message) == (f"exited with {code}: why" if code else None)


def test_under_one_intent_it_is_started_once(world: Callable[..., FakeWorld], tmp_path: Path) -> None:
    """A second start, by whoever, is refused by the host and settled by what the first one left."""
    change = planned(world(), "sh", "-c", f"echo x >>{tmp_path}/done; exit 3")
    ssh_run.apply(change, world())
    assert ssh_run.apply(change, world()).applied is Applied.UNKNOWN
    assert (tmp_path / "done").read_text() == "x\n"
    found = ssh_run.confirm(change, world())
    assert isinstance(found, DidApply)
    assert (found.outcome.applied, found.outcome.output["exit_code"]) == (Applied.PARTLY, 3)


def test_what_was_never_started_cannot_start_any_more(world: Callable[..., FakeWorld], tmp_path: Path) -> None:
    """`confirm` takes the place that the start would take: one that is still on its way comes too late."""
    change = planned(world(), "touch", str(tmp_path / "done"))
    assert isinstance(ssh_run.confirm(change, world()), DidNotApply)
    assert ssh_run.apply(change, world()).applied is Applied.UNKNOWN
    assert isinstance(ssh_run.confirm(change, world()), DidNotApply)
    assert not (tmp_path / "done").exists()


def test_after_the_host_was_started_anew_nothing_is_proven(world: Callable[..., FakeWorld]) -> None:
    """What it remembered is gone; without a `confirm` a person has to look."""
    change = planned(world(), "true")
    other = Change(**{**_fields(change), "precondition": {"boot": "another", "at": change.precondition["at"]}})
    assert "started anew" in _reason(ssh_run.confirm(other, world()))
    asking = Change(**{**_fields(other), "inputs": {"argv": ["true"], "confirm": {"argv": ["test", "-e", "/"]}}})
    assert isinstance(ssh_run.confirm(asking, world()), DidApply)


def test_a_connection_that_breaks_leaves_a_doubt_that_the_host_settles(
    world: Callable[..., FakeWorld], server: Server, tmp_path: Path
) -> None:
    """The command goes on there; while it does, nothing is settled."""
    script = f"echo begun >{tmp_path}/begun; while ! test -e {tmp_path}/go; do sleep 0.1; done; exit 0"
    change = planned(world(), "sh", "-c", script)
    outcome = _meanwhile(lambda: ssh_run.apply(change, world()), (tmp_path / "begun").exists, server.cut)
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.UNKNOWN, "unreachable")
    assert "still runs on" in _reason(ssh_run.confirm(change, world(timeout=9.0)))
    threading.Timer(1.0, (tmp_path / "go").touch).start()
    found = ssh_run.confirm(change, world())
    assert isinstance(found, DidApply)
    assert found.outcome.applied is Applied.YES


@pytest.mark.parametrize("ignores", [False, True], ids=["ends when told", "has to be killed"])
def test_out_of_time_it_is_ended_there(ignores: bool, world: Callable[..., FakeWorld], tmp_path: Path) -> None:
    """With all that it started; the change is a doubt all the same."""
    mark = f"10{os.getpid()}{int(ignores)}"
    trap = "trap '' TERM; " if ignores else ""
    change = planned(world(), "sh", "-c", f"{trap}sleep {mark} & {trap}wait; sleep {mark}")
    outcome = ssh_run.apply(change, world(timeout=2.0))
    assert outcome.applied is Applied.UNKNOWN
    assert outcome.error
    assert "there has ended" in outcome.error.message
    assert alive(mark) == []
    assert "how it ended is not known" in _reason(ssh_run.confirm(change, world()))


def test_a_read_that_is_called_off_is_ended_there(world: Callable[..., FakeWorld]) -> None:
    """And is no answer."""
    mark, own = f"20{os.getpid()}", world()
    threading.Thread(target=lambda: (until(lambda: alive(mark), "it runs"), own.cancel())).start()
    with pytest.raises(WorldError, match=r"was called off with its run on .* there has ended"):
        said(own, "sleep", mark)
    assert alive(mark) == []


def test_ssh_that_outlived_its_runner_is_waited_for(world: Callable[..., FakeWorld], tmp_path: Path) -> None:
    """By the attempt's file; once it is gone, the host is asked."""
    path, mark = tmp_path / "attempt", f"30{os.getpid()}"
    own = world(attempt=Attempt.create(path))
    change = planned(world(), "sleep", mark)
    thread = threading.Thread(target=lambda: ssh_run.apply(change, own))
    thread.start()
    until(lambda: alive(mark), "it runs")
    assert own.attempt
    own.attempt.close()  # as the death of the runner does
    later = world(attempt=Attempt.earlier(path, boot_id()))
    assert "outlived its runner" in _reason(ssh_run.confirm(change, later))
    for pid in alive(mark):
        os.kill(pid, signal.SIGTERM)
    thread.join(10)
    found = ssh_run.confirm(change, later)
    assert isinstance(found, DidApply)
    assert found.outcome.output["exit_code"] == 143


def test_the_check_names_the_host(server: Server) -> None:
    """The line is what `doctor` shows."""
    line = clients.connect("ssh", server.settings, str).check(10)
    assert line.startswith(f"{server.address} SHA256:")
    assert " lets us in: Linux " in line


def _meanwhile(perform: Callable[[], Outcome], begun: Callable[[], bool], cut: Callable[[], None]) -> Outcome:
    """What comes of it when the connection is cut once it has begun."""
    came: list[Outcome] = []
    thread = threading.Thread(target=lambda: came.append(perform()))
    thread.start()
    until(begun, "it has begun")
    time.sleep(0.2)  # the marker line is on its way
    cut()
    thread.join(20)
    return came[0]


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def _reason(found: Any) -> str:
    assert isinstance(found, CannotTell), found
    return found.reason


READING = """\
name: look
title: Look there
symptoms:
  - {id: up, uses: ssh.run, connection: db, with: {argv: [uptime], effect: read}}
  - {id: at, uses: ssh.run, connection: db, with: {argv: [uptime], host: web-1.example.com, effect: read}}
"""


def test_a_plan_reads_on_another_machine_only_what_the_policy_believes_there(tmp_path: Path) -> None:
    """A list of what is believed here says nothing of a host; the host of the connection counts like the step's own."""
    project = Project(tmp_path / "project")
    project.config("policy: policy.yaml\nconnections: {db: {ssh: {host: localhost, port: 1}}}\n")
    project.runbook(READING)
    project.policy("people: {ann: {user: ann}}\ncommands: {read: [[uptime]]}\n")
    found = steps(project.does("plan", "look", "--output", "json").run)
    assert [found[id_]["error"]["code"] for id_ in ("up", "at")] == ["unproven_read", "unproven_read"]
    assert "with its host (web-1.example.com)" in found["at"]["error"]["message"]
    project.policy("people: {ann: {user: ann}}\ncommands: {read: [{host: local*, argv: [uptime]}]}\n")
    found = steps(project.does("plan", "look", "--output", "json").run)
    assert found["up"]["error"]["code"] != "unproven_read"
    assert found["at"]["error"]["code"] == "unproven_read"
