"""Secrets from the environment, a file and a command, planted wherever one may stand: none is kept or shown."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.core.history import History
from runbook.errors import Exit
from runbook.hosts.past import stream_of
from runbook.hosts.ports import exit_of
from runbook.journal.export import export
from support.crash import place
from support.peers import peer, response

RUN = place.run_id(30)
SECRETS = {"env": "Tr0ub4dor&3-from-env", "file": "c0rrect/horse+from-file", "command": 'b4ttery"staple-from-command'}
CONFIG = """\
apiVersion: runbook/v1
kind: Config
library: [.]
store: sqlite:///.runbook/journal.db
connections:
  http: {url: "URL", headers: {Authorization: {env: PLANTED}}}
channels:
  team: {file: {path: team.md}}
"""
RUNBOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: queue
title: Secrets
triage:
  - id: fetch
    uses: http.get
    with: {url: URL, headers: {X-Token: {file: token}}}
    expect: "true"
  - {id: echo, uses: command.run, with: {argv: [bin/echo-all], effect: read, env: &env_}, expect: "true"}
resolution:
  - id: again
    steps:
      - id: restart
        uses: command.run
        with:
          argv: [bin/echo-all]
          env: ENV
          undo: {argv: [bin/echo-all]}
          confirm: {argv: [bin/echo-all]}
          stdin: nothing
verification:
  within: 2s
  every: 1s
  checks: [{id: fine, uses: command.run, with: {argv: [bin/echo-all], effect: read, env: ENV}, expect: exit_code == 0}]
communication:
  - {at: finished, to: team, text: "It said {{ steps.restart.stdout }} and {{ steps.echo.stderr }}."}
""".replace("&env_", "ENV").replace(
    "ENV", "{A: {env: PLANTED}, B: {file: token}, C: {command: [bin/vault]}, UNTOUCHED: plain}"
)
ECHO = r"""#!/bin/sh
for value in "$A" "$B" "$C"; do
  printf '%s\n' "$value"; printf '%s\n' "$value" >&2
  printf '%s' "$value" | base64 -w0; echo
  printf 'x%s' "$value" | base64 -w0; echo
  printf 'xy%s' "$value" | base64 -w0; echo
done
echo "$UNTOUCHED"
"""


def spellings(secret: str) -> Iterator[bytes]:
    """The ways of writing a secret down that masking knows."""
    raw = secret.encode()
    yield raw
    yield urllib.parse.quote(secret, safe="").encode()
    yield json.dumps(secret)[1:-1].encode()
    for shift in range(3):
        whole = base64.b64encode(b"x" * shift + raw)
        yield whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[place.Project]:
    with peer(response(body=f"you sent {SECRETS['file']}".encode())) as server:
        folder = place.project(
            tmp_path / "p", runbook=RUNBOOK.replace("URL", server.url), config=CONFIG.replace("URL", server.url)
        )
        (folder / "token").write_text(SECRETS["file"] + "\n")
        (folder / "token").chmod(0o600)
        for name, text in (("echo-all", ECHO), ("vault", f"#!/bin/sh\nprintf '%s' '{SECRETS['command']}'\n")):
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        yield place.opened(folder, environ={"PLANTED": SECRETS["env"]})


def kept(of: place.Project) -> dict[str, bytes]:
    """Everything that a run has left: the store and all beside it, messages, and an export."""
    files = [*of.root.glob(".runbook/**/*"), of.root / "team.md"]
    found = {str(path.relative_to(of.root)): path.read_bytes() for path in files if path.is_file()}
    return {**found, "export": b"".join(export(of.journal, stream_of(RUN)))}


def told(of: place.Project) -> History:
    return place.told(of.journal, RUN)


@pytest.mark.fault(61)
def test_no_secret_is_found_in_anything_that_a_run_leaves(
    project: place.Project, capfd: pytest.CaptureFixture[str]
) -> None:
    """Echoed by commands and a server in these spellings; the store, its files, messages and output have none of it."""
    seen = place.Unseen()
    assert exit_of(place.begin(project, RUN, watcher=seen)) is Exit.OK
    assert "plain" in str(told(project).rows["resolution/again/restart"].output)
    out = capfd.readouterr()
    project.journal._store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    places = {
        **kept(project),
        "stdout": out.out.encode(),
        "stderr": out.err.encode(),
        "shown": repr(seen.records).encode(),
    }
    found = [
        (where, name, spelling)
        for where, data in places.items()
        for name, secret in SECRETS.items()
        for spelling in spellings(secret)
        if spelling in data
    ]
    assert found == []


def test_the_commands_did_get_their_secrets(project: place.Project) -> None:
    """Otherwise there would be nothing to keep: what they said is there, with the secrets taken out."""
    place.begin(project, RUN)
    said = told(project).rows["resolution/again/restart"].output["stdout"]
    assert said.count("***") >= len(SECRETS)
    assert told(project).rows["triage/fetch"].output
