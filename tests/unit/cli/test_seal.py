"""`runbook seal now`: what is sealed on demand, and what that shows afterwards."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from runbook.cli import incident_declare as declaring
from runbook.cli import incident_people as people
from runbook.cli import log, seal
from runbook.errors import Exit, UsageError
from support.sessions import Heard, session

CONFIG = """\
apiVersion: runbook/v1
kind: Config
store: sqlite:///.runbook/journal.db
seals:
  key: {file: seal.key}
  publish:
    - {file: seals}
"""


def sealed(folder: Path) -> Heard:
    """An incident of two records that was sealed."""
    (folder / "runbook.yaml").write_text(CONFIG)
    heard = session(folder)
    seal.keygen(heard, seal.Options(folder / "seal.key"))
    declaring.declare(heard, declaring.Options(title="Checkout is down", severity="SEV1"))
    people.note(heard, people.Words("1", "the regulator called at 14:23Z"))
    assert seal.now(heard, seal.Options(run="INC-1", output="json")) == Exit.OK
    assert (heard.json["stream"], heard.json["size"]) == ("incident/INC-1", 2)
    return heard


def test_an_incident_that_was_sealed_is_missed_when_its_end_is_cut_off(tmp_path: Path) -> None:
    """Obligations are counted from such records; a chain alone cannot say that something stood behind it."""
    heard = sealed(tmp_path)
    with sqlite3.connect(tmp_path / ".runbook" / "journal.db") as database:
        database.execute("DELETE FROM records WHERE stream = 'incident/INC-1' AND seq = 1")
    database.close()
    assert log.verify(heard, log.Options("inc-1", output="json")) == Exit.INVALID
    [told] = heard.json["streams"]
    assert (told["problem"], told["seq"]) == ("truncated", 1)


def test_a_file_that_is_not_there_is_no_run(tmp_path: Path) -> None:
    """Whoever mistypes a file's name is not sent to the list of runs."""
    with pytest.raises(UsageError, match=r"there is no file nowhere/run\.jsonl"):
        log.verify(session(tmp_path), log.Options("nowhere/run.jsonl"))


def test_a_file_without_a_record_is_named_as_the_file(tmp_path: Path) -> None:
    """It has no stream that could be."""
    heard = session(tmp_path)
    (tmp_path / "empty.jsonl").touch()
    assert log.verify(heard, log.Options(str(tmp_path / "empty.jsonl"))) == Exit.INVALID
    assert heard.out.getvalue().startswith("✗ the file: unfinished: ")


def test_one_record_of_an_incident_is_proved_without_the_others(tmp_path: Path) -> None:
    """That a word was said, and when, to somebody who is to read nothing else."""
    heard = sealed(tmp_path)
    heard.out.truncate(0)
    heard.out.seek(0)
    assert log.prove(heard, log.Options("INC-1", seq=1)) == Exit.OK
    (tmp_path / "proof.json").write_text(heard.out.getvalue())
    assert "Checkout" not in heard.out.getvalue()
    assert log.verify(heard, log.Options(str(tmp_path / "proof.json"))) == Exit.OK
    assert "incident/INC-1: record 1 is one of the 2 that were sealed" in heard.out.getvalue()
