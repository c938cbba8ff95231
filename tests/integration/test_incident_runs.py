"""Runs and the incident that they belong to: they join by themselves, and replay what they saw of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.cli import abort, resume, undo, walk
from runbook.cli import exec as execs
from runbook.cli import incident_declare as declaring
from runbook.cli import incident_show as showing
from runbook.cli import run as runs
from runbook.errors import Exit, UsageError
from support.sessions import PRACTICE, Heard, session

TELLS = (
    PRACTICE
    + """\
finally:
  - id: say
    uses: notify.send
    with: {to: console, message: "{{ incident.id }} {{ incident.severity }} {{ incident.lead }} {{ incident.class }}"}
"""
)


def declared(folder: Path, **more: object) -> Heard:
    """A project with a runbook that tells of its incident, INC-1."""
    heard = session(folder, runbook=TELLS)
    said = {"title": "Down", "severity": "SEV1", "type": "Service", "commander": "ana", **more}
    declaring.declare(heard, declaring.Options(**said, output="json"))  # type: ignore[arg-type]
    (folder / "broken").touch()
    return heard


def shown(heard: Heard, name: str = "1") -> dict[str, object]:
    showing.show(heard, showing.Options(name, output="json"))
    return heard.json


def test_a_run_joins_its_incident_and_sees_its_facts(tmp_path: Path) -> None:
    """Once; with what held when it began, whatever becomes of the incident; and who started it works on it."""
    heard = declared(tmp_path)
    assert runs.run(heard, runs.Options("practice", yes=True, incident="1", output="json")) == Exit.OK
    run = heard.json["run"]
    assert "INC-1 SEV1 ana Service" in heard.err.getvalue()
    told = shown(heard)
    assert [(one["run"], one["runbook"], one["outcome"]) for one in told["runs"]] == [(run, "practice", "resolved")]  # type: ignore[attr-defined]
    assert told["times"]["acknowledged"]["source"] == f"run {run}"  # type: ignore[index]


def test_a_run_that_is_resumed_sees_what_it_saw_and_joins_once(tmp_path: Path) -> None:
    """The severity of its start stands in its own record."""
    from runbook.cli import incident_change as change

    heard = declared(tmp_path)
    assert runs.run(heard, runs.Options("practice", incident="INC-1", output="json")) == Exit.WAITING
    run = str(heard.json["run"])
    change.severity(heard, change.Options("1", "SEV4", reason="hardly anybody"))
    assert resume.resume(heard, resume.Options(run, yes=True, output="json")) == Exit.OK
    assert "INC-1 SEV1 ana" in heard.err.getvalue()
    assert len(shown(heard)["runs"]) == 1  # type: ignore[arg-type]


def test_what_takes_back_and_what_is_done_by_hand_join_too(tmp_path: Path) -> None:
    """They are part of what happened."""
    heard = declared(tmp_path)
    runs.run(heard, runs.Options("practice", yes=True, incident="1", output="json"))
    run = str(heard.json["run"])
    undo.undo(heard, undo.Options(run, yes=True, output="json"))
    execs.exec_(heard, execs.Options(run, argv=("true",), read=True, output="json"))
    (tmp_path / "steps.md").write_text("# Restart\n\n1. Look\n2. Restart\n")
    walk.walk(heard, walk.Options(Path("steps.md"), incident="1", output="json"))
    assert len(shown(heard)["runs"]) == 4  # type: ignore[arg-type]


def test_a_dry_run_sees_the_incident_and_does_not_join_it(tmp_path: Path) -> None:
    """It does nothing that would belong to it."""
    heard = declared(tmp_path)
    runs.run(heard, runs.Options("practice", dry_run=True, incident="1", output="json"))
    assert heard.json["status"] == "finished"
    assert shown(heard)["runs"] == []


def test_an_incident_of_no_store_starts_nothing(tmp_path: Path) -> None:
    """A typing error is found before anything is recorded."""
    heard = declared(tmp_path)
    with pytest.raises(UsageError, match="this store has no incident INC-7"):
        runs.run(heard, runs.Options("practice", incident="7"))
    assert heard.project.journal.names("run/") == []


def test_a_run_declares_an_incident_with_what_its_runbook_says(tmp_path: Path) -> None:
    """Asked for by a flag; it stays open, whatever comes of the run."""
    heard = session(
        tmp_path, runbook=TELLS.replace("symptoms:", "severity: SEV2\nservice: shop\nimpact: No sale\nsymptoms:")
    )
    assert runs.run(heard, runs.Options("practice", yes=True, declare=True, output="json")) == Exit.OK
    assert heard.json["outcome"] == "not_needed"
    told = shown(heard)
    assert (told["severity"], told["service"], told["impact"], told["status"]) == ("SEV2", "shop", "No sale", "open")
    assert (told["title"], len(told["runs"])) == ("The marker is there", 1)  # type: ignore[arg-type]
    assert "acknowledged" in told["times"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"incident": "1"}, "--declare and --incident"),
        ({"dry_run": True}, "--declare and --dry-run"),
        ({"rehearse": "x"}, "--declare and --rehearse"),
        ({}, "practice has no severity"),
    ],
)
def test_what_cannot_declare_an_incident_says_so_before_anything_starts(
    tmp_path: Path, more: dict[str, object], words: str
) -> None:
    """Nothing is declared for what is not real, nor twice, nor without a severity."""
    heard = session(tmp_path)
    with pytest.raises(UsageError, match=words):
        runs.run(heard, runs.Options("practice", declare=True, **more))  # type: ignore[arg-type]
    assert heard.project.journal.names("incident/") == []


def test_a_run_that_is_refused_declares_nothing(tmp_path: Path) -> None:
    """Its lock is held: the incident is that of the run that holds it."""
    heard = declared(tmp_path)
    book = (tmp_path / "runbooks" / "practice.yaml").read_text()
    (tmp_path / "runbooks" / "practice.yaml").write_text(book.replace("symptoms:", "severity: SEV2\nsymptoms:"))
    runs.run(heard, runs.Options("practice", incident="1", output="json"))
    run = str(heard.json["run"])
    with pytest.raises(Exception, match="is open since"):
        runs.run(heard, runs.Options("practice", declare=True))
    assert heard.project.journal.names("incident/") == ["incident/INC-1"]
    abort.abort(heard, abort.Options(run, "enough"))


def test_an_incident_that_an_alert_began_knows_since_when_it_fired(tmp_path: Path) -> None:
    """What Alertmanager says is a source; nobody types it. What cannot be a time is left out."""
    book = PRACTICE.replace("symptoms:", "severity: SEV2\nsymptoms:")
    for number, (starts, known) in enumerate([("2025-11-23T03:00:00Z", True), ("0001-01-01T00:00:00Z", False)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        heard = session(folder, runbook=book)
        labels = {"alertname": "MarkerThere", "service": "practice"}
        alert = {"status": "firing", "labels": labels, "startsAt": starts, "fingerprint": "a"}
        (folder / "alert.json").write_text(json.dumps({"version": "4", "status": "firing", "alerts": [alert]}))
        file = str(folder / "alert.json")
        runs.run(heard, runs.Options("practice", yes=True, alert=file, declare=True, output="json"))
        times = shown(heard)["times"]
        assert ("alerted" in times) is known  # type: ignore[operator]
        assert not known or times["alerted"]["source"] == "alert MarkerThere, startsAt"  # type: ignore[index]


def wanting(folder: Path, declare: str) -> Heard:
    """A project whose runbook is about something major, and that asks for this; the marker is there."""
    heard = session(folder, runbook=TELLS.replace("symptoms:", "severity: SEV1\nservice: shop\nsymptoms:"))
    with (folder / "runbook.yaml").open("a") as config:
        config.write(f"incidents: {{declare: {declare}}}\n")
    (folder / "broken").touch()
    return heard


def test_without_a_terminal_the_commands_that_declare_stand_at_the_end(tmp_path: Path) -> None:
    """Nothing prompts; and nothing is said of a run that was not needed."""
    heard = wanting(tmp_path, "ask")
    assert runs.run(heard, runs.Options("practice", yes=True, output="json")) == Exit.OK
    said, run = heard.err.getvalue().replace(" \\\n   ", ""), heard.json["run"]
    assert "This run of a SEV1 belongs to no incident:" in said
    assert "runbook incident declare --severity SEV1 --title 'The marker is there' --service shop" in said
    assert f"runbook incident link INC run {run}" in said
    assert heard.project.journal.names("incident/") == []
    runs.run(heard, runs.Options("practice", yes=True, output="json"))
    assert heard.json["outcome"] == "not_needed"
    assert heard.err.getvalue().count("belongs to no incident") == 1


def test_a_project_can_declare_for_every_major_run_and_a_flag_leaves_it_out_once(tmp_path: Path) -> None:
    """The second run of the outage belongs to the incident of the first."""
    heard = wanting(tmp_path, "always")
    for _ in range(2):
        (tmp_path / "broken").touch()
        assert runs.run(heard, runs.Options("practice", yes=True, output="json")) == Exit.OK
    assert runs.run(heard, runs.Options("practice", yes=True, declare=False, output="json")) == Exit.OK
    assert heard.project.journal.names("incident/") == ["incident/INC-1"]
    assert len(shown(heard)["runs"]) == 2  # type: ignore[arg-type]
    assert heard.err.getvalue().count("INC-1 SEV1") == 2
