"""What people do to an incident: judged by what is there, in one transaction each."""

from __future__ import annotations

import pytest

from runbook.errors import Refused, UsageError
from runbook.incident import acts
from runbook.incident import records as r
from runbook.incident.desk import records, told
from runbook.incident.moments import Given
from runbook.incident.words import Status
from support.incidents import CATALOG, declared, room, said
from support.policies import people


def test_two_commanders_are_refused_with_who_has_it_since_when() -> None:
    """One voice leads; the refusal says how to hand over."""
    place = room()
    id_ = declared(place)
    acts.assign(place, CATALOG, id_, "commander", "ana", from_=None, reason=None)
    with pytest.raises(Refused, match=r"ana is commander of INC-1, since 2026-09-21 14:13Z") as error:
        acts.assign(place, CATALOG, id_, "commander", "ben", from_=None, reason=None)
    assert error.value.hint == "hand it over: runbook incident assign INC-1 commander ben --from ana"
    assert told(place.journal, id_).who("commander") == "ana"


def test_a_hand_over_names_who_hands_over() -> None:
    """Where somebody else has it by now, nothing is written; done twice, it is done once."""
    place = room()
    id_ = declared(place)
    acts.assign(place, CATALOG, id_, "commander", "ana", from_=None, reason=None)
    with pytest.raises(Refused, match="carla is not commander of INC-1: ana has it"):
        acts.assign(place, CATALOG, id_, "commander", "ben", from_="carla", reason=None)
    came = acts.assign(place, CATALOG, id_, "Commander", "@ben", from_="ana", reason="end of shift")
    assert (came.incident.who("commander"), came.changed) == ("ben", True)
    assert not acts.assign(place, CATALOG, id_, "commander", "ben", from_="ana", reason=None).changed


def test_somebody_whom_the_policy_has_no_more_hands_over() -> None:
    """Who left the company while leading an incident is no reason not to name another."""
    place = room()._replace(people=people("u-ann"))
    id_ = declared(place)
    said(place, id_, r.ASSIGNED, role="commander", person="gone", **{"from": None, "reason": None})
    came = acts.assign(place, CATALOG, id_, "commander", "ben", from_="gone", reason=None)
    assert (came.incident.who("commander"), came.changed) == ("ben", True)


def test_a_commander_who_is_relieved_leaves_nobody_and_that_is_said() -> None:
    """An incident that nobody leads is worth a sentence."""
    place = room()
    id_ = declared(place)
    acts.assign(place, CATALOG, id_, "commander", "me", from_=None, reason=None)
    came = acts.relieve(place, CATALOG, id_, "commander", reason=None)
    assert came.told == ("nobody commands INC-1 now",)
    assert not acts.relieve(place, CATALOG, id_, "commander", reason=None).changed


def test_who_is_relieved_can_be_named_and_nobody_else_is() -> None:
    """Somebody else may have taken over a moment ago."""
    place = room()
    id_ = declared(place)
    acts.assign(place, CATALOG, id_, "scribe", "ben", from_=None, reason=None)
    with pytest.raises(Refused, match="ana is not scribe of INC-1: ben has it"):
        acts.relieve(place, CATALOG, id_, "scribe", reason=None, from_="ana")
    assert acts.relieve(place, CATALOG, id_, "scribe", reason=None, from_="ben").incident.who("scribe") is None


def test_a_role_goes_to_somebody_whom_the_policy_knows() -> None:
    """The nearest name is offered; without a policy any name will do."""
    place = room()._replace(people=people("u-ann"))
    id_ = declared(place)
    with pytest.raises(UsageError, match="the policy has no person 'bne'") as error:
        acts.assign(place, CATALOG, id_, "scribe", "bne", from_=None, reason=None)
    assert error.value.hint == "did you mean 'ben'?"
    with pytest.raises(UsageError, match="there is no role 'comander'"):
        acts.assign(place, CATALOG, id_, "comander", "ben", from_=None, reason=None)


def test_a_severity_that_is_lowered_is_recorded_and_commented() -> None:
    """The reason stands in the record; the same severity again writes nothing."""
    place = room()
    id_ = declared(place)
    came = acts.severity(place, CATALOG, id_, "sev3", "half of them")
    assert came.told == ("SEV3 is less than SEV1; if you are not sure, keep the higher until it is over",)
    assert not acts.severity(place, CATALOG, id_, "SEV3", "again").changed
    with pytest.raises(UsageError, match="the reason is empty"):
        acts.severity(place, CATALOG, id_, "SEV1", " ")


def test_a_confidential_type_makes_the_incident_so_and_no_type_takes_it_back() -> None:
    """What was kept from the public for an hour is not published by a reclassification."""
    place = room()
    id_ = declared(place)
    came = acts.classify(place, CATALOG, id_, "security", "a strange key")
    assert (came.incident.confidential, came.incident.tlp) == (True, "AMBER+STRICT")
    came = acts.classify(place, CATALOG, id_, "Service", "it was ours")
    assert came.incident.confidential
    assert "stays confidential" in came.told[0]
    with pytest.raises(UsageError, match="no longer confidential"):
        acts.update(place, id_, {"confidential": False}, None)
    assert not acts.update(place, id_, {"confidential": False}, "it was a test key").incident.confidential


@pytest.mark.parametrize(
    ("mark", "said_"),
    [("tlp:red", "RED"), ("amber+strict", "AMBER+STRICT"), (" Clear ", "CLEAR")],
)
def test_marks_of_tlp_are_written_in_one_way(mark: str, said_: str) -> None:
    """However somebody types them."""
    place = room()
    assert acts.update(place, declared(place), {"tlp": mark}, None).incident.tlp == said_


@pytest.mark.parametrize(("mark", "words"), [("WHITE", "called TLP:CLEAR since TLP 2.0"), ("PINK", "no mark of TLP")])
def test_marks_that_there_are_not_are_refused(mark: str, words: str) -> None:
    """The older word is told what took its place."""
    place = room()
    with pytest.raises(UsageError, match=words):
        acts.update(place, declared(place), {"tlp": mark}, None)


def test_an_empty_text_takes_a_field_away() -> None:
    """And what is so already writes nothing."""
    place = room()
    id_ = declared(place, war_room="https://meet.example.com/1")
    assert acts.update(place, id_, {"war_room": ""}, None).incident.war_room is None
    assert not acts.update(place, id_, {"war_room": " "}, None).changed
    with pytest.raises(UsageError, match="nothing is to be updated"):
        acts.update(place, id_, {}, None)


def test_an_end_before_the_beginning_is_refused_and_nothing_is_lost() -> None:
    """Resolved before declared, mitigated after resolved: both times are in the sentence, the record is as it was."""
    place = room()
    id_ = declared(place)
    now = place.clock.now
    with pytest.raises(UsageError, match="would be before declared"):
        acts.resolve(place, id_, Given(now - 60, "a guess"), None)
    place.clock.now += 600
    acts.resolve(place, id_, Given(), "rolled back")
    with pytest.raises(UsageError, match="would be after resolved"):
        acts.time(place, id_, "mitigated", Given(now + 700, "a guess"), None)
    assert [record.type for record in records(place.journal, id_)] == [r.DECLARED, r.RESOLVED]


def test_each_end_is_said_once_and_reopening_takes_it_back() -> None:
    """The hint says how to correct the time of one that was said."""
    place = room()
    id_ = declared(place)
    with pytest.raises(Refused, match="INC-1 is open"):
        acts.reopen(place, id_, "why not")
    acts.mitigate(place, id_, Given(), None)
    with pytest.raises(Refused, match="INC-1 is mitigated already"):
        acts.mitigate(place, id_, Given(), None)
    acts.resolve(place, id_, Given(), None)
    with pytest.raises(Refused, match="INC-1 is resolved already"):
        acts.resolve(place, id_, Given(), None)
    assert acts.reopen(place, id_, "errors again").incident.status is Status.OPEN


def test_a_time_is_corrected_with_a_reason_only() -> None:
    """And an end is not invented by a time."""
    place = room()
    id_ = declared(place)
    when = Given(place.clock.now - 300, "graph")
    assert acts.time(place, id_, "Impact-Started", when, None).incident.at("impact_started") == when.at
    with pytest.raises(UsageError, match="impact started is known already"):
        acts.time(place, id_, "impact_started", when, None)
    with pytest.raises(Refused, match="INC-1 is not resolved"):
        acts.time(place, id_, "resolved", when, None)
    with pytest.raises(UsageError, match="there is no time 'detectd'") as error:
        acts.time(place, id_, "detectd", when, None)
    assert error.value.hint == "did you mean 'detected'?"


def test_a_clock_that_is_behind_is_told_and_time_does_not_go_back() -> None:
    """Of two machines, the second may lag; its record has the time of the newest, and says so."""
    place = room()
    id_ = declared(place)
    place.clock.now -= 600
    came = acts.resolve(place, id_, Given(), None)
    assert came.told[0].startswith("this machine's clock is 600 s behind")
    assert came.incident.at("resolved") == came.incident.at("declared")


def test_a_run_joins_once_and_who_started_it_has_acknowledged() -> None:
    """Somebody works on it; nobody has to type that as well."""
    place = room()
    id_ = declared(place)
    came = acts.join(place, id_, "01k", "api", acknowledges=True)
    assert came.incident.times["acknowledged"].source == "run 01k"
    assert not acts.join(place, id_, "01k", "api", acknowledges=True).changed
    assert not acts.join(room(journal=place.journal), id_, "01k", "api").changed


def test_what_is_linked_twice_is_linked_once() -> None:
    """And what is no address is no link."""
    place = room()
    id_ = declared(place)
    assert acts.link(place, id_, "url", "https://status.example.com").changed
    assert not acts.link(place, id_, "url", "https://status.example.com").changed
    with pytest.raises(UsageError, match="is no address"):
        acts.link(place, id_, "url", "javascript:alert(1)")
    with pytest.raises(UsageError, match="cannot be linked to itself"):
        acts.link(place, id_, "incident", id_)


def test_notes_of_the_stream_are_those_of_people() -> None:
    """A note of several lines stays one; an empty one is refused."""
    place = room()
    id_ = declared(place)
    assert acts.note(place, id_, " two\nlines ").incident.notes[0].text == "two\nlines"
    with pytest.raises(UsageError, match="the note is empty"):
        acts.note(place, id_, " ")
    said(place, id_, r.NOTED, about="note", text="by another", by="ben")
    assert [one.by for one in told(place.journal, id_).notes] == ["ana", "ben"]
