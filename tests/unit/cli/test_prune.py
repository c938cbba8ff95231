"""`runbook store prune`: what it shows, asks, drops and says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli.prune import Options, prune
from runbook.errors import Exit, UsageError
from runbook.incident import desk
from support.sessions import Heard, session

CONFIG = "apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///.runbook/journal.db\nretention: {payloads: 90d}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with an incident, and a payload whose writer was killed before its record."""
    (tmp_path / "runbook.yaml").write_text(CONFIG)
    place = session(tmp_path).place
    desk.opened(place, {"title": "t", "severity": "SEV1"}, catalog=b"kind: Catalog\n")
    place.journal.put(b"nobody's", "text/plain; charset=utf-8")
    return tmp_path


def pruned(folder: Path, **options: object) -> Heard:
    heard = session(folder)
    assert prune(heard, Options(**options)) == Exit.OK  # type: ignore[arg-type]
    return heard


def test_a_dry_run_shows_what_no_record_names_and_drops_nothing(folder: Path) -> None:
    """Apart from what runs lose: it is nobody's."""
    heard = pruned(folder, dry_run=True)
    assert "1 payload, 8 bytes, that no record names: left by a crash" in heard.err.getvalue()
    told = pruned(folder, dry_run=True, output="json").json["prune"]
    assert (told["dropped"], told["payloads"], [one["size"] for one in told["unnamed"]]) == (None, [], [8])
    assert len(session(folder).place.journal.payloads()) == 2


def test_what_no_record_names_is_dropped_after_a_yes_and_recorded(folder: Path) -> None:
    """In the store's own stream, with the rule; the catalog of the incident stays."""
    with pytest.raises(UsageError, match="without a terminal nobody can be asked"):
        prune(session(folder), Options())
    heard = pruned(folder, yes=True)
    assert "1 that no record named, recorded in the store's own stream" in heard.err.getvalue()
    journal = heard.place.journal
    last = list(journal.read(str(journal.own_stream())))[-1]
    assert (last.type, last.data["rule"], last.data["count"]) == ("payloads.dropped", "retention 90d", 1)
    [catalog] = journal.payloads()
    assert journal.get(catalog) == b"kind: Catalog\n"
    assert "nothing is to be dropped" in pruned(folder, yes=True).err.getvalue()
