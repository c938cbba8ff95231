"""`runbook approve` and `deny`: a person's word at a gate, from any terminal; the run takes it when it looks next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.options import examples, key_option, output, reason, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit, Refused, UsageError

if TYPE_CHECKING:
    from runbook.core.history import History
    from runbook.core.views import GateView
    from runbook.hosts.said import Said


class Options(NamedTuple):
    """What `approve` was asked for."""

    run: str
    gate: str | None = None
    digest: str | None = None
    reason: str | None = None
    break_glass: bool = False
    output: str = "text"
    key: Path | None = None


gate_option = click.option("--gate", metavar="KEY", help="Which gate, where several wait: its option, or its key.")


@click.command(
    "approve",
    epilog=examples(
        "approve 01jd",
        "approve 01jd --digest 854d87e38012",
        'approve 01jd --break-glass --reason "all down, nobody else"',
    ),
)
@run_argument
@gate_option
@click.option("--digest", metavar="PREFIX", help="Say yes to exactly this plan: 12 digits or more of its digest.")
@reason("Why; some gates ask for it, breaking the glass always.")
@click.option("--break-glass", is_flag=True, help="Override number, exclusion and freeze; recorded, and told.")
@key_option
@output()
@click.pass_obj
def approve_command(
    session: Session,
    run: str,
    gate: str | None,
    digest: str | None,
    reason: str | None,
    break_glass: bool,
    key: Path | None,
    output: str,
) -> int:
    """Say yes at a gate of RUN. On a terminal what would be done is shown first, and you are asked.

    Off a terminal --digest is required: it names the plan that you have seen. In a shared database, and where the
    policy says `votes: signed`, it is signed with your SSH key.
    """
    return approve(session, Options(run, gate, digest, reason, break_glass, output, key))


@click.command("deny", epilog=examples('deny 01jd --reason "the database is being migrated"'))
@run_argument
@gate_option
@reason("Why not; a no needs a reason.", required=True)
@key_option
@output()
@click.pass_obj
def deny_command(session: Session, run: str, gate: str | None, reason: str, key: Path | None, output: str) -> int:
    """Say no at a gate of RUN. A no wins at once; the run goes on to its next option."""
    return deny(session, Options(run, gate, reason=reason, output=output, key=key))


def approve(session: Session, options: Options) -> Exit:
    """Record a yes to exactly what was seen."""
    from runbook.cli.environments import place_of
    from runbook.hosts.lookup import find_run, seen

    run = find_run(session.project.journal, options.run)
    place = place_of(session, run)
    if options.break_glass and not (options.reason or "").strip():
        raise UsageError("breaking the glass needs a reason", hint="add --reason TEXT")
    if options.digest is not None:
        return _voted(session, run, "grant", options)
    history, _ = seen(place, run)
    view = _gate(run, history, options.gate)
    if not session.interactive:
        what = f"runbook approve {run} --digest {view.digest[:12]}"
        raise UsageError("off a terminal, --digest says what is approved", hint=f"having seen it: {what}")
    return _asked(session, run, history, view, options)


def deny(session: Session, options: Options) -> Exit:
    """Record a no."""
    from runbook.cli.environments import place_of
    from runbook.hosts.lookup import find_run

    run = find_run(session.project.journal, options.run)
    place_of(session, run)
    return _voted(session, run, "deny", options)


def _gate(run: str, history: History, key: str | None) -> GateView:
    gates = [gate for gate in history.open_gates if key in (None, gate.key, gate.option)]
    if not gates:
        raise UsageError(f"no gate of run {run} waits for a decision", hint="`runbook approvals` lists what waits")
    if len(gates) > 1:
        names = ", ".join(gate.option for gate in gates)
        raise UsageError(f"{len(gates)} gates wait: {names}", hint="name one with --gate")
    return gates[0]


def _asked(session: Session, run: str, history: History, view: GateView, options: Options) -> Exit:
    """Show the gate, and take one person's word about exactly that."""
    from runbook.cli.asking import Asked, Dialogue, destructive_names
    from runbook.cli.keyboard import Keyboard
    from runbook.hosts.clock import wall
    from runbook.hosts.said import Vote
    from runbook.report.gate import gate_text
    from runbook.report.sheet import sheet_from

    sheet = sheet_from(view, history)
    if not view.is_of([item.change for item in sheet.items]):
        raise Refused(
            f"what the record of {run} says would be done is not what its gate asks about",
            hint=f"see what was changed or dropped there: runbook log verify {run}; and approve it where it is run",
        )
    session.say(gate_text(sheet, session.err_style, wall()) + "\n")
    keyboard = Keyboard(session.stdin.fileno(), session.show)
    dialogue = Dialogue(session.place.people, keyboard.line, session.say, session.err_style.width)
    changes = [item.change for item in sheet.items if item.change is not None]
    asked = Asked(
        key=view.key,
        digest=view.digest,
        terms=view.terms,
        initiators=history.initiators,
        names=destructive_names(changes),
        closed=view.frozen or view.terms.cannot_be_met,
        reason=options.reason,
    )
    keyboard.forget()
    glass = options.reason if options.break_glass else None
    said: Said = dialogue.breaking(asked, glass) if glass else dialogue.gate(asked, may_leave=False)
    if not isinstance(said, Vote):
        session.say("nothing was decided")
        return Exit.OK
    exact = options._replace(
        gate=view.key, digest=view.digest, reason=said.reason or options.reason, break_glass=said.break_glass
    )
    return _voted(session, run, said.verdict, exact)


def _voted(session: Session, run: str, verdict: str, options: Options) -> Exit:
    from runbook.hosts.guests import vote
    from runbook.hosts.lookup import seen

    view = vote(
        session.place,
        run,
        verdict,
        gate=options.gate,
        digest=options.digest,
        reason=options.reason,
        break_glass=options.break_glass,
        key=options.key,
    )
    alive = seen(session.place, run)[1]
    if options.output == "json":
        word = {"run": run, "gate": view.key, "digest": view.digest, "verdict": verdict}
        session.result({**word, "by": session.place.people.me, "alive": alive})
    session.say(f"recorded: {_WORDS[verdict]} to {view.option}, {view.digest[:12]}")
    session.say("the run goes on by itself" if alive else f"nobody runs it now; it goes on with `runbook resume {run}`")
    return Exit.OK


_WORDS = {"grant": "yes", "deny": "no"}
