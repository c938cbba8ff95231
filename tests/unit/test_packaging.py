"""The wheel, built and looked into."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, built without the network by the backend that pyproject.toml names."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    """What an installation would lay into site-packages."""
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def test_the_only_top_level_name_is_runbook(unpacked):
    """An installation puts nothing else into anybody's site-packages."""
    names = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}
    assert names == {"runbook"}


def test_schemas_and_library_are_found_in_an_installed_wheel(unpacked, tmp_path):
    """From anywhere, without a checkout, and byte for byte what the repository holds."""
    code = "from runbook import shipped; print(shipped.schemas()); print(shipped.library())"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    for found, source in zip(done.stdout.splitlines(), ("schemas", "runbooks"), strict=True):
        assert Path(found) == unpacked / "runbook" / "_shipped" / source
        assert _files(Path(found)) == _files(ROOT / source)


def test_the_licence_the_types_and_the_command_are_inside(unpacked):
    """What a distributor, a type checker and a shell look for."""
    [info] = unpacked.glob("*.dist-info")
    assert (info / "licenses" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert "runbook = runbook.cli:main" in (info / "entry_points.txt").read_text()
    assert (unpacked / "runbook" / "py.typed").exists()


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
