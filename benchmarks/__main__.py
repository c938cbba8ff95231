"""`python -m benchmarks`: build, install, measure, print one table; 1 when a row does not hold.

python -m benchmarks                 everything; some minutes, in a temporary folder
python -m benchmarks run engine      only these groups of rows
python -m benchmarks --folder DIR    keep the environments there, and use them again
python -m benchmarks --lenient       print, and exit with 0 whatever holds
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Row
from benchmarks.rows import GROUPS, Bench

HEADINGS = ("row", "ours: least (median)", "beside: least (median)", "ratio", "must be", "holds")


def cells(row: Row) -> tuple[str, ...]:
    holds = "" if row.limit is None else "yes" if row.holds else "NO"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return row.what, str(row.ours), str(row.peer or ""), ratio, row.must, holds


def line(row: tuple[str, ...]) -> str:
    return "| " + " | ".join(row) + " |"


def measured(folder: Path, groups: list[str], rounds: int) -> list[Row]:
    """Print the table as it comes."""
    bench = Bench(folder, rounds)
    rows: list[Row] = []
    print(line(HEADINGS), line(("---",) * len(HEADINGS)), sep="\n", flush=True)
    for group in groups:
        for row in GROUPS[group](bench):
            rows.append(row)
            print(line(cells(row)), flush=True)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all of them by default")
    parser.add_argument("--folder", type=Path, help="keep the environments here, for another time")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each side (9)")
    parser.add_argument("--lenient", action="store_true", help="exit with 0, whatever holds")
    given = parser.parse_args()
    if unknown := set(given.groups) - set(GROUPS):
        parser.error(f"there is no group {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="runbook-bench-") as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        rows = measured(folder, given.groups or list(GROUPS), given.rounds)
    failed = [row.what for row in rows if not row.holds]
    if failed:
        print(f"{len(failed)} of {len(rows)} rows do not hold: {', '.join(failed)}", file=sys.stderr)
    return 0 if given.lenient or not failed else 1


if __name__ == "__main__":
    sys.exit(main())
