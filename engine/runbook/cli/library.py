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
    """Show the runbook NAME: what it is for, its parameters, symptoms, options, checks and links.

    NAME may be that of steps to include, too.
    """
    return show(session, ShowOptions(name, output))


def listed(session: Session, options: ListOptions) -> Exit:
    """The library by name. A file that cannot be used is said, and does not hide the others."""
    from runbook.cli import parts
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
    steps = parts.rows(session)
    if options.output == "json":
        objects = [_row(book, path) for book, path in books]
        objects += [{"name": name, "path": path, "valid": False} for name, path, _ in broken]
        session.result({"runbooks": sorted(objects, key=lambda row: str(row["name"])), "steps": steps})
    else:
        rows = [Book(book.name, book.title, book.severity, book.service, book.reviewed) for book, _ in books]
        blocks = [runbooks_text(rows, session.out_style) if rows else "", "\n".join(parts.lines(session, steps))]
        if any(blocks):
            session.print("\n\n".join(filter(None, blocks)))
    broken += [(row["name"], row["path"], 1) for row in steps if not row["valid"]]
    for name, file, count in broken:
        where = f"it is read from {file}" if project.shelves else f"runbook lint {file}"
        session.say(shown(f"{name} cannot be used ({count} findings): {where}"))
    unreadable = list(project.entries.unreadable())
    for sentence in unreadable:
        session.say(shown(sentence))
    if not books and not steps and not broken and not unreadable:
        session.say(f"there are no runbooks in {project.searched}; `runbook init` makes a first one")
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
    """One runbook, or steps to include; as JSON the document as it was understood."""
    from runbook.cli import parts
    from runbook.report.show import show_text

    if parts.is_part(session, options.name):
        return parts.told(session, options.name, options.output)
    book, documents = session.project.runbook(options.name)
    if options.output == "json":
        return session.result({"path": documents.path, "runbook": book})
    session.print(show_text(book, documents.path, session.out_style))
    return Exit.OK
