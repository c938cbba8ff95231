"""A run becomes a scenario that comes out as the run did: a played one, whose truth is known, is the proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from runbook.bootstrap import Project
from runbook.document.model import ScenarioCase
from runbook.hosts.recorded import Recorded, recorded
from runbook.hosts.rehearsal import Script, rehearsed
from runbook.scenario.people import policy_of
from support.rehearsals import BOOK, case, script, told

LIBRARY = Path(__file__).parents[3] / "runbooks"


def again(script: Script, one: ScenarioCase) -> Recorded:
    """A scenario played as the night, among people whom the project knows, and what is recorded of it."""
    script = msgspec.structs.replace(script, policy=policy_of(one, script.book, script.policy))
    played = rehearsed(script, one)
    return recorded(script, played.run, played.records)


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.scenarios.yaml")), ids=lambda path: path.stem)
def test_nights_of_the_library_can_be_recorded(path: Path) -> None:
    """One that ends, taken for a run, for each way in which they end: what is recorded of it passes."""
    project = Project(LIBRARY.parent)
    document: Any = project.load(path).document
    here = project.script(document.runbook, near=path)
    chosen = {one.expect.outcome: one for one in document.scenarios if one.expect.status != "waiting"}
    for one in chosen.values():
        assert (one.name, again(here, one).differences) == (one.name, ())


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"approvals": {"restart": {"denied_by": "ann", "reason": "not now", "after": "3m"}}},
        {"approvals": {"restart": {"skipped_by": "ann"}}},
        {"approvals": {"restart": {"aborted_by": "ann", "reason": "it is another one", "after": "2m"}}},
        {"only": ["restart"]},
        {"skip": ["restart"]},
        {"given": {"right": {"verdict": "fail"}}, "answers": {"confirm": {"answer": True, "after": "12m"}}},
        {"given": {"look": {"exit_code": 1}, "down": {"applied": "partly"}}, "answers": {"confirm": True}},
        {"given": {"members": {"exit_code": 0, "names": []}, "look": [{"exit_code": 0}]}},
        {"given": {"defrag[b]": {"nothing": "it is done"}}},
        {"given": {"right": {"error": "no route"}}, "answers": {"verification": "pass"}},
        {"given": {"wrong": {"error": "no route"}}, "answers": {"symptoms": "yes"}},
        {"given": {"wrong": [{"verdict": "pass"}, {"at": "30s", "verdict": "fail"}]}},
    ],
    ids=[
        "resolved",
        "denied",
        "skipped",
        "aborted",
        "one option",
        "without it",
        "slow",
        "partly",
        "no items",
        "nothing",
        "attested",
        "seen",
        "gone",
    ],
)
def test_whatever_happens_can_be_recorded(tmp_path: Path, keys: dict[str, Any]) -> None:
    """Gates, answers, loops, failures, undo: nothing is lost, and nothing has to be left out."""
    made = again(script(tmp_path), case(**keys))
    assert (told(made.rehearsal), made.left) == ([], ())


def test_what_people_said_keeps_its_time(tmp_path: Path) -> None:
    """What is read in the meantime depends on it."""
    given = {"look": {"exit_code": 1}, "right": {"verdict": "pass"}}
    made = again(script(tmp_path), case(given=given, answers={"confirm": {"answer": True, "after": "12m"}}))
    assert made.rehearsal.took == 720
    assert "after: 12m" in made.text


def test_a_masked_secret_is_told(tmp_path: Path) -> None:
    """It stays masked, and whoever plays it should know."""
    made = again(script(tmp_path), case(approvals={"restart": {"denied_by": "ann", "reason": "password is ***"}}))
    assert made.left == ("a secret stands as *** at approvals/restart/reason",)
    assert "# - a secret stands as *** at approvals/restart/reason\n" in made.text


def test_what_was_sent_again_is_sent_once(tmp_path: Path) -> None:
    """Something moved between plan and change: a scenario has no word for that, and it came to the same."""
    here = script(tmp_path)
    played = rehearsed(here, case())
    refused = {"applied": "no", "error": {"code": "precondition", "message": "it moved"}}
    records = []
    for record in played.records:
        if record.type == "change.resulted" and "defrag[a]" in str(record.key):
            records.append(msgspec.structs.replace(record, data=refused))
            again = str(record.key).replace("apply#1", "apply#2")
            records.append(msgspec.structs.replace(record, key=again))
        else:
            records.append(record)
    made = recorded(here, played.run, records)
    assert told(made.rehearsal) == []
    assert made.left == ("defrag[a] was not applied at first, and sent again; here it is sent once",)


def test_who_spoke_for_what_could_not_be_seen_is_believed(tmp_path: Path) -> None:
    """A verdict that its outputs do not explain is said."""
    here = script(tmp_path)
    played = rehearsed(here, case())
    records = [
        msgspec.structs.replace(record, data={**record.data, "output": {}, "verdict": "pass", "attested": True})
        if str(record.key).startswith("symptoms/wrong")
        else record
        for record in played.records
    ]
    made = recorded(here, played.run, records)
    assert told(made.rehearsal) == []
    assert made.rehearsal.case.given["symptoms/wrong"] == {"verdict": "pass"}


def test_what_is_read_of_the_incident_is_kept_and_nothing_else_of_it(tmp_path: Path) -> None:
    """A title that no document reads does not go into a repository; without it the run comes out the same."""
    text = BOOK.replace("text: Over.", 'text: "{{ incident.severity }} is over, {{ incident.lead }}."')
    facts = {"id": "INC-7", "title": "An export was public", "severity": "SEV1"}
    made = again(script(tmp_path, text), case(incident=facts))
    assert (told(made.rehearsal), made.left) == ([], ())
    assert made.rehearsal.case.incident == {"severity": "SEV1"}
    assert "export" not in made.text
    assert "SEV1 is over" in str([one.data for one in made.rehearsal.records if one.type == "message.sent"])


def test_nothing_is_said_of_an_incident_that_nothing_reads(tmp_path: Path) -> None:
    """Nor is it named among what could not be turned: nothing depends on it."""
    made = again(script(tmp_path), case(incident={"id": "INC-7", "severity": "SEV1"}))
    assert (made.rehearsal.case.incident, made.left) == (None, ())
