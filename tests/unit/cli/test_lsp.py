"""The language server is for editors."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from runbook.cli.lsp import lsp
from runbook.errors import UsageError
from support.sessions import session


class Terminal(StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


def test_somebody_who_starts_it_at_a_terminal_is_not_left_waiting(tmp_path: Path) -> None:
    """It would say nothing, and wait for what nobody types."""
    heard = session(tmp_path)
    heard.stdin = Terminal()
    with pytest.raises(UsageError, match="an editor starts the language server") as refused:
        lsp(heard)
    assert "runbook lint" in str(refused.value.hint)
