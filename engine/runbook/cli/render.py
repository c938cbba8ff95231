"""`runbook render`: runbooks as pages for people, and whether pages that are checked in are still true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.options import complete_runbooks, examples, output
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit, UsageError

if TYPE_CHECKING:
    from runbook.authoring.page.rendering import Rendered
    from runbook.document.findings import Finding
    from runbook.document.model import Runbook
    from runbook.hosts.pinned import Pinned

SUFFIX = {"markdown": ".md", "html": ".html", "mermaid": ".mmd", "svg": ".svg", "cacao": ".json"}
INDEX = {"markdown": "README.md", "html": "index.html"}


class Options(NamedTuple):
    """What `render` was asked for. No name: the whole library."""

    name: str | None = None
    form: str = "markdown"
    to: Path | None = None
    check: Path | None = None
    output: str = "text"


@click.command(
    "render",
    epilog=examples(
        "render high-api-error-rate",
        "render high-api-error-rate --format html -o page.html",
        "render -o docs/runbooks          # the whole library, with an index",
        "render --check docs/runbooks     # in CI: 3 where a page is no longer true",
    ),
)
@click.argument("name", metavar="[NAME]", required=False, shell_complete=complete_runbooks)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(SUFFIX)),
    default="markdown",
    show_default=True,
    help="What to make: a page, its flow as a graph, or a CACAO 2.0 playbook.",
)
@click.option("-o", "to", metavar="PATH", type=click.Path(path_type=Path), help="Write to a file or folder.")
@click.option(
    "--check", metavar="PATH", type=click.Path(path_type=Path), help="Compare with a file or folder; write nothing."
)
@output()
@click.pass_obj
def command(session: Session, name: str | None, form: str, to: Path | None, check: Path | None, output: str) -> int:
    """Render the runbook NAME, or the whole library: a page to read, to print, and to work from without the engine.

    The same runbook always gives the same bytes, so that a page that is checked in can be held to its runbook.
    """
    return render(session, Options(name, form, to, check, output))


def render(session: Session, options: Options) -> Exit:
    """To stdout, to a file or folder, or compared with one."""
    if options.to is not None and options.check is not None:
        raise UsageError("`-o` and `--check` do not go together", hint="leave one of them out")
    where = options.to or options.check
    if where is None and options.name is None:
        raise UsageError("the whole library is rendered into a folder", hint="name it with -o, or name one runbook")
    session.author()
    made = list(_one(session, options)) if options.name is not None else _library(session, options)
    if where is None:
        return _printed(session, options, made[0])
    files = {path: one for one in made for path in (_file(where, one, single=options.name is not None),)}
    if options.check is not None:
        return _checked(session, options, files)
    from runbook.cli.writing import written

    written({path: one.text for path, one in files.items()}, "page")
    rows = [{"runbook": one.name, "path": str(path)} for path, one in files.items()]
    if options.output == "json":
        return session.result({"rendered": rows})
    for row in rows:
        session.print(row["path"])
    return Exit.OK


def _one(session: Session, options: Options) -> Iterator[Rendered]:
    book, pinned = session.project.runbook(str(options.name))
    yield _rendered(session, book, pinned, options.form)


def _library(session: Session, options: Options) -> list[Rendered]:
    """Every runbook, and the index; DocumentError with the findings of all that cannot be used."""
    from runbook.authoring.page.rendering import Rendered, index

    project = session.project
    made: list[Rendered] = []
    books: list[tuple[Runbook, str]] = []
    findings: list[Finding] = []
    for name in project.runbooks():
        try:
            book, pinned = project.runbook(name)
        except DocumentError as error:
            findings += error.findings
            continue
        one = _rendered(session, book, pinned, options.form)
        books.append((book, one.name + SUFFIX[options.form]))
        made.append(one)
    if findings:
        raise DocumentError(findings)
    if not made:
        where = ", ".join(project.shown(folder) for folder in project.folders)
        raise UsageError(f"there are no runbooks in {where}", hint="name a runbook's file")
    if options.form in INDEX:
        made.append(Rendered("", index(books, options.form), options.form))
    return made


def _rendered(session: Session, book: Runbook, pinned: Pinned, form: str) -> Rendered:
    from runbook.authoring.page.rendering import rendered

    parts = [*(part.data for part in pinned.steps), *([pinned.evidence] if pinned.evidence else ())]
    origin = _origin(session, pinned.path)
    return rendered(book, pinned.runbook, session.project.specs, form, origin=origin, parts=parts)


def _origin(session: Session, path: str) -> str:
    """The file as its project calls it: a page must not depend on where it was made."""
    full = Path(path).resolve()
    root = session.project.root.resolve()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else full.name


def _file(where: Path, one: Rendered, *, single: bool) -> Path:
    if single and not where.is_dir():
        return where
    return where / (one.name + SUFFIX[one.form] if one.name else INDEX[one.form])


def _printed(session: Session, options: Options, one: Rendered) -> Exit:
    if options.output == "json":
        return session.result({"runbook": one.name, "document": one.text})
    session.print(one.text.removesuffix("\n"))
    return Exit.OK


# --- comparing --------------------------------------------------------------------------------------------------


def _checked(session: Session, options: Options, files: dict[Path, Rendered]) -> Exit:
    """3 where a file is not what would be written today, is not there, or is of no runbook any more."""
    rows: list[dict[str, Any]] = []
    for path, one in files.items():
        before = _before(path)
        same = before == one.text
        rows.append({"runbook": one.name, "path": str(path), "same": same})
        if same or options.output == "json":
            continue
        if before is None:
            session.print(f"{path}: is not there")
        else:
            session.print("\n".join(_differences(before, one.text, path)))
    for path in _left_over(options, files):
        rows.append({"runbook": None, "path": str(path), "same": False})
        if options.output != "json":
            session.print(f"{path}: is of no runbook any more")
    wrong = sum(not row["same"] for row in rows)
    exit_ = Exit.INVALID if wrong else Exit.OK
    if options.output == "json":
        return session.result({"checked": rows}, exit_)
    session.say(f"{len(rows)} compared, {wrong} not as they should be")
    if wrong:
        again = " ".join(filter(None, ("runbook render", options.name, _flags(options))))
        session.say(f"  write them anew: {again} -o {options.check}")
    return exit_


def _flags(options: Options) -> str:
    return "" if options.form == "markdown" else f"--format {options.form}"


def _before(path: Path) -> str | None:
    """What a file says; None where there is none."""
    from runbook.bootstrap import read

    return read(path).decode("utf-8", "replace").replace("\r\n", "\n") if path.exists() else None


def _differences(before: str, after: str, path: Path) -> list[str]:
    from difflib import unified_diff

    from runbook.report.safe import shown

    lines = unified_diff(before.splitlines(), after.splitlines(), str(path), "as it is now", lineterm="", n=1)
    return [shown(line) for line in lines]


def _left_over(options: Options, files: dict[Path, Rendered]) -> list[Path]:
    """Pages that were made of a runbook that is not there any more."""
    from runbook.authoring.page.rendering import is_ours

    if options.name is not None or options.check is None or not options.check.is_dir():
        return []
    found = sorted(options.check.glob(f"*{SUFFIX[options.form]}"))
    return [path for path in found if path not in files and is_ours(_before(path) or "", options.form)]
