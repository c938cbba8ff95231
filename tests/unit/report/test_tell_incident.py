"""What is told of an incident's records."""

from __future__ import annotations

import pytest

from runbook.incident import records as r
from runbook.report.tell_incident import TELL, told
from support.incidents import declared, room, said

AT = "2026-11-23T14:23:00.000000Z"


@pytest.mark.parametrize(
    ("type_", "data", "words"),
    [
        (r.UPDATED, {"fields": {"impact": "no sale", "tlp": None}}, "impact: no sale; tlp: taken away"),
        (r.UPDATED, {"fields": {"confidential": False}, "reason": "ours"}, "confidential: no: ours"),
        (r.SEVERITY_CHANGED, {"from": "SEV1", "to": "SEV2", "reason": "half"}, "severity SEV1 → SEV2: half"),
        (r.CLASSIFIED, {"from": None, "to": "Data", "reason": "rows gone"}, "type not known → Data: rows gone"),
        (
            r.TIMED,
            {"time": "impact_started", "at": AT, "source": "graph"},
            "impact started at 2026-11-23 14:23:00Z, says graph",
        ),
        (r.MITIGATED, {"at": None, "summary": "rolled back"}, "mitigated: rolled back"),
        (r.RESOLVED, {"summary": None, "leftovers": [{}, {}]}, "resolved; 2 left to do"),
        (r.REOPENED, {"reason": "again"}, "reopened: again"),
        (r.ASSIGNED, {"role": "commander", "person": "ben", "from": "ana"}, "ben is commander, handed over by ana"),
        (r.RELIEVED, {"role": "scribe", "person": "ben"}, "ben is scribe no more"),
        (r.LINKED, {"what": "incident", "id": "INC-3", "relation": "caused by"}, "linked incident INC-3, caused by"),
        (r.JOINED, {"run": "01k", "runbook": "api"}, "run 01k of api joined"),
        (r.NOTED, {"text": "first\nsecond"}, "note: first …"),
        (
            r.MESSAGE_SENT,
            {"message": "m1", "status": "failed", "error": {"message": "no answer"}},
            "message m1: failed: no answer",
        ),
        (r.JUDGED, {"regime": "gdpr", "applicable": True, "reason": "names"}, "gdpr applies: names"),
        (
            r.JUDGED,
            {"regime": "gdpr", "report": "gdpr.people", "applicable": False, "reason": "encrypted"},
            "gdpr.people does not apply: encrypted",
        ),
        (
            r.ANCHORED,
            {"anchor": "aware", "at": AT, "source": "the DPO", "replaces": AT, "reason": "a suspicion only"},
            "times count from 'aware', 2026-11-23 14:23:00Z, says the DPO; moved from 2026-11-23 14:23:00Z: "
            "a suspicion only",
        ),
        (
            r.ANSWERED,
            {"report": "gdpr.authority", "item": "nature", "text": "a theft"},
            "gdpr.authority says under nature: a theft",
        ),
        (
            r.FILED,
            {"report": "gdpr.authority", "at": AT, "reference": "A-1", "partial": "later", "missing": ["people"]},
            "gdpr.authority filed as A-1, 2026-11-23 14:23:00Z; people to follow: later",
        ),
        (r.WAIVED, {"report": "sox.documentation", "reason": "done"}, "nobody will file sox.documentation: done"),
        (
            r.EXTENDED,
            {
                "report": "sec_8k.filing",
                "until": "2026-12-24T22:30:00.000Z",
                "authority": "the AG",
                "source": "mail",
            },
            "sec_8k.filing extended to 2026-12-24 22:30:00Z by the AG, says mail",
        ),
        (
            r.EXTENDED,
            {"report": "sec_8k.filing", "until": None, "authority": "the AG", "reason": "another filing"},
            "the extension of sec_8k.filing by the AG does not hold any more: another filing",
        ),
        ("incident.later", {"a": 1, "b": None}, "incident.later: a=1"),
    ],
)
def test_each_record_is_a_sentence(type_: str, data: dict[str, object], words: str) -> None:
    """In plain words, from the record alone; what is not known is told as it stands."""
    place = room()
    assert told(said(place, declared(place), type_, **data)) == words


def test_a_declaration_says_what_where_from_and_how_confidential() -> None:
    """All that somebody needs who reads only the first line."""
    place = room()
    data = {"at": AT, "source": "chat", "confidential": True, "tlp": "RED", "imported": {"from": "csv", "id": "7"}}
    [record] = place.journal.read(f"incident/{declared(place, **data)}")
    assert told(record) == (
        "declared SEV1, Service, confidential, TLP:RED: Checkout is down at 2026-11-23 14:23:00Z, says chat; "
        "imported from csv 7"
    )


def test_every_record_of_the_core_has_words() -> None:
    """What is forgotten here would be told as keys and values."""
    core = {r.DECLARED, r.UPDATED, r.SEVERITY_CHANGED, r.CLASSIFIED, r.TIMED, r.MITIGATED, r.RESOLVED, r.REOPENED}
    assert core | {r.ASSIGNED, r.RELIEVED, r.LINKED, r.JOINED, r.NOTED} <= TELL.keys()
