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
    """What `import` was asked for. `form` None: told by the file's name."""

    file: Path
    form: str | None = None
    to: Path | None = None
    force: bool = False
    output: str = "text"


@click.command(
    "import",
    epilog=examples(
        "import docs/KubePodCrashLooping.md", "import playbook.json -o runbooks/contain.yaml", "import job.yaml"
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--from", "form", type=click.Choice(FORMS), help="What it is; by default its name says so.")
@click.option("-o", "to", metavar="FILE", type=click.Path(path_type=Path), help="Write here instead of stdout.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@output()
@click.pass_obj
def command(session: Session, file: Path, form: str | None, to: Path | None, force: bool, output: str) -> int:
    """Draft a runbook of FILE: Markdown, a CACAO 2.0 playbook (JSON), or a Rundeck job (YAML).

    Commands that are understood become steps that the engine plans and does; everything else a person does, and the
    draft says so. Nothing is dropped: what was not understood is kept, and listed on stderr. What is missing stands
    as TODO.
    """
    return imported(session, Options(file, form, to, force, output))


def imported(session: Session, options: Options) -> Exit:
    """The draft, to stdout or a file. DocumentError for what cannot be read; nothing is written then."""
    from runbook.authoring.formatting.document import in_style
    from runbook.authoring.importing.settle import settled
    from runbook.cli.writing import written
    from runbook.document.load import load
    from runbook.report.safe import shown

    if options.to is not None and options.to.exists() and not options.force:
        raise UsageError(f"{options.to} is there already", hint="name another, or overwrite it with --force")
    specs = session.project.specs
    draft = settled(_drafted(session, options, _read(session, options.file)), specs)
    text = in_style(draft.text(options.file.name), specs)
    loaded = load(text.encode(), specs, path=str(options.to or "draft"))
    if options.to is not None:
        written({options.to: text}, "draft")
    for left in draft.left:
        session.say(shown(f"{options.file}: {left}"))
    if options.output == "json":
        rows = [{"where": left.where, "what": left.what, "kept": left.kept} for left in draft.left]
        said = {"path": str(options.to) if options.to else None, "document": text, "not_understood": rows}
        session.result({**said, "todo": text.count("TODO")})
    elif options.to is None:
        session.print(text.removesuffix("\n"))
    counts = f"{text.count('TODO')} TODO, {len(draft.left)} not understood, {len(loaded.findings)} warnings"
    session.say(f"{counts}; read it line by line before anybody runs it")
    return Exit.OK


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

        return of_rundeck(data, path)
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
