"""What rules can mend by themselves, done to the text of files; whoever calls writes them.

Nothing is mended in a file that cannot be used, and nothing that would make it so. Edits that meet each other wait
for the next time.
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
            text, applied = edited(decode(data, name), list(found))
            load(text.encode(), specs, path=name)
        except DocumentError:
            continue  # it has changed since, or would not load any more: it stays as it is
        if applied:
            texts[path.resolve()] = text if not data.startswith(_MARK.encode()) else _MARK + text
            done += applied
    return Mended(texts, tuple(done))


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
