"""An incident on one page."""

from __future__ import annotations

from html.parser import HTMLParser

from runbook.incident import desk
from runbook.incident import records as r
from runbook.incident.leftovers import leftovers
from runbook.incident.postmortem.facts import Facts, facts
from runbook.report.incident_page import Section, incident_page
from runbook.report.timeline import Entry
from support.histories import RUN, resolved
from support.incidents import declared, room, said

NOW = 1_795_500_000.0


def told(**data: object) -> Facts:
    place = room()
    id_ = declared(place, **data)
    said(place, id_, r.ASSIGNED, role="commander", person="ana", **{"from": None, "reason": None})
    said(
        place,
        id_,
        r.ACTION_ADDED,
        action="INC-1-A1",
        title="Add the index",
        aim="prevent",
        owner="ana",
        due="2026-01-01",
    )
    tape = resolved()
    return facts(id_, list(desk.records(place.journal, id_)), {RUN: tape.records}, leftovers(RUN, tape.history))


class Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("href", "src", "srcset", "action")]
        assert tag != "script"


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    """It is mailed, archived, opened from a disk."""
    page = incident_page(told(war_room="https://meet.example.com/1"), [], NOW)
    outside = [link for link in Links(page).found if not link.startswith("#")]
    assert outside == ["https://meet.example.com/1"]


def test_it_says_what_was_done_and_what_is_left() -> None:
    """The run, its change, what is overdue, by roles."""
    page = incident_page(
        told(), [Entry(NOW, NOW, "incident/INC-1", 0, "x", "ana", False, "ana declared it", True, "")], NOW
    )
    assert "Return Deployment production/api" in page
    assert ">overdue<" in page
    assert "the commander declared it" in page
    assert "ana" not in page.replace("manage", "").replace("Candara", "")


def test_values_stay_text() -> None:
    """A title from an alert is no markup."""
    page = incident_page(told(title="<img src=x onerror=alert(1)>"), [], NOW)
    assert "<img" not in page


def test_other_parts_add_their_sections() -> None:
    """Between the times and the runs, with a link to them."""
    page = incident_page(told(), [], NOW, [Section("clocks", "Deadlines", "GDPR 33: 3h left")])
    assert '<a href="#clocks">Deadlines</a>' in page
    assert page.index("GDPR 33: 3h left") < page.index("What runbooks did</h2>")


def test_who_may_read_it_stands_above_and_below() -> None:
    """TLP asks for both."""
    assert incident_page(told(tlp="AMBER"), [], NOW).count("TLP:AMBER") == 2
