"""The grammar of paths: what is one, and where the first thing is that is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.document.paths import LONGEST, MOST, Every, PathError, parse

ALL = Every.ENTRY


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a",)),
        ("a.b-c.D_1", ("a", "b-c", "D_1")),
        ("[0].Status.leader", (0, "Status", "leader")),
        ("[-1]", (-1,)),
        ("items[*].metadata.name", ("items", ALL, "metadata", "name")),
        ("[*][0][*]", (ALL, 0, ALL)),
        ('a["app.kubernetes.io/name"].b', ("a", "app.kubernetes.io/name", "b")),
        (r'["a \"quoted\" ] and é"]', ('a "quoted" ] and é',)),
        ('[""]', ("",)),
        ('["[*]"]', ("[*]",)),
    ],
)
def test_a_path_is_read_into_its_parts(text: str, parts: tuple[object, ...]) -> None:
    """Names, names in quotes, entries from either end, and every entry."""
    assert parse(text).parts == parts


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 0, "begins with a name"),
        (".a", 0, "not with '.'"),
        ("$.a", 0, "not with '$'"),
        ("a.", 1, "missing after the last"),
        ("a..b", 2, "a name is expected"),
        ("a[]", 1, "'[]' is no part"),
        ("a['b']", 2, "double quotes"),
        ("a[b]", 1, "'[' begins"),
        ("a[1", 1, "'[' begins"),
        ("a[12345678]", 1, "'[' begins"),
        ("a[1:2]", 1, "'[' begins"),
        ("a.0", 2, "'0' is no name"),
        ("0", 0, "'0' is no name"),
        ("a b", 1, "' ' stands where"),
        ("a|b", 1, "'|' stands where"),
        (r'["\q"]', 1, "no JSON string"),
    ],
)
def test_what_is_no_path_is_said_with_its_place(text: str, at: int, said: str) -> None:
    """The place is that of the first character that does not fit."""
    with pytest.raises(PathError, match=said.replace("[", r"\[").replace("$", r"\$")) as caught:
        parse(text)
    assert caught.value.at == at


def test_a_path_is_bounded() -> None:
    """Neither its length nor its depth can grow without end."""
    assert len(parse(".".join("a" * MOST)).parts) == MOST
    for text in (".".join("a" * (MOST + 1)), "a" * (LONGEST + 1)):
        with pytest.raises(PathError, match="at most"):
            parse(text)


@given(st.text(alphabet="ab0-_.[]*\"\\$' \n\ud800é", max_size=40))
def test_any_text_is_a_path_or_is_said_to_be_none_within_it(text: str) -> None:
    """Nothing else is ever raised, and the place lies in the text."""
    try:
        path = parse(text)
    except PathError as error:
        assert 0 <= error.at <= len(text)
    else:
        assert path.until(len(path.parts)) == text
