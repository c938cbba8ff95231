"""Incidents in the journal."""

from __future__ import annotations

from itertools import count

import pytest

from runbook.errors import Refused, UsageError
from runbook.incident import desk
from runbook.incident import records as r
from support.incidents import declared, room
from support.policies import people


@pytest.mark.parametrize("name", ["INC-2", "inc-2", "2", " INC-02 "])
def test_an_incident_is_found_however_its_number_is_written(name: str) -> None:
    """People type numbers; scripts type ids."""
    place = room()
    declared(place), declared(place)
    assert desk.find(place.journal, name) == "INC-2"


@pytest.mark.parametrize("name", ["", "INC-", "INC-0", "INC-x", "INC-²", "1.5", "-1"])
def test_what_is_no_incident_says_how_they_are_called(name: str) -> None:
    """A typing error is not looked up."""
    with pytest.raises(UsageError, match="is no incident"):
        desk.find(room().journal, name)


def test_an_incident_of_another_store_is_not_found() -> None:
    """It says which store was asked, and how to see what it has."""
    with pytest.raises(UsageError, match="this store has no incident INC-7"):
        desk.find(room().journal, "INC-7")


def test_every_incident_comes_newest_first() -> None:
    """A list begins with what is going on."""
    place = room()
    for number in range(3):
        declared(place, title=f"number {number}")
    assert [incident.title for incident in desk.every(place.journal, [])] == ["number 2", "number 1", "number 0"]


def test_who_speaks_sees_what_others_wrote_before() -> None:
    """Two who speak come one after the other; the second folds what the first has said."""
    ana = room("ana")
    ben = room("ben", ana.journal)
    id_ = declared(ana)
    for place, numbers in ((ana, count(1)), (ben, count(2))):
        with desk.speaking(place, id_) as (writer, incident):
            assert incident.size == next(numbers)
            writer.append(desk.by_me(place, r.NOTED, {"about": "note", "text": "seen"}))
    assert [note.by for note in desk.told(ana.journal, id_).notes] == ["ana", "ben"]


def test_nothing_is_kept_of_what_was_refused_half_way() -> None:
    """A decision that cannot be made leaves no record."""
    place = room()
    id_ = declared(place)
    with pytest.raises(UsageError), desk.speaking(place, id_) as (writer, _):
        writer.append(desk.by_me(place, r.RESOLVED, {}))
        raise UsageError("on second thoughts")
    assert desk.told(place.journal, id_).size == 1


def test_who_may_not_run_may_not_declare_either() -> None:
    """A role gives no rights, and no rights are needed but those of running."""
    stranger = room()._replace(people=people("u-zoe"))
    with pytest.raises(Refused, match="os:u-zoe may not"):
        declared(stranger)
