"""Check files and folders: each document by itself, then all of them together.

Many files are shared out to processes, which give back documents and findings, never positions. The order of
findings is that of paths, lines and columns, whatever ran where.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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
_FEW: Final = 4  # files that are looked at and sent together: what is found fits into a pipe, and nobody waits
_TICKET: Final = 2  # bytes of a number
_MOST_TICKETS: Final = 8192  # fit into a pipe, whose smallest size is 16 KiB

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
    paths: Sequence[Path],
    specs: Specs,
    *,
    jobs: int | None = None,
    templates: frozenset[str] = BUILT_IN_TEMPLATES,
    environment: str | None = None,
) -> LintResult:
    """Check every document in files and folders. UsageError for a path that does not exist, and for no document at all.

    `jobs` is how many processes may work; None means as many as there are processors, for many files. `environment`
    is the only one to check documents in; None means every one of their project.
    """
    with _without_collecting():
        return _linted(paths, specs, jobs, templates, environment)


def _linted(
    paths: Sequence[Path], specs: Specs, jobs: int | None, templates: frozenset[str], environment: str | None
) -> LintResult:
    files = list(found(paths))
    looked = [one for one in _looked_at(files, specs, jobs) if one.ours]
    if not looked:
        where = ", ".join(str(path) for path in paths) or "the paths"
        raise UsageError(f"there is no document in {where}", hint="name a .yaml file, or a folder that holds some")
    broken = [one.broken for one in looked if one.broken]
    library = Library([one.entry for one in looked if one.entry], specs, broken, environment)
    findings = [finding for one in looked for finding in one.findings]
    findings += between(library, specs, templates)
    return LintResult(len(looked), tuple(sorted(set(findings))))


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Everything that is read is kept, so there is nothing to collect; looking for it took a tenth of the time.

    What was there before is frozen: a collection would write into the pages that forked processes share with us.
    """
    collecting = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if collecting:
            gc.enable()


def _looked_at(files: list[_File], specs: Specs, jobs: int | None) -> list[_Looked]:
    jobs = min(jobs or os.cpu_count() or 1, _MOST_JOBS)
    if len(files) < _WORTH_FORKING or jobs < 2 or threading.active_count() > 1:  # fork and threads do not mix
        return [_look(path, searched, specs) for path, searched in files]
    return _shared_out(files, specs, jobs)


def _shared_out(files: list[_File], specs: Specs, jobs: int) -> list[_Looked]:
    """Whoever has time takes the next few files: forked processes, and this one between what it hears from them."""
    from multiprocessing import get_context  # 8 ms, for many files only
    from multiprocessing.connection import wait

    context = get_context("fork")  # the table of specs is inherited, not sent
    size = max(_FEW, -(-len(files) // _MOST_TICKETS))
    shares = [files[at : at + size] for at in range(0, len(files), size)]
    tickets = _tickets(len(shares))
    looked: list[list[_Looked] | None] = [None] * len(shares)
    open_: list[Connection[Any, Any]] = []
    processes = []
    for _ in range(jobs - 1):
        reader, writer = context.Pipe(duplex=False)
        process = context.Process(target=_look_and_send, args=(writer, tickets, shares, specs), daemon=True)
        process.start()
        writer.close()
        open_.append(reader)
        processes.append(process)

    def hear(timeout: float | None) -> None:
        ready = wait(open_, timeout)
        for reader in [one for one in open_ if one in ready]:
            try:
                share, found_ = reader.recv()
                looked[share] = found_
            except EOFError:
                open_.remove(reader)

    while (number := _next(tickets)) is not None:
        looked[number] = [_look(*file, specs) for file in shares[number]]
        hear(0)
    os.close(tickets)
    while open_:
        hear(None)
    for process in processes:
        process.join()
    # what is missing was being looked at by a process that was killed: for want of memory, say
    done = (
        [_look(*file, specs) for file in share] if found_ is None else found_
        for share, found_ in zip(shares, looked, strict=True)
    )
    return list(chain.from_iterable(done))


def _tickets(count: int) -> int:
    """A descriptor from which each of so many numbers is read once, by whoever comes first."""
    reader, writer = os.pipe()
    os.write(writer, b"".join(number.to_bytes(_TICKET) for number in range(count)))
    os.close(writer)
    return reader


def _next(tickets: int) -> int | None:
    number = os.read(tickets, _TICKET)
    return int.from_bytes(number) if number else None


def _look_and_send(writer: Connection[Any, Any], tickets: int, shares: list[list[_File]], specs: Specs) -> None:
    while (number := _next(tickets)) is not None:
        writer.send((number, [_look(*file, specs) for file in shares[number]]))


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
