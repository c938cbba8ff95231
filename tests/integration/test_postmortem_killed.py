"""A postmortem whose writer is killed between the file and its record: the next one records it, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runbook.cli.postmortem import Options, postmortem
from runbook.errors import Exit
from runbook.incident import acts, desk
from runbook.incident.moments import Given
from runbook.journal import Record
from support.sessions import Heard, session

KILLED = """
import os, signal, sys
from pathlib import Path
from runbook.cli import postmortem
from runbook.cli.session import Session
from runbook.incident.postmortem import writing
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
writing.wrote = killed
folder = Path(sys.argv[1])
session = Session(folder, store=".runbook/journal.db")
postmortem.postmortem(session, postmortem.Options("1", to=folder / "inc-1.md"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A resolved incident."""
    place = session(tmp_path).place
    id_ = desk.opened(place, {"title": "Checkout is down", "severity": "SEV1", "type": "Service"})
    acts.resolve(place, id_, Given(), "rolled back")
    return tmp_path


def killed(folder: Path) -> None:
    """The file is written; whoever wrote it cannot say so any more."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder)], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL


def again(folder: Path) -> Heard:
    heard = session(folder)
    assert postmortem(heard, Options("1", to=folder / "inc-1.md", output="json")) == Exit.OK
    return heard


def recorded(folder: Path) -> list[Record]:
    told = desk.records(session(folder).place.journal, "INC-1")
    return [one for one in told if one.type == "postmortem.written"]


def test_a_file_that_nobody_recorded_is_recorded_by_the_next(project: Path) -> None:
    """Also after people have written in it; not a byte of it changes, and it is recorded once."""
    killed(project)
    path = project / "inc-1.md"
    assert recorded(project) == []
    path.write_text(path.read_text().replace("TODO: what users saw", "They saw a white page"))
    before = path.read_bytes()
    heard = again(project)
    assert "what wrote it was cut off; it is recorded now" in heard.err.getvalue()
    assert again(project).err.getvalue().count("cut off") == 0
    [record] = recorded(project)
    assert path.read_bytes() == before
    assert record.data["path"] == "inc-1.md" and "timeline" in record.data["facts"]


def test_facts_that_nobody_recorded_are_recorded_by_the_next(project: Path) -> None:
    """The first making is in the record, the second was cut off: those facts are named that it had made anew."""
    again(project)
    acts.update(session(project).place, "INC-1", {"impact": "Nobody can pay"}, None)
    killed(project)
    assert len(recorded(project)) == 1
    assert "recorded now" in again(project).err.getvalue()
    first, second = recorded(project)
    assert second.data["facts"] == ["summary", "timeline"]
    assert first.data["blocks"].keys() == second.data["blocks"].keys()


def test_what_people_write_is_no_reason_to_record_anything(project: Path) -> None:
    """Prose is theirs; and of a record from before facts were recorded one by one nothing is guessed."""
    again(project)
    path = project / "inc-1.md"
    path.write_text(path.read_text() + "\nWe know more now.\n")
    again(project)
    assert len(recorded(project)) == 1
    place = session(project).place
    with desk.speaking(place, "INC-1") as (writer, _):
        old = {name: value for name, value in recorded(project)[0].data.items() if name != "blocks"}
        writer.append(desk.by_me(place, "postmortem.written", old))
    again(project)
    assert len(recorded(project)) == 2
