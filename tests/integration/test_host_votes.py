"""Votes from elsewhere: who counts, when a vote is in time, and that a gate is decided once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runbook.bootstrap import Project
from runbook.core.views import GateView
from runbook.errors import Exit, Refused
from runbook.hosts import guests
from runbook.hosts.past import stream_of
from runbook.hosts.place import Place
from runbook.hosts.ports import exit_of
from runbook.journal import Actor, Draft
from runbook.policy.identity import os_user
from runbook.policy.people import People
from support.crash import place

RUN = place.run_id(4)
POLICY = f"""\
apiVersion: runbook/v1
kind: Policy
people:
  ana: {{user: {os_user()}}}
  bo: {{user: bo}}
  cy: {{user: cy}}
groups: {{sre: [ana, bo, cy]}}
run: {{from: [sre]}}
approvals:
  change: {{required: 2, from: [sre], timeout: 15m}}
"""


def waiting(folder: Path, *, policy: bool = True, gate: str = "15m") -> Project:
    """A run that waits at its gate, and nobody runs it."""
    config = place.CONFIG + "policy: policy.yaml\n" if policy else place.CONFIG
    place.project(folder, runbook=place.one(gate=gate), config=config)
    (folder / "policy.yaml").write_text(POLICY)
    of = place.opened(folder)
    assert exit_of(place.begin(of, RUN, yes=False)) is Exit.WAITING
    return of


def seen_by(of: Project, user: str) -> Place:
    """The same place, where another OS user sits."""
    return msgspec.structs.replace(of.place, people=People(of.policy, user))


def gate(of: Project) -> GateView:
    (only,) = place.told(of.journal, RUN).gates.values()
    return only


def decisions(of: Project) -> list[str]:
    return [r.data["verdict"] for r in of.journal.read(stream_of(RUN)) if r.type == "decision.given"]


def voted(of: Project, by: str, at: float) -> None:
    """A yes that was written at this time."""
    data: dict[str, Any] = {"gate": gate(of).key, "digest": gate(of).digest, "verdict": "grant", "reason": None}
    with of.journal.writing(stream_of(RUN)) as writer:
        writer.append(Draft("vote.given", None, {**data, "break_glass": False}, Actor("person", by)), at=at)


@pytest.mark.fault(51)
def test_a_gate_for_two_opens_when_two_people_have_said_yes(tmp_path: Path) -> None:
    """One yes is not enough, however often it is said; the votes of a time without a runner count at the resume."""
    of = waiting(tmp_path / "p")
    for _ in range(2):
        guests.vote(seen_by(of, "bo"), RUN, "grant", digest=gate(of).digest[:12])
    assert exit_of(place.go_on(of, RUN, yes=False)) is Exit.WAITING
    assert place.ledger(of.root) == []
    guests.vote(seen_by(of, "cy"), RUN, "grant", digest=gate(of).digest[:12])
    assert exit_of(place.go_on(of, RUN, yes=False)) is Exit.OK
    assert (decisions(of), gate(of).decision and gate(of).decision["by"]) == (["granted"], ["bo", "cy"])


@pytest.mark.fault(42)
def test_a_vote_by_somebody_who_may_not_is_refused_and_not_recorded(tmp_path: Path) -> None:
    """A stranger's yes, and a yes to another digest, leave no trace."""
    of = waiting(tmp_path / "p")
    with pytest.raises(Refused, match="os:eve may not"):
        guests.vote(seen_by(of, "eve"), RUN, "grant")
    with pytest.raises(Refused, match="asks for something else now"):
        guests.vote(seen_by(of, "bo"), RUN, "grant", digest="0" * 12)
    assert gate(of).votes == []


@pytest.mark.fault(44)
@pytest.mark.parametrize(("late", "verdict"), [(0.0, "granted"), (0.000_001, "expired")])
def test_a_vote_counts_up_to_the_deadline_and_not_after_it(tmp_path: Path, late: float, verdict: str) -> None:
    """The time at which it was written decides, not the time at which somebody looked."""
    of = waiting(tmp_path / "p", policy=False, gate="1s")
    deadline = round(gate(of).deadline, 6)
    voted(of, os_user(), deadline + late)
    ended = place.go_on(of, RUN, yes=False)
    assert (decisions(of)[0], exit_of(ended)) == (verdict, Exit.OK if verdict == "granted" else Exit.REFUSED)


@pytest.mark.fault(45)
def test_a_no_and_a_yes_at_once_come_to_one_decision(tmp_path: Path) -> None:
    """Whichever is written first: a no that is in the log when the votes are counted has won."""
    of = waiting(tmp_path / "p")
    guests.vote(of.place, RUN, "grant")
    said = [("bo", "grant", None), ("cy", "deny", "not on a Friday")]
    places = [(seen_by(place.opened(of.root), user), verdict, reason) for user, verdict, reason in said]
    threads = [
        threading.Thread(target=guests.vote, args=(at, RUN, verdict), kwargs={"reason": reason})
        for at, verdict, reason in places
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.go_on(of, RUN, yes=False)
    verdicts = [vote.verdict for vote in gate(of).votes]
    assert sorted(verdicts) == ["deny", "grant", "grant"]
    assert decisions(of) == ["denied"]
    assert place.ledger(of.root) == []
