"""Shell steps of a workflow or an action, carried out as the runner does: `${{ … }}` filled in, outputs read back."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

_EXPRESSION = re.compile(r"\$\{\{\s*([^}]+?)\s*\}\}")
_OUTPUT = re.compile(r"^(\w+)<<(\S+)\n(.*?)\n\2$|^(\w+)=([^\n]*)$", re.MULTILINE | re.DOTALL)


class Done(NamedTuple):
    """What came of a step."""

    exit: int
    said: str
    outputs: dict[str, str]


class Runner:
    """Carries out steps in a folder. `known` is what expressions stand for, by their text: `inputs.base`."""

    def __init__(self, folder: Path, temp: Path, known: Mapping[str, str], path: Path | None = None) -> None:
        self.folder = folder
        self.temp = temp
        self.known = dict(known)
        self.summary = temp / "summary.md"
        self._path = f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"]
        temp.mkdir(exist_ok=True)

    def step(self, step: Mapping[str, Any], shell: str = "bash --noprofile --norc -eo pipefail") -> Done | None:
        """What came of it; None where its `if` says that it is left out."""
        if not self._wanted(str(step.get("if", "true"))):
            return None
        output = self.temp / "output"
        output.write_text("")
        environ = {
            "PATH": self._path,
            "HOME": str(self.temp),
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.folder),
            "RUNNER_TEMP": str(self.temp),
            **{name: self._filled(str(value)) for name, value in step.get("env", {}).items()},
        }
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            [*shell.split(), script], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )
        outputs = {found[1] or found[4]: found[3] or found[5] or "" for found in _OUTPUT.finditer(output.read_text())}
        for name, value in outputs.items():
            self.known[f"steps.{step.get('id')}.outputs.{name}"] = value
        return Done(done.returncode, done.stdout + done.stderr, outputs)

    def _wanted(self, condition: str) -> bool:
        left, _, right = condition.partition(" != " if " != " in condition else " == ")
        if not right:
            return condition == "true"
        same = self.known.get(left, "") == right.strip("'")
        return same != (" != " in condition)

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self.known.get(found[1], ""), text)
