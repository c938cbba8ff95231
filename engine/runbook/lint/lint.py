"""Check files and folders: each document by itself, then all of them together.

Many files are shared out to processes, which give back documents and findings, never positions. The order of
findings is that of paths, lines and columns, whatever ran where.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.document.findings import Finding, Severity
from runbook.document.load import load
from runbook.errors import DocumentError, UsageError
from runbook.lint.files import found, is_foreign, named, read
from runbook.lint.library import Entry, Library
from runbook.lint.references import between

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from runbook.document.spec import Specs

BUILT_IN_TEMPLATES: Final = frozenset({"initial", "update", "resolved", "escalated"})
_WORTH_FORKING: Final = 40  # files; a fork with its import costs about 20 ms, a file 2
_MOST_JOBS: Final = 8

_File = tuple[Path, Path | None]  # and the folder that was searched for it


class LintResult(NamedTuple):
    """What was looked at, and what was found. `files` counts those that are ours."""

    files: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many findings make a document unusable."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


class _Looked(NamedTuple):
    findings: tuple[Finding, ...]
    entry: Entry | None = None
    ours: bool = True
    broken: tuple[str, str] | None = None  # kind and name of a document that cannot be used


def lint(
    paths: Sequence[Path], specs: Specs, *, jobs: int | None = None, templates: frozenset[str] = BUILT_IN_TEMPLATES
) -> LintResult:
    """Check every document in files and folders. UsageError for a path that does not exist, and for no document at all.

    `jobs` is how many processes may work; None means as many as there are processors, for many files.
    """
    files = list(found(paths))
    looked = [one for one in _looked_at(files, specs, jobs) if one.ours]
    if not looked:
        where = ", ".join(str(path) for path in paths) or "the paths"
        raise UsageError(f"there is no document in {where}", hint="name a .yaml file, or a folder that holds some")
    broken = [one.broken for one in looked if one.broken]
    library = Library([one.entry for one in looked if one.entry], specs, broken)
    findings = [finding for one in looked for finding in one.findings]
    findings += between(library, specs, templates)
    return LintResult(len(looked), tuple(sorted(set(findings))))


def _looked_at(files: list[_File], specs: Specs, jobs: int | None) -> list[_Looked]:
    jobs = min(jobs or os.cpu_count() or 1, _MOST_JOBS)
    if len(files) < _WORTH_FORKING or jobs < 2 or threading.active_count() > 1:  # fork and threads do not mix
        return [_look(path, searched, specs) for path, searched in files]
    looked: list[_Looked] = [_Looked(())] * len(files)
    for first, share in enumerate(_shared_out([files[first::jobs] for first in range(jobs)], specs)):
        looked[first::jobs] = share
    return looked


def _shared_out(shares: list[list[_File]], specs: Specs) -> Iterator[list[_Looked]]:
    """The first share is looked at here, while forked processes look at the others."""
    from multiprocessing import get_context  # 8 ms, for many files only

    context = get_context("fork")  # the table of specs is inherited, not sent
    others = []
    for share in shares[1:]:
        reader, writer = context.Pipe(duplex=False)
        process = context.Process(target=_look_and_send, args=(writer, share, specs), daemon=True)
        process.start()
        writer.close()
        others.append((share, reader, process))
    yield [_look(*file, specs) for file in shares[0]]
    for share, reader, process in others:
        try:
            yield reader.recv()
        except EOFError:  # the process was killed: for want of memory, say
            yield [_look(*file, specs) for file in share]
        process.join()


def _look_and_send(writer: Connection, share: list[_File], specs: Specs) -> None:
    writer.send([_look(*file, specs) for file in share])


def _look(path: Path, searched: Path | None, specs: Specs) -> _Looked:
    data = b""
    try:
        data = read(path, searched)
        if searched is not None and is_foreign(data):
            return _Looked((), ours=False)
        loaded = load(data, specs, path=str(path))
    except DocumentError as error:
        return _Looked(error.findings, broken=named(data))
    return _Looked(loaded.findings, Entry(path, loaded.document, data))
