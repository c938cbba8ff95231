"""Where a working tree stands: at which commit, on which branch, changed or not. Runs nothing that a filter names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runbook.clients.git.calls import GitFailed, last, run
from runbook.errors import WorldError

_TIMEOUT: Final = 5.0


def state(root: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """`commit` (full hash, None before the first), `dirty` and `branch`; empty where git cannot say.

    A file that a filter would make the same again (`git lfs`) counts as changed once it was touched, and a submodule
    only once it is at another commit: to know better, programs that a repository names would have to be run.
    """
    argv = ("status", "--porcelain=v2", "--branch", "--untracked-files=normal", "--ignore-submodules=dirty", "--", ".")
    try:
        without = _filters_off(root, environ)
        done = run(argv, root, environ, settings=without, seconds=_TIMEOUT)
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


def _filters_off(root: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Settings that outweigh each filter of the config: no driver runs a program. GitFailed if one cannot be named.

    Attributes say which files a filter is for, and cannot be switched off in every git that is in use.
    """
    asked = run(("config", "-z", "--name-only", "--get-regexp", r"^filter\."), root, environ, seconds=_TIMEOUT)
    if asked.stdout_cut or asked.timed_out or asked.exit_code not in (0, 1):  # 1: there is none
        raise GitFailed(f"the filters of {root} cannot be listed: {last(asked.stderr)}")
    drivers = dict.fromkeys(os.fsdecode(name).rpartition(".")[0] for name in asked.stdout.split(b"\0") if name)
    if any("=" in driver for driver in drivers):  # `-c` ends a name at its first `=`
        raise GitFailed(f"a filter of {root} has a name that cannot be spoken of")
    off = ("clean=", "process=", "required=false")
    return tuple(word for driver in drivers for setting in off for word in ("-c", f"{driver}.{setting}"))
