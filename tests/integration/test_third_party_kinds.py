"""A package of somebody else adds kinds through the entry point `runbook.kinds`: the example, installed for real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.projects import Project, Said, applied

pytestmark = pytest.mark.integration

EXAMPLE = Path(__file__).parents[2] / "examples" / "third-party-kind"
BROKEN = """\
[project]
name = "runbook-broken"
version = "1"
[project.entry-points."runbook.kinds"]
"broken.kind" = "runbook_broken"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""


def installed(source: Path, into: Path) -> Path:
    """Install a package into a folder of its own, from its files and without the network."""
    if find_spec("pip") is None:
        pytest.skip("pip is not in this environment")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--no-compile", "--quiet"]
    argv = [sys.executable, "-m", "pip", "install", *options, "--target", str(into), str(source)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return into


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the example is installed."""
    source = tmp_path_factory.mktemp("source") / "flags"
    shutil.copytree(EXAMPLE, source)
    return installed(source, tmp_path_factory.mktemp("site"))


def with_packages(folder: Path, *sites: Path) -> Project:
    """A project of somebody in whose environment these packages are installed."""
    path = os.pathsep.join([*map(str, sites), os.environ.get("PYTHONPATH", "")])
    return Project(folder, environ={"PYTHONPATH": path})


@pytest.fixture
def project(site: Path, tmp_path: Path) -> Project:
    """The example's runbook beside the file of flags that it is about."""
    made = with_packages(tmp_path / "project", site)
    shutil.copy(EXAMPLE / "runbooks" / "checkout-broken.yaml", made.folder / "runbooks")
    (made.folder / "flags.json").write_text('{"checkout-v2": true}')
    return made


def flags(project: Project) -> dict[str, bool]:
    """What the file says."""
    found: dict[str, bool] = json.loads((project.folder / "flags.json").read_text())
    return found


def lint(project: Project) -> Said:
    """`runbook lint runbooks`."""
    return project.does("lint", "runbooks", "--output", "json")


def test_its_kinds_are_known(project: Project) -> None:
    """`explain` lists them beside ours, and says what one takes."""
    assert "flags.set" in project.does("explain").out
    assert "Name of the flag." in project.does("explain", "flags.get").out


def test_the_schema_is_composed_with_them(project: Project) -> None:
    """Editors complete and check a stranger's inputs as ours."""
    schema = json.loads(project.does("schema", "Runbook").out)
    assert "flags.set" in schema["$defs"]["kind_name"]["enum"]
    assert '"checkout-v2"' in json.dumps(schema["$defs"]["kinds"])


def test_a_runbook_that_uses_them_is_clean(project: Project) -> None:
    """Inputs, outputs in `expect`, everything."""
    said = lint(project)
    assert (said.exit, [f for f in said.json["findings"] if f["severity"] == "error"]) == (0, [])


def test_a_misspelled_input_is_an_error_with_its_place(project: Project) -> None:
    """As for a kind of ours."""
    path = project.folder / "runbooks" / "checkout-broken.yaml"
    path.write_text(path.read_text().replace("enabled: false", "enable: false"))
    said = lint(project)
    assert said.exit == 3
    assert any("did you mean 'enabled'" in str(f["hint"]) and f["line"] for f in said.json["findings"]), said.out


def test_a_runbook_runs_with_them_and_is_taken_back(project: Project) -> None:
    """Planned, applied, verified; and `undo` sends the undo that was approved with it."""
    said = project.run("checkout-broken", "--yes")
    assert (said.exit, said.run["outcome"], applied(said.run)) == (0, "resolved", ["off"]), said.err
    assert flags(project) == {"checkout-v2": False}
    undone = project.does("undo", said.run["run"], "--yes", "--output", "json")
    assert (undone.exit, flags(project)) == (0, {"checkout-v2": True}), undone.err


def test_its_scenarios_are_rehearsed(project: Project) -> None:
    """A change is simulated by the kind itself; the file is not touched."""
    shutil.copy(EXAMPLE / "runbooks" / "checkout-broken.scenarios.yaml", project.folder / "runbooks")
    said = project.does("test", "runbooks")
    assert said.exit == 0, said.out + said.err
    assert flags(project) == {"checkout-v2": True}


def test_without_the_package_its_kinds_are_an_error_of_the_document(project: Project, tmp_path: Path) -> None:
    """A runbook that was written elsewhere is refused where the package is missing (3), before anything runs."""
    bare = Project(tmp_path / "bare")
    shutil.copy(project.folder / "runbooks" / "checkout-broken.yaml", bare.folder / "runbooks")
    said = bare.run("checkout-broken", "--yes")
    assert said.exit == 3
    assert "flags.get" in said.err


@pytest.mark.parametrize(
    "module",
    ["import no_such_module\n", "SPEC = None\n", "raise RuntimeError('at import')\n"],
    ids=["missing dependency", "no spec", "raises"],
)
def test_a_package_that_is_broken_is_named(module: str, site: Path, tmp_path: Path) -> None:
    """Its user is told which package to look at (2), not that the engine has a bug."""
    source = tmp_path / "broken"
    source.mkdir()
    (source / "pyproject.toml").write_text(BROKEN)
    (source / "runbook_broken.py").write_text(module)
    project = with_packages(tmp_path / "project", installed(source, tmp_path / "site"), site)
    shutil.copy(EXAMPLE / "runbooks" / "checkout-broken.yaml", project.folder / "runbooks")
    said = project.does("lint", "runbooks")
    assert said.exit == 2, said.err
    assert "broken.kind" in said.err
    assert "runbook_broken" in said.err


def test_the_example_s_own_tests_pass(site: Path, tmp_path: Path) -> None:
    """They are what its readers copy."""
    copy = shutil.copytree(EXAMPLE, tmp_path / "example")
    shutil.rmtree(copy / "src")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])}
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    done = subprocess.run(argv, cwd=copy, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
