"""`runbook resume`: go on with a run from where its record is; settle what is in doubt first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.options import examples, key_option, output, reason, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit, Refused, UsageError

if TYPE_CHECKING:
    from runbook.cli.given import Attested
    from runbook.core.history import History
    from runbook.document.model import Runbook

SETTLEMENTS = ("applied", "not_applied")


class Options(NamedTuple):
    """What `resume` was asked for; see its help."""

    run: str
    yes: bool = False
    settle: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    attest: tuple[str, ...] = ()
    reason: str | None = None
    extend: bool = False
    confirm_symptoms: str | None = None
    key: Path | None = None
    output: str = "text"


@click.command(
    "resume",
    epilog=examples(
        "resume 01jd",
        'resume 01jd --settle roll_back=applied --reason "the deployment shows revision 6"',
        'resume 01jd --attest errors_low=pass --reason "seen in the dashboard"',
    ),
)
@run_argument
@click.option("-y", "--yes", is_flag=True, help="Say yes at every gate that you may answer; recorded as such.")
@click.option("--settle", multiple=True, metavar="STEP=WHAT", help="A change in doubt was `applied` or `not_applied`.")
@click.option("--end", multiple=True, metavar="STEP", help="End what still runs of a change in doubt, and look again.")
@click.option("--attest", multiple=True, metavar="ID=VERDICT", help="What you saw where a check cannot: pass or fail.")
@reason("Why, for --settle and --attest.")
@click.option("--extend", is_flag=True, help="Look once more for as long, where verification could not tell.")
@click.option("--confirm-symptoms", metavar="REASON", help="You see the symptoms yourself, where they are unknown.")
@key_option
@output("jsonl")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Go on with RUN (its id, or enough of its beginning or end) after a crash, an approval, a closed laptop.

    Ends as `run` does. On a finished run it does nothing, and exits with its outcome's code.
    """
    return resume(session, Options(**given))


def resume(session: Session, options: Options) -> Exit:
    """Settle, answer, and drive on."""
    from runbook.cli.driving import driven, ended_with, marked
    from runbook.cli.environments import place_of
    from runbook.hosts.local import resumed
    from runbook.hosts.lookup import find_run, seen
    from runbook.hosts.pinned import recalled
    from runbook.hosts.place import Manner
    from runbook.policy.rights import may_run

    run = find_run(session.project.journal, options.run)
    place = place_of(session, run)
    history, alive = seen(place, run)
    if history.outcome is not None and history.continued:
        return _followed(session, run, history, history.continued["run"], options)
    if history.outcome is not None:
        marked(session, run, history, options.key)  # whoever drove it may have been killed before saying so
        session.say(f"run {run} is finished; nothing was done")
        ended_with(session, run, history, None, options.output, history.outcome.exit, alive=alive)
        return history.outcome.exit
    why = may_run(place.people, place.people.me)
    if why is not None:
        raise Refused(why)
    documents = recalled(run, history.started)[1].opened(place.specs)
    book, _ = documents.loaded(place.specs)
    manner = Manner(
        yes=options.yes,
        confirm_symptoms=options.confirm_symptoms,
        attested=_attested(session, options, book, history),
        key=options.key,
    )
    _survivors_ended(session, run, options)
    _settled(session, run, options)
    if options.extend:
        _extended(session, run, options.key)
    return driven(
        session,
        run,
        book,
        options.output,
        lambda desk, view: resumed(place, run, manner, desk, view, documents),
        past=history,
        walk=documents.markdown is not None,
        yes=options.yes,
        key=options.key,
    )


def _followed(session: Session, first: str, past: History, next_: str, options: Options) -> Exit:
    """The run that went on from this one is what is left to go on with."""
    from runbook.cli.continuing import gone_on
    from runbook.hosts.past import stream_of

    if session.place.journal.head(stream_of(next_)) is not None:
        session.say(f"run {first} went on as run {next_}")
        return resume(session, options._replace(run=next_))
    followed = gone_on(session, first, past, options.output, yes=options.yes)
    assert followed is not None  # noqa: S101 - it has an id
    return followed


def _attested(session: Session, options: Options, book: Runbook, history: History) -> dict[str, Attested]:
    """What they saw themselves, if they may say so. Never for a run in which the policy decides by what is observed."""
    from runbook.cli.given import attested
    from runbook.core.words import Mode
    from runbook.policy.rights import may_attest

    people = session.place.people
    if history.started.get("mode") == Mode.AUTO and (options.attest or options.confirm_symptoms):
        hint = "abort it, and start a run by hand with what you see"
        raise UsageError("in a run with --auto nobody's word stands for what could not be observed", hint=hint)
    if (options.attest or options.confirm_symptoms) and (why := may_attest(people, people.me)):
        raise Refused(why)
    if options.reason and not (options.attest or options.settle):
        raise UsageError("--reason belongs to --settle or --attest")
    return attested(book, options.attest, options.reason, people.me)


def _survivors_ended(session: Session, run: str, options: Options) -> None:
    from runbook.hosts.settling import end_survivors

    for step in options.end:
        if not end_survivors(session.place, run, step):
            raise Refused(
                f"something of {step} still runs here, or may not be ended by you",
                hint="wait for it, or end it as the user that it belongs to; only then it can be settled",
            )
        session.say(f"nothing of {step} runs here any more; what it did until then is still to be settled")


def _settled(session: Session, run: str, options: Options) -> None:
    """Everything is understood before the first word is recorded."""
    from runbook.hosts.settling import settle

    said = []
    for pair in options.settle:
        step, _, as_ = pair.rpartition("=")
        if not step or as_ not in SETTLEMENTS:
            raise UsageError(f"--settle takes STEP=applied or STEP=not_applied, got {pair!r}")
        if not (options.reason or "").strip():
            raise UsageError("--settle needs a reason", hint="add --reason TEXT: what did you see, and where?")
        said.append((step, as_))
    for step, as_ in said:
        settle(session.place, run, step, as_, str(options.reason), key=options.key)
        session.say(f"recorded: {step} was {as_.replace('_', ' ')}")


def _extended(session: Session, run: str, key: Path | None) -> None:
    from runbook.hosts.guests import answer
    from runbook.hosts.lookup import seen

    asked = [q for q in seen(session.place, run)[0].open_questions if q.purpose == "verification"]
    if not asked:
        raise UsageError(f"no verification of run {run} waits to be extended", hint="leave out --extend")
    answer(session.place, run, asked[0].key, "extend", key=key)
