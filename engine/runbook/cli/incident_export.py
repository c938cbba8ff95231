"""`runbook incident export`: an incident's records and those of its runs, as files that verify without the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from runbook.cli.incidents import anyway_option, found, incident_argument, visible
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError


class Options(NamedTuple):
    """Which incident, and where to; None: its own stream, to stdout."""

    incident: str
    to: Path | None = None
    confidential: bool = False
    output: str = "text"


@click.command("export", epilog=examples("incident export INC-1 -o inc-1/", "incident export INC-1 > inc-1.jsonl"))
@incident_argument
@click.option("-o", "to", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="A new folder.")
@anyway_option
@output()
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Write the records of INC and of each of its runs into DIR, one file for each stream, as `log export` does.

    Each can be verified anywhere, without the store: `runbook log verify FILE`. Without -o, the incident's own records
    go to stdout.
    """
    return export(session, Options(**given))


def export(session: Session, options: Options) -> Exit:
    """All files, or none."""
    from runbook.incident.desk import stream_of
    from runbook.incident.merging import missing, streams

    id_ = found(session, options.incident)
    journal = session.project.journal
    incident = visible(session, id_, anyway=options.confidential)
    if options.to is None:
        if options.output == "json":
            raise UsageError("the records themselves are JSON Lines", hint="name a folder with -o DIR")
        for line in _lines(session, stream_of(id_)):
            session.print(line.decode().removesuffix("\n"))
        return Exit.OK
    gone = missing(journal, incident)
    files = _written(session, options.to, [name for name in streams(incident) if name not in gone])
    if gone:
        session.say(f"not in this store, and so not exported: {', '.join(gone)}")
    if options.output == "json":
        return session.result({"incident": id_, "files": [str(file) for file in files], "missing": gone})
    for file in files:
        session.print(str(file))
    session.say(f"check each anywhere with `runbook log verify {files[0]}`")
    return Exit.OK


def _written(session: Session, to: Path, names: list[str]) -> list[Path]:
    """A file for each stream, in a folder that appears whole or not at all."""
    import shutil

    if to.exists():
        raise UsageError(f"{to} is there already", hint="name a new folder")
    part = to.with_name(to.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        files = [f"{name.replace('/', '-').removeprefix('incident-')}.jsonl" for name in names]
        for name, file in zip(names, files, strict=True):
            with (part / file).open("wb") as lines:
                lines.writelines(_lines(session, name))
        part.replace(to)
    except OSError as error:
        raise UsageError(f"the export cannot be written: {to}: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return [to / file for file in files]


def _lines(session: Session, stream: str) -> Iterator[bytes]:
    from runbook.cli import sealed
    from runbook.journal.export import export as exported

    return exported(session.project.journal, stream, sealed.published(session, stream))
