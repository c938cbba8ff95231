"""A project folder of a test, and the commands that somebody types in it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

COMMAND = (sys.executable, "-c", "from runbook.cli import main; main()")
HEAD = "apiVersion: runbook/v1\nkind: {}\n"


class Said(NamedTuple):
    """What a command said: its exit code, stdout, stderr."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Its last line of stdout, as JSON."""
        lines = self.out.strip().splitlines()
        assert lines, f"nothing on stdout; exit {self.exit}; stderr:\n{self.err}"
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    @property
    def run(self) -> dict[str, Any]:
        """The run that it ended with; fails with everything it said where there is none."""
        found = self.json
        assert "steps" in found, f"no run; exit {self.exit}; stdout:\n{self.out}\nstderr:\n{self.err}"
        return found


class Project:
    """A folder with `runbook.yaml`, a library in `runbooks/` and a store of its own."""

    def __init__(self, folder: Path, config: str = "", environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.environ = {**os.environ, **(environ or {})}
        (folder / "runbooks").mkdir(parents=True)
        self.config(config)

    def config(self, text: str) -> None:
        """Write the Config document, given after its head; the store is in the folder unless it says where."""
        store = "" if "store:" in text else "store: sqlite:///journal.db\n"
        (self.folder / "runbook.yaml").write_text(HEAD.format("Config") + store + text)

    def policy(self, text: str) -> None:
        """Write the Policy document; the config must name it."""
        (self.folder / "policy.yaml").write_text(HEAD.format("Policy") + text)

    def runbook(self, text: str) -> None:
        """Write a runbook, given from its `name:` on."""
        name = text.split("name:", 1)[1].split(maxsplit=1)[0]
        (self.folder / "runbooks" / f"{name}.yaml").write_text(HEAD.format("Runbook") + text)

    def does(self, *words: str, stdin: bytes = b"", command: tuple[str, ...] = COMMAND, seconds: float = 60) -> Said:
        """Type a command without a terminal; it ends within so many seconds."""
        argv = [*command, *words]
        done = subprocess.run(
            argv, cwd=self.folder, env=self.environ, input=stdin, capture_output=True, timeout=seconds, check=False
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def types(self, line: str) -> Said:
        """Type a line that a command has printed."""
        program, *words = shlex.split(line)
        assert program == "runbook"
        return self.does(*words)

    def run(self, name: str, *words: str, stdin: bytes = b"") -> Said:
        """`runbook run NAME … --output json`."""
        return self.does("run", name, *words, "--output", "json", stdin=stdin)

    @contextmanager
    def typing(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command that runs while the test does something else; its stdout is a pipe."""
        argv = [*COMMAND, *words]
        command = subprocess.Popen(
            argv, cwd=self.folder, env=self.environ, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield command
        finally:
            command.kill()
            command.communicate()

    def records(self, run: str, type_: str | None = None) -> list[dict[str, Any]]:
        """The run's records, or those of one type."""
        exported = self.does("log", "export", run).out.splitlines()
        records = [json.loads(line) for line in exported]
        return [record for record in records if "type" in record and type_ in (None, record["type"])]


def steps(run: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The steps of a run's JSON by id, the last of an id winning."""
    return {step["id"]: step for step in run["steps"]}


def applied(run: Mapping[str, Any]) -> list[str]:
    """Ids of the changes that reached the world, in order."""
    return [change["id"] for change in run["changes"]]
