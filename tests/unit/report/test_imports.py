"""Drawing is cheap until a terminal is redrawn."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ["rich", "asyncio", "concurrent.futures", "jsonschema", "kubernetes", "requests", "cryptography", "ruamel"]


@pytest.mark.parametrize(
    "modules",
    [
        "runbook.report.findings, runbook.report.tables, runbook.report.style",
        "runbook.report.lines, runbook.report.final, runbook.report.run_json, runbook.report.gate",
        "runbook.report.live",
    ],
)
def test_importing_a_report_imports_nothing_heavy(modules):
    """`--help`, `list` and `lint` stay fast; rich is imported when a live view is made."""
    asked = f"import sys, {modules}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_lists_of_runs_import_nothing_that_drives_one():
    """`runs`, `approvals` and `runbook` alone only read: they need no machine, and nothing around it."""
    asked = "import sys, runbook.report.tables, runbook.report.run_json; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    drives = {"runbook.core.machine", "runbook.core.procedure", "runbook.hosts.scribe", "runbook.hosts.gatekeeper"}
    assert drives.isdisjoint(done.stdout.split())
