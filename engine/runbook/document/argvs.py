"""What a word of an argument list in a policy stands for: itself, any one argument, or an option with any value."""

from __future__ import annotations

import re
from typing import Final

ANY: Final = "*"
_ANY_VALUE: Final = re.compile(r"--?[A-Za-z0-9][A-Za-z0-9_.-]*=\*")


def is_any_value(word: str) -> bool:
    """Whether it is `--name=*`: one argument that begins so."""
    return _ANY_VALUE.fullmatch(word) is not None


def has_a_star_of_its_own(word: str) -> bool:
    """Whether a star in it stands for nothing but a star."""
    return ANY in word and word != ANY and not is_any_value(word)
