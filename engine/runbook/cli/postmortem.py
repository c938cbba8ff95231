"""`runbook postmortem`: the record of an incident as a document, and the words that people wrote around it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.incidents import anyway_option, found, incident_argument, visible
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.report.postmortem import Draft


class Options(NamedTuple):
    """What `postmortem` was asked for."""

    incident: str
    to: Path | None = None
    from_: Path | None = None
    check: Path | None = None
    form: str = "markdown"
    names: bool = False
    discard_edits: bool = False
    held: str | None = None
    fail_on: str = "error"
    confidential: bool = False
    output: str = "text"


@click.command(
    "postmortem",
    epilog=examples(
        "postmortem INC-7",
        "postmortem INC-7 -o postmortems/inc-7.md      # made, or its facts regenerated",
        "postmortem INC-7 --check postmortems/inc-7.md",
        "postmortem INC-7 --format html --from postmortems/inc-7.md -o inc-7.html",
        "postmortem INC-7 --held 2026-12-01T10:00:00Z",
    ),
)
@incident_argument
@click.option("-o", "to", metavar="FILE", type=click.Path(path_type=Path), help="Make FILE, or regenerate its facts.")
@click.option(
    "--from", "from_", metavar="FILE", type=click.Path(path_type=Path), help="The Markdown to make a page of."
)
@click.option("--check", metavar="FILE", type=click.Path(path_type=Path), help="Judge FILE's words; write nothing.")
@click.option(
    "--format", "form", type=click.Choice(["markdown", "html"]), default="markdown", show_default=True, help="The form."
)
@click.option("--names", is_flag=True, help="Name people; else their roles stand for them.")
@click.option("--discard-edits", is_flag=True, help="Give up what was written between the markers of facts.")
@click.option("--held", metavar="WHEN", help="The review meeting was held then.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="With --check: from what on it exits with 3.",
)
@anyway_option
@output()
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Write what the record says of INC; people add what only they know.

    Facts stand between markers and are made anew as often as you like; prose is never touched. Roles stand for names.
    """
    return postmortem(session, Options(**given))


def postmortem(session: Session, options: Options) -> Exit:
    """To stdout, to a file, judged, or only that its review was held."""
    if sum(way is not None for way in (options.to, options.check, options.held)) > 1:
        raise UsageError("-o, --check and --held do not go together", hint="one at a time")
    if options.discard_edits and (options.to is None or options.form == "html"):
        raise UsageError("--discard-edits is for the file whose facts are made anew", hint="name it with -o FILE")
    if options.from_ is not None and options.form != "html":
        raise UsageError("--from is the Markdown that a page is made of", hint="add --format html")
    id_ = found(session, options.incident)
    if options.held is not None:
        return _held(session, options, id_)
    visible(session, id_, anyway=options.confidential)
    if options.check is not None:
        return _checked(session, options, id_, options.check)
    if options.form == "html":
        return _page(session, options, id_)
    draft = _draft(session, id_, names=options.names)
    if options.to is None:
        if options.output == "json":
            return session.result({"incident": id_, "document": draft.text})
        session.print(draft.text.removesuffix("\n"))
        return Exit.OK
    return _file(session, options, id_, draft, options.to)


def _draft(session: Session, id_: str, *, names: bool) -> Draft:
    from runbook.hosts.aftermath import aftermath
    from runbook.incident import desk
    from runbook.incident.merging import merged
    from runbook.incident.postmortem.review import review
    from runbook.incident.records import AFTERWARDS
    from runbook.report.postmortem import drafted
    from runbook.report.timeline import entries

    place = session.place
    facts = aftermath(place, id_, names=names)
    told = list(desk.records(place.journal, id_))
    happened = (one for one in merged(place.journal, facts.incident) if one.type not in AFTERWARDS)
    return drafted(facts, list(entries(happened)), review(facts.incident, told, session.project.catalogued.document))


def _file(session: Session, options: Options, id_: str, draft: Draft, path: Path) -> Exit:
    """Made where there is none; else its facts are made anew, and nothing else of it is touched."""
    from runbook.cli.writing import written
    from runbook.incident.desk import allowed
    from runbook.incident.postmortem.blocks import Regenerated, regenerated
    from runbook.incident.postmortem.writing import unrecorded, wrote

    allowed(session.place)
    named = _within(path, session.project.root)
    there = (_read(path) if path.exists() else "") or None
    if there is None:
        made = Regenerated(draft.text, tuple(draft.blocks), ())
    else:
        made = regenerated(there, draft.blocks, id_, path=str(path), discard=options.discard_edits)
        if set(made.absent) == set(draft.blocks):
            raise UsageError(f"{path} holds no facts of {id_} that could be made anew", hint="name a new file")
    if made.text != there:
        written({path: made.text}, "postmortem")
        wrote(session.place, id_, named, made)
    elif missed := unrecorded(session.place.journal, id_, named, there):
        wrote(session.place, id_, named, made._replace(changed=missed))
        session.say(f"{path} was in no record as it is, because what wrote it was cut off; it is recorded now")
    if options.output == "json":
        said = {"incident": id_, "path": str(path), "made": there is None, "changed": made.changed}
        return session.result({**said, "absent": made.absent})
    session.print(str(path))
    what = (
        "made" if there is None else f"made anew: {', '.join(made.changed)}" if made.changed else "no fact has changed"
    )
    session.say(f"{path}: {what}")
    if made.absent:
        session.say(f"without these facts, which somebody took out: {', '.join(made.absent)}")
    if there is None:
        session.say(f"{made.text.count('TODO')} places wait for what only people know; then --check {path}")
    return Exit.OK


def _checked(session: Session, options: Options, id_: str, path: Path) -> Exit:
    """Its markers, its facts, its words, and what nobody has written yet."""
    from runbook.document.findings import Finding, Severity
    from runbook.incident.postmortem.blameless import judged, unwritten
    from runbook.incident.postmortem.blocks import prose, regenerated
    from runbook.report.findings import findings_object, findings_text, summary_text

    text, draft = _read(path), _draft(session, id_, names=options.names)
    anew = regenerated(text, draft.blocks, id_, path=str(path))
    findings = [
        Finding(
            path=str(path),
            line=1,
            column=1,
            code="RB205",
            message=f"the facts '{name}' are not what the record says now",
            hint=f"runbook postmortem {id_} -o {path}",
        )
        for name in anew.changed
    ]
    lines = prose(text, str(path))
    people = {} if options.names else draft.people
    findings += sorted([*judged(lines, people, str(path)), *unwritten(lines, str(path))])
    errors = [one for one in findings if one.severity is Severity.ERROR]
    exit_ = Exit.INVALID if errors or (findings and options.fail_on == "warning") else Exit.OK
    if options.output == "json":
        return session.result(findings_object(1, findings), exit_)
    if findings:
        session.print(findings_text(findings, session.out_style, {str(path): text}))
    session.say(summary_text(1, findings))
    return exit_


def _page(session: Session, options: Options, id_: str) -> Exit:
    """Of a file that people have written in, else of the facts alone."""
    from runbook.cli.writing import written
    from runbook.incident.desk import told
    from runbook.report.postmortem_page import postmortem_page

    text = _read(options.from_) if options.from_ else _draft(session, id_, names=options.names).text
    made = postmortem_page(text, told(session.place.journal, id_))
    if options.to is None:
        if options.output == "json":
            return session.result({"incident": id_, "page": made})
        session.print(made.removesuffix("\n"))
        return Exit.OK
    written({options.to: made}, "page")
    if options.output == "json":
        return session.result({"incident": id_, "path": str(options.to)})
    session.print(str(options.to))
    return Exit.OK


def _held(session: Session, options: Options, id_: str) -> Exit:
    from runbook.hosts.clock import wall
    from runbook.incident.moments import moment
    from runbook.incident.postmortem.review import hold

    hold(session.place, id_, moment(str(options.held), wall(), flag="--held"))
    if options.output == "json":
        return session.result({"incident": id_})
    session.say(f"{id_}: the review was held")
    return Exit.OK


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8", hint="is it the Markdown?") from error


def _within(path: Path, root: Path) -> str:
    """As somebody else with the same project finds it."""
    whole = path.resolve()
    return str(whole.relative_to(root.resolve())) if whole.is_relative_to(root.resolve()) else str(whole)
