"""The house holds: layers, and a core that asks nobody for the time."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "engine" / "runbook"
PURE = sorted(path for folder in ("core", "document") for path in (ENGINE / folder).rglob("*.py"))

IMPURE_MODULES = {"os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"}
IMPURE_CALLS = {"open", "input", "print"}
LOCKED = {  # a lock, and nothing else of it
    ENGINE / "document" / "typed.py": "import threading",
    ENGINE / "core" / "masking.py": "import threading",
}
CLOCKS = {"now", "utcnow", "today"}
SDKS = {"kubernetes", "websocket", "prometheus_api_client", "httpx2", "psycopg", "sqlite3"}


def impurities(source: str) -> list[str]:
    """What a module of the core or the documents may not do, as `line: what`."""
    return [f"{node.lineno}: {what}" for node in ast.walk(ast.parse(source)) if (what := _impurity(node))]


def _impurity(node: ast.AST) -> str | None:
    match node:
        case ast.Import(names=names):
            return next((f"import {n.name}" for n in names if n.name.split(".")[0] in IMPURE_MODULES), None)
        case ast.ImportFrom(module=str(module)) if module.split(".")[0] in IMPURE_MODULES:
            return f"from {module} import …"
        case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
            return f"{name}()"
        case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name) if name in CLOCKS:
            return f"datetime.{name}"
        case ast.Attribute(value=ast.Attribute(attr="datetime" | "date"), attr=name) if name in CLOCKS:
            return f"datetime.{name}"
    return None


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ENGINE)))
def test_the_core_reads_no_clock_no_file_and_no_environment(path):
    """`core/` and `document/` take values and bytes, and give values back."""
    found = [what for what in impurities(path.read_text(encoding="utf-8")) if not what.endswith(LOCKED.get(path, "!"))]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import os.path",
        "from os import environ",
        "import time as clock",
        "from pathlib import Path",
        "open('x')",
        "datetime.now()",
        "datetime.datetime.now(tz=UTC)",
        "datetime.date.today()",
        "def f():\n    import socket",
    ],
)
def test_an_impurity_is_seen(line):
    """The check above can fail."""
    assert impurities(line)


def test_the_layers_hold():
    """Every import contract of pyproject.toml is kept."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as go; go()",
        "--no-logo",
        "--no-cache",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_sdk_is_imported_in_one_place():
    """One client, or one store, speaks to each; its errors are mapped in one table."""
    places = defaultdict(set)
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for sdk in SDKS.intersection(name.split(".")[0] for name in names):
                places[sdk].add("/".join(path.relative_to(ENGINE).with_suffix("").parts[:2]))
    assert places.pop("psycopg") == {"journal/postgres", "clients/sql"}  # where records are kept; what steps ask
    assert {sdk: found for sdk, found in places.items() if len(found) > 1} == {}


def test_every_module_says_its_idea_first():
    """A file starts with what it is for; empty markers of packages may be silent."""
    silent = [
        str(path.relative_to(ROOT))
        for path in ENGINE.rglob("*.py")
        if (source := path.read_text(encoding="utf-8").strip()) and not ast.get_docstring(ast.parse(source))
    ]
    assert silent == []


def test_types_are_met_in_one_place():
    """`msgspec.convert` from two threads at once, of a type that is new to it, ends the interpreter."""
    files = [path for path in ENGINE.rglob("*.py") if "msgspec.convert(" in path.read_text(encoding="utf-8")]
    assert files == [ENGINE / "document" / "typed.py"]
