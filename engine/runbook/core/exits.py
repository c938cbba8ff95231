"""Whether a command that exited with something other than 0 has answered: only who asked it can say.

Exit 1 is what `grep` says of a text that is not there, and what kubectl says of a cluster that is not. An expression
that looks at `exit_code` knows which of them it has; any other takes what a failed command put out for an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.document.expressions import Expression

EXIT = "exit_code"
TEXT = "stdout"


def failed(output: Mapping[str, Any]) -> bool:
    """Whether it is the output of a command that did not exit with 0."""
    code = output.get(EXIT)
    return isinstance(code, int) and not isinstance(code, bool) and code != 0


def silence(output: Mapping[str, Any]) -> str | None:
    """That a command failed and printed nothing, in words; None for one that did not, or did."""
    if not failed(output) or not isinstance(output.get(TEXT), str) or output[TEXT].strip():
        return None
    return f"it exited with {output[EXIT]} and printed nothing"


def looks_at_exit(expression: Expression) -> bool:
    """Whether an expression over the outputs of a command names its exit code."""
    return (EXIT,) in expression.references
