"""`runbook incident import`: past incidents from a file; all of its rows, or none."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.incident.imported import Imported
    from runbook.incident.importing import Problem, Ready, Row

_MOST = 20  # problems that are shown one by one


class Options(NamedTuple):
    """Which file, in which form; `mapped` are `THEIRS=OURS` of severities."""

    file: Path
    from_: str | None = None
    mapped: tuple[str, ...] = ()
    source: str | None = None
    dry_run: bool = False
    output: str = "text"


@click.command(
    "import",
    epilog=examples(
        "incident import incidents-2025.csv --dry-run",
        "incident import incidents.json",
        "incident import pagerduty.json --from pagerduty --map P1=SEV1 --map P2=SEV2 --map low=SEV4",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--from", "from_", type=click.Choice(["csv", "json", "pagerduty"]), help="Its form. Default: by its name."
)
@click.option("--map", "mapped", multiple=True, metavar="THEIRS=OURS", help="What a severity is called here.")
@click.option("--source", metavar="TEXT", help="Where its times come from. Default: the import of FILE.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be imported; write nothing.")
@output()
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Take in past incidents of FILE (- is stdin). Where a row is wrong, all that is wrong is said; nothing is written.

    What was imported before, by its id there, is left as it is: importing twice does no harm.
    """
    return import_(session, Options(**given))


def import_(session: Session, options: Options) -> Exit:
    """Every row that is not here yet; 3 where one of them is wrong."""
    from runbook.incident.imported import Imported
    from runbook.incident.importing import Terms, ready

    origin = _form(options)
    words = session.project.catalogued
    place = session.place
    rows, problems = _rows(session, options.file, origin)
    source = options.source or f"import of {options.file.name}"
    terms = Terms(words.document, _mapped(options.mapped), origin, source, place.journal.now())
    found, wrong = ready(rows, terms)
    problems = sorted([*problems, *wrong])
    if problems:
        return _refused(session, options, problems, len(rows))
    known = Imported(place.journal)
    others = _others(session, options, found, known, origin)
    new = [one for one in found if (origin, one.id) not in known]
    ids = _written(session, options, new, known, origin)
    if not options.dry_run:
        new = [one for one, id_ in zip(new, ids, strict=True) if id_ is not None]
    return _told(session, options, [id_ for id_ in ids if id_ is not None], new, len(found) - len(new), others)


def _others(
    session: Session, options: Options, found: list[Ready], known: Imported, origin: str
) -> list[dict[str, Any]]:
    """Rows left out though they seem to be of another incident: the id is known, and was declared at another time."""
    from runbook.report.amounts import counted
    from runbook.report.safe import shown

    others = [(one, known.another((origin, one.id), one.declaration.when.written["at"])) for one in found]
    differ = [{"incident": here, "id": one.id, "line": one.line} for one, here in others if here is not None]
    for one in differ[:_MOST] if options.output == "text" else []:
        where = f"{options.file}:{one['line']}"
        session.say(shown(f"{where}: {one['id']} is {one['incident']} already, declared at another time"))
    if differ and options.output == "text":
        said = f"{counted(len(differ), 'row')} left out that may be of another incident; ids are told apart by the form"
        session.say(f"{said} of the file alone: write others into the column 'id', such as 2025-7")
    return differ


def _rows(session: Session, file: Path, origin: str) -> tuple[list[Row], list[Problem]]:
    from runbook.incident.importing import rows_of

    try:
        return rows_of(_read(session, file), origin)
    except UsageError as error:
        raise UsageError(f"{file}: {error.message}", hint=error.hint or "save it as UTF-8, and import that") from error


def _form(options: Options) -> str:
    if options.from_ is not None:
        return options.from_
    form = {".csv": "csv", ".json": "json"}.get(options.file.suffix.lower())
    if form is None:
        raise UsageError(f"the form of {options.file} is not known by its name", hint="add --from csv|json|pagerduty")
    return form


def _read(session: Session, file: Path) -> bytes:
    if str(file) == "-":
        return session.stdin.read().encode()
    try:
        return (session.directory / file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def _mapped(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        theirs, separator, ours = pair.partition("=")
        if not separator or not theirs.strip() or not ours.strip():
            raise UsageError(f"--map takes THEIRS=OURS, got {pair!r}", hint="such as --map P1=SEV1")
        found[theirs.strip()] = ours.strip()
    return found


def _written(session: Session, options: Options, new: list[Ready], known: Imported, origin: str) -> list[str | None]:
    """The ids here, None for what somebody else has imported meanwhile; nothing in a dry run.

    Each is one transaction, which asks once more whether it is here: two who import one file at once bring in each row
    once, and an import that was cut off is gone on with by the next.
    """
    from runbook.incident.declaring import declare

    words = session.project.catalogued
    ids: list[str | None] = []
    for one in [] if options.dry_run else new:
        try:
            check = partial(_unknown, known, (origin, one.id))
            ids.append(declare(session.place, words.document, words.data, one.declaration, check).incident.id)
        except _ImportedMeanwhile:
            ids.append(None)
    return ids


class _ImportedMeanwhile(Exception):
    """Keeps a transaction from being kept."""


def _unknown(known: Imported, key: tuple[str, str]) -> None:
    known.look()
    if key in known:
        raise _ImportedMeanwhile


def _told(
    session: Session, options: Options, ids: list[str], new: list[Ready], known: int, others: list[dict[str, Any]]
) -> Exit:
    from runbook.report.safe import shown

    would = "would be " if options.dry_run else ""
    if options.output == "json":
        here: list[str | None] = [*ids] or [None] * len(new)
        imported = [{"incident": id_, "id": one.id, "line": one.line} for id_, one in zip(here, new, strict=True)]
        told = {"imported": imported, "known": known, "others": others}
        return session.result({**told, "dry_run": options.dry_run, "problems": []})
    if options.dry_run:
        for one in new:
            session.print(shown(f"line {one.line}: {one.id}, {one.declaration.severity}: {one.declaration.title}"))
    for id_, one in zip(ids, new, strict=False):
        session.print(shown(f"{id_}  {one.id}, {one.declaration.severity}: {one.declaration.title}"))
    session.say(f"{len(new)} {would}imported" + (f", {known} known already" if known else ""))
    return Exit.OK


def _refused(session: Session, options: Options, problems: list[Problem], rows: int) -> Exit:
    from runbook.report.amounts import counted
    from runbook.report.safe import shown

    if options.output == "json":
        told = [one._asdict() for one in problems]
        nothing = {"imported": [], "known": 0, "others": []}
        return session.result({**nothing, "dry_run": options.dry_run, "problems": told}, Exit.INVALID)
    for one in problems[:_MOST]:
        where = f"{options.file}:{one.line}" if one.line else str(options.file)
        session.say(shown(f"{where}: {one.message}" + (f"; {one.hint}" if one.hint else "")))
    if len(problems) > _MOST:
        session.say(f"and {len(problems) - _MOST} more")
    session.say(f"nothing was imported: {counted(len(problems), 'problem')} in {counted(rows, 'row')}")
    return Exit.INVALID
