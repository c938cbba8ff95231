"""Whether a run needs the files of its commit follows from its steps."""

from __future__ import annotations

import pytest

from runbook import kinds
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.hosts.reviewing import uses_files

BOOK = "apiVersion: runbook/v1\nkind: Runbook\nname: one\ntitle: One\ntriage:\n  - {id: a, STEP}\n"


@pytest.mark.parametrize(
    ("step", "needed"),
    [
        ("uses: command.run, with: {argv: [cat, x], effect: read}", True),
        ("uses: shell.run, with: {script: cat x, effect: read}", True),
        ("uses: tls.certificate, with: {host: a.example.com, ca_file: ca.pem}", True),
        ("uses: tls.certificate, with: {host: a.example.com}", False),
        ("uses: prometheus.query, with: {query: up}", False),
        ("uses: git.log", False),
    ],
)
def test_only_steps_that_open_files_need_them(step: str, needed: bool) -> None:
    """A kind that speaks to a server, or looks at the clone itself, needs none."""
    book = load(BOOK.replace("STEP", step).encode(), kinds.specs(), path="one.yaml").document
    assert isinstance(book, Runbook)
    assert [uses_files(step) for step in book.triage] == [needed]
