"""The filters, row by row; None in a table stands for Unknown."""

import pytest

from runbook.document.expressions import Missing, Unknown, parse

ROWS = [
    ("[1, 2] | length", 2),
    ("{'a': 1} | length", 1),
    ("'abc' | length", 3),
    ("5 | length", None),
    ("none | length", None),
    ("5 | string", "5"),
    ("0.5 | string", "0.5"),
    ("true | string", "true"),
    ("none | string", "null"),
    ("[1, 'a'] | string", '[1, "a"]'),
    ("'7' | int", 7),
    ("' -7 ' | int", -7),
    ("'7.9' | int", 7),
    ("7.9 | int", 7),
    ("'seven' | int", None),
    ("'seven' | int(0)", 0),
    ("'seven' | int(default=0)", 0),
    ("'1_000' | int", None),
    ("'٣' | int", None),
    ("true | int", None),
    ("none | int", None),
    ("'1e400' | int", None),
    ("'99999999999999999999' | int", None),
    ("'0.5' | float", 0.5),
    ("7 | float", 7.0),
    ("'nan' | float", None),
    ("'inf' | float", None),
    ("2.567 | round(2)", 2.57),
    ("2.4 | round", 2.0),
    ("2.1 | round(method='ceil')", 3.0),
    ("2.19 | round(1, 'floor')", 2.1),
    ("2 | round(99)", None),
    ("2 | round(method='up')", None),
    ("'2' | round", None),
    ("'ABC' | lower", "abc"),
    ("'abc' | upper", "ABC"),
    ("' abc ' | trim", "abc"),
    ("5 | lower", None),
    ("[1, 'a', none] | join", "1anull"),
    ("['a', 'b'] | join(', ')", "a, b"),
    ("'ab' | join(',')", None),
    ("['a'] | join(1)", None),
    ("[3, 1, 2] | sort", [1, 2, 3]),
    ("['b', 'A'] | sort", ["A", "b"]),
    ("[3, 1, 2] | sort(reverse=true)", [3, 2, 1]),
    ("[3, 1] | sort('yes')", None),
    ("[3, 'a'] | sort", None),
    ("[true, false] | sort", None),
    ("[] | sort", []),
    ("[1, 1.0, true, '1', [1], [1.0], {'a': 1}, {'a': 1}] | unique", [1, True, "1", [1], {"a": 1}]),
    ("['a', 'A'] | unique", ["a", "A"]),
    ("[3, 1] | first", 3),
    ("[3, 1] | last", 1),
    ("[] | first | default('x')", "x"),
    ("'abc' | first", None),
    ("[3, 1] | min", 1),
    ("[3, 1] | max", 3),
    ("['b', 'a'] | max", "b"),
    ("[1, 'a'] | max", None),
    ("[] | max | default(0)", 0),
    ("[1, 2.5] | sum", 3.5),
    ("[] | sum", 0),
    ("[1, '2'] | sum", None),
    ("[true] | sum", None),
    ("5 is number", True),
    ("true is number", False),
    ("'5' is string", True),
    ("5 is string", False),
    ("none is none", True),
    ("0 is none", False),
]


@pytest.mark.parametrize(("text", "value"), ROWS)
def test_a_filter_gives_its_row_of_the_table(text: str, value: object) -> None:
    """Jinja's names and arguments, without its guesses."""
    if value is None:
        with pytest.raises(Unknown):
            parse(text).evaluate({})
        return
    result = parse(text).evaluate({})
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize("text", ["[] | first", "[] | last", "[] | min", "[] | max"])
def test_an_empty_list_is_missing_its_entries(text: str) -> None:
    """So that `default` can say what to use instead."""
    with pytest.raises(Missing):
        parse(text).evaluate({})


@pytest.mark.fault(76)
def test_nan_is_neither_sorted_nor_chosen() -> None:
    """NaN has no place in an order."""
    for text in ("x | sort", "x | min", "x | max", "x | sum"):
        with pytest.raises(Unknown):
            parse(text).evaluate({"x": [1.0, float("nan")]})
