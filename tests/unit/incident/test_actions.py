"""Action items as their records tell them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from runbook.errors import Refused, UsageError
from runbook.incident.actions import Aim, State, actions, named, next_id, one, still_open
from runbook.journal import Actor
from runbook.journal.record import Record


def record(seq: int, type_: str, **data: Any) -> Record:
    actor = Actor(kind="person", id="ana")
    at = f"2026-03-0{seq + 1}T12:00:00.000000Z"
    return Record(1, "incident/INC-7", seq, at, 0, actor, type_, None, data, "", b"", "")


ADDED = record(
    0, "action.added", action="INC-7-A1", title="Add the index", aim="prevent", owner="dba", due="2026-03-05"
)


def test_an_item_keeps_what_was_said_when_it_was_added() -> None:
    """Its day is a day, its aim a word of the list, and who added it is known."""
    (item,) = actions("INC-7", [ADDED])
    assert (item.due, item.aim, item.owner, item.by) == (date(2026, 3, 5), Aim.PREVENT, "dba", "ana")


def test_an_item_is_overdue_from_the_day_after_its_own() -> None:
    """Its own day is still in time; an item without a day is never late."""
    (item,) = actions("INC-7", [ADDED])
    (undated,) = actions("INC-7", [record(0, "action.added", action="INC-7-A1", title="x", aim="process", due=None)])
    assert not item.overdue(date(2026, 3, 5))
    assert item.overdue(date(2026, 3, 6))
    assert not undated.overdue(date(2030, 1, 1))


def test_what_has_ended_is_not_overdue_and_says_why_it_ended() -> None:
    """Dropped is not done, and both have a reason."""
    dropped = record(1, "action.changed", action="INC-7-A1", state="dropped", reason="the table is gone")
    (item,) = actions("INC-7", [ADDED, dropped])
    assert (item.state, item.reason) == (State.DROPPED, "the table is gone")
    assert not item.overdue(date(2030, 1, 1))
    with pytest.raises(Refused, match="dropped already: the table is gone"):
        still_open(item)


def test_opened_again_is_open() -> None:
    """The end is forgotten, the record keeps it."""
    done = record(1, "action.changed", action="INC-7-A1", state="done", reason="merged")
    again = record(2, "action.changed", action="INC-7-A1", state="open", reason="reverted")
    (item,) = actions("INC-7", [ADDED, done, again])
    assert still_open(item).ended is None


def test_a_change_touches_only_what_it_names() -> None:
    """Somebody moves the day; the owner stays."""
    moved = record(1, "action.changed", action="INC-7-A1", fields={"due": "2026-04-01"}, reason="waits for the vendor")
    (item,) = actions("INC-7", [ADDED, moved])
    assert (item.due, item.owner, item.title) == (date(2026, 4, 1), "dba", "Add the index")


def test_records_of_others_change_nothing() -> None:
    """The stream holds much else, and a change of an unknown item is none."""
    others = [
        record(1, "note.added", about="note", text="x"),
        record(2, "action.changed", action="INC-7-A9", fields={}),
    ]
    assert len(actions("INC-7", [ADDED, *others])) == 1


@pytest.mark.parametrize("typed", ["INC-7-A2", "inc-7-a2", "7-A2", "INC-7/2", "inc-07-A02"])
def test_an_item_is_found_however_it_was_typed(typed: str) -> None:
    """At night nobody remembers capitals and dashes."""
    assert named(typed) == ("INC-7", "INC-7-A2")


@pytest.mark.parametrize("typed", ["", "7", "INC-7", "A2", "INC-x-A1", "INC-7-Ab", "INC-٧-A1"])
def test_what_names_no_item_is_refused_with_how_they_are_called(typed: str) -> None:
    """A usage error, and never another item."""
    with pytest.raises(UsageError, match="no action item"):
        named(typed)


def test_numbers_go_on_and_an_unknown_one_names_the_range() -> None:
    """The next is one more than there are."""
    items = actions("INC-7", [ADDED])
    assert next_id("INC-7", items) == "INC-7-A2"
    with pytest.raises(UsageError, match="no action item INC-7-A9") as caught:
        one("INC-7-A9", items)
    assert "INC-7-A1" in str(caught.value.hint)
