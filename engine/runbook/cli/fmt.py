"""`runbook fmt`: write documents in one style. What they say, and every comment, stays."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit, UsageError

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.spec import Specs

STDIN = Path("-")
_WORTH_FORKING = 40  # files
_MOST_JOBS = 8
_AT_ONCE = 8  # files that are handed to a process together


class Options(NamedTuple):
    """What `fmt` was asked for. No paths: the whole project; `-`: from stdin to stdout."""

    paths: tuple[Path, ...] = ()
    check: bool = False
    diff: bool = False
    output: str = "text"


class Looked(NamedTuple):
    """A file, what it says, and what it would say: None for one that is none of ours, or that has findings."""

    path: Path
    before: str = ""
    after: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether it is not in the one style."""
        return self.after is not None and self.after != self.before


@click.command("fmt", epilog=examples("fmt", "fmt --check", "fmt --diff runbooks/api.yaml", "fmt - < draft.yaml"))
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Write nothing; name the files that are not in the style, and exit with 3.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@output()
@click.pass_obj
def command(session: Session, paths: tuple[Path, ...], check: bool, diff: bool, output: str) -> int:
    """Write documents in one style: the order of keys, indentation, quotes, blank lines. Comments stay.

    Without PATH, the project: its runbook.yaml, its policy and its library. A document says what it said before; YAML
    that is none of our documents is left alone. Either all files are written, or none.
    """
    return fmt(session, Options(paths, check, diff, output))


def fmt(session: Session, options: Options) -> Exit:
    """0, or 3 with `check` where one is not in the style. DocumentError, and nothing written, for what is no YAML."""
    from runbook.cli.writing import written

    if STDIN in options.paths:
        return _piped(session, options)
    looked = _looked(session, options)
    left_alone = [one for one in looked if any(finding.code == "RB098" for finding in one.findings)]
    if broken := [finding for one in looked if one not in left_alone for finding in one.findings]:
        raise DocumentError(broken)
    differing = [one for one in looked if one.differs]
    if not (options.check or options.diff):
        written({one.path: one.after or "" for one in differing}, "document")
    exit_ = Exit.INVALID if left_alone or (options.check and differing) else Exit.OK
    _told(session, options, looked, differing)
    for finding in (finding for one in left_alone for finding in one.findings):
        session.say(str(finding))
    for one in looked if options.output == "text" else ():
        if one.path in options.paths and one.after is None and not one.findings:
            session.say(f"left alone, since it is no document: {one.path}")
    if options.output == "json":
        paths = [str(one.path) for one in differing]
        return session.result({"files": _ours(looked), "differ": paths, "left_alone": _names(left_alone)}, exit_)
    return exit_


def _told(session: Session, options: Options, looked: Sequence[Looked], differing: Sequence[Looked]) -> None:
    from runbook.report.safe import shown

    only = options.check or options.diff
    for one in differing if options.output == "text" else ():
        if options.diff:
            session.print("\n".join(_difference(one)))
        else:
            session.print(shown(one.path if only else f"formatted {one.path}"))
    files = _ours(looked)
    rest = f"{files - len(differing)} of {files} files in the style"
    session.say(rest if only or not differing else f"{len(differing)} formatted, {files - len(differing)} left as is")
    if options.check and differing:
        session.say(f"  write them: {shlex.join(['runbook', 'fmt', *map(str, options.paths)])}")


def _ours(looked: Iterable[Looked]) -> int:
    return sum(one.after is not None or bool(one.findings) for one in looked)


def _names(looked: Iterable[Looked]) -> list[str]:
    return [str(one.path) for one in looked]


def _difference(one: Looked) -> list[str]:
    from difflib import unified_diff

    from runbook.report.safe import shown

    before, after = one.before.splitlines(), (one.after or "").splitlines()
    return [shown(line) for line in unified_diff(before, after, str(one.path), "formatted", lineterm="")]


def _piped(session: Session, options: Options) -> Exit:
    """From stdin to stdout, for editors; what is none of ours comes out as it went in."""
    from runbook.authoring.formatting.document import formatted

    if len(options.paths) > 1:
        raise UsageError("'-' stands alone: a document from stdin", hint="name files, or '-'")
    data = _stdin(session)
    after = formatted(data, session.project.specs, path="<stdin>")
    before = data.decode("utf-8", "replace")
    one = Looked(Path("<stdin>"), before, after)
    exit_ = Exit.INVALID if options.check and one.differs else Exit.OK
    text = before if after is None else after
    if options.output == "json":
        return session.result({"document": text, "differs": one.differs}, exit_)
    if options.diff:
        session.print("\n".join(_difference(one)))
    elif not options.check:
        session.print(text.removesuffix("\n"))
    return exit_


def _stdin(session: Session) -> bytes:
    stream = getattr(session.stdin, "buffer", None)
    return bytes(stream.read()) if stream is not None else session.stdin.read().encode()


# --- files ------------------------------------------------------------------------------------------------------


def _looked(session: Session, options: Options) -> list[Looked]:
    """Every file that was asked for. UsageError where folders hold no document at all."""
    from runbook.cli.lint import whole_project
    from runbook.lint.files import found

    paths = options.paths or whole_project(session)
    files = list(found(paths))
    looked = list(_all(files, session.project.specs))
    if not _ours(looked) and all(searched is not None for _, searched in files):
        where = ", ".join(str(path) for path in paths)
        raise UsageError(f"there is no document in {where}", hint="name a .yaml file, or a folder that holds some")
    return looked


def _all(files: Sequence[tuple[Path, Path | None]], specs: Specs) -> Iterator[Looked]:
    """Many files are shared out to processes; the order is that of the files."""
    import os
    import threading

    jobs = min(os.cpu_count() or 1, _MOST_JOBS)
    if len(files) < _WORTH_FORKING or jobs < 2 or threading.active_count() > 1:  # fork and threads do not mix
        yield from (_look(path, searched, specs) for path, searched in files)
        return
    from multiprocessing import get_context

    with get_context("fork").Pool(jobs, _begin, (specs,)) as pool:  # the table of specs is inherited, not sent
        yield from pool.imap(_look_shared, files, chunksize=_AT_ONCE)


_shared: dict[str, Specs] = {}


def _begin(specs: Specs) -> None:
    _shared["specs"] = specs


def _look_shared(file: tuple[Path, Path | None]) -> Looked:
    return _look(*file, _shared["specs"])


def _look(path: Path, searched: Path | None, specs: Specs) -> Looked:
    from runbook.authoring.formatting.document import formatted
    from runbook.lint.files import read

    try:
        data = read(path, searched)
        after = formatted(data, specs, path=str(path))
    except DocumentError as error:
        return Looked(path, findings=error.findings)
    if after is None:
        return Looked(path)
    before = data.decode("utf-8")
    return Looked(path, "" if before == after else before, "" if before == after else after)
