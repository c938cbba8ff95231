"""Reminders of deadlines."""

from __future__ import annotations

from runbook.incident import desk as incidents
from runbook.incident.moments import Given
from runbook.incident.obligations import desk
from runbook.incident.obligations.alarms import alarms
from runbook.incident.reminders import Reminder
from support.incidents import CATALOG, Room, room
from support.obligations import acme, begun

RULES = acme()
HOUR = 3600.0


def waiting(place: Room, id_: str) -> list[Reminder]:
    told = list(incidents.records(place.journal, id_))
    return list(alarms(RULES, incidents.told(place.journal, id_), told, CATALOG, place.clock.now))


def running(place: Room) -> str:
    """An incident whose notice is due in ten hours."""
    id_ = begun(place)
    desk.judge(place, id_, RULES, "acme", True, "their data were on it")
    desk.anchor(place, id_, RULES, "aware", Given(), None)
    return id_


def test_a_deadline_reminds_at_half_at_four_fifths_and_at_its_end() -> None:
    """Each has a key of its own, which is the same whenever it is computed."""
    place = room()
    id_ = running(place)
    begins = place.clock.now
    keys = {}
    for hours in (0, 4.9, 5, 7.9, 8, 9.9, 10, 30):
        place.clock.now = begins + hours * HOUR
        keys[hours] = [(one.key.rpartition("/")[2], (one.due - begins) / HOUR) for one in waiting(place, id_)]
    assert keys == {
        0: [],
        4.9: [],
        5: [("50", 5)],
        7.9: [("50", 5)],
        8: [("80", 8)],
        9.9: [("80", 8)],
        10: [("100", 10)],
        30: [("100", 10)],
    }


def test_a_reminder_says_what_by_when_and_how_much_is_over() -> None:
    """One line, read on a phone."""
    place = room()
    id_ = running(place)
    place.clock.now += 8 * HOUR
    [one] = waiting(place, id_)
    assert one.text == "Notice (acme.notice) is due by 2026-09-22 01:13Z; 80 % of its time are over"
    assert (one.about, one.to) == ("obligation", "commander")


def test_a_deadline_that_was_moved_reminds_anew() -> None:
    """Another deadline has other reminders."""
    place = room()
    id_ = running(place)
    place.clock.now += 5 * HOUR
    [before] = waiting(place, id_)
    desk.anchor(place, id_, RULES, "aware", Given(place.clock.now - 9 * 60, "the log"), "it was a suspicion only")
    assert waiting(place, id_) == []
    place.clock.now += 5 * HOUR
    [after] = waiting(place, id_)
    assert before.key != after.key


def test_what_is_filed_waived_or_undecided_reminds_nobody() -> None:
    """Nagging about what is done makes all nagging noise."""
    place = room()
    id_ = running(place)
    place.clock.now += 9 * HOUR
    desk.waive(place, id_, RULES, "acme.notice", "Acme knows already")
    assert waiting(place, id_) == []


def test_what_names_no_number_reminds_once_at_its_aim() -> None:
    """Without undue delay is not without end."""
    place = room()
    id_ = begun(place)
    desk.judge(place, id_, RULES, "acme.interview", True, "Acme asked")
    desk.anchor(place, id_, RULES, "asked", Given(), None)
    assert waiting(place, id_) == []
    place.clock.now += 24 * HOUR
    assert [one.text for one in waiting(place, id_)] == [
        "Interview (acme.interview) is due without undue delay, and not filed"
    ]
