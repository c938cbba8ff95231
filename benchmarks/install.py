"""What is measured, as people have it: the wheel in an environment of its own, the neighbours in another.

An editable install is slower to import, and a developer's environment holds what users do not have.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Installed(NamedTuple):
    """An environment: its programs, and the variables that they are run with."""

    bin: Path
    env: dict[str, str]


def ours(folder: Path) -> Installed:
    """The wheel of this tree, built now, with what it depends on."""
    wheels = folder / "wheels"
    wheel = _wheel(ROOT, wheels)
    made = _environment(folder / "ours")
    _pip(made, "install", wheel)
    _pip(made, "install", "--no-deps", "--force-reinstall", wheel)
    return made


def stranger(folder: Path, made: Installed) -> Installed:
    """The same environment, with somebody else's kinds beside it that do nothing."""
    wheel = _wheel(ROOT / "benchmarks" / "stranger", folder / "wheels")
    beside = folder / "stranger"
    _pip(made, "install", "--no-deps", "--upgrade", "--target", beside, wheel)
    return Installed(made.bin, {**made.env, "PYTHONPATH": str(beside)})


def peers(folder: Path) -> Installed:
    """The neighbours: what the dependency group `bench` names."""
    made = _environment(folder / "peers")
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    _pip(made, "install", *groups["bench"])
    return made


def _wheel(project: Path, folder: Path) -> Path:
    shutil.rmtree(folder / project.name, ignore_errors=True)
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / project.name)]
    subprocess.run(argv, cwd=project, check=True, capture_output=True)
    [wheel] = (folder / project.name).glob("*.whl")
    return wheel


def _environment(folder: Path) -> Installed:
    if not (folder / "bin" / "python").exists():
        venv.create(folder, with_pip=True)
    drop = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV", "RUNBOOK_STORE")
    env = {name: value for name, value in os.environ.items() if name not in drop}
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    return Installed(folder / "bin", {**env, "HOME": str(home), "XDG_STATE_HOME": str(home), "NO_COLOR": "1"})


def _pip(made: Installed, *words: str | Path) -> None:
    argv = [str(made.bin / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", *map(str, words)]
    done = subprocess.run(argv, env={**made.env, "HOME": os.environ.get("HOME", "")}, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(argv)}:\n{done.stderr.decode(errors='replace')}")
