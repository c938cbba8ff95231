"""`runbook import`: a draft of somebody else's runbook: Markdown, a CACAO playbook, a Rundeck job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit, UsageError

if TYPE_CHECKING:
    from runbook.authoring.importing.draft import Draft

LARGEST = 1024 * 1024
FORMS = ("markdown", "cacao", "rundeck")
_SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".txt": "markdown", ".json": "cacao", ".yaml": "rundeck",
             ".yml": "rundeck"}  # fmt: skip


class Options(NamedTuple):
    """What `import` was asked for. `form` None: told by the file's name; `folder`: each document gets a file there."""

    file: Path
    form: str | None = None
    to: Path | None = None
    force: bool = False
    output: str = "text"
    folder: bool = False


class Made(NamedTuple):
    """The text of a draft, where it goes, and how much of it a person must look at."""

    draft: Draft
    text: str
    to: Path | None
    warnings: int

    @property
    def todo(self) -> int:
        """How often it says TODO, above its first key not counted."""
        return self.text.partition("\napiVersion:")[2].count("TODO")


@click.command(
    "import",
    epilog=examples(
        "import docs/KubePodCrashLooping.md",
        "import playbook.json -o runbooks/contain.yaml",
        "import jobs.yaml -o runbooks/      # each of its jobs in a file of its own",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--from", "form", type=click.Choice(FORMS), help="What it is; by default its name says so.")
@click.option(
    "-o",
    "to",
    metavar="FILE|FOLDER/",
    type=click.Path(),
    help="Write here instead of stdout; in a folder, each document into a file of its name.",
)
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@output()
@click.pass_obj
def command(session: Session, file: Path, form: str | None, to: str | None, force: bool, output: str) -> int:
    """Draft a runbook of FILE: Markdown, a CACAO 2.0 playbook (JSON), or Rundeck jobs (YAML).

    Commands that are understood become steps that the engine plans and does; everything else a person does, and the
    draft says so. Nothing is dropped: what was not understood is kept, and listed on stderr. What is missing stands
    as TODO.
    """
    folder = to is not None and (to.endswith("/") or Path(to).is_dir())
    return imported(session, Options(file, form, Path(to) if to else None, force, output, folder))


def imported(session: Session, options: Options) -> Exit:
    """The drafts, to stdout or files. DocumentError for what cannot be read; nothing is written then."""
    from runbook.authoring.importing.settle import settled
    from runbook.cli.writing import written
    from runbook.report.safe import shown

    if options.to is not None and not options.folder:
        _is_free(options.to, options)
    draft = settled(_drafted(session, options, _read(session, options.file)), session.project.specs)
    drafts = _each_named((draft, *draft.further)) if options.folder else (draft,)
    made = [_made(session, options, one) for one in drafts]
    files = {one.to: one.text for one in made if one.to is not None}
    written(files, "draft")
    for one in made:
        for left in one.draft.left:
            session.say(shown(f"{one.to if options.folder else options.file}: {left}"))
    if not options.folder:
        _told_of_further(session, options, draft)
    _put_out(session, options, made)
    todo, left_, warnings = (sum(counts) for counts in zip(*map(_counts, made), strict=True))
    session.say(
        f"{todo} TODO, {left_} not understood, {warnings} warnings; read it line by line before anybody runs it"
    )
    return Exit.OK


def _counts(made: Made) -> tuple[int, int, int]:
    return made.todo, len(made.draft.left), made.warnings


def _made(session: Session, options: Options, draft: Draft) -> Made:
    """A draft as it is written; DocumentError for what no document can be, UsageError for a file that is there."""
    from runbook.authoring.formatting.document import in_style
    from runbook.document.load import load

    specs = session.project.specs
    plan = ".evidence" if draft.document["kind"] == "EvidencePlan" else ""  # it may be called as a runbook is
    to = options.to / f"{draft.document['name']}{plan}.yaml" if options.folder and options.to else options.to
    if options.folder and to is not None:
        _is_free(to, options)
    text = in_style(draft.text(options.file.name), specs)
    return Made(draft, text, to, len(load(text.encode(), specs, path=str(to or "draft")).findings))


def _is_free(path: Path, options: Options) -> None:
    if path.exists() and not options.force:
        raise UsageError(f"{path} is there already", hint="name another, or overwrite it with --force")


def _each_named(drafts: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """The drafts, each with a name of its own among those of its kind: two jobs may be called the same."""
    taken: set[tuple[str, str]] = set()
    made = []
    for draft in drafts:
        kind, name, count = str(draft.document["kind"]), str(draft.document["name"]), 1
        while (kind, name) in taken:
            count += 1
            name = f"{str(draft.document['name'])[:58]}-{count}"
        taken.add((kind, name))
        made.append(draft._replace(document={**draft.document, "name": name}))
    return tuple(made)


def _told_of_further(session: Session, options: Options, draft: Draft) -> None:
    """What the file holds beside the one that was drafted: what the runbook of a page uses."""
    names = ", ".join(str(one.document.get("name")) for one in draft.further)
    if names:
        session.say(f"{options.file} also holds {names}: `-o FOLDER/` writes them beside it")


def _put_out(session: Session, options: Options, made: list[Made]) -> None:
    if options.output == "json":
        rows = [_row(one) for one in made]
        session.result({"drafts": rows} if options.folder else rows[0])
    elif options.folder:
        for one in made:
            session.print(str(one.to))
    elif options.to is None:
        session.print(made[0].text.removesuffix("\n"))


def _row(made: Made) -> dict[str, object]:
    rows = [{"where": left.where, "what": left.what, "kept": left.kept} for left in made.draft.left]
    path = str(made.to) if made.to else None
    return {"path": path, "document": made.text, "not_understood": rows, "todo": made.todo}


def _drafted(session: Session, options: Options, data: bytes) -> Draft:
    """DocumentError where it is not what its name, or `--from`, says."""
    form = options.form or _SUFFIXES.get(options.file.suffix.lower())
    path = str(options.file)
    if form is None:
        raise UsageError(f"what {path} is cannot be told by its name", hint=f"say it: --from {'|'.join(FORMS)}")
    if form == "cacao":
        from runbook.authoring.cacao.reading import draft as of_cacao

        return of_cacao(data, path)
    if form == "rundeck":
        from runbook.authoring.importing.rundeck import draft as of_rundeck

        return of_rundeck(data, path, each=options.folder)
    from runbook.authoring.importing.markdown import draft as of_markdown

    try:
        return of_markdown(data, options.file.name, session.project.specs)
    except UsageError as error:
        code = "RB005" if error.message == "it is empty" else "RB003"
        raise _unreadable(path, code, error.message, error.hint) from None


def _read(session: Session, file: Path) -> bytes:
    """The bytes of a file; DocumentError for one that no document may be, UsageError for none."""
    from runbook.bootstrap import read

    path = session.directory / file
    if not path.exists():
        raise UsageError(f"there is no file {file}")
    if path.is_file() and path.stat().st_size > LARGEST:
        size = f"{path.stat().st_size / LARGEST:.1f} MiB"
        raise _unreadable(
            str(file), "RB003", f"it has {size}; a runbook has 1 MiB at most", "split it into several files"
        )
    data = read(path)
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(str(file), "RB001", f"byte {error.start} of it is not UTF-8", "save it as UTF-8") from None
    return data


def _unreadable(path: str, code: str, message: str, hint: str | None) -> DocumentError:
    from runbook.document.findings import Finding

    return DocumentError([Finding(path=path, line=1, column=1, code=code, message=message, hint=hint)])
