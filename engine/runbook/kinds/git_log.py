"""`git.log`: what was committed lately.

The repository may be a stranger's: nothing that its configuration names is started (no hooks, pagers, monitors,
signature programs or transports), paths are literal, and our own `GIT_*` variables do not leak into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runbook.clients import processes
from runbook.core.changes import Observation
from runbook.document import durations
from runbook.document.spec import KindSpec
from runbook.document.words import Role
from runbook.errors import ParameterError, WorldError
from runbook.kinds.invocations import shortened, spelt
from runbook.kinds.needs import Program
from runbook.kinds.protocol import Inputs, World

SINCE = "2h"
MOST = 200
_LATEST = 253_402_300_799  # the last second of the year 9999
_CAP = 2 * 1024 * 1024

_SAFE = (
    "--no-pager",
    "--no-optional-locks",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "log.showSignature=false"),  # else gpg.program of the repository is started
    *("-c", "log.follow=false"),
)
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone fetches what is missing; this overrides any configuration
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_FIELDS = "%H%x00%an%x00%ct%x00%s"

SPEC = KindSpec(
    name="git.log",
    summary="List the latest commits of a repository.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "since": {
                "description": "How far back to look.",
                "type": "string",
                "pattern": durations.PATTERN,
                "default": SINCE,
                "examples": ["2h", "1d"],
            },
            "path": {
                "description": "Only commits that touched this file or folder of the repository.",
                "type": "string",
                "minLength": 1,
                "examples": ["services/api"],
            },
            "limit": {
                "description": "At most so many, newest first.",
                "type": "integer",
                "minimum": 1,
                "maximum": MOST,
                "default": 50,
                "examples": [20],
            },
            "repository": {
                "description": "Folder of the repository, relative to that of `runbook.yaml` (the default).",
                "type": "string",
                "minLength": 1,
                "examples": ["../api"],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "commits": {
                "description": "The commits, newest first.",
                "type": ["array", "null"],
                "items": {
                    "type": "object",
                    "properties": {
                        "hash": {"description": "Its full hash.", "type": "string"},
                        "author": {"description": "Who wrote it.", "type": "string"},
                        "at": {"description": "When it was committed, in UTC.", "type": "string"},
                        "subject": {"description": "Its first line.", "type": "string"},
                    },
                },
                "examples": [
                    [
                        {
                            "hash": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
                            "author": "Ada",
                            "at": "2026-11-01T09:30:00Z",
                            "subject": "Halve the pool size",
                        }
                    ]
                ],
            },
            "count": {"description": "How many there are.", "type": ["integer", "null"], "examples": [1]},
        },
    },
    example={
        "id": "recent_commits",
        "title": "What was merged lately",
        "uses": "git.log",
        "with": {"since": "2h", "path": "services/api"},
    },
)


def describe(inputs: Inputs) -> str:
    """`commits of the last 2h in services/api`."""
    where = f" in {inputs['path']}" if "path" in inputs else ""
    return shortened(f"commits of the last {inputs.get('since', SINCE)}{where}")


def by_hand(inputs: Inputs) -> str:
    """The git command."""
    line = ["git"]
    if "repository" in inputs:
        line += ["-C", str(inputs["repository"])]
    since = inputs.get("since", SINCE)
    line += ["log", "--oneline", f"--since={since if '{{' in since else _spoken(since)}"]
    return spelt(line + (["--", str(inputs["path"])] if "path" in inputs else []))


def needs(inputs: Inputs) -> tuple[Program, ...]:  # noqa: ARG001 - of every kind
    """git."""
    return (Program("git"),)


def observe(inputs: Inputs, world: World) -> Observation:
    """Ask git; WorldError where there is no git, no repository or no commit."""
    since = inputs.get("since", SINCE)
    limit = inputs.get("limit", 50)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MOST:
        raise ParameterError(f"step input 'limit' must be an integer from 1 to {MOST}, got {limit!r}")
    folder = world.home / str(inputs.get("repository", "."))
    done = processes.run(
        [
            *("git", *_SAFE, "log", "-z", "--no-color", "--no-show-signature", "--encoding=UTF-8"),
            *(f"--format={_FIELDS}", f"--max-count={limit}", f"--since={_spoken(since)}"),
            *("--", *([str(inputs["path"])] if "path" in inputs else [])),
        ],
        env=_environment(world.environ),
        cwd=folder,
        timeout=world.remaining(),
        cancelled=world.cancelled,
        output_cap=_CAP,
    )
    _check(done, folder)
    if done.truncated:
        return Observation(output={"commits": None, "count": None}, unknown="the log is larger than 2 MiB")
    commits = _commits(done.stdout)
    return Observation(output={"commits": commits, "count": len(commits)})


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    own = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    return own | _ENVIRONMENT


def _spoken(since: Any) -> str:
    """A duration as git understands it."""
    try:
        return f"{int(durations.Duration.parse(since))} seconds ago"
    except ValueError as error:
        raise ParameterError(f"step input 'since' is {error}") from error


def _check(done: processes.Completed, folder: Path) -> None:
    if done.timed_out or done.cancelled:
        raise WorldError(f"git log in {folder} did not end in time")
    if done.exit_code != 0:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise WorldError(f"git log in {folder} failed: {said.removeprefix('fatal: ')}")


def _commits(output: bytes) -> list[dict[str, str]]:
    fields = [field.decode("utf-8", "replace") for field in output.split(b"\0")]
    whole = len(fields) - len(fields) % 4
    return [
        {"hash": fields[at], "author": fields[at + 1], "at": _instant(fields[at + 2]), "subject": fields[at + 3]}
        for at in range(0, whole, 4)
    ]


def _instant(seconds: str) -> str:
    """In UTC; as git writes it where no calendar has it: a commit says of itself what it likes."""
    if not seconds.isdecimal() or int(seconds) > _LATEST:
        return f"@{seconds}"
    return datetime.fromtimestamp(int(seconds), tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
