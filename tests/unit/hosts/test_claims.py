"""One run at a time: what was looked at before a run had its lock is looked at again under it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook.errors import Refused
from runbook.hosts.local import started
from runbook.hosts.place import Manner
from runbook.hosts.said import Nobody
from runbook.hosts.undoing import undo_start
from support.crash import place

RUN, FIRST, SECOND = (place.run_id(number) for number in (1, 2, 3))
UNDOABLE = re.sub(r"\[bin/act, (\w+)\]", r"[bin/act, \1], undo: {argv: [bin/act, un\1]}", place.one())


def test_of_two_undos_prepared_at_once_the_second_is_refused_and_holds_nothing(tmp_path: Path) -> None:
    """Each saw that nothing was taken back yet; the lock lets one in after the other, and each change goes once."""
    root = place.project(tmp_path / "p", runbook=UNDOABLE)
    of = place.opened(root)
    place.begin(of, RUN)
    begun = [undo_start(of.place, RUN, new) for new in (FIRST, SECOND)]
    started(of.place, *begun[0], {}, Manner(yes=True), Nobody(), place.Unseen())
    with pytest.raises(Refused, match="taken back already"):
        started(of.place, *begun[1], {}, Manner(yes=True), Nobody(), place.Unseen())
    assert place.ledger(root) == ["restart", "purge", "unpurge", "unrestart"]
    assert of.journal.locks() == []
    assert of.journal.head(f"run/{SECOND}") is None
