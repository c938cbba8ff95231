"""`runbook exec`: do something by hand within a run, and have it planned, approved, applied once and recorded.

The command is a run of its own; the run that it belongs to may be open, waiting, driven elsewhere or finished.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.options import examples, output, reason, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit, Refused, UsageError

if TYPE_CHECKING:
    from runbook.authoring.adhoc import Adhoc
    from runbook.core.history import History

_LONGEST = 86400.0  # seconds that a command may take, as in a document
_SHELLS = {"sh": (), "bash": ("bash", "-eu", "-c")}


class Options(NamedTuple):
    """What `exec` was asked for; see its help."""

    run: str
    argv: tuple[str, ...] = ()
    read: bool = False
    shell: str | None = None
    using: str = "sh"
    title: str | None = None
    reason: str | None = None
    timeout: str | None = None
    step: str | None = None
    yes: bool = False
    output: str = "text"


@click.command(
    "exec",
    epilog=examples(
        "exec 01jd -- systemctl restart api",
        "exec 01jd --read -- df -h /var",
        "exec 01jd --shell 'journalctl -u api | tail -50' --read",
    ),
)
@run_argument
@click.argument("argv", metavar="[-- ARGV...]", nargs=-1, type=click.UNPROCESSED)
@click.option("--read", is_flag=True, help="It only looks: no gate. With a policy, only what that lists as a read.")
@click.option("--shell", metavar="TEXT", help="Instead of ARGV: a line for a shell, with pipes and the like.")
@click.option("--using", type=click.Choice(list(_SHELLS)), default="sh", show_default=True, help="Which shell.")
@click.option("--title", metavar="TEXT", help="What it is for, in a few words.")
@reason("Why; stands in the record.")
@click.option("--timeout", metavar="TIME", help="How long it may take, such as 30s or 10m.")
@click.option("--step", metavar="STEP", help="The step of RUN that it is done for.")
@click.option("-y", "--yes", is_flag=True, help="Say yes at its gate, if you may; recorded as such.")
@output("jsonl")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Run ARGV by hand within RUN: planned, shown, approved, run once, recorded in both their records.

    Its output is shown when it has ended, its stdout on stdout. It runs in the folder that you are in. Exit code 0
    when it ended with 0, 5 when it ended with anything else; 6 to 9 as its gate says.
    """
    return exec_(session, Options(**given))


def exec_(session: Session, options: Options) -> Exit:
    """Start the run of the command, and drive it."""
    from runbook.cli.driving import driven
    from runbook.cli.environments import place_of
    from runbook.core.ids import ulid
    from runbook.hosts import adhoc
    from runbook.hosts.clock import wall
    from runbook.hosts.local import started
    from runbook.hosts.lookup import find_run
    from runbook.hosts.place import Manner
    from runbook.policy.rights import may_run

    typed = _typed(session, options)
    run = find_run(session.project.journal, options.run)
    place = place_of(session, run)
    why = may_run(place.people, place.people.me)
    if why is not None:
        raise Refused(why)
    start, documents = adhoc.exec_start(place, run, typed, ulid(wall(), os.urandom(10)))
    if start.within != run:
        session.say(f"run {run} was done by hand itself; this belongs to the same run, {start.within}")
    book, _ = documents.loaded(place.specs)
    if why := adhoc.begun(place, start):
        session.say(why)
    return driven(
        session,
        start.run,
        book,
        options.output,
        lambda desk, view: started(
            place, start, documents, session.project.source(), Manner(yes=options.yes), desk, view
        ),
        yes=options.yes,
        tell=lambda past: _told(session, start.run, past),
    )


def _typed(session: Session, options: Options) -> Adhoc:
    """What was typed, held to what can be run and recorded."""
    from runbook.authoring.adhoc import Adhoc
    from runbook.document.durations import Duration

    if bool(options.argv) == (options.shell is not None):
        raise UsageError(
            "give a command after --, or a line with --shell" + (", not both" if options.argv else ""),
            hint="such as: runbook exec RUN -- systemctl restart api",
        )
    said = [*options.argv, *filter(None, (options.shell, options.title, options.reason))]
    if any(word != word.encode("utf-8", "replace").decode() for word in said):
        raise UsageError("what was typed is not text in UTF-8")
    if not (options.shell or "".join(options.argv)).strip():
        raise UsageError("there is nothing to run: it is empty")
    if options.timeout is not None:
        try:
            long = Duration.parse(options.timeout) > _LONGEST
        except ValueError as error:
            raise UsageError(f"--timeout: {error}") from None
        if long:
            raise UsageError(f"--timeout: {options.timeout} is longer than 1d")
    here = session.directory.resolve()
    return Adhoc(
        argv=options.argv,
        script=options.shell,
        shell=_SHELLS[options.using],
        reads=options.read,
        title=(options.title or "").strip() or None,
        reason=(options.reason or "").strip() or None,
        timeout=options.timeout,
        cwd=str(here) if here != session.project.root else None,
        step=options.step,
    )


def _told(session: Session, run: str, past: History) -> None:
    """What the command said, to where commands say such things; and in a line what came of it."""
    from runbook.hosts.adhoc import performed
    from runbook.report.by_hand import came
    from runbook.report.safe import shown

    row = performed(past)
    output = row.output if row else {}
    for name, say, stream in (("stdout", session.print, session.stdout), ("stderr", session.say, session.stderr)):
        text = str(output.get(name) or "")
        if text:
            text = text.removesuffix("\n")
            say(shown(text, lines=True) if stream.isatty() else text)
    if output.get("truncated"):
        session.say("of its output the middle is left out; what is shown is what is in the record")
    session.say(shown(f"{run}: {came(past)}"))
