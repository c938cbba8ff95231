"""`runbook walk`: go through a Markdown runbook step by step, as a run like any other: recorded and resumable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.environments import enter, env_option
from runbook.cli.options import examples, incident_option, output
from runbook.cli.session import Session
from runbook.errors import Exit, Refused, UsageError

if TYPE_CHECKING:
    from runbook.authoring.markdown import Outline
    from runbook.hosts.pinned import Pinned, Start


class Options(NamedTuple):
    """What `walk` was asked for."""

    file: Path
    dry_run: bool = False
    incident: str | None = None
    environment: str | None = None
    output: str = "text"


@click.command("walk", epilog=examples("walk docs/restart-db.md", "walk docs/restart-db.md --dry-run"))
@click.argument("file", metavar="FILE.md", type=click.Path(path_type=Path))
@click.option("-n", "--dry-run", is_flag=True, help="Say which steps there are; start nothing.")
@env_option("The environment to work in; without it the default one.")
@incident_option("The incident that it belongs to.")
@output("jsonl")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Walk through the Markdown runbook FILE: each section with text, and each entry of a numbered list, is a step.

    At each step: done, failed, skip, note, wait (leave, and go on later with `runbook resume`), abort. A block for a
    shell is shown, and run when you say so: by hand within this run, with a gate of its own (`runbook exec`).
    Without a terminal it waits at its first step (6), and `runbook answer` goes on.
    """
    return walk(session, Options(**given))


def walk(session: Session, options: Options) -> Exit:
    """Start the run of a document, and drive it."""
    from runbook.authoring.markdown import outline
    from runbook.policy.rights import may_run

    data = _read(session, options.file)
    try:
        found = outline(data)
    except UsageError as error:
        raise UsageError(f"{options.file} cannot be walked through: {error.message}", hint=error.hint) from None
    if options.dry_run:
        return _outlined(session, options, found)
    enter(session, options.environment, None)
    place = session.place
    why = may_run(place.people, place.people.me)
    if why is not None:
        raise Refused(why)
    masked = place.journal.masker.bytes(data)
    if masked != data:
        session.say(f"{options.file} holds secrets; they are masked in the record, and so in what is shown")
        found = outline(masked)
    return _begun(session, options, found, masked)


def _read(session: Session, file: Path) -> bytes:
    from runbook.bootstrap import read

    path = session.directory / file
    if not path.exists():
        raise UsageError(f"there is no file {file}")
    return read(path)


def _begun(session: Session, options: Options, found: Outline, data: bytes) -> Exit:
    from runbook.cli.driving import driven
    from runbook.cli.opening import opening
    from runbook.hosts.claims import AlreadyOpen, look
    from runbook.hosts.local import started
    from runbook.hosts.place import Manner
    from runbook.report.markdown import markdown_lines

    start, documents = _start(session, options, found, data)
    place, source = session.place, session.project.source()
    book, _ = documents.loaded(place.specs)
    try:
        look(place, start, book)
        opening(session, start, documents, source)
        for line in markdown_lines(found.description, session.err_style) if found.description else ():
            session.say(line)
        return driven(
            session,
            start.run,
            book,
            options.output,
            lambda desk, view: started(place, start, documents, source, Manner(), desk, view),
            walk=True,
        )
    except AlreadyOpen as error:
        hint = f"go on with it: runbook resume {error.run}, or end it: runbook abort {error.run} --reason TEXT"
        raise AlreadyOpen(error.message, run=error.run, hint=hint) from None


def _start(session: Session, options: Options, found: Outline, data: bytes) -> tuple[Start, Pinned]:
    from runbook.authoring.walk import document
    from runbook.cli import incidents
    from runbook.core.ids import ulid
    from runbook.hosts.clock import wall
    from runbook.hosts.pinned import Pinned, Start

    place = session.place
    file = os.fsencode(options.file).decode(errors="backslashreplace")  # a record is text; the name of a file is not
    pinned = Pinned(
        runbook=document(found, Path(file).name),
        path=file,
        by_hand=True,
        markdown=data,
        markdown_path=file,
    )
    here = session.environment
    start = Start(
        run=ulid(wall(), os.urandom(10)),
        initiator=place.people.me,
        environment=here.name if here is not None else None,
        env=here.values if here is not None else {},
        incident={"id": incidents.found(session, options.incident)} if options.incident else None,
    )
    return start, pinned.opened(place.specs)


def _outlined(session: Session, options: Options, found: Outline) -> Exit:
    """The steps, without starting anything."""
    from runbook.authoring.markdown import blocks
    from runbook.authoring.walk import step_ids
    from runbook.report.layout import heading, marked
    from runbook.report.safe import shown

    rows: list[dict[str, Any]] = []
    for id_, step in zip(step_ids(found), found.steps, strict=True):
        held = [
            {"language": b.language, "text": b.text, "placeholders": list(b.placeholders)} for b in blocks(step.text)
        ]
        rows.append({"id": id_, "title": step.title, "text": step.text, "blocks": held})
    if options.output != "text":
        return session.result({"path": str(options.file), "title": found.title, "steps": rows})
    style = session.out_style
    session.print(heading(shown(found.title or options.file.name), style))
    for number, row in enumerate(rows, 1):
        count = len(row["blocks"])
        more = f" ({count} block{'s' if count > 1 else ''} to run)" if count else ""
        for line in marked(f"{number:>3}", "dim", shown(f"{row['title'] or row['id']}{more}"), style):
            session.print(line)
        for name in dict.fromkeys(name for block in row["blocks"] for name in block["placeholders"]):
            session.print(f"        to be replaced: {shown(name)}")
    return Exit.OK
