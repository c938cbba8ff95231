"""The nearest known word to a misspelt one, for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word fewest edits away, if few enough that a slip of the hand explains it.

    Else the only one that begins as the word does: people shorten names.
    """
    words = list(known)
    best: tuple[int, str] | None = None
    for candidate in words:
        if candidate == word:
            continue
        distance = _distance(word.lower(), candidate.lower())
        if distance <= max(1, min(len(word), len(candidate)) // 3) and (best is None or (distance, candidate) < best):
            best = (distance, candidate)
    if best:
        return best[1]
    longer = [candidate for candidate in words if len(word) > 2 and candidate.startswith(word) and candidate != word]
    return longer[0] if len(longer) == 1 else None


def slip_of(word: str, known: Iterable[str]) -> str | None:
    """The only known word that this one must have been: one edit away, neither short, and the first letters agree.

    `then` is one edit from `when`, and means something else.
    """
    words = [candidate for candidate in known if candidate[:1] == word[:1] and min(len(word), len(candidate)) >= 4]
    slips = [candidate for candidate in words if _distance(word, candidate) == 1]
    return slips[0] if len(slips) == 1 else None


def did_you_mean(word: str, known: Iterable[str], *, what: str = "known are") -> str | None:
    """A hint for an unknown word: the nearest, else all of them if they are few, else nothing."""
    words = sorted(known)
    if close := nearest(word, words):
        return f"did you mean '{close}'?"
    if 0 < len(words) <= 20:
        return f"{what} {', '.join(words)}"
    return None


def _distance(one: str, other: str) -> int:
    """Edits between two words; a swap of neighbours counts once (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, previous, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (a != b))
            if previous and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
    return row[-1]
