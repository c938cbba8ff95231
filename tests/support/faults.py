"""Which faults are shown to be survived, and by which tests: tests/faults.md, made of the marks in the sources.

    python -m support.faults      (in tests/) writes the page anew

The faults and their numbers are those of tests/cases/faults.yaml.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TESTS = Path(__file__).parents[1]
PAGE = TESTS / "faults.md"

HEAD = """\
# Faults that are survived

Made of the tests by `python -m support.faults` (in `tests/`); a test that shows a fault survived says so with
`@pytest.mark.fault(NUMBER)`. A `—` says that no test shows it; *not here* says which part of it none shows, and why.
"""


@dataclass(frozen=True)
class Fault:
    """One line of the list: `later` says why nothing is expected yet, `partly` what of it is not shown, and why."""

    number: int
    words: str
    later: str | None
    partly: str | None


def _told() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((TESTS / "cases/faults.yaml").read_text(encoding="utf-8"))
    return told


def sections() -> list[tuple[str, list[Fault]]]:
    """The faults under their headings, in order."""
    told, found = _told(), []
    for section in told["sections"]:
        why = section.get("later")
        later, partly = told["later"], told["partly"]
        faults = [Fault(n, words, why or later.get(n), partly.get(n)) for n, words in section["faults"].items()]
        found.append((section["title"], faults))
    return found


def shown() -> dict[int, list[tuple[Path, str]]]:
    """For each number what shows it, as (path below tests/, name): documents with their messages, and marked tests."""
    by: dict[int, list[tuple[Path, str]]] = {}
    for number, names in _told()["cases"].items():
        by[number] = [(Path("cases/invalid", f"{name}.yaml"), name.replace("-", "_")) for name in names]
    for file in sorted(TESTS.rglob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        if "mark.fault(" not in text:
            continue
        for number, name in _marked(ast.parse(text)):
            by.setdefault(number, []).append((file.relative_to(TESTS), name))
    return by


def _marked(module: ast.Module) -> Iterator[tuple[int, str]]:
    whole = [n for node in module.body if _is_pytestmark(node) for n in _numbers(node)]
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            own = [n for decorator in node.decorator_list for n in _numbers(decorator)]
            yield from ((n, node.name) for n in sorted({*whole, *own}))
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):  # a state machine's
            own = [n for decorator in node.decorator_list for n in _numbers(decorator)]
            yield from ((n, ast.get_docstring(node) or node.name) for n in sorted({*whole, *own}))


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)


def _numbers(tree: ast.AST) -> list[int]:
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "pytest.mark.fault"]
    return [ast.literal_eval(argument) for call in calls for argument in call.args]


def page() -> str:
    """The page as it should be."""
    by = shown()
    parts = [HEAD]
    for title, faults in sections():
        rows = [f"| {fault.number} | {fault.words} | {_cell(fault, by.get(fault.number, []))} |" for fault in faults]
        parts.append("\n".join([f"## {title}", "", "| | fault | shown by |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def _cell(fault: Fault, tests: list[tuple[Path, str]]) -> str:
    links = [f"[{name.removeprefix('test_').replace('_', ' ')}]({path.as_posix()})" for path, name in tests]
    links += [f"*not here:* {fault.partly}"] if links and fault.partly else []
    return "<br>".join(links) or (f"— ({fault.later})" if fault.later else "—")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
