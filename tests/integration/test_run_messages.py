"""Messages of real runs: recorded before they are sent, never in the way, told again or not after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from support.postgres import Server
from support.projects import COMMAND, Project
from support.services import Service, Statuspage

pytestmark = pytest.mark.integration

STEP = """
        - {id: act, uses: command.run, with: {argv: [touch, acted]}}
"""

BOOK = """\
name: tells
title: It tells
symptoms: [{{id: broken, uses: command.run, with: {{argv: ["true"], effect: read}}}}]
communication:
  - {{at: start, to: chat, text: "we have begun"}}
  - {{at: finished, to: chat, text: "we are done"}}
resolution:
  - id: go
    steps:{steps}
verification:
  checks: [{{id: acted, uses: command.run, with: {{argv: [test, -e, acted], effect: read}}}}]
  within: 5s
  every: 1s
"""


def project(folder: Path, url: str, steps: str = STEP, audience: str = "team") -> Project:
    made = Project(
        folder / "p", f"channels:\n  chat: {{webhook: {{url: '{url}', timeout: 30s}}, audience: {audience}}}\n"
    )
    made.runbook(BOOK.format(steps=steps))
    return made


def records(made: Project, run: str) -> list[dict[str, Any]]:
    lines = made.does("log", "export", run).out.splitlines()
    return [record for record in map(json.loads, lines) if "type" in record]


def story(made: Project, run: str) -> list[str]:
    return [record["type"] for record in records(made, run)]


def test_a_channel_that_hangs_delays_no_step(tmp_path: Path) -> None:
    """The change is applied while the first message still waits for its answer; it was recorded before it was sent."""
    with Service().running() as server:
        server.faults += [("late", 8.0)]
        made = project(tmp_path, f"{server.url}/hook")
        done = made.run("tells", "--yes")
        assert done.exit == 0, done.err
        told = story(made, done.run["run"])
        assert told.index("message.intended") < told.index("change.resulted") < told.index("message.sent")
        assert [one.body["text"] for one in server.got] == ["we have begun", "we are done"]
        assert told[-1] == "run.finished"
        assert [r["data"]["status"] for r in records(made, done.run["run"]) if r["type"] == "message.sent"] == [
            "sent"
        ] * 2


def test_a_step_that_tells_waits_a_moment_and_no_longer(tmp_path: Path) -> None:
    """`notify.send`: its `sent` is null where that is not known in time; the truth follows in the record."""
    steps = '\n        - {id: tell, uses: notify.send, with: {to: chat, message: "acting"}}' + STEP
    with Service().running() as server:
        made = project(tmp_path, f"{server.url}/hook", steps)
        made.runbook(BOOK.format(steps=steps).replace('  - {at: start, to: chat, text: "we have begun"}\n', ""))
        made.config(f"channels: {{chat: {{webhook: {{url: '{server.url}/hook'}}}}}}\n")
        server.faults += [("late", 6.0)]
        done = made.run("tells", "--yes")
        assert done.exit == 0, done.err
        statuses = [r["data"]["status"] for r in records(made, done.run["run"]) if r["type"] == "message.sent"]
        assert statuses == ["sending", "sent", "sent"]
        assert len(server.got) == 2


def test_what_failed_is_recorded_and_the_run_goes_on(tmp_path: Path) -> None:
    """A receiver that says no, and one that is away."""
    with Service().running() as server:
        server.faults += [("status", 404), ("status", 404)]
        made = project(tmp_path, f"{server.url}/hook")
        done = made.run("tells", "--yes")
    assert done.exit == 0, done.err
    sent = [r["data"] for r in records(made, done.run["run"]) if r["type"] == "message.sent"]
    assert [(one["status"], one["attempt"]) for one in sent] == [("failed", 1)] * 2
    assert "404" in sent[0]["error"]["message"]


@pytest.mark.parametrize(("audience", "texts"), [("team", 3), ("customers", 2)])
def test_a_message_that_was_on_its_way_at_a_kill(tmp_path: Path, audience: str, texts: int) -> None:
    """The team gets it again, marked; customers do not, and the record says that nobody knows."""
    with Service().running() as server:
        server.faults += [("hang",)]
        made = project(tmp_path, f"{server.url}/hook", audience=audience)
        # the second message is not in the outbox yet when the first is cut off
        look = 'triage: [{id: look, uses: command.run, with: {argv: [sleep, "2"], effect: read}}]\n'
        made.runbook(BOOK.format(steps=STEP).replace("resolution:", f"{look}resolution:"))
        argv = [*COMMAND, "run", "tells", "--yes"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(argv, cwd=made.folder, env=made.environ, **quiet) as process:  # type: ignore[call-overload]
            until = time.monotonic() + 30
            while not server.got:
                assert time.monotonic() < until
                time.sleep(0.01)
            os.kill(process.pid, signal.SIGKILL)
        [listed] = json.loads(made.does("runs", "--output", "json").out)["runs"]
        done = made.does("resume", listed["run"], "--yes", "--output", "json")
        assert done.exit == 0, done.err
        told = [one.body["text"] for one in server.got]
        statuses = [r["data"]["status"] for r in records(made, listed["run"]) if r["type"] == "message.sent"]
        assert len(told) == texts, told
        assert statuses == (["sent", "sent"] if audience == "team" else ["unknown", "sent"])
        assert any(text.startswith("(repeated") for text in told) == (audience == "team")


def test_a_status_page_has_one_incident_for_a_run(tmp_path: Path) -> None:
    """What a run says later follows what it said first; the end is told as the end."""
    (tmp_path / "token").write_text("sp-token")
    with Statuspage().running() as server:
        page = f"{{page: p1, token: {{file: {tmp_path}/token}}, url: '{server.url}/v1'}}"
        made = Project(tmp_path / "p", f"channels: {{page: {{statuspage: {page}}}}}\n")
        book = BOOK.format(steps=STEP).replace('to: chat, text: "we have begun"', "to: page, template: initial")
        made.runbook(
            book.replace('at: finished, to: chat, text: "we are done"', "at: resolved, to: page, template: resolved")
        )
        done = made.run("tells", "--yes")
        assert done.exit in (0, 5), done.err
        assert [one.method for one in server.got] == ["POST", "PATCH"]
        assert server.incidents["i1"]["status"] == "resolved"
        assert server.mailed == 0


def test_a_run_of_an_incident_goes_on_in_its_thread(tmp_path: Path) -> None:
    """The incident's page has one incident, whoever tells of it first."""
    (tmp_path / "token").write_text("sp-token")
    with Statuspage().running() as server:
        page = f"{{page: p1, token: {{file: {tmp_path}/token}}, url: '{server.url}/v1'}}"
        made = Project(tmp_path / "p", f"channels: {{page: {{statuspage: {page}}}, here: {{console: {{}}}}}}\n")
        made.runbook(BOOK.format(steps=STEP).replace("to: chat", "to: page"))
        declare = ("--severity", "SEV2", "--title", "Checkout is slow", "--public", "Payments are slow.")
        assert made.does("incident", "declare", *declare).exit == 0
        assert made.does("notify", "1", "--to", "page", "--yes").exit == 0
        assert made.run("tells", "--yes", "--incident", "INC-1").exit == 0
        assert made.does("notify", "1", "--to", "page", "--yes", "--status", "identified").exit == 0
        assert list(server.incidents) == ["i1"]
        assert [text.splitlines()[0] for text in server.incidents["i1"]["incident_updates"]] == [
            "Payments are slow.",
            "we have begun",
            "we are done",
            "Payments are slow.",
        ]
        assert server.incidents["i1"]["status"] == "identified"


def test_a_run_of_a_confidential_incident_tells_nobody_else(tmp_path: Path) -> None:
    """Kept back, recorded with the reason; the run goes on."""
    with Service().running() as server:
        made = project(tmp_path, f"{server.url}/hook")
        assert made.does("incident", "declare", "--severity", "SEV1", "--type", "Security", "--title", "x").exit == 0
        done = made.run("tells", "--yes", "--incident", "1")
        assert done.exit == 0, done.err
        sent = made.records(done.run["run"], "message.sent")
        assert [(one["data"]["status"], one["data"]["error"]["code"]) for one in sent] == [
            ("suppressed", "confidential")
        ] * 2
        assert server.got == []


def test_an_incident_is_looked_at_while_its_run_writes_on_a_shared_store_too(tmp_path: Path, postgres: Server) -> None:
    """Reading one stream in the middle of a transaction of another blocks nobody."""
    with Service().running() as server:
        made = project(tmp_path, f"{server.url}/hook")
        made.config(f"store: {postgres.database()}\nchannels: {{chat: {{webhook: {{url: '{server.url}/hook'}}}}}}\n")
        assert made.does("incident", "declare", "--severity", "SEV1", "--title", "x", "--tlp", "AMBER").exit == 0
        done = made.run("tells", "--yes", "--incident", "1")
        assert done.exit == 0, done.err
        assert [one.body["text"] for one in server.got] == [
            "TLP:AMBER\n\nwe have begun\n\nTLP:AMBER",
            "TLP:AMBER\n\nwe are done\n\nTLP:AMBER",
        ]
