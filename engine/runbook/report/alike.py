"""Changes of one loop that are alike but for their item: the first is drawn, the others are named.

Forty restarts drawn whole are three hundred lines, and nobody finds the one among them that is different. What is
left out of a later change is only what the first one says, with the one item's key in the place of the other's; a
change that differs in anything else is drawn whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from runbook.core import addresses
from runbook.core.advice import Advice
from runbook.core.changes import Change
from runbook.core.redrawn import preview_of

_PLACE = "\0"
_COMMAND = "Command"  # its target is named by a digest of the whole command, which `by_hand` shows


def told_by(drawn: Sequence[tuple[str, Change | None, Advice]]) -> Iterator[int | None]:
    """For each change, by `(path, change, advice)`: the number of the drawn one that tells all of it, or None."""
    first: dict[tuple[str, str], int] = {}
    for number, (path, change, advice) in enumerate(drawn):
        form = _form(path, change, advice)
        if form is None:
            yield None
            continue
        found = first.setdefault((addresses.whole(path), form), number)
        yield None if found == number else found


def _form(path: str, change: Change | None, advice: Advice) -> str | None:
    """Everything that is drawn of a change, without its item's key; None where nothing can be left out."""
    key = addresses.item(path)
    if change is None or key is None or len(key) < 2 or key.isdigit():
        return None  # a bare number stands for too many other things
    target = None if change.target.kind == _COMMAND else (str(change.target), change.target.connection)
    undo = (change.undo.summary, change.undo.by_hand) if change.undo else change.irreversible
    told = (change.summary, target, change.effect, change.warnings, change.diff, change.fields, undo)
    text = repr((*told, change.by_hand, preview_of(change.request), advice))
    if key not in change.summary:
        return None  # its name alone would not tell which one it is
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(key)}(?![A-Za-z0-9])", _PLACE, text)
