"""Regular expressions of authors, by RE2: linear in time whatever they are and whatever they are matched with.

Python's `re` could be made to run for hours by a pattern, and its `$` lets a line end pass.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

_LACKS: Final = "RE2 has no backreferences and no look-around"


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """The pattern, ready; ValueError with the reason why RE2 refuses it."""
    import re2  # only documents with patterns pay for it

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        reason = error.args[0] if error.args else "not a regular expression"
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None


def hint(reason: str) -> str | None:
    """What to tell an author whose pattern was refused for this reason; None where the reason says it all."""
    return _LACKS if "escape sequence" in reason or "perl operator" in reason else None
