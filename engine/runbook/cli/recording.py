"""`runbook test --record RUN`: a scenario made of a real run, played before it is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.core.history import History
    from runbook.hosts.recorded import Recorded
    from runbook.hosts.rehearsal import Script


class Options(NamedTuple):
    """What is recorded, and where to."""

    run: str
    to: Path | None = None
    force: bool = False
    output: str = "text"


def record(session: Session, options: Options) -> Exit:
    """0 where the scenario comes out as the run did; else 3, and nothing is written but by force."""
    from runbook.cli.writing import written
    from runbook.core.dropped import needed
    from runbook.core.history import history
    from runbook.hosts.lookup import find_run
    from runbook.hosts.past import stream_of
    from runbook.hosts.recorded import recorded

    session.author()
    if options.output not in ("text", "json"):
        raise UsageError("--record says what it made as text or JSON", hint="leave --output out, or say --output json")
    if options.to is not None and options.to.exists() and not options.force:
        raise UsageError(f"{options.to} is there already", hint="name another, or overwrite it with --force")
    place = session.place
    run = find_run(place.journal, options.run)
    records = list(place.journal.read(stream_of(run)))
    seen = history(records)
    _must_be_playable(run, seen)
    missed = next((one.tombstone for each in records for one in each.dropped), None)
    if missed is not None:
        raise needed(f"a scenario of run {run}", missed)
    script = _script(session, seen)
    made = recorded(script, run, records)
    passed = not made.differences
    kept = passed or options.force
    if options.to is not None and kept:
        written({options.to: made.text}, "scenario")
    if options.output == "json":
        return session.result(_object(run, options, made, kept), Exit.OK if passed else Exit.INVALID)
    if options.to is None and kept:
        session.print(made.text.removesuffix("\n"))
    _told(session, script, seen, made)
    if not kept:
        session.say("nothing is written; --force writes it all the same, to be mended by hand")
    return Exit.OK if passed else Exit.INVALID


def _must_be_playable(run: str, seen: History) -> None:
    """Only what a runbook did in the world, to its end, can be played again."""
    started = seen.started
    if seen.finished is None:
        raise UsageError(f"run {run} is not over", hint=f"`runbook resume {run}` goes on with it; record it afterwards")
    if started.get("mode") == "dry":
        raise UsageError(f"run {run} was a dry run: nobody answered, and nothing came of it")
    if started.get("takes_back"):
        raise UsageError(f"run {run} takes back what {started['takes_back']} did: it is a run of no runbook")
    if started.get("within") or (started.get("documents") or {}).get("by_hand"):
        raise UsageError(
            f"run {run} was done by hand: there is no runbook to play", hint=f"`runbook promote {run}` drafts one of it"
        )


def _script(session: Session, seen: History) -> Script:
    """The runbook as it is now, in the environment of the run: that is what `test` will play it with."""
    from runbook.document.environments import named

    project = session.project
    here = named(project.config, seen.environment) if seen.environment is not None else None
    return project.within(here).script(seen.runbook)


def _told(session: Session, script: Script, seen: History, made: Recorded) -> None:
    """What it lacks, and how it came out."""
    from runbook.hosts.documents import read_back
    from runbook.report.safe import shown
    from runbook.report.times import span

    for line in made.left:
        session.say(f"not turned: {shown(line)}")
    if read_back(seen.started["documents"]).runbook != script.documents.runbook:
        session.say(f"{script.book.name} is another one than it was in the run; it was played as it is now")
    if not made.differences:
        session.say(f"played: it comes out as the run did, after {span(made.rehearsal.took)} of simulated time")
        return
    session.say("played: it does not come out as the run did")
    for difference in made.differences:
        session.say(f"  {shown(difference.what)}")
        for mark, text in difference.lines:
            session.say(f"    {mark} {shown(text)}")
    for vain in made.rehearsal.unheard:
        session.say(f"  note: {shown(vain)}")


def _object(run: str, options: Options, made: Recorded, kept: bool) -> dict[str, object]:
    return {
        "run": run,
        "path": str(options.to) if options.to is not None and kept else None,
        "document": made.text,
        "not_turned": list(made.left),
        "passed": not made.differences,
        "differences": [{"what": one.what, "expected": one.expected, "came": one.came} for one in made.differences],
    }
