"""Roles instead of names."""

from __future__ import annotations

import pytest

from runbook.incident import desk
from runbook.incident import records as r
from runbook.incident.postmortem.people import People
from support.incidents import declared, room, said


def people(**more: bool) -> People:
    place = room("ana")
    id_ = declared(place)
    said(place, id_, r.ASSIGNED, role="commander", person="ana", **{"from": None, "reason": None})
    said(place, id_, r.ASSIGNED, role="communications", person="ana.b", **{"from": None, "reason": None})
    said(place, id_, r.ASSIGNED, role="commander", person="dora", **{"from": "ana", "reason": "shift"})
    for by in ("zoe", "carl", "zoe"):
        said(place, id_, r.NOTED, by=by, about="note", text="x")
    return People(desk.records(place.journal, id_), **more)


def test_people_are_called_by_their_first_role_else_numbered_as_they_appear() -> None:
    """Two commanders are both the commander: who had it when stands in the timeline."""
    assert people().called == {
        "ana": "the commander",
        "ana.b": "the communications lead",
        "dora": "the commander",
        "zoe": "responder 1",
        "carl": "responder 2",
    }


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("ana declared it", "the commander declared it"),
        ("handed over from ana to dora.", "handed over from the commander to the commander."),
        ("@zoe restarted it", "responder 1 restarted it"),
        ("ana.b wrote", "the communications lead wrote"),
        ("anagram, banana, ana-1, x@ana", "anagram, banana, ana-1, x@ana"),
        ("Ana", "Ana"),
    ],
)
def test_names_are_replaced_and_words_are_not(text: str, without: str) -> None:
    """Whole names as the record has them; a prose word that looks like one is lint's."""
    assert people().without_names(text) == without


def test_names_stand_where_they_are_asked_for() -> None:
    """`--names`."""
    named = people(names=True)
    assert (named.of("ana"), named.without_names("ana")) == ("ana", "ana")


def test_nobody_and_somebody() -> None:
    """Who is not known is not made up."""
    assert (people().of(None), people().of("mallory")) == ("nobody", "somebody")
