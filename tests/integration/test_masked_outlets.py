"""Secrets planted in all that can go wrong: nothing that the command line prints, or keeps of a bug, holds one."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from support.leaky import installed, leaked
from support.peers import peer, response
from support.projects import Project
from support.terminals import Terminal

pytestmark = [pytest.mark.integration, pytest.mark.fault(61)]

SECRET = 'p4ss "word\'s"\twith\\slash & spaces, longer than a line of a narrow terminal is, and ⠀ünseen'
TOKEN = 't0ken of many words, as "nobody" writes them; but if somebody did it would be broken into several lines'
VAULT = "c0mmand'printed-this"
LEAKY = """\
name: leaky
title: Tell it
symptoms:
  - {id: one, uses: leak.all, with: {secret: {env: PLANTED}, how: HOW}, expect: said is none}
  - {id: two, uses: leak.all, with: {secret: {command: [cat, vault]}, how: HOW}, expect: said is none}
resolution:
  - {id: none, steps: [{id: three, uses: command.run, with: {argv: ["true"]}}]}
verification:
  within: 1s
  every: 1s
  checks: [{id: fine, uses: command.run, with: {argv: ["true"], effect: read}}]
"""
MEASURED = """\
name: measured
title: Measured
symptoms:
  - {id: one, uses: prometheus.query, with: {query: up}, expect: value > 1}
resolution:
  - {id: none, steps: [{id: three, uses: command.run, with: {argv: ["true"]}}]}
verification:
  within: 1s
  every: 1s
  checks: [{id: fine, uses: command.run, with: {argv: ["true"], effect: read}}]
"""


def echo(conn: socket.socket, request: bytes) -> None:
    """Says that its version is the token that it was given."""
    token = next(line[9:] for line in request.decode("latin-1").split("\r\n") if line.lower().startswith("x-token: "))
    conn.sendall(response(body=json.dumps({"status": "success", "data": {"version": token}}).encode()))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    environ = {
        "PLANTED": SECRET,
        "TOKEN": TOKEN,
        "PYTHONPATH": str(installed(tmp_path / "site")),
        "XDG_STATE_HOME": str(tmp_path),
    }
    made = Project(tmp_path / "project", environ={**environ, "COLUMNS": "60"})
    (made.folder / "vault").write_text(VAULT)
    return made


def kept(project: Project) -> bytes:
    """What was kept of bugs."""
    return b"".join(b.read_bytes() for b in (Path(project.environ["XDG_STATE_HOME"]) / "runbook/bugs").glob("*.txt"))


@pytest.mark.parametrize(
    ("how", "output", "exit_"),
    [
        ("output", "text", 0),
        ("unreachable", "jsonl", 4),
        ("streams", "json", 0),
        ("usage", "text", 2),
        ("usage", "json", 2),
        ("bug", "text", 1),
        ("bug", "jsonl", 1),
    ],
)
def test_no_outlet_of_a_run_says_a_secret(project: Project, how: str, output: str, exit_: int) -> None:
    """Output, errors, warnings of libraries, tracebacks of threads and bug reports: masked whatever they are of."""
    project.runbook(LEAKY.replace("HOW", how))
    said = project.does("run", "leaky", "--output", output)
    outlets = {"stdout": said.out.encode(), "stderr": said.err.encode(), "bug": kept(project)}
    assert said.exit == exit_
    assert leaked(SECRET, outlets) + leaked(VAULT, outlets) == []
    assert "***" in said.err
    assert bool(outlets["bug"]) == (how == "bug")


@pytest.mark.parametrize("how", ["streams", "bug"])
def test_no_secret_is_drawn_on_a_terminal(project: Project, how: str) -> None:
    """The live view breaks lines and paints; what a library writes beside it is masked too."""
    project.runbook(LEAKY.replace("HOW", how))
    terminal = Terminal(project.folder, "run", "leaky", "--yes", environ=project.environ, columns=50)
    terminal.ends()
    outlets = {"terminal": terminal.raw.encode()}
    assert leaked(SECRET, outlets) + leaked(VAULT, outlets) == []
    assert "***" in terminal.screen


def test_a_server_that_repeats_a_secret_is_told_without_it(project: Project) -> None:
    """What its client says before the run begins is in no record, and is masked before it is broken into lines."""
    project.runbook(MEASURED)
    with peer(echo) as server:
        project.config(f'connections: {{prometheus: {{url: "{server.url}", headers: {{X-Token: {{env: TOKEN}}}}}}}}\n')
        said = project.does("run", "measured")
    assert "Prometheus ***" in said.err
    assert leaked(TOKEN, {"stdout": said.out.encode(), "stderr": said.err.encode()}) == []


def test_the_password_of_a_store_is_not_told(project: Project) -> None:
    """A report of a bug holds the command line, where it may stand."""
    said = project.does("--store", f"postgresql://me:{VAULT}@127.0.0.1:1/none", "runs")
    assert leaked(VAULT, {"stdout": said.out.encode(), "stderr": said.err.encode(), "bug": kept(project)}) == []
