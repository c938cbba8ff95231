"""What `lint --fix` does to files: mended in memory, checked, then written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from runbook.cli.writing import written

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.spec import Specs
    from runbook.lint.lint import LintResult

_ROUNDS: Final = 10  # edits that meet each other wait for the next one


def fixed_by(check: Callable[[], LintResult], specs: Specs) -> list[Finding]:
    """Mend what `check` finds until nothing is left that can be; what was mended. UsageError for a failed write."""
    from runbook.lint.fixing import mended

    fixed: list[Finding] = []
    for _ in range(_ROUNDS):
        found = mended(check().findings, specs)
        if not found.texts:
            break
        written(found.texts, "document")
        fixed += found.findings
    return fixed
