"""The run that goes on from another: the same incident, its own gates, the locks never free in between, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.core.words import Mode
from runbook.errors import DocumentError, Refused
from runbook.hosts.claims import AlreadyOpen
from runbook.hosts.continuing import following, goes_on
from runbook.hosts.past import stream_of
from runbook.hosts.place import Manner
from runbook.hosts.said import Nobody
from runbook.incident import desk
from support.crash import place, relay
from support.crash.place import Unseen
from support.incidents import DECLARED

ONE, TWO = place.run_id(1), place.run_id(2)


@pytest.fixture
def of(tmp_path: Path) -> place.Project:
    return place.opened(relay.project(tmp_path / "p"))


def handed(of: place.Project, **more: object) -> str:
    """Run the first to its end and no further; the id of the run that goes on."""
    place.begin(of, ONE, onwards=False, **more)  # type: ignore[arg-type]
    continued = place.told(of.journal, ONE).continued
    assert continued is not None
    return str(continued["run"])


def at_once(of: place.Project) -> None:
    """What the second is given can be told before anything is done."""
    file = of.root / "queue.yaml"
    file.write_text(file.read_text().replace("{{ steps.drain.exit_code }}", ""))


def on(of: place.Project, *, yes: bool = True) -> object:
    next_ = following(of.place, ONE)
    assert next_ is not None
    return goes_on(of.place, next_, dict, Manner(yes=yes), Nobody(), Unseen())


def test_the_second_run_is_resolved_and_linked_with_the_first(of: place.Project) -> None:
    """What it was given was told in the first."""
    place.begin(of, ONE)
    first, second = relay.runs(of)
    told = [place.told(of.journal, run) for run in (first, second)]
    assert [str(run.outcome) for run in told] == ["continued", "resolved"]
    assert told[0].continued == {"run": second, "runbook": "restarting", "parameters": {"what": "0a"}, "target": None}
    assert told[1].started["continued_from"] == first
    assert place.ledger(of.root) == relay.LINES
    assert of.journal.locks() == []


def test_alert_incident_mode_and_initiator_are_the_firsts_and_options_are_not(of: place.Project) -> None:
    """`--option` names options of the first only."""
    alert = {"labels": {"alertname": "QueueStuck"}}
    at_once(of)
    desk.opened(of.place, DECLARED)
    second = handed(of, alert=alert, incident={"id": "INC-1"}, only=("over", "clear"))
    on(of)
    told = place.told(of.journal, second).started
    assert [told[name] for name in ("alert", "mode", "initiator")] == [alert, str(Mode.BY_HAND), of.people.me]
    assert told["incident"]["id"] == "INC-1"
    assert second in [one.run for one in desk.told(of.journal, "INC-1").runs]
    assert told["only"] == []


def test_its_locks_are_never_free_in_between(of: place.Project) -> None:
    """Those of the run and those of its targets belong to the second before it is there."""
    second = handed(of)
    locks = of.journal.locks()
    assert {lock.owner for lock in locks} == {stream_of(second)}
    assert "runbook/the-queue" in {lock.name for lock in locks}
    assert len(locks) == 2
    assert all(lock.info["continued_from"] == ONE for lock in locks)
    with pytest.raises(AlreadyOpen, match="has handed over to restarting, which has not been started yet") as raised:
        place.begin(of, TWO)
    assert raised.value.hint == f"go on with it: `runbook resume {ONE}`"
    on(of)
    assert of.journal.locks() == []


def test_it_is_started_once_whoever_comes_by(of: place.Project) -> None:
    """Who comes second goes on with the run that is there; nothing is done twice, nothing stays locked."""
    second = handed(of)
    before = following(of.place, ONE)
    assert before is not None
    assert not before.begun
    on(of)
    again = goes_on(of.place, before, dict, Manner(yes=True), Nobody(), Unseen())
    assert str(getattr(again, "outcome", None)) == "resolved"
    assert relay.runs(of) == [ONE, second]
    assert place.ledger(of.root) == relay.LINES
    assert of.journal.locks() == []


def test_a_second_run_that_waits_is_gone_on_with(of: place.Project) -> None:
    """Its gate is its own: the yes of the first covers nothing of it."""
    second = handed(of)
    on(of, yes=False)
    assert place.told(of.journal, second).open_gates
    assert place.ledger(of.root) == ["drain"]
    next_ = following(of.place, ONE)
    assert next_ is not None
    assert next_.begun
    on(of)
    assert place.ledger(of.root) == relay.LINES


def test_what_is_open_of_the_seconds_own_concurrency_keeps_it_out_and_its_locks_in(of: place.Project) -> None:
    """It is started later, by the same command."""
    second = handed(of)
    place.begin(of, TWO, name="restarting", parameters={"what": "x"}, yes=False)
    with pytest.raises(AlreadyOpen):
        on(of)
    assert stream_of(second) in {lock.owner for lock in of.journal.locks()}
    place.go_on(of, TWO)
    on(of)
    assert str(place.told(of.journal, second).outcome) in ("resolved", "not_resolved")
    assert of.journal.locks() == []


def test_it_goes_on_with_the_bytes_that_the_first_was_started_with(of: place.Project) -> None:
    """Whatever stands in the file by then."""
    second = handed(of)
    (of.root / "restarting.yaml").unlink()
    on(place.opened(of.root))
    assert str(place.told(of.journal, second).outcome) == "resolved"
    first = next(iter(of.journal.read(stream_of(ONE))))
    assert first.data["documents"]["continues"].keys() == {"restarting"}


def test_a_plan_of_the_first_covers_nothing_of_the_second(of: place.Project) -> None:
    """`--plan` promises that nothing else is changed."""
    at_once(of)
    second = handed(of, planned={"clear": "another"})
    on(of)
    assert str(place.told(of.journal, second).outcome) == "blocked"
    assert place.ledger(of.root) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("name: restarting", "name: other"), "there is no runbook 'restarting'"),
        (("what: {type: string}", "that: {type: string}"), "the runbook 'restarting' needs the parameter 'that'"),
        (("what: {type: string}", "what: {type: integer}"), "expects a number, but the template gives a string"),
        (("steps:", "stebs:"), "unknown key 'stebs'"),
        (
            ("    steps:\n", "    continue_with: {runbook: queue}\n  - id: rest\n    steps:\n"),
            "runbooks that hand over to each other: queue → restarting → queue",
        ),
    ],
    ids=["missing", "parameter", "type", "broken", "circle"],
)
def test_a_hand_over_that_cannot_work_stops_the_first_run_before_it_starts(
    of: place.Project, change: tuple[str, str], expected: str
) -> None:
    """Not in the middle of the night, with half of it done."""
    file = of.root / "restarting.yaml"
    assert change[0] in file.read_text()
    file.write_text(file.read_text().replace(*change))
    with pytest.raises(DocumentError) as raised:
        place.begin(place.opened(of.root), ONE)
    assert any(expected in str(finding) for finding in raised.value.findings), raised.value
    assert of.journal.names("run/") == []


def test_somebody_whom_the_policy_does_not_know_is_found_in_the_second_too(of: place.Project) -> None:
    """A gate there that names nobody would be found when half of it is done."""
    (of.root / "policy.yaml").write_text("apiVersion: runbook/v1\nkind: Policy\npeople: {me: {user: root}}\n")
    (of.root / "runbook.yaml").write_text(place.CONFIG + "policy: policy.yaml\n")
    file = of.root / "restarting.yaml"
    file.write_text(file.read_text().replace("    steps:", "    approval: {from: [nobody-we-know]}\n    steps:"))
    with pytest.raises((DocumentError, Refused), match="nobody-we-know"):
        place.begin(place.opened(of.root), ONE)
