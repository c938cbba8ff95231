"""What an incident says, for statistics."""

from __future__ import annotations

from runbook.incident import records as r
from runbook.incident.desk import told
from runbook.incident.metrics import desk
from runbook.incident.metrics.facts import facts_of, worst
from runbook.incident.words import Status
from support.incidents import at, declared, room, said
from support.measured import SEVERITIES, START, incident


def test_the_severity_is_the_highest_that_it_had():
    """Raised in the night and lowered in the morning, it was as bad as the night."""
    place = room()
    id_ = declared(place, severity="SEV3")
    for before, after in (("SEV3", "SEV1"), ("SEV1", "SEV4")):
        said(place, id_, r.SEVERITY_CHANGED, **{"from": before, "to": after, "reason": "x"})
    facts = facts_of(told(place.journal, id_), SEVERITIES)
    assert (facts.severity, facts.declared_severity) == ("SEV1", "SEV3")


def test_a_severity_that_the_catalog_has_dropped_is_lower_than_all():
    """An old incident still has one."""
    assert worst(["P0", "SEV4"], SEVERITIES) == "SEV4"
    assert worst(["P0"], SEVERITIES) == "P0"


def test_facts_are_those_of_the_records():
    """Times, whoever gave them; the words of the last change; whether it came from elsewhere."""
    place = room()
    id_ = declared(place, service=None, imported={"from": "csv", "id": "7"})
    said(place, id_, r.TIMED, time="impact_started", at=at(place, -600), source="dashboards", reason=None)
    said(place, id_, r.UPDATED, fields={"service": "checkout"}, reason="known now")
    said(place, id_, r.CLASSIFIED, **{"from": "Service", "to": "Security", "reason": "a stranger"})
    said(place, id_, r.MITIGATED, summary="rolled back")
    [facts] = desk.incidents(place.journal, SEVERITIES, [])
    assert (facts.id, facts.service, facts.type, facts.imported) == ("INC-1", "checkout", "Security", True)
    assert (facts.status, facts.resolved) == (Status.MITIGATED, None)
    assert facts.declared - facts.impact_started == 600
    assert facts == facts_of(told(place.journal, id_), SEVERITIES)


def test_an_incident_that_is_reopened_goes_on():
    """Its first end was none."""
    place = room()
    id_ = declared(place)
    said(place, id_, r.RESOLVED, summary="rolled back")
    said(place, id_, r.REOPENED, reason="errors again")
    [facts] = desk.incidents(place.journal, SEVERITIES, [])
    assert facts.is_open("resolved") and facts.is_open("mitigated")


def test_an_incident_began_with_its_impact_else_when_somebody_noticed():
    """A month needs a time; that of the resolution would be the wrong one."""
    assert incident(impact_started=-60, detected=-90).began == START - 60
    known = incident(alerted=-30, detected=-10, resolved=-500)
    assert (known.noticed, known.began) == ("alerted", START - 30)


def test_other_records_are_passed_over():
    """Messages, clocks and action items make a stream long; statistics do not read them."""
    place = room()
    id_ = declared(place)
    said(place, id_, r.MESSAGE_SENT, message="1", status="sent")
    [skim] = place.journal.skim(r.PREFIX, desk.OF_INCIDENTS)
    assert (skim.size, [record.type for record in skim.records]) == (2, [r.DECLARED])
