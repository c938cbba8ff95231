"""Which commit a project is at, and whether its files differ from it. Reads only; its own config runs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runbook.clients import processes
from runbook.errors import WorldError

SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
_TIMEOUT = 5.0


def state(root: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """`commit` (full hash, None before the first), `dirty` and `branch`; empty where git cannot say."""
    env = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    argv = ("git", *SAFE, "status", "--porcelain=v2", "--branch", "--untracked-files=normal", "--", ".")
    try:
        done = processes.run(argv, env=env, cwd=root, timeout=_TIMEOUT, cancelled=lambda: False)
    except WorldError:
        return {}
    if done.exit_code != 0:
        return {}
    lines = done.stdout.decode(errors="replace").splitlines()
    heads = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# ") and " " in line[2:])
    commit = heads.get("branch.oid")
    return {
        "commit": None if commit == "(initial)" else commit,
        "branch": heads.get("branch.head"),
        "dirty": any(not line.startswith("# ") for line in lines),
    }
