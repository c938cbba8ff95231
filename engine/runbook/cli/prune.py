"""`runbook store prune`: payloads that were kept for long enough go, by the rule of the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runbook.cli.dropping import agreed, reasoned, sealed, tell
from runbook.cli.session import Session
from runbook.document.durations import Duration
from runbook.errors import Exit, Refused, UsageError

if TYPE_CHECKING:
    from runbook.hosts.retention import Rules


class Options(NamedTuple):
    """What `store prune` was asked for; `older_than` as it was typed."""

    older_than: str | None = None
    dry_run: bool = False
    force: bool = False
    reason: str | None = None
    yes: bool = False
    output: str = "text"


def prune(session: Session, options: Options) -> Exit:
    """Show what is due, and drop it. What was cut short before is finished."""
    from runbook.hosts.retention import Keeper
    from runbook.journal.drops import Why
    from runbook.journal.record import Actor
    from runbook.report.dropping import plan_object, plan_text

    people = session.project.people
    rules = _rules(session, options)
    if not options.dry_run:
        _may(session, options, rules)
    rule = _said(session, options)
    why = Why(Actor(kind="person", id=people.me), rule, reasoned(options.reason or rule))
    keeper = Keeper(session.project.journal, rules)
    plan = keeper.due()
    if options.output == "text":
        for line in plan_text(plan, session.err_style):
            session.say(line)
    if options.dry_run or ((plan.going or plan.unnamed) and not agreed(session, yes=options.yes)):
        return session.result({"prune": plan_object(plan, None)}) if options.output == "json" else Exit.OK
    done = keeper.drop(plan, why)
    if done.payloads or done.streams or done.unnamed:
        tell(session, done)
        sealed(session, session.project.journal.own_stream())
    return session.result({"prune": plan_object(plan, done.payloads)}) if options.output == "json" else Exit.OK


def _rules(session: Session, options: Options) -> Rules:
    from runbook.hosts.retention import rules

    older_than = None
    if options.older_than is not None:
        try:
            older_than = Duration.parse(options.older_than)
        except ValueError as error:
            raise UsageError(f"--older-than takes a length of time, got {options.older_than!r}", hint="90d") from error
    if options.force and not options.reason:
        raise UsageError("--force needs a reason", hint="add --reason TEXT: why may these go?")
    now = session.project.journal.now()
    return rules(session.project.config.retention, now, older_than=older_than, insists=options.force)


def _may(session: Session, options: Options, rules: Rules) -> None:
    """By the rule whoever may run; beyond it, who may override the policy with a reason."""
    from runbook.policy.rights import may_break_glass, may_run

    people, kept = session.project.people, session.project.config.retention.payloads
    beyond = options.force or (kept is not None and min(rules.payloads, rules.dry_runs) < kept and options.older_than)
    why = may_break_glass(people, people.me, options.reason or "by rule") if beyond else may_run(people, people.me)
    if why is not None:
        raise Refused(why, hint="nothing was dropped; the rule of the configuration is open to whoever may run")


def _said(session: Session, options: Options) -> str:
    """The rule in words, as it is recorded."""
    if options.older_than is not None:
        return f"older than {options.older_than}"
    kept = session.project.config.retention
    dry = f", dry runs {kept.dry_runs}" if kept.dry_runs is not None else ""
    return f"retention {kept.payloads}{dry}"
