"""YAML to data and places; what is hostile is made here, what is merely wrong is in `tests/cases`."""

from __future__ import annotations

import time
import tracemalloc

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from runbook.document.characters import MAX_BYTES, MAX_LINE
from runbook.document.nodes import MAX_DEPTH, MAX_NODES
from runbook.document.source import parse
from runbook.errors import DocumentError


def refused(data: bytes) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse(data, "x.yaml")
    return [str(finding) for finding in caught.value.findings]


def test_values_and_keys_know_their_places() -> None:
    """Lines and columns count from 1, of keys, values and entries of lists."""
    source = parse(b"a: 1\nb:\n  - x\n  - {c: [y]}\n")
    assert source.data == {"a": 1, "b": ["x", {"c": ["y"]}]}
    assert source.at(("b", 1, "c", 0)) == (4, 10)
    assert source.key_at(("b", 1, "c")) == (4, 6)
    assert source.key_at(("b", 0)) == source.at(("b", 0)) == (3, 5)


def test_a_missing_value_is_placed_where_it_would_stand() -> None:
    """A message about what is not there points at what is around it."""
    source = parse(b"a: 1\nb: {c: 2}\n")
    assert source.at(("b", "missing")) == source.key_at(("b", "missing")) == (2, 4)


def test_columns_count_characters_not_bytes() -> None:
    """What an editor shows as column 6 is column 6."""
    assert parse("é: {ü: 1}".encode()).at(("é", "ü")) == (1, 8)


@pytest.mark.fault(1, 14)
def test_a_leading_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    """Editors on Windows write both; neither moves a place."""
    source = parse(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n")
    assert source.data == {"a": 1, "b": "x\n"}
    assert source.at(("a",)) == (1, 4)


@pytest.mark.fault(1)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: caf\xe9\n", "x.yaml:1:7: RB001: byte 6 (0xe9) is not UTF-8; save the file as UTF-8"),
        (b"a: 1\nb: \xed\xa0\x80\n", "x.yaml:2:4: RB001: byte 8 (0xed) is not UTF-8; save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), "x.yaml:1:1: RB001: the file is UTF-16, not UTF-8; save it as UTF-8"),
        (b"\x7fELF\x02", "x.yaml:1:1: RB002: the character U+007F (delete) may not stand in a document; "
         "remove it; it is invisible, or makes the text look different from what is run"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_text_are_refused_with_their_offset(data: bytes, message: str) -> None:
    """The first bad byte is named, by its offset and by its place."""
    assert refused(data)[0] == message


@pytest.mark.fault(8)
@pytest.mark.parametrize("level", [b"[\n", b"{a:\n", b"- ", b"? "])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 50_000])
def test_deep_nesting_is_refused_before_it_is_built(level: bytes, depth: int) -> None:
    """50,000 levels end in a finding, not in a crash of the process."""
    message = refused(b"a:\n " + level * depth)[0]
    assert "nested deeper than 64 levels" in message or "the line is longer" in message


@pytest.mark.fault(8)
def test_nesting_as_deep_as_allowed_is_read() -> None:
    """The limit is where the message says it is."""
    inside = MAX_DEPTH - 1  # the document itself is a level
    assert parse(b"a: " + b"[" * inside + b"]" * inside).data["a"]
    assert "nested deeper than 64 levels" in refused(b"a: " + b"[" * (inside + 1) + b"]" * (inside + 1))[0]


@pytest.mark.fault(6, 7)
def test_bombs_are_refused_in_a_blink_and_without_memory() -> None:
    """An alias bomb of 9 levels and a merge bomb cost less than 50 ms and 50 MB."""
    aliases = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    merges = "a: &a {x: 1}\n" + "".join(f"k{i}: {{<<: [*a, *a, *a]}}\n" for i in range(40))
    for bomb in (aliases, merges):
        tracemalloc.start()
        started = time.process_time()
        assert "RB008" in refused(bomb.encode())[0]
        assert time.process_time() - started < 0.25  # 2 ms; tracemalloc and a busy machine take the rest
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
        tracemalloc.stop()


@pytest.mark.fault(9)
@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"a: " + b"x" * MAX_BYTES, "the file is larger than 1048576 bytes (1 MiB)"),
        (b"a: 1\nb: " + b"x" * MAX_LINE, "x.yaml:2:1: RB003: the line is longer than 16384 characters"),
        (b"a:\n" + b"- x\n" * MAX_NODES, f"RB003: the document has more than {MAX_NODES} values"),
    ],
)
def test_what_is_too_large_is_refused(data: bytes, part: str) -> None:
    """Size, line length and number of values are bounded."""
    assert part in refused(data)[0]


@pytest.mark.fault(11)
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"), ("on", "on"), ("12:30", "12:30"), ("2026-01-01", "2026-01-01"), ("1_000", "1_000"),
        ("0777", 777), ("0o17", 15), ("0x1f", 31), ("1e3", 1000.0), (".5", 0.5), ("+1", 1), ("-0", 0), ("1.", 1.0),
        ("True", True), ("tRUE", "tRUE"), ("~", None), ("", None), ("null", None), ("Null", None), ("nULL", "nULL"),
        ("0b1", "0b1"), ("1e", "1e"), (".", "."), ("-", "-"), ("0x", "0x"), ("9007199254740991", 2**53 - 1),
    ],
)  # fmt: skip
def test_plain_words_mean_what_the_core_schema_of_yaml_1_2_says(written: str, value: object) -> None:
    """No word changes its type because of YAML 1.1."""
    if written == "-":
        written = "'-'"
    got = parse(f"a: {written}\n".encode()).data["a"]
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "line", "column", "place"),
    [
        ("a: plain {{ q }}", 1, 10, (1, 13)),
        ("a: 'it''s {{ x }}'", 1, 9, (1, 14)),
        ('a: "x\\t\\u0041{{ y }}"', 1, 4, (1, 14)),
        ('a: "one\\\n  two {{ y }}"', 1, 8, (2, 7)),
        ("a: >-\n  foo bar\n  baz", 1, 9, (3, 3)),
        ("a: |2 # why\n\n    x {{ b", 2, 5, (3, 7)),
        ("a: one\n  two", 1, 5, (2, 3)),
        ("a: ''", 1, 1, (1, 4)),
        ("a: 'x'", 1, 2, (1, 6)),
    ],
)
def test_a_place_inside_a_text_is_found_in_the_file(text: str, line: int, column: int, place: tuple[int, int]) -> None:
    """Escapes, folding and blocks move characters; the message follows them."""
    assert parse(text.encode()).text_at(("a",), line, column) == place


_TEXTS = st.text(st.sampled_from("ab {}'\"\\:#\n\té|>-"), max_size=40)


@given(_TEXTS, st.sampled_from(["'", '"', "|", ">"]))
@example("\n a", "'")
def test_every_visible_character_is_found_where_it_was_written(text: str, style: str) -> None:
    """Whatever the style, a place inside the value is the place of the same character in the file."""
    dumped = yaml.safe_dump({"a": text}, default_style=style, allow_unicode=True, width=20)
    try:
        source = parse(dumped.encode())
    except DocumentError:  # a text whose only writing holds what we refuse
        return
    value = source.data["a"]
    lines = dumped.split("\n")
    for offset, character in enumerate(value):
        if character.isspace():
            continue
        before = value[:offset]
        line, column = source.text_at(("a",), before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
        written = lines[line - 1][column - 1 :]
        assert written.startswith((character, "\\", '"a')) or character in written[:2]


@pytest.mark.fault(1, 14)
@given(st.binary(max_size=200))
@example(b"? ? ?")
@example(b"*a")
@example(b"a: &a\n? [*a]\n: {{x}}")
def test_no_bytes_do_anything_but_load_or_be_refused(data: bytes) -> None:
    """Noise ends in findings with places, never in another exception."""
    try:
        parse(data)
    except DocumentError as error:
        assert error.findings
        assert all(finding.line > 0 and finding.column > 0 for finding in error.findings)
