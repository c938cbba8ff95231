"""What rules can mend by themselves, done to the text of files; whoever calls writes them.

Nothing is written that could not be used: a file that does not load is mended until it does, with whatever comes to
light on the way, or stays as it is; one that loads is not mended so that it no longer would. Edits that meet each other
wait for the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.document.characters import decode
from runbook.document.findings import Edit, Finding
from runbook.document.load import load
from runbook.errors import DocumentError
from runbook.lint.files import read

if TYPE_CHECKING:
    from runbook.document.spec import Specs

_MARK: Final = "\ufeff"
_MOST: Final = 200  # findings of a file that does not load: what needs more is not what somebody meant


class Mended(NamedTuple):
    """The new texts of files, and the findings that they mend."""

    texts: dict[Path, str]
    findings: tuple[Finding, ...]


def mended(findings: Iterable[Finding], specs: Specs) -> Mended:
    """Every file for which a finding knows what mends it, mended; nothing is written."""
    texts: dict[Path, str] = {}
    done: list[Finding] = []
    able = sorted((finding for finding in findings if finding.fix), key=attrgetter("path"))
    for name, found in groupby(able, key=attrgetter("path")):
        path = Path(name)
        try:
            data = read(path)
            text, applied = _mended(decode(data, name), list(found), specs, name)
        except DocumentError:
            continue  # it is gone, or would not load: it stays as it is
        if applied:
            texts[path.resolve()] = text if not data.startswith(_MARK.encode()) else _MARK + text
            done += applied
    return Mended(texts, tuple(done))


def _mended(text: str, found: Sequence[Finding], specs: Specs, name: str) -> tuple[str, list[Finding]]:
    """A text that loads, and the findings that were mended for it; DocumentError where there is none."""
    broken = _errors(text, specs, name)
    text, applied = edited(text, broken or found)
    while left := _errors(text, specs, name):
        text, more = edited(text, left) if broken and len(applied) < _MOST else (text, [])
        if not more:
            raise DocumentError(left)
        applied += more
    return text, applied


def _errors(text: str, specs: Specs, name: str) -> Sequence[Finding]:
    """Why a text cannot be used."""
    try:
        load(text.encode(), specs, path=name)
    except DocumentError as error:
        return error.findings
    return ()


def edited(text: str, findings: Sequence[Finding]) -> tuple[str, list[Finding]]:
    """A text with the edits of findings, and the findings whose edits those were."""
    taken: list[Edit] = []
    applied = []
    for finding in findings:
        if all(_stands(edit, text) and not any(_meet(edit, other) for other in taken) for edit in finding.fix):
            taken += finding.fix
            applied.append(finding)
    for edit in sorted(set(taken), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, applied


def _stands(edit: Edit, text: str) -> bool:
    return text[edit.start : edit.end] == edit.was


def _meet(one: Edit, other: Edit) -> bool:
    return one != other and one.start <= other.end and other.start <= one.end
