"""`promote` writes what was done by hand in a run as a runbook that can be read, completed and run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from runbook.cli import answer, fmt, lint, note, promote, resume, walk
from runbook.cli import exec as execs
from runbook.cli import run as runs_a_runbook
from runbook.errors import Exit, UsageError
from support.sessions import Heard, session

TEXT = (
    "# Disk full\n\nKnow this.\n\n## Look\n\nLook at it.\n\n```sh\nls\n```\n\n## Clear\n\n1. Remove it\n2. Tell them\n"
)


def did(folder: Path, run: str, *argv: str, **more: Any) -> str:
    heard = session(folder)
    execs.exec_(heard, execs.Options(run, argv, yes=True, output="json", **more))
    return str(heard.json["run"])


def promoted(folder: Path, run: str, **more: Any) -> tuple[dict[str, Any], Heard]:
    heard = session(folder)
    assert promote.promote(heard, promote.Options(run, **more)) == Exit.OK
    return yaml.safe_load(heard.out.getvalue() or "{}"), heard


@pytest.fixture
def run(tmp_path: Path) -> str:
    (tmp_path / "broken").touch()
    heard = session(tmp_path)
    runs_a_runbook.run(heard, runs_a_runbook.Options("practice", output="json"))
    return str(heard.json["run"])


def test_the_draft_of_a_run_lints_clean_and_names_its_values(tmp_path: Path, run: str) -> None:
    """Its parameters are declared as the run's runbook has them."""
    did(tmp_path, run, "ls", "broken", read=True)
    did(tmp_path, run, "rm", "broken", title="Take it away", reason="it was in the way", timeout="30s")
    did(tmp_path, run, "test", "!", "-e", "broken", read=True)
    did(tmp_path, run, "false")
    note.note(session(tmp_path), note.Options(run, "somebody made it by mistake"))
    found, heard = promoted(tmp_path, run)
    assert found["parameters"] == {"marker": {"type": "string", "default": "broken", "from_alert": "labels.marker"}}
    assert found["triage"][0]["with"]["argv"] == ["ls", "{{ params.marker }}"]
    [step] = found["resolution"][0]["steps"]
    assert (step["id"], step["description"], step["timeout"]) == ("take_it_away", "it was in the way", "30s")
    assert found["verification"]["checks"][0]["with"]["argv"] == ["test", "!", "-e", "{{ params.marker }}"]
    assert "somebody made it by mistake" in found["about"]
    assert "#   false: ended with 1" in heard.out.getvalue()
    (tmp_path / "draft.yaml").write_text(heard.out.getvalue())
    assert fmt.fmt(session(tmp_path), fmt.Options((tmp_path / "draft.yaml",), check=True)) == Exit.OK
    said = session(tmp_path)
    assert lint.lint(said, lint.Options((tmp_path / "draft.yaml",), output="json")) == Exit.OK
    assert {finding["code"][:3] for finding in said.json["findings"]} <= {"RB1"}  # how it is written is its author's


def test_the_draft_can_be_run(tmp_path: Path, run: str) -> None:
    """What was done by hand is done by it."""
    did(tmp_path, run, "rm", "broken")
    did(tmp_path, run, "test", "!", "-e", "broken", read=True)
    promoted(tmp_path, run, to=tmp_path / "runbooks" / "draft.yaml")
    (tmp_path / "broken").touch()
    heard = session(tmp_path)
    assert runs_a_runbook.run(heard, runs_a_runbook.Options("practice-by-hand", yes=True)) == Exit.OK
    assert not (tmp_path / "broken").exists()


def test_a_walk_becomes_a_runbook_of_its_steps(tmp_path: Path) -> None:
    """With commands in the place of what they did, and people where they did it."""
    (tmp_path / "disk-full.md").write_text(TEXT)
    heard = session(tmp_path)
    walk.walk(heard, walk.Options(Path("disk-full.md"), output="json"))
    run = heard.json["run"]
    did(tmp_path, run, shell="ls", read=True, step="look")
    did(tmp_path, run, "touch", "cleared", step="clear_remove_it")
    for step in ("look", "clear_remove_it", "clear_tell_them", "over"):
        answer.answer(session(tmp_path), answer.Options(run, step, "done"))
        resume.resume(session(tmp_path), resume.Options(run))
    found, _ = promoted(tmp_path, run)
    assert (found["name"], found["title"]) == ("disk-full", "Disk full")
    assert [(s["id"], s["uses"], s["description"]) for s in found["triage"]] == [("look", "shell.run", "Look at it.")]
    assert [(s["id"], s["uses"]) for s in found["resolution"][0]["steps"]] == [
        ("clear_remove_it", "command.run"), ("clear_tell_them", "manual.do"),
    ]  # fmt: skip


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path, run: str) -> None:
    """Unless that is asked for; a command's own run leads to the run around it."""
    done = did(tmp_path, run, "true", read=True)
    to = tmp_path / "draft.yaml"
    to.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        promoted(tmp_path, run, to=to)
    assert to.read_text() == "mine"
    _, heard = promoted(tmp_path, done, to=to, force=True, output="json")
    assert (heard.json["run"], to.read_text()) == (run, heard.json["document"])


def test_a_run_in_which_nothing_was_done_by_hand_has_nothing_to_promote(tmp_path: Path, run: str) -> None:
    """And says what would be."""
    with pytest.raises(UsageError, match="nothing was done by hand"):
        promoted(tmp_path, run)
