"""`runbook new`: a runbook of a template, with its scenarios, to begin with. Never overwrites a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.authoring.starting import TEMPLATES
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit, UsageError

if TYPE_CHECKING:
    from runbook.authoring.starting import Facts
    from runbook.policy.people import People


class Options(NamedTuple):
    """What `new` was asked for. None: asked on a terminal, or by default."""

    name: str
    template: str = "kubernetes"
    to: Path | None = None
    title: str | None = None
    owner: str | None = None
    service: str | None = None
    alert: str | None = None
    output: str = "text"


@click.command(
    "new",
    epilog=examples(
        "new checkout-down",
        "new orders-db-full --template database --owner team-orders --service orders --alert OrdersDatabaseFull",
    )
    + "\n\n\b\nTemplates:\n"
    + "\n".join(f"  {name:<12} {what}" for name, what in TEMPLATES.items()),
)
@click.argument("name", metavar="NAME")
@click.option("--template", type=click.Choice(list(TEMPLATES)), default="kubernetes", show_default=True)
@click.option(
    "-o",
    "to",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="A file, or a folder for NAME.yaml; default: the library.",
)
@click.option("--title", metavar="TEXT", help="What is wrong, in a few words.")
@click.option("--owner", metavar="TEAM", help="Who keeps it true, and is paged.")
@click.option("--service", metavar="SERVICE", help="What it is about.")
@click.option("--alert", metavar="ALERT", help="The alert that starts it, by its name.")
@output()
@click.pass_obj
def command(session: Session, /, **options: Any) -> int:
    """Begin a runbook called NAME: it lints, and its scenarios pass; what only you can know is marked TODO, and listed.

    Asks on a terminal for what was not given.
    """
    return new(session, Options(**options))


def new(session: Session, options: Options) -> Exit:
    """Write the runbook, its scenarios and what it needs beside them; all of it or nothing."""
    from runbook.authoring.starting import PARTS, Gap, filled, gaps
    from runbook.cli.writing import written
    from runbook.document.load import load

    _named(session, options.name)
    project = session.project.working()
    file = options.to or Path(project.shown(project.folders[0]))
    if options.to is None or file.is_dir():
        file /= f"{options.name}.yaml"
    sources = {part: path for part in PARTS if (path := _template(options.template, part)).is_file()}
    files = {part: file.with_name(f"{file.stem}{part}{file.suffix or '.yaml'}") for part in sources}
    for path in files.values():
        if path.exists():
            raise UsageError(f"{path} is there already", hint="choose another name, or another file with -o")
    facts = _facts(session, options, file)
    specs = project.specs
    texts = filled({part: path.read_text(encoding="utf-8") for part, path in sources.items()}, facts, specs)
    for part, text in texts.items():
        load(text.encode(), specs, path=str(files[part]))
    written({files[part]: text for part, text in texts.items()}, "runbook")
    left = [(files[part], gap) for part, text in texts.items() for gap in gaps(text)]
    left += [(_config(session), Gap(1, f"a connection '{name}'")) for name in _unconnected(session, texts.values())]
    if options.output == "json":
        rows = [{"path": str(path), "line": gap.line, "text": gap.text} for path, gap in left]
        return session.result({"made": [str(path) for path in files.values()], "fill_in": rows})
    for path in files.values():
        session.print(f"made  {path}")
    session.say("\nFor you to fill in:")
    for path, gap in left:
        session.say(f"  {path}:{gap.line}: {gap.text}")
    session.say(_next(facts, files[""]))
    return Exit.OK


def _config(session: Session) -> Path:
    project = session.project
    return Path(project.shown(project.config_path or project.root / "runbook.yaml"))


def _unconnected(session: Session, texts: Iterable[str]) -> list[str]:
    """The types of connection that steps need and the project does not have."""
    from runbook.authoring.starting import connections

    there = {connection.type for connection in session.project.config.connections}
    return sorted(connections(texts, session.project.specs) - there)


def _next(facts: Facts, file: Path) -> str:
    scenarios = file.with_name(f"{file.stem}.scenarios{file.suffix}")
    lines = ["\nNext:", f"  runbook lint {file.parent}", f"  runbook test {scenarios}", f"  runbook explain {file}"]
    if facts.schemas is None:
        lines.append("  runbook schema --write schemas   # for completion in your editor; new runbooks name it then")
    return "\n".join(lines)


def _template(name: str, part: str) -> Path:
    from runbook.shipped import templates

    return templates() / f"{name}{part}.yaml"


def _named(session: Session, name: str) -> None:
    """UsageError for a name that no document can have, or that one has already."""
    from runbook.authoring.starting import slug
    from runbook.document.frames.patterns import NAME, SPOKEN

    if re.fullmatch(NAME, name) is None:
        raise UsageError(f"{name!r} is not {SPOKEN[NAME]}", hint=f"say {slug(name)!r}")
    if (path := session.project.working().runbooks().get(name)) is not None:
        shown = session.project.shown(path)
        raise UsageError(f"there is a runbook '{name}' already: {shown}", hint="choose another name")


# --- what is known ----------------------------------------------------------------------------------------------


def _facts(session: Session, options: Options, file: Path) -> Facts:
    """What was said, asked for, and found in the project."""
    from runbook.authoring.starting import Facts, alert_of, title_of

    default = {"title": title_of(options.name), "alert": alert_of(options.name)}
    said = {name: _asked(session, name, getattr(options, name), default.get(name)) for name in _QUESTIONS}
    people = session.project.people
    return Facts(
        name=options.name,
        today=datetime.now(UTC).date().isoformat(),
        person=_starter(people),
        approvers=_approvers(people),
        channel=_channel(session),
        schemas=_schemas(session, file),
        **said,
    )


_QUESTIONS = {
    "title": "What is wrong, in a few words",
    "service": "Which service it is about",
    "owner": "Who keeps it true (a team)",
    "alert": "Which alert starts it",
}


def _asked(session: Session, name: str, given: str | None, default: str | None) -> str:
    """The answer to a question; without a terminal, its default, or a UsageError that names the flag."""
    if given is not None:
        return _fit(name, given)
    if not session.interactive:
        if default is not None:
            return default
        raise UsageError(f"--{name} is missing", hint=f"say it: --{name} TEXT ({_QUESTIONS[name].lower()})")
    while True:
        session.show(f"{_QUESTIONS[name]}{f' [{default}]' if default else ''}: ")
        line = session.stdin.readline()
        if not line:
            raise click.Abort
        try:
            if word := line.strip() or default:
                return _fit(name, word)
        except UsageError as error:
            session.say(error.message)


def _fit(name: str, word: str) -> str:
    from runbook.document.characters import is_plain
    from runbook.document.frames.patterns import ALERT

    if not word.strip() or "\n" in word or not is_plain(word):
        raise UsageError(f"--{name} {word!r} is no line of text")
    if name == "alert" and re.fullmatch(ALERT, word) is None:
        raise UsageError(f"{word!r} is no name of an alert", hint="letters, digits and '_', such as CheckoutDown")
    return word.strip()


def _starter(people: People) -> str:
    """Who starts the simulated runs: you if the policy knows you, else the first who may."""
    runners = sorted(people.runners())
    return people.me if people.me in runners or not runners else runners[0]


def _approvers(people: People) -> tuple[str, ...]:
    """Enough people for the gate of a change, as the policy has it."""
    from runbook.document.words import Effect
    from runbook.policy.terms import effective_terms

    me = _starter(people)
    try:
        terms = effective_terms(None, Effect.CHANGE, people, {me})
    except DocumentError:
        return (me,)
    may = [person for person in sorted(terms.from_ or (me,)) if not (terms.exclude_initiator and person == me)]
    first = [names[0] for each in terms.from_each if (names := [name for name in each if name in may])]
    return tuple(dict.fromkeys([*first, *may]))[: max(terms.required, 1)] or (me,)


def _channel(session: Session) -> str | None:
    channels = [channel.name for channel in session.project.config.channels]
    return "incidents" if "incidents" in channels else next(iter(channels), None)


def _schemas(session: Session, file: Path) -> str | None:
    """The way from the file to the project's own schemas, as `runbook schema --write` makes them."""
    folder = session.project.root / "schemas"
    if not (folder / "runbook.schema.json").is_file():
        return None
    way = os.path.relpath(folder.resolve(), file.parent.resolve())
    return Path(way).as_posix() if way.startswith(".") else f"./{Path(way).as_posix()}"
