"""The one style: what it looks like (cases that are files), that it is stable, and that nothing is lost on the way."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from runbook.authoring.formatting import document
from runbook.authoring.formatting.document import formatted
from runbook.authoring.formatting.reading import tree
from runbook.document.source import parse
from runbook.errors import DocumentError
from support.messy import Messy
from support.specs import SPECS

CASES = Path(__file__).parents[3] / "cases"
ROOT = CASES.parents[1]
UNSTYLED = sorted(path for path in (CASES / "fmt").glob("*.yaml") if ".formatted" not in path.name)
DOCUMENTS = [parse(path.read_bytes()).data for path in sorted((CASES / "valid").glob("*.yaml"))]
OWN = sorted(path for folder in ("docs/examples", "examples", "runbooks") for path in (ROOT / folder).rglob("*.yaml"))

TEXTS = st.one_of(
    st.sampled_from(
        ["no", "on", "12", "1e3", "0o17", "12:30", "2026-01-01", "~", "", "it's", "a: b", "a #b", "- a", "{{ x }}", "?",
         "two\nlines", "two\nlines\n", "\nblank first", "blank last\n\n", " indented", "trail ", "tab\there",
         "a\\b\"c'", "zero\u200bwidth", "ü", "long " * 40, "x" * 130, "---", "...", "a, b", "[a",
         "%a", "key:", "`a`", "@a"]
    ),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(-9, 9), st.floats(-9, 9, allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)

SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize("path", UNSTYLED, ids=lambda path: path.stem)
def test_a_document_is_written_in_the_style(path: Path) -> None:
    """Order, indentation, quotes, brackets, blank lines and comments, as the file beside it has them."""
    wanted = path.with_suffix(".formatted.yaml").read_text(encoding="utf-8")
    assert formatted(path.read_bytes(), SPECS) == wanted
    assert formatted(wanted.encode(), SPECS) == wanted


@pytest.mark.parametrize("path", OWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_own_documents_are_in_the_style(path: Path) -> None:
    """`runbook fmt` brings them there."""
    text = path.read_text(encoding="utf-8")
    assert formatted(text.encode(), SPECS, path=str(path)) in (text, None)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DOCUMENTS), SEEDS)
def test_a_document_of_any_notation_keeps_what_it_says_and_every_comment(data: dict[str, object], seed: int) -> None:
    """Whatever the notation: the same values, the same comments, and a second time changes nothing."""
    _holds(data, seed)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4), SEEDS)
def test_any_values_keep_what_they_say(values: dict[str, object], seed: int) -> None:
    """Documents that fit no schema are formatted as well: one formats while one writes."""
    _holds({"apiVersion": "runbook/v1", "kind": "Runbook", "triage": values}, seed)


def _holds(data: dict[str, object], seed: int) -> None:
    messy = Messy(Random(seed))
    text = messy.document(data)
    try:
        before = parse(text.encode())
    except DocumentError:  # a character that no document may hold
        assume(False)
        return
    assume(document._same(before.data, data))  # a comment that became part of a text above it
    once = formatted(text.encode(), SPECS)
    assert once is not None
    after = parse(once.encode())
    assert document._same(after.data, data)
    assert sorted(line for line in tree(after).comments() if line != "---") == sorted(map(str.rstrip, messy.comments))
    assert formatted(once.encode(), SPECS) == once


@pytest.mark.parametrize(
    "text",
    ["apiVersion: v1\nkind: Config\n", "- a\n", "on: push\njobs: {}\n", "kind: Runbook\n", "a: {{ x }}\n", "\x00"],
    ids=["kubeconfig", "list", "workflow", "half", "template", "binary"],
)
def test_what_is_none_of_our_documents_is_left_alone(text: str) -> None:
    """Without a word about what is wrong with it."""
    assert formatted(text.encode(), SPECS) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1\nb: *x\n", "RB008"),
        ("<<: {a: 1}\n", "RB008"),
        ("a: 1\na: 2\n", "RB007"),
        ("a:\n\tb: 1\n", "RB004"),
        ("a: !!set {}\n", "RB009"),
        ("a: 1\n---\nb: 2\n", "RB006"),
        ("a: \u202e\n", "RB002"),
    ],
)
def test_what_cannot_be_read_is_not_formatted(text: str, code: str) -> None:
    """Anchors, keys given twice, tabs, tags, a second document, text that runs backwards."""
    with pytest.raises(DocumentError) as raised:
        formatted(f"apiVersion: runbook/v1\nkind: Config\n{text}".encode(), SPECS)
    assert raised.value.findings[0].code == code


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encodings_are_refused(encoding: str) -> None:
    """A file is UTF-8, or it is not touched."""
    with pytest.raises(DocumentError, match="UTF"):
        formatted("apiVersion: runbook/v1\nkind: Config\n# ü\n".encode(encoding), SPECS)


def test_what_would_say_something_else_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own mistakes are found by reading the result again: a value, a comment."""
    text = b"apiVersion: runbook/v1\nkind:   Config\nlibrary: [runbooks]   # why\n"
    for wrong in ("apiVersion: runbook/v1\nkind: Config\nlibrary: [others]   # why\n",
                  "apiVersion: runbook/v1\nkind: Config\nlibrary: [runbooks]\n", "a: [\n"):  # fmt: skip
        monkeypatch.setattr(document, "printed", lambda _, wrong=wrong: wrong)
        with pytest.raises(DocumentError, match="RB098"):
            formatted(text, SPECS)


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "no",
        "on",
        "off",
        "y",
        "0o17",
        "0777",
        "1_000",
        "0b11",
        "+1",
        "2026-11-01T12:00:00Z",
        "2026-11-01 12:00",
        "12:30",
        "2026-11-01",
        "1e3",
        "~",
        "null",
        "=",
        ".5",
    ],
)
def test_quotes_stay_where_some_reader_takes_the_word_for_something_else(value: str) -> None:
    """And none are added where there were none."""
    text = f'apiVersion: runbook/v1\nkind: Runbook\nx: "{value}"\ny: {value}\n'
    assert formatted(text.encode(), SPECS) == text


def test_ten_thousand_lines_are_formatted_in_linear_time() -> None:
    """The largest documents too; a quadratic search for comments would take minutes."""
    entry = "  - {id: a%d, uses: tcp.connect, with: {host: a}}   # c\n\n"
    text = "apiVersion: runbook/v1\nkind: Steps\nname: a\nsteps:\n" + "".join(entry % i for i in range(5_000))
    assert formatted(text.encode(), SPECS) == text.removesuffix("\n")
