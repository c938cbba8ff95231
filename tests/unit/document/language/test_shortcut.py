"""The reader of plain cases against Jinja's: where both read a text, they read the same."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.document.expressions import ExpressionError
from runbook.document.language import jinja, shortcut

PLAIN = [
    "value", "params.x", "steps.history.previous", "value > 0.05", "status == 200", "  value<0.5  ",
    "a.b >= c.d",
    "steps.database.verdict == 'pass'", 'x != "y"', "true", "none", "false == x", "0", "10.25", "'text'",
    "''",
    "steps.history.latest.age_seconds < 7200 and steps.history.previous", "a and b and c",
    "a or b == 1 or 'x'",
    "params.db_pool_size | string", "a|length>3", "a | lower == 'x' and b", "x | first | upper",
    "a.if.not.in",
    "a\n and b", "é == 1", "runbook.user_facing",
]  # fmt: skip

UNUSUAL = [
    "not a", "a < b < c", "a and b or c", "a is known", "a if b else c", "-1", "a[0]", "a . b", "a in b",
    "x | default(1)",
    "'a' 'b'", "'a\\n'", "1e5", "1_000", "a + b", "(a)", "[a]", "", "a and", "a b", "a.", ".a", "_a",
    "a._b", "and", "null",
    "loop", "True", "a | nope", "a | default", "1.", "007", "a.b.", "x == ", "a = b", "9007199254740993",
    "a.5", "5a", "a | x.y",
    "a\u00e9", "a.\u00e9", "if", "a" + ".b" * 13, "x" + " | string" * 13,
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN[:-2] + PLAIN[-1:])
def test_a_plain_text_is_read_without_jinja_as_jinja_reads_it(text: str) -> None:
    """The same tree, down to every offset."""
    assert shortcut.read(text) is not None
    assert shortcut.read(text) == jinja.read(text)


@pytest.mark.parametrize("text", UNUSUAL)
def test_everything_else_is_left_to_jinja(text: str) -> None:
    """What is unusual or wrong is never decided here."""
    assert shortcut.read(text) is None


PIECES = st.sampled_from(
    ["a", "b.c", "x.if", "true", "none", "True", "not", "and", "or", "in", "is", "known", "==", "!=",
    "<=", "<", ">", "=", "|",
     "string", "length", "default", "0", "7", "01", "1.5", "1.", ".", "'s'", '"t"', "'", "-", "(", ")",
     "[0]", "_a", "é", "\n", "~"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=9), st.sampled_from(["", " "]))
@settings(max_examples=600, deadline=None)
def test_the_two_readers_never_differ(pieces: list[str], between: str) -> None:
    """Whatever the shortcut reads, Jinja reads as the same tree, and what Jinja refuses it does not read."""
    text = between.join(pieces)
    quick = shortcut.read(text)
    if quick is None:
        return
    try:
        assert quick == jinja.read(text)
    except ExpressionError as error:
        raise AssertionError(f"read {text!r}, which is refused: {error}") from error


def test_plain_texts_do_not_import_jinja() -> None:
    """Start-up stays what it is for a library of ordinary runbooks."""
    program = (
        "import sys; from runbook.document.expressions import parse; from runbook.document.templates import template\n"
        "parse('value > 0.05').truth({'value': 1}); template('{{ a.n | string }} x').render({'a': {'n': 1}})\n"
        "assert 'jinja2' not in sys.modules; parse('not value'); assert 'jinja2' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
