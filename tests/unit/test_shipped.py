"""Schemas and starter library in a checkout; `test_packaging.py` looks for them in a wheel."""

from __future__ import annotations

from pathlib import Path

from runbook import shipped

ROOT = Path(__file__).parents[2]


def test_a_checkout_uses_its_own_folders():
    """Whoever edits a schema or a starter runbook sees it at once, without a build."""
    assert shipped.schemas() == ROOT / "schemas"
    assert shipped.library() == ROOT / "runbooks"
    assert shipped.messages() == ROOT / "docs" / "errors.md"


def test_the_library_holds_the_first_runbook_with_its_scenarios_and_evidence_plan():
    """`init` copies these three, and a runbook without its scenarios could not be rehearsed."""
    names = {path.name for path in shipped.library().glob("*.yaml")}
    assert {
        "high-api-error-rate.yaml",
        "high-api-error-rate.scenarios.yaml",
        "standard-kubernetes.yaml",
    } <= names


def test_the_demo_rehearses_the_runbook_that_is_shipped():
    """The example project holds copies; they differ from the library in nothing."""
    demo = ROOT / "examples" / "demo" / "runbooks"
    assert {p.name: p.read_bytes() for p in demo.iterdir()}.items() <= {
        p.name: p.read_bytes() for p in shipped.library().iterdir() if p.is_file()
    }.items()
