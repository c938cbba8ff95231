"""Declaring an incident."""

from __future__ import annotations

import pytest

from runbook import shipped
from runbook.errors import UsageError
from runbook.incident.declaring import Declaration, declare
from runbook.incident.desk import every, records
from runbook.incident.moments import Given
from support.incidents import CATALOG, room

BYTES = shipped.catalog().read_bytes()


def test_names_are_those_of_the_catalog_and_its_bytes_are_kept() -> None:
    """What SEV1 meant that night can be read years later."""
    place = room()
    came = declare(place, CATALOG, BYTES, Declaration(title=" Down \n now", severity="sev1", type="third-party"))
    assert (came.incident.title, came.incident.severity, came.incident.type) == ("Down now", "SEV1", "Third-party")
    assert place.journal.get(str(came.incident.catalog)) == BYTES
    assert next(iter(records(place.journal, "INC-1"))).data["catalog"]["bytes"] == BYTES


def test_it_is_as_confidential_as_its_type_unless_that_is_said() -> None:
    """A flag decides; without one the type does."""
    place = room()

    def one(**more: object) -> tuple[bool, str | None]:
        said = Declaration(title="t", severity="SEV2", type="Security", **more)  # type: ignore[arg-type]
        incident = declare(place, CATALOG, BYTES, said).incident
        return incident.confidential, incident.tlp

    assert one() == (True, "AMBER+STRICT")
    assert one(confidential=False, tlp="green") == (False, "GREEN")


def test_roles_and_times_are_there_from_the_first_moment() -> None:
    """In one transaction: nobody sees it without them."""
    place = room()
    now = place.clock.now
    said = Declaration(
        title="t",
        severity="SEV2",
        roles={"commander": "me"},
        times={"impact_started": Given(now - 900, "graph")},
        when=Given(now - 600, "chat"),
    )
    incident = declare(place, CATALOG, BYTES, said).incident
    assert (incident.who("commander"), incident.started, incident.at("declared")) == ("ana", now - 900, now - 600)
    assert incident.times["declared"].recorded == now


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"severity": "SEV9"}, "no severity 'SEV9'"),
        ({"type": "Weather"}, "no type of incident 'Weather'"),
        ({"title": "  "}, "needs a title"),
        ({"title": "x" * 201}, "longer than 200"),
        ({"tlp": "white"}, "TLP:CLEAR"),
        ({"roles": {"king": "ana"}}, "no role 'king'"),
        ({"service": " "}, "service is empty"),
        ({"times": {"resolved": Given(1.0, "x")}}, "declared at .* would be after resolved"),
    ],
)
def test_what_cannot_be_declared_leaves_no_incident(more: dict[str, object], words: str) -> None:
    """Not even a number without a record that could be listed."""
    place = room()
    fields = {"title": "t", "severity": "SEV1", **more}
    with pytest.raises(UsageError, match=words):
        declare(place, CATALOG, BYTES, Declaration(**fields))  # type: ignore[arg-type]
    assert every(place.journal, []) == []
