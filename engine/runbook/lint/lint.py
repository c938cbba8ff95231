"""Check files and folders: each document by itself, then all of them together.

Many files are shared out to processes, which give back documents and findings, never positions; once everything is
known of each other, so are the questions of the rules. The order of findings is that of paths, lines and columns,
whatever ran where.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.document.findings import Finding, Severity
from runbook.document.load import load
from runbook.errors import DocumentError, UsageError
from runbook.lint.files import found, is_foreign, named, read
from runbook.lint.library import Entry, Library
from runbook.lint.processes import shared_out
from runbook.lint.references import among, between

if TYPE_CHECKING:
    from runbook.document.spec import Specs
    from runbook.lint.rule import Rulebook
    from runbook.lint.ruling import Ruling

BUILT_IN_TEMPLATES: Final = frozenset({"initial", "update", "resolved", "escalated"})


class LintResult(NamedTuple):
    """What was looked at, and what was found. `files` counts those that are ours, `paths` names them.

    `allowed` counts what would have been found without the exceptions in comments.
    """

    files: int
    findings: tuple[Finding, ...]
    paths: tuple[str, ...] = ()
    allowed: int = 0

    @property
    def errors(self) -> int:
        """How many findings make a document unusable."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


class Settled(NamedTuple):
    """The findings that count, and how many were allowed by exceptions."""

    findings: list[Finding]
    allowed: int = 0


class _Looked(NamedTuple):
    path: Path
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
    rules: Rulebook | None = None,
    texts: Mapping[Path, bytes] | None = None,
) -> LintResult:
    """Check every document in files and folders. UsageError for a path that does not exist, and for no document at all.

    `jobs` is how many processes may work; None means as many as there are processors, for many files. `environment`
    is the only one to check documents in; None means every one of their project. Without `rules`, only what makes a
    document unusable or surely mistaken is said, not how it is written. `texts` are looked at in the place of files, as
    an editor holds them.
    """
    with _without_collecting():
        held_open = texts or {}
        files = [
            *((path, None) for path in paths if path in held_open),
            *found([p for p in paths if p not in held_open]),
        ]
        looked = [one for one in shared_out(files, lambda file: _look(*file, specs, held_open), jobs) if one.ours]
        library = _library(paths, looked, specs, environment)
        ruling = _ruling(library, specs, rules, everywhere=environment is None)
        before = _by_path(chain(among(library), *(one.findings for one in looked if one.entry)))

        def held(entry: Entry) -> Settled:  # nothing changes any more: every process sees the same library
            found = [*before.get(str(entry.path), ()), *between(entry, library, specs, templates)]
            settled = ruling.settled(entry, found) if ruling else Settled(found)
            entry.let_go()
            return settled

        settled = shared_out(library.entries, held, jobs)
        broken = [finding for one in looked if not one.entry for finding in one.findings]
        settled.append(Settled(ruling.counted(broken) if ruling else broken))
    findings = sorted({finding for one in settled for finding in one.findings})
    paths_ = tuple(str(one.path) for one in looked)
    return LintResult(len(looked), tuple(findings), paths_, sum(one.allowed for one in settled))


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.path, []).append(finding)
    return found


def _ruling(library: Library, specs: Specs, rules: Rulebook | None, *, everywhere: bool) -> Ruling | None:
    if rules is None:
        return None
    from runbook.lint.ruling import Ruling

    return Ruling(library, specs, rules, everywhere=everywhere)


def _library(paths: Sequence[Path], looked: Sequence[_Looked], specs: Specs, environment: str | None) -> Library:
    if not looked:
        where = ", ".join(str(path) for path in paths) or "the paths"
        raise UsageError(f"there is no document in {where}", hint="name a .yaml file, or a folder that holds some")
    broken = [one.broken for one in looked if one.broken]
    return Library([one.entry for one in looked if one.entry], specs, broken, environment)


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


def _look(path: Path, searched: Path | None, specs: Specs, texts: Mapping[Path, bytes]) -> _Looked:
    data = texts.get(path, b"")
    try:
        data = data or read(path, searched)
        if searched is not None and is_foreign(data):
            return _Looked(path, (), ours=False)
        loaded = load(data, specs, path=str(path))
    except DocumentError as error:
        return _Looked(path, error.findings, broken=named(data))
    return _Looked(path, loaded.findings, Entry(path, loaded.document, data))
