"""Where an exception in a comment holds."""

from __future__ import annotations

import pytest

from runbook.document.source import parse
from runbook.lint.exceptions import Exceptions

TEXT = """\
apiVersion: runbook/v1
name: x
# lint: allow(RB999): above
# and another remark
one:
  two: 2  # lint: allow(RB999): beside
  three: >-
    a long text
    of two lines
  # lint: allow(RB999): above a block
  four: |
    a long text

    of three lines
five: 5
"""


@pytest.mark.parametrize(
    ("line", "reasons"),
    [
        (3, []),
        (5, ["above"]),
        (6, ["beside"]),
        (7, []),
        (9, []),
        (11, ["above a block"]),
        (14, ["above a block"]),
        (15, []),
    ],
)
def test_an_exception_holds_for_its_line_or_the_one_below(line: int, reasons: list[str]) -> None:
    """Other comments may stand between; a finding inside a long text belongs to its key as well."""
    assert [one.reason for one in Exceptions(parse(TEXT.encode())).of(line)] == reasons


def test_above_the_first_key_it_holds_everywhere() -> None:
    """As a header of the file."""
    exceptions = Exceptions(parse(b"# lint: allow(RB999): all of it\n---\na: 1\nb: 2\n"))
    assert [[one.reason for one in exceptions.of(line)] for line in (3, 4)] == [["all of it"]] * 2
