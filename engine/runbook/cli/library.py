"""`runbook list` and `show`: what there is in the library, and one runbook of it at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.options import examples, output, runbook_argument
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit

if TYPE_CHECKING:
    from runbook.document.model import Runbook


class ListOptions(NamedTuple):
    """What `list` was asked for."""

    output: str = "text"


class ShowOptions(NamedTuple):
    """What `show` was asked for."""

    name: str
    output: str = "text"


@click.command("list", epilog=examples("list", "list --output json"))
@output()
@click.pass_obj
def list_command(session: Session, output: str) -> int:
    """List the runbooks of this project, with severity, service and last review."""
    return listed(session, ListOptions(output))


@click.command("show", epilog=examples("show high-api-error-rate"))
@runbook_argument
@output()
@click.pass_obj
def show_command(session: Session, name: str, output: str) -> int:
    """Show the runbook NAME: what it is for, its parameters, symptoms, options, checks and links."""
    return show(session, ShowOptions(name, output))


def listed(session: Session, options: ListOptions) -> Exit:
    """The library by name. A file that cannot be used is said, and does not hide the others."""
    from runbook.document.model import Runbook
    from runbook.report.safe import shown
    from runbook.report.tables import Book, runbooks_text

    project = session.project
    books: list[tuple[Runbook, str]] = []
    broken: list[tuple[str, str, int]] = []
    for name, path in project.runbooks().items():
        try:
            document = project.load(path).document
        except DocumentError as error:
            broken.append((name, project.shown(path), len(error.findings)))
            continue
        if isinstance(document, Runbook):
            books.append((document, project.shown(path)))
    if options.output == "json":
        objects = [_row(book, path) for book, path in books]
        objects += [{"name": name, "path": path, "valid": False} for name, path, _ in broken]
        session.result({"runbooks": sorted(objects, key=lambda row: str(row["name"]))})
    elif books:
        rows = [Book(book.name, book.title, book.severity, book.service, book.reviewed) for book, _ in books]
        session.print(runbooks_text(rows, session.out_style))
    for name, file, count in broken:
        session.say(shown(f"{name} cannot be used ({count} findings): runbook lint {file}"))
    if not books and not broken:
        where = ", ".join(project.shown(folder) for folder in project.folders)
        session.say(f"there are no runbooks in {where}; `runbook init` makes a first one")
    return Exit.OK


def _row(book: Runbook, path: str) -> dict[str, Any]:
    return {
        "name": book.name,
        "title": book.title,
        "severity": book.severity,
        "service": book.service,
        "owners": book.owners,
        "tags": book.tags,
        "reviewed": book.reviewed,
        "path": path,
        "valid": True,
    }


def show(session: Session, options: ShowOptions) -> Exit:
    """One runbook; as JSON the document as it was understood."""
    from runbook.report.show import show_text

    book, documents = session.project.runbook(options.name)
    if options.output == "json":
        return session.result({"path": documents.path, "runbook": book})
    session.print(show_text(book, documents.path, session.out_style))
    return Exit.OK
