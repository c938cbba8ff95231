"""Asking the world: each question on its own, all of them in their time."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from runbook.core.masking import Masker
from runbook.doctor.checks import Answers, Check, Keeps, Known, Link, Listens, OnPath, Reads, Resolves, Status, Takes
from runbook.doctor.checks import Told as Said
from runbook.document.model import Channel, Commands, Config, Connection, Policy
from runbook.document.words import Series
from runbook.hosts.doctor import Doctor
from support.services import Cachet

SECRET = "correct-horse-battery"


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of something that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def doctor(folder: Path, *connections: Connection, policy: Policy | None = None, within: float = 10) -> Doctor:
    environ = {"PATH": os.environ["PATH"], "TOKEN": SECRET}
    config = Config(connections=connections)
    return Doctor(
        config=config,
        policy=policy,
        project=folder,
        environ=environ,
        initiator="me",
        masker=Masker(),
        within=within,
    )


def one(folder: Path, work: Any, **more: Any) -> Said:
    [told] = doctor(folder, **more).examined([Check(group="g", about="a", work=work)])
    return told


def command(*argv: str) -> Reads:
    inputs = {"argv": list(argv), "effect": "read"}
    nothing: dict[str, Any] = {"link": None, "expect": None, "outputs": {}, "scope": {}}
    return Reads(kind="command.run", inputs=inputs, series=Series.ONE, timeout=5, **nothing)


@pytest.mark.parametrize(
    ("mode", "status", "said"),
    [(0o600, Status.OK, "is there"), (0o644, Status.FINDING, "may be read by others (mode 644)")],
)
def test_a_secret_in_a_file_is_nobody_elses(tmp_path: Path, mode: int, status: Status, said: str) -> None:
    """Its value is never said."""
    (tmp_path / "token").write_text(SECRET)
    (tmp_path / "token").chmod(mode)
    told = one(tmp_path, Resolves(reference={"file": "token"}))
    assert (told.status, said in told.text, SECRET in told.text) == (status, True, False)
    assert told.hint == (None if status is Status.OK else "chmod 600 token")


def test_a_secret_in_the_environment_is_set_or_not(tmp_path: Path) -> None:
    """By name."""
    assert one(tmp_path, Resolves(reference={"env": "TOKEN"})).status is Status.OK
    assert one(tmp_path, Resolves(reference={"env": "OTHER"})).text == "the secret {env: OTHER} is not set"


def test_what_a_command_prints_of_a_secret_is_masked(tmp_path: Path) -> None:
    """Also in the words of an error."""
    examination = doctor(tmp_path, policy=Policy(commands=Commands(read=(("*", "*", "*"),))))
    examination.examined([Check(group="g", about="a", work=Resolves(reference={"env": "TOKEN"}))])
    script = f"raise SystemExit('{SECRET}')"
    [told] = examination.examined([Check(group="g", about="b", work=command(sys.executable, "-c", script))])
    assert SECRET not in told.text + str(told.hint)


def test_a_command_runs_only_where_the_policy_believes_it(tmp_path: Path) -> None:
    """Elsewhere its program is looked for, and no more."""
    work = command("touch", "there")
    told = one(tmp_path, work)
    assert (told.status, told.text.partition(";")[0]) == (Status.NOT_CHECKED, "not run: unproven read")
    assert list(tmp_path.iterdir()) == []
    assert one(tmp_path, command("no-such-program")).status is Status.FINDING
    assert one(tmp_path, work, policy=Policy(commands=Commands(read=(("touch", "*"),)))).text == "exit code 0"
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [("page.md", Status.OK, "can be written"), ("none/page.md", Status.FINDING, "there is no folder")],
)
def test_a_file_channel_is_looked_at_and_not_written(tmp_path: Path, path: str, status: Status, said: str) -> None:
    """No message goes out."""
    told = one(tmp_path, Takes(channel=Channel(name="page", type="file", settings={"path": path})))
    assert (told.status, said in told.text, list(tmp_path.iterdir())) == (status, True, [])


@pytest.mark.parametrize(
    ("fault", "status"), [(("status", 503), Status.UNREACHABLE), (("status", 401), Status.FINDING), ((), Status.OK)]
)
def test_a_channel_that_has_an_own_look_is_asked(tmp_path: Path, fault: tuple[Any, ...], status: Status) -> None:
    """A service that is down is out of reach; a token that is not taken is a finding. Nothing is sent."""
    (tmp_path / "token").write_text("cachet-token")
    with Cachet().running() as server:
        server.faults.append(fault)
        settings = {"url": server.url, "token": {"file": "token"}}
        told = one(tmp_path, Takes(channel=Channel(name="status", type="cachet", settings=settings)))
        assert told.status is status
        assert server.paths() == ["GET /api/version"]


def test_a_webhook_is_dialled_and_nothing_is_said_to_it(tmp_path: Path, silent: int) -> None:
    """Its address may be a secret; the host and the port are shown."""
    hook = Takes(channel=Channel(name="w", type="webhook", settings={"url": f"http://127.0.0.1:{silent}/{SECRET}"}))
    assert one(tmp_path, hook).text == f"127.0.0.1:{silent} takes connections; nothing was sent"
    refused = one(tmp_path, Listens(link=None, url="http://127.0.0.1:1/x"))
    assert (refused.status, refused.hint) == (Status.UNREACHABLE, "is it up, and is its address right?")


def test_what_goes_through_a_lost_connection_is_not_asked(tmp_path: Path) -> None:
    """It is said to be so, and what goes elsewhere is asked."""
    link = Link("prometheus")
    examination = doctor(
        tmp_path, Connection(name="prometheus", type="prometheus", settings={"url": "http://127.0.0.1:1"})
    )
    [lost] = examination.connections([Check(group="c", about="prometheus", work=Answers(link=link))])
    through = Known(status=Status.OK, text="never said", link=link)
    checks = [
        Check(group="g", about="a", work=through),
        Check(group="g", about="b", work=OnPath(program="sh", folder=None)),
    ]
    first, second = examination.examined(checks)
    assert (lost.status, first.status, second.status) == (Status.UNREACHABLE, Status.NOT_CHECKED, Status.OK)
    assert first.text == "not asked: prometheus does not answer"


def test_who_is_silent_is_out_of_reach_in_time(tmp_path: Path, silent: int) -> None:
    """And the others are heard."""
    settings = {"url": f"http://127.0.0.1:{silent}"}
    examination = doctor(tmp_path, Connection(name="prometheus", type="prometheus", settings=settings), within=0.5)
    checks = [
        Check(group="c", about="prometheus", work=Answers(link=Link("prometheus"))),
        Check(group="g", about="b", work=OnPath(program="sh", folder=None)),
    ]
    before = monotonic()
    assert [told.status for told in examination.examined(checks)] == [Status.UNREACHABLE, Status.OK]
    assert monotonic() - before < 5


def test_a_store_is_looked_at_and_not_made(tmp_path: Path) -> None:
    """The first run makes it; where it cannot be, nothing could be recorded."""
    told = one(tmp_path, Keeps(url=f"sqlite:///{tmp_path}/deep/journal.db"))
    assert (told.status, list(tmp_path.iterdir())) == (Status.OK, [])
    (tmp_path / "file.db").write_text("no store" * 100)
    assert one(tmp_path, Keeps(url=f"sqlite:///{tmp_path}/file.db")).status is Status.FINDING
