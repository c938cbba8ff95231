"""A SEV1 from the run that begins it to a filed notification and a postmortem, as its people type it.

Nothing is typed twice: what the run did, who decided, what was said, and when, stands in the timeline, in the page and
in the postmortem because it stands in the journal.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.projects import Project, Said

pytestmark = pytest.mark.acceptance

CONFIG = """\
channels:
  team: {file: {path: team.log}}
  status: {file: {path: status.md}, audience: customers}
obligations: {scope: [gdpr], holidays: {country: DE}}
"""

RUNBOOK = """\
name: practice
title: Checkout is down
severity: SEV1
service: checkout
symptoms:
  - id: marked
    uses: command.run
    with: {argv: [test, -e, broken], effect: read}
resolution:
  - id: remove
    temporary: 24h
    steps:
      - id: rm
        uses: command.run
        with: {argv: [rm, broken], undo: {argv: [touch, broken]}}
verification:
  within: 3s
  every: 1s
  checks:
    - {id: gone, uses: command.run, with: {argv: [test, "!", -e, broken], effect: read}}
communication:
  - {at: resolved, to: team, template: resolved}
"""

ITEMS = ("nature", "people", "records", "contact", "consequences", "measures")


class Night(Project):
    """The project, with whoever is on call at its keyboard."""

    def says(self, *words: str, exit_: int = 0) -> Said:
        said = self.does(*words)
        assert said.exit == exit_, f"{words}: exit {said.exit}\n{said.out}\n{said.err}"
        return said

    def stream(self, name: str) -> list[dict[str, Any]]:
        """A stream as `log export` gives it, without its checkpoint."""
        lines = [json.loads(line) for line in self.says("log", "export", name).out.splitlines()]
        return [line for line in lines if "seq" in line]


@pytest.fixture
def night(tmp_path: Path) -> Night:
    made = Night(tmp_path / "project", CONFIG)
    made.runbook(RUNBOOK)
    (made.folder / "broken").touch()
    return made


def begun(night: Night) -> str:
    """The run declares the incident; who leads, what it is, and what users see is said. Gives the run."""
    run = night.run("practice", "--declare", "--yes")
    assert (run.exit, run.run["outcome"]) == (0, "resolved"), run.err
    night.says("incident", "assign", "INC-1", "commander", "me")
    night.says("incident", "time", "INC-1", "impact_started", "--at", "20m ago", "--source", "error graph")
    night.says("incident", "time", "INC-1", "detected", "--at", "18m ago", "--source", "customer support")
    night.says("incident", "classify", "INC-1", "Data", "--reason", "records of customers were readable")
    night.says("incident", "update", "INC-1", "--impact", "Nobody can pay", "--public", "Payments fail; we work on it.")
    return str(run.run["run"])


def told(night: Night) -> None:
    """The team is told; customers are when they are named, and confirmed."""
    night.says("notify", "INC-1", "--template", "initial")
    assert not (night.folder / "status.md").exists()
    night.says("notify", "INC-1", "--template", "initial", "--to", "status", "--yes")
    assert "Payments fail" in (night.folder / "status.md").read_text()
    assert "Nobody can pay" not in (night.folder / "status.md").read_text()


def filed(night: Night) -> None:
    """A person decides that the law applies; it is filed when all that it asks for is there, and not before."""
    night.says("obligations", "judge", "INC-1", "gdpr", "--applies", "--reason", "names and addresses")
    night.says("obligations", "anchor", "INC-1", "aware", "--at", "10m ago", "--source", "export log")
    refused = night.does("obligations", "file", "INC-1", "gdpr.authority", "--reference", "2026-0815")
    assert refused.exit in (7, 8)
    assert all(item in refused.err for item in ITEMS)
    for item in ITEMS:
        night.says("obligations", "answer", "INC-1", "gdpr.authority", item, f"about the {item}: 100 customers")
    assert "about the nature: 100 customers" in night.says("obligations", "draft", "INC-1", "gdpr.authority").out
    night.says("obligations", "file", "INC-1", "gdpr.authority", "--reference", "2026-0815", "--how", "web form")


def ended(night: Night) -> Path:
    """It is over; what is left is listed; the postmortem is written, and people write in it."""
    night.says("incident", "mitigate", "INC-1", "--summary", "the marker is gone")
    resolved = night.says("incident", "resolve", "INC-1", "--summary", "the marker is gone for good")
    assert "rm broken" in resolved.err and "runbook undo" in resolved.err
    night.says("actions", "add", "INC-1", "Alert on the marker", "--owner", "ops", "--due", "14d")
    night.says("postmortem", "INC-1", "-o", "inc-1.md")
    path = night.folder / "inc-1.md"
    path.write_text(path.read_text().replace("TODO: what users saw", "They saw a white page"))
    return path


def test_a_sev1_from_its_run_to_a_filed_notification_and_a_postmortem(night: Night) -> None:
    """Its timeline is the journal: every record once, in the order of each stream, and nothing else."""
    run = begun(night)
    told(night)
    filed(night)
    path = ended(night)

    night.says("postmortem", "INC-1", "-o", "inc-1.md")
    text = path.read_text()
    assert "They saw a white page" in text
    assert "gdpr.authority filed as 2026-0815" in text
    assert "INC-1-A1 | Alert on the marker" in text
    page = night.says("incident", "report", "INC-1").out
    assert "2026-0815" in page and "Payments fail" in page

    timeline = night.says("incident", "timeline", "INC-1", "--output", "json").json["timeline"]
    for name, stream in (("INC-1", "incident/INC-1"), (run, f"run/{run}")):
        there = [(entry["record"]["seq"], entry["type"]) for entry in timeline if entry["record"]["stream"] == stream]
        assert there == [(record["seq"], record["type"]) for record in night.stream(name)]
    assert {entry["record"]["stream"] for entry in timeline} == {"incident/INC-1", f"run/{run}"}
    assert [entry["at"] for entry in timeline] == sorted(entry["at"] for entry in timeline)

    night.says("log", "verify", run)
    night.says("log", "verify", "INC-1")


def test_nothing_of_a_confidential_incident_goes_to_customers(night: Night) -> None:
    """However it is asked for; that it was kept back stands in the record."""
    night.says("incident", "declare", "--severity", "SEV1", "--type", "Security", "--title", "Keys leaked")
    night.says("incident", "update", "INC-1", "--public", "We are looking into something.")
    night.does("notify", "INC-1", "--template", "initial", "--to", "status", "--yes")
    assert not (night.folder / "status.md").exists()
    sent = [record["data"] for record in night.stream("INC-1") if record["type"] == "message.sent"]
    assert [one["status"] for one in sent] in ([], ["suppressed"])
