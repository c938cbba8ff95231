"""`runbook run NAME --rehearse SCENARIO`: a scenario played in virtual time, by whoever sits at the terminal.

Nothing is touched and nobody is told. The record goes into the store as a rehearsal, which lists, brakes and locks
leave out. Off a terminal the scenario's people answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runbook.cli.session import Session
from runbook.cli.watching import View
from runbook.core.procedure import Finished
from runbook.document.environments import simulated
from runbook.errors import Exit, UsageError
from runbook.hosts.clock import VirtualClock, wall
from runbook.hosts.ports import exit_of
from runbook.hosts.rehearsal import rehearsed
from runbook.report.final import report
from runbook.report.run_json import run_object
from runbook.report.safe import shown
from runbook.scenario.people import policy_of

if TYPE_CHECKING:
    from runbook.document.model import ScenarioCase
    from runbook.hosts.rehearsal import Script
    from runbook.hosts.said import Desk


def rehearse(session: Session, name: str, scenario: str, output: str, environment: str | None = None) -> Exit:
    """Play one scenario of a runbook, in its environment or else the one that is named; exits as the run would."""
    session.author()
    project = session.project
    case = _case(session, name, scenario)
    here = simulated(project.config, case, environment)
    script = project.within(here).script(name)
    clock = VirtualClock(wall())
    view = View(session, script.book, clock.now, records=output == "jsonl")
    session.say(f"Rehearsal of {script.book.name}: {shown(case.name)}. Nothing is touched, nobody is told.")
    seat = _seats(session, script, case, view, clock) if session.interactive else None
    if seat is not None:
        view.asks()
    with view.shown():
        played = rehearsed(script, case, journal=project.journal, watcher=view, clock=clock, seat=seat)
    exit_ = exit_of(played.ended)
    if output == "text":
        text = report(played.history, played.run, session.out_style, clock.now(), book=script.book)
        session.print(f"\n{text}" if isinstance(played.ended, Finished) else text)
    else:
        session.write(run_object(played.history, played.run, alive=False, exit_=exit_) | {"rehearsal": case.name})
    return exit_


def _case(session: Session, name: str, scenario: str) -> ScenarioCase:
    from runbook.document.suggest import did_you_mean

    cases = {case.name: case for _, document in session.project.scenarios(name) for case in document.scenarios}
    if scenario in cases:
        return cases[scenario]
    if not cases:
        raise UsageError(f"{name} has no scenarios", hint="write a document of kind Scenario beside it")
    hint = did_you_mean(scenario, cases, what="scenarios are")
    raise UsageError(f"{name} has no scenario {scenario!r}", hint=hint)


def _seats(
    session: Session, script: Script, case: ScenarioCase, view: View, clock: VirtualClock
) -> Callable[[str], Desk]:
    """A terminal desk for each person that is played."""
    from runbook.cli.desk import TerminalDesk
    from runbook.cli.keyboard import Keyboard
    from runbook.policy.people import People

    keyboard = Keyboard(session.stdin.fileno(), session.show)
    policy = policy_of(case, script.book, script.policy)
    desks: dict[str, Desk] = {}

    def seat(person: str) -> Desk:
        if person not in desks:
            people = People(policy, _user(policy, person))
            desks[person] = TerminalDesk(
                keyboard, view, people, "of-a-rehearsal", style=session.err_style, say=session.say, now=clock.now
            )
        session.say(f"\nYou play {shown(person)}.")
        return desks[person]

    return seat


def _user(policy: object, person: str) -> str:
    known = getattr(policy, "people", {}).get(person)
    return known.user if known is not None and known.user else person
