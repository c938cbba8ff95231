"""Lint of many files, with every rule, beside `CSafeLoader.load` of the same files, on one core and on two.

Arguments: a folder of runbooks, rounds. Prints JSON: lists of milliseconds for one file.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from runbook import kinds
from runbook.lint.lint import lint
from runbook.lint.rule import EXAMPLES_DAY, Rulebook
from runbook.lint.ruling import every_rule


def main() -> None:
    files = sorted(Path(sys.argv[1]).glob("*.yaml"))
    specs, rules = kinds.specs(), Rulebook(every_rule(), EXAMPLES_DAY)

    def load() -> None:
        for file in files:
            yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)

    def linted(jobs: int) -> None:
        result = lint(files, specs, jobs=jobs, rules=rules)
        if result.errors:
            raise SystemExit("\n".join(map(str, result.findings[:5])))

    def timed(thing: Callable[[], None]) -> float:
        begun = time.perf_counter()
        thing()
        return (time.perf_counter() - begun) * 1000 / len(files)

    things = {"load": load, "one": lambda: linted(1), "two": lambda: linted(2)}
    taken: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(int(sys.argv[2]) + 1):
        for name, thing in things.items():
            taken[name].append(timed(thing))
    print(json.dumps({name: values[1:] for name, values in taken.items()}))


main()
