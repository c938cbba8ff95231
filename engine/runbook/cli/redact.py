"""`runbook log redact`: what must not stay in a record goes, as far as it stands beside the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runbook.cli.dropping import agreed, reasoned, sealed, tell
from runbook.cli.session import Session
from runbook.errors import Exit, Refused

if TYPE_CHECKING:
    from runbook.hosts.retention import Going


class Options(NamedTuple):
    """What `log redact` was asked for; without payloads and steps it lists what there is."""

    run: str
    payloads: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    reason: str | None = None
    force: bool = False
    dry_run: bool = False
    yes: bool = False
    output: str = "text"


def redact(session: Session, options: Options) -> Exit:
    """Show what goes, ask, drop it, and say what stays all the same."""
    from runbook.cli.environments import place_of
    from runbook.hosts.lookup import find_run
    from runbook.hosts.past import stream_of
    from runbook.hosts.retention import Keeper, Rules
    from runbook.journal.drops import Why
    from runbook.journal.record import Actor
    from runbook.report.dropping import losses_text, payloads_text, plan_object

    run = find_run(session.project.journal, options.run.removeprefix("run/"))
    stream = stream_of(run)
    place, kept = place_of(session, run), session.project.config.retention
    rules = Rules(now=place.journal.now(), hold=frozenset(kept.hold), undo=kept.payloads, insists=options.force)
    keeper = Keeper(place.journal, rules)
    if not options.payloads and not options.steps:
        return _listed(session, keeper.named(stream), run, options)
    reason = reasoned(options.reason or "")
    if not options.dry_run:
        _may(session, reason)
    plan = keeper.chosen(stream, options.payloads, options.steps)
    if options.output == "text":
        for line in [*payloads_text(plan.going, stream, session.err_style), *losses_text(plan, session.err_style)]:
            session.say(line)
        if others := [name for name in plan.runs if name != run]:
            session.say(f"gone from these runs too, and recorded in each: {', '.join(others)}")
    if options.dry_run or not agreed(session, yes=options.yes):
        return session.result({"redact": plan_object(plan, None)}) if options.output == "json" else Exit.OK
    done = keeper.drop(plan, Why(Actor(kind="person", id=place.people.me), "redaction", reason))
    tell(session, done)
    for name in done.streams:
        sealed(session, name)
    _warned(session, run)
    return session.result({"redact": plan_object(plan, done.payloads)}) if options.output == "json" else Exit.OK


def _listed(session: Session, going: list[Going], run: str, options: Options) -> Exit:
    from runbook.report.amounts import amount
    from runbook.report.dropping import listed_object, payloads_text

    journal = session.project.journal
    raws = list(journal.raw(f"run/{run}"))
    inline = {"records": len(raws), "bytes": sum(map(len, raws))}
    if options.output == "json":
        return session.result({"redact": listed_object(run, going, inline)})
    for line in payloads_text(going, f"run/{run}", session.out_style):
        session.print(line)
    if not going:
        session.say(f"nothing of run {run} lies beside its record")
    else:
        session.say("drop some with --payload DIGEST or --step STEP, and --reason TEXT")
    session.say(f"its records themselves hold {amount(inline['bytes'])}, {_STAYS}")
    return Exit.OK


def _may(session: Session, reason: str) -> None:
    from runbook.policy.rights import may_break_glass

    people = session.place.people
    why = may_break_glass(people, people.me, reason)
    if why is not None:
        raise Refused(f"taking something out of a record is for who may override the policy: {why}")


def _warned(session: Session, run: str) -> None:
    """What this did not do."""
    session.say(f"what stands in the records themselves is left, {_STAYS}. Look through them:")
    session.say(f"  runbook log show {run} --output jsonl")
    session.say("and so are copies: exports, backups, replicas, free blocks of the disk. Replace a secret anyway")


_STAYS = "at most 16 KiB each, which cannot be dropped: the chain needs them as they are"
