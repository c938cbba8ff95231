"""Check files and folders: each document by itself, then all of them together.

Many files are shared out to processes, which give back documents and findings, never positions. The order of
findings is that of paths, lines and columns, whatever ran where.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.document.findings import Finding, Severity
from runbook.document.load import load
from runbook.errors import DocumentError, UsageError
from runbook.lint.files import found, is_foreign, named, read
from runbook.lint.library import Entry, Library
from runbook.lint.references import between

if TYPE_CHECKING:
    from runbook.document.spec import Specs

BUILT_IN_TEMPLATES: Final = frozenset({"initial", "update", "resolved", "escalated"})
_WORTH_FORKING: Final = 40  # files; a pool starts in about 60 ms, a file takes 2
_MOST_JOBS: Final = 8


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


def _looked_at(files: list[tuple[Path, Path | None]], specs: Specs, jobs: int | None) -> list[_Looked]:
    jobs = min(jobs or len(os.sched_getaffinity(0)), _MOST_JOBS) if hasattr(os, "sched_getaffinity") else jobs or 2
    if len(files) < _WORTH_FORKING or jobs < 2 or threading.active_count() > 1:  # fork and threads do not mix
        return [_look(path, searched, specs) for path, searched in files]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, get_context("fork"), _remember, (specs,)) as pool:
        return list(pool.map(_look_in_process, files, chunksize=max(1, len(files) // (jobs * 4))))


_remembered: list[Specs] = []


def _remember(specs: Specs) -> None:
    _remembered[:] = [specs]


def _look_in_process(file: tuple[Path, Path | None]) -> _Looked:
    return _look(*file, _remembered[0])


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
