"""`runbook obligations judge|anchor|answer|file|waive`: what people say of an incident's obligations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.incidents import found, incident_argument, when, when_options
from runbook.cli.obligations import complete_regimes, report_argument, zoned
from runbook.cli.options import examples, output, reason
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.incident.obligations.standing import Case, Obligation


class Options(NamedTuple):
    """Of which incident, about what, and in which words."""

    incident: str
    what: str = ""
    applies: bool | None = None
    item: str = ""
    text: str = ""
    at: str | None = None
    source: str | None = None
    reference: str | None = None
    how: str | None = None
    partial: str | None = None
    reason: str | None = None
    output: str = "text"


@click.command(
    "judge",
    epilog=examples(
        'obligations judge INC-1 gdpr --applies --reason "names and addresses of customers were readable"',
        'obligations judge INC-1 gdpr.people --does-not-apply --reason "all of it was encrypted"',
    ),
)
@incident_argument
@click.argument("what", metavar="REGIME", shell_complete=complete_regimes)
@click.option("--applies/--does-not-apply", default=None, help="What you decide; one of the two is needed.")
@reason("Why; it stands in the record with your name.", required=True)
@output()
@click.pass_obj
def judge_command(session: Session, /, **given: Any) -> int:
    """Say whether REGIME applies to INC: a regime such as gdpr, or one of its reports such as gdpr.people.

    The tool never decides that. `runbook obligations explain REGIME` has the questions to answer.
    """
    return judge(session, Options(**given))


def judge(session: Session, options: Options) -> Exit:
    """One judgement more; what it sets going is told."""
    from runbook.incident.obligations import desk

    if options.applies is None:
        raise UsageError("a judgement says which", hint="add --applies or --does-not-apply")
    id_, rules = found(session, options.incident), session.project.obligations
    case = desk.judge(session.place, id_, rules, options.what, options.applies, str(options.reason))
    name = options.what.partition(".")[0].partition(":")[0]
    mine = [one for one in _placed(session, case) if one.version.regime.name == name or one.address == options.what]
    word = "applies" if options.applies else "does not apply"
    return told(session, options.output, id_, f"{options.what} {word}, says {session.place.people.me}", mine)


@click.command(
    "anchor",
    epilog=examples(
        'obligations anchor INC-1 aware --at 14:23Z --source "the DPO, by telephone"',
        "obligations anchor INC-1 material",
        'obligations anchor INC-1 gdpr.aware --at 15:02Z --source "the export log" --reason "it was a suspicion only"',
    ),
)
@incident_argument
@click.argument("what", metavar="ANCHOR")
@when_options
@reason("Why one that is set already is moved.")
@output()
@click.pass_obj
def anchor_command(session: Session, /, **given: Any) -> int:
    """Say when something was that times count from: aware, classified, material, fix_available …

    It holds for every regime that counts from it; `gdpr.aware` is that of one regime alone.
    """
    return anchor(session, Options(**given))


def anchor(session: Session, options: Options) -> Exit:
    """One moment more; every deadline that counts from it is told, also one that is over already."""
    from runbook.incident.obligations import desk
    from runbook.incident.obligations.standing import TICKING

    id_, rules = found(session, options.incident), session.project.obligations
    moment = when(session, options.at, options.source)
    case = desk.anchor(session.place, id_, rules, options.what, moment, options.reason)
    only, _, plain = options.what.rpartition(".")
    all_ = [one for one in _placed(session, case) if only in ("", one.version.regime.name)]
    mine = [one for one in all_ if one.state in TICKING and one.deadline and one.deadline.anchor == plain]
    later = [one.version.regime.name for one in all_ if plain in one.version.regime.anchors and one.judgement is None]
    if later:
        session.say(f"nobody has decided yet about {', '.join(dict.fromkeys(later))}; they count from '{plain}' too")
    return told(session, options.output, id_, f"'{options.what}' is recorded", mine)


@click.command(
    "answer",
    epilog=examples(
        'obligations answer INC-1 gdpr.authority nature "an export was readable for everybody for 40 minutes"',
        "cat measures.txt | runbook obligations answer INC-1 gdpr.authority measures -",
    ),
)
@incident_argument
@report_argument
@click.argument("item", metavar="ITEM")
@click.argument("text", metavar="TEXT")
@output()
@click.pass_obj
def answer_command(session: Session, incident: str, report: str, item: str, text: str, output: str) -> int:
    """Say one of the things that REPORT must say. TEXT - reads it from stdin. Said again, the newest counts."""
    return answer(session, Options(incident, report, item=item, text=text, output=output))


def answer(session: Session, options: Options) -> Exit:
    """One answer more, and what is missing still."""
    from runbook.cli.note import said
    from runbook.incident.obligations import desk

    id_, rules = found(session, options.incident), session.project.obligations
    text = said(session, options.text, "answer")
    case = desk.answer(session.place, id_, rules, options.what, options.item, text)
    one = standing(session, case, options.what)
    missing = ", ".join(item.id for item in one.open_items)
    words = f"{options.item} is recorded; " + (f"missing: {missing}" if missing else "nothing is missing")
    return told(session, options.output, id_, words, [one], show=False)


@click.command(
    "file",
    epilog=examples(
        'obligations file INC-1 gdpr.authority --reference 2026-0815 --how "web form"',
        'obligations file INC-1 gdpr.authority --reference 2026-0815 --partial "numbers follow when logs are read"',
    ),
)
@incident_argument
@report_argument
@click.option("--reference", metavar="TEXT", help="The number under which it can be found there.")
@click.option("--how", metavar="TEXT", help="How it was filed: web form, e-mail, telephone.")
@click.option("--partial", metavar="REASON", help="Why information is missing, where it may follow.")
@when_options
@output()
@click.pass_obj
def file_command(session: Session, /, incident: str, report: str, **given: Any) -> int:
    """Say that REPORT was filed. Nothing is sent anywhere: you file it, this records it.

    Refused until it says all that it must say; each missing item is named.
    """
    return file(session, Options(incident, report, **given))


def file(session: Session, options: Options) -> Exit:
    """One filing more, and what counts from it."""
    from runbook.incident.obligations import desk

    id_, rules = found(session, options.incident), session.project.obligations
    filed = desk.Filed(
        when(session, options.at, options.source), options.reference, options.how, _text(options.partial, "--partial")
    )
    case = desk.file(session.place, id_, rules, options.what, filed)
    one = standing(session, case, options.what)
    late = (" in part" if one.partly else "") + (", after its deadline" if one.late else "")
    counted = f"filed:{one.report.id}"
    after = [
        each
        for each in _placed(session, case)
        if each.version.regime.name == one.version.regime.name and each.deadline and each.deadline.anchor == counted
    ]
    return told(session, options.output, id_, f"{one.address} is filed{late}", [one, *after])


@click.command("waive", epilog=examples('obligations waive INC-1 sox.documentation --reason "done in ticket 4711"'))
@incident_argument
@report_argument
@reason("Why nobody will file it; it stands in the record with your name.", required=True)
@output()
@click.pass_obj
def waive_command(session: Session, incident: str, report: str, reason: str, output: str) -> int:
    """Say that nobody will file REPORT, and why. Judging it anew takes that back."""
    return waive(session, Options(incident, report, reason=reason, output=output))


def waive(session: Session, options: Options) -> Exit:
    """One waiver more."""
    from runbook.incident.obligations import desk

    id_, rules = found(session, options.incident), session.project.obligations
    case = desk.waive(session.place, id_, rules, options.what, str(options.reason))
    return told(session, options.output, id_, f"{options.what} is waived", [standing(session, case, options.what)])


def _text(text: str | None, flag: str) -> str | None:
    if text is not None and not text.strip():
        raise UsageError(f"{flag} is empty", hint="say why: it stands in the record")
    return text.strip() if text is not None else None


def _placed(session: Session, case: Case) -> list[Obligation]:
    from runbook.incident.obligations.standing import obligations

    rules = session.project.obligations
    return obligations(case, rules.regimes, rules.here, session.place.journal.now())


def standing(session: Session, case: Case, what: str) -> Obligation:
    """The report that was meant, as it stands now."""
    from runbook.incident.obligations.naming import named, placed

    rules, now = session.project.obligations, session.place.journal.now()
    return placed(case, rules, named(case, rules, what, now), now)


def told(session: Session, output: str, id_: str, words: str, mine: list[Obligation], *, show: bool = True) -> Exit:
    """What came of it: a line, and where the reports that it concerns are now."""
    from runbook.incident.obligations.standing import TICKING, State
    from runbook.report.obligations import one_text
    from runbook.report.obligations_json import obligation_object
    from runbook.report.safe import shown

    now = session.place.journal.now()
    session.say(shown(f"{id_}: {words}"))
    if output == "json":
        return session.result({"incident": id_, "obligations": [obligation_object(one, now) for one in mine]})
    style = zoned(session, session.err_style)
    for one in mine if show else ():
        if one.state in (*TICKING, State.NOT_STARTED):
            session.say("\n" + one_text(one, style, now))
        elif one.state is State.UNDECIDED and one.deadline is not None:
            session.say(shown(f"? {one.address} is decided by itself: {one.report.condition}"))
    return Exit.OK
