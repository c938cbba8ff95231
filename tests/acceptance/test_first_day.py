"""`docs/first-day.md`, followed line by line."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from support.projects import Project

pytestmark = pytest.mark.acceptance

PAGE = (Path(__file__).parents[2] / "docs" / "first-day.md").read_text()


def lines(page: str) -> list[list[str]]:
    """The commands of the page, in order, without the program's name."""
    return [shlex.split(line)[1:] for line in re.findall(r"^\$ (.*)$", page, re.MULTILINE)]


def test_the_page_is_true(tmp_path: Path) -> None:
    """From its Markdown to a runbook that does what was done by hand."""
    project = Project(tmp_path / "project")
    (project.folder / "logs").mkdir()
    log = project.folder / "logs" / "import.log"
    log.write_text("x")
    [text] = re.findall(r"^````markdown\n(.*?)^````", PAGE, re.MULTILINE | re.DOTALL)
    (project.folder / "disk-full.md").write_text(text)
    dry, look, remove, note, again, promote, lint, run_it, doctor = lines(PAGE)
    outline = project.does(*dry).out
    assert outline in PAGE
    run = project.does("walk", "disk-full.md", "--output", "json").json["run"]
    for words in (look, [*remove[:1], "--yes", *remove[1:]], note, again):
        assert project.does(*(run if word == "RUN" else word for word in words)).exit == 0
    for step in (look[3], remove[3], "make_room_tell_the_team_of_the_importer", "over"):
        assert project.does("answer", run, step, "done").exit == 0
        last = project.does("resume", run)
    assert last.exit == 0
    assert project.does(*(run if word == "RUN" else word for word in promote)).exit == 0
    made = yaml.safe_load((project.folder / "runbooks" / "disk-full.yaml").read_text())
    assert (made["triage"][0]["title"], made["verification"]["checks"][0]["title"]) == ("Look", "Is it small again?")
    assert project.does(*lint).exit == 0
    log.write_text("x")
    assert project.does(*run_it, "--option", "as_done").exit == 6
    assert project.does(*doctor).exit == 0
