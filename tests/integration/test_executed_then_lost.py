"""A change takes effect and its answer is lost, or late: whole runs over HTTP and SQL; Kubernetes has its own in
`tests/kubernetes/test_never_toggles.py`.
"""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from support.peers import peer, response
from support.postgres import Server
from support.projects import Project
from support.relay import Relay

pytestmark = pytest.mark.integration

DRAIN = """
name: drain
title: A server is drained
resolution:
  - id: out
    steps:
      - id: lock
        uses: http.request
        with: {method: POST, url: "URL/drains", confirm: {url: "URL/drains/web-1", status: 200}}
        timeout: 3s
verification:
  within: 2s
  every: 1s
  checks:
    - {id: drained, uses: http.get, with: {url: "URL/drains/web-1"}, expect: status == 200}
"""
RELEASE = """
name: release
title: Stuck jobs are released
resolution:
  - id: out
    steps:
      - id: release
        uses: sql.execute
        with: {statement: "UPDATE jobs SET tries = tries + 1 WHERE stuck", rows: 1}
verification:
  within: 2s
  every: 1s
  checks:
    - {id: released, uses: sql.query, with: {statement: "SELECT tries FROM jobs"}, expect: value == 1}
"""
LEDGER = (
    "CREATE TABLE runbook_ledger (key text PRIMARY KEY, state text NOT NULL, rows bigint, at timestamptz DEFAULT now())"
)


@pytest.mark.fault(81)
@pytest.mark.parametrize("how", ["closed", "cut", "late"])
def test_a_request_that_was_carried_out_without_an_answer_is_found_and_not_sent_again(tmp_path: Path, how: str) -> None:
    """`confirm` sees what was not there before; the line broke, the answer was cut, or it came after the timeout."""
    done: list[str] = []

    def service(conn: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET"):
            conn.sendall(response(200 if done else 404))
            return
        done.append(how)
        if how == "cut":
            conn.sendall(response(201, b"x" * 100)[:60])
        elif how == "late":
            time.sleep(3.5)

    with peer(service) as server:
        project = Project(tmp_path / "p")
        project.runbook(DRAIN.replace("URL", server.url))
        said = project.run("drain", "--yes")
        if said.exit == 9:
            said = project.does("resume", said.run["run"], "--output", "json")
    assert (said.exit, said.run["outcome"]) == (0, "resolved"), said.err
    assert done == [how]


@pytest.mark.fault(82)
@pytest.mark.parametrize("how", ["after", "before"])
def test_a_commit_without_an_answer_is_looked_up_and_made_once(postgres: Server, tmp_path: Path, how: str) -> None:
    """The ledger says whether it arrived; where it did not, and cannot any more, it is sent again under its key."""
    url = postgres.database()
    for sql in ("CREATE TABLE jobs (tries int, stuck bool)", "INSERT INTO jobs VALUES (0, true)", LEDGER):
        postgres.execute(sql, url.rpartition("/")[2])
    with Relay(postgres.port) as relay:
        through = url.replace(str(postgres.port), str(relay.port))
        project = Project(tmp_path / "p", f"connections: {{sql: {{url: '{through}'}}}}\n")
        project.runbook(RELEASE)
        waits = project.run("release")
        project.does("approve", waits.run["run"], "--digest", waits.run["approvals"][-1]["digest"])
        relay.cut_at_commit = how
        said = project.does("resume", waits.run["run"], "--output", "json")
        while said.exit == 9:
            said = project.does("resume", waits.run["run"], "--output", "json")
    assert (said.exit, said.run["outcome"]) == (0, "resolved"), said.err
    assert relay.cut_at_commit is None, "nothing was cut"
    assert postgres.execute("SELECT tries FROM jobs", url.rpartition("/")[2]) == [(1,)]
    assert len(project.records(waits.run["run"], "change.intended")) == (1 if how == "after" else 2)
