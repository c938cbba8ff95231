"""Expressions as their authors meet them: values, doubt, refusals; `language/` has what lies below."""

import json
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.document.expressions import Expression, ExpressionError, Missing, Unknown, parse


class Skipped(Mapping[str, object]):
    """A step that has no outputs: its status is known, everything else is not."""

    def __getitem__(self, key: str) -> object:
        if key == "status":
            return "skipped"
        raise Unknown("step 'skipped' was skipped")

    def __iter__(self) -> Iterator[str]:
        return iter(["status"])

    def __len__(self) -> int:
        return 1


SCOPE = {
    "value": 0.12,
    "status": 200,
    "nan": float("nan"),
    "infinite": float("inf"),
    "params": {
        "name": "api",
        "n": 3,
        "flag": True,
        "none": None,
        "list": [3, 1, 2],
        "items": "a key",
        "words": ["b", "a"],
    },
    "steps": {
        "history": {"latest": {"revision": 7}, "previous": None, "rows": [{"value": 1}, {"value": 2}]},
        "skipped": Skipped(),
    },
}

VALUES = [
    ("value > 0.05", True),
    ("status == 200", True),
    ("status != 200", False),
    ("steps.history.latest.revision", 7),
    ("steps.history.previous", None),
    ("steps.history.rows[1].value", 2),
    ("steps['history']['latest']", {"revision": 7}),
    ("steps.history.rows[-1].value", 2),
    ("params.items", "a key"),
    ("params[params.name + 'x'] is defined", False),
    ("steps.skipped.status", "skipped"),
    ("'text'", "text"),
    ("1.5", 1.5),
    ("true", True),
    ("none", None),
    ("-3", -3),
    ("-params.n", -3),
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("7 / 2", 3.5),
    ("'a' + 'b'", "ab"),
    ("1 < 2 < 3", True),
    ("1 < 2 > 3", False),
    ("3 < 2 < steps.skipped.value", False),
    ("2 in params.list", True),
    ("2 not in params.list", False),
    ("'name' in params", True),
    ("'p' in params.name", True),
    ("not params.flag", False),
    ("params.n and params.name", "api"),
    ("params.none or 'x'", "x"),
    ("'yes' if params.flag else 'no'", "yes"),
    ("'yes' if params.none else 'no'", "no"),
    ("[1, params.n]", [1, 3]),
    ("{'a': params.n}", {"a": 3}),
    ("'a\\n\\'b'", "a\n'b"),
]

EQUALITY = [
    ("1 == 1.0", True),
    ("1 == true", False),
    ("0 == false", False),
    ("'1' == 1", False),
    ("none == false", False),
    ("none == none", True),
    ("[1, [2]] == [1.0, [2]]", True),
    ("[1] == [true]", False),
    ("{'a': 1} == {'a': 1.0}", True),
    ("{'a': 1} == {'b': 1}", False),
    ("1 in [true, '1']", False),
]

KLEENE = [
    ("false and steps.skipped.value", False),
    ("steps.skipped.value and false", False),
    ("true or steps.skipped.value", True),
    ("steps.skipped.value or true", True),
    ("steps.skipped.value or 0 or 'x'", "x"),
    ("true and steps.skipped.value", None),
    ("steps.skipped.value and true", None),
    ("false or steps.skipped.value", None),
    ("not steps.skipped.value", None),
    ("1 if steps.skipped.value else 1", None),
    ("steps.skipped.value is known", False),
    ("steps.skipped.value is not known", True),
    ("steps.skipped.status is known", True),
    ("params.nothing is known", False),
    ("params.nothing is defined", False),
    ("params.none is defined", True),
    ("steps.skipped.value is defined", None),
    ("steps.skipped.value is none", None),
    ("params.nothing | default(5)", 5),
    ("params.none | default(5)", 5),
    ("0 | default(5)", 0),
    ("0 | default(5, true)", 5),
    ("0 | default(5, boolean=true)", 5),
    ("steps.history.previous.revision | default(0)", 0),
    ("steps.skipped.value | default(5)", None),
    ("(params.nothing and steps.skipped.value) | default(5)", None),
    ("(params.nothing or params.none) | default(5)", 5),
]

DOUBTS = [
    ("none < 3", "cannot compare null with a number"),
    ("'a' < 1", "cannot compare a string with a number"),
    ("true < 2", "cannot compare a boolean with a number"),
    ("[1] < [2]", "cannot compare a list with a list"),
    ("nan == nan", "a value is NaN, which compares with nothing"),
    ("nan > 1", "a value is NaN, which compares with nothing"),
    ("[nan] != [1]", "a value is NaN, which compares with nothing"),
    ("steps.skipped.value", "step 'skipped' was skipped"),
    ("steps.history.lates", "steps.history has no 'lates'"),
    ("steps.history.previous.revision", "steps.history.previous is null"),
    ("steps.history.rows[5]", "steps.history.rows has no entry 5"),
    ("steps.history.rows.first", "steps.history.rows is a list and has no 'first'"),
    ("status.code", "status is a number and has no 'code'"),
    ("params[1]", "the keys of params are strings, not a number"),
    ("params.list[true]", "the entries of params.list are found by whole numbers, not by a boolean"),
    ("params.name[0]", "params.name is a string and has no entry 0"),
    ("nobody", "there is no 'nobody' here"),
    ("1 / 0", "a division by zero has no result"),
    ("infinite - infinite", "the result of a calculation is not a finite number"),
    ("9007199254740992 + 1", "an integer beyond 2^53 cannot be kept exactly"),
    ("true + 1", "cannot calculate a boolean + a number"),
    ("'a' + 1", "cannot calculate a string + a number"),
    ("'a' * 3", "cannot calculate a string * a number"),
    ("[1] + [2]", "cannot calculate a list + a list"),
    ("1 in 'a1'", "cannot look for a number in a string"),
    ("status.nan[0]", "status is a number and has no 'nan'"),
    ("[nan] | string", "a value has no text"),
    ("1 in 2", "cannot look for a number in a number"),
]

REFUSALS = [
    ("", 1, "the expression is empty", None),
    ("value >", 8, "the expression ends too early", None),
    ("value = 3", 7, "the expression cannot be read at '='", "to compare, write =="),
    ("a && b", 3, "the expression cannot be read at '&'", "write `and`"),
    ("!a", 1, "the expression cannot be read at '!'", "write `not`"),
    ("a b", 3, "the expression cannot be read at 'b'", None),
    ("'abc", 1, 'the expression cannot be read at "\'"', "a string ends with the quote that it began with"),
    ("{{ value }}", 1, "braces inside an expression", "write the expression without braces"),
    ("1 if a", 1, "a choice without else has no value when its condition is false", None),
    (
        "a.__class__",
        3,
        "'.__class__' begins with an underscore",
        "a key of data that begins with one is written ['__class__']",
    ),
    (
        "''.__class__",
        4,
        "'.__class__' begins with an underscore",
        "a key of data that begins with one is written ['__class__']",
    ),
    ("_a", 1, "the name '_a' begins with an underscore", "no such name exists"),
    ("null", 1, "'null' is not a word of expressions", "write none"),
    ("a.b or loop.index", 8, "'loop' cannot be used as a name", None),
    ("range(9)", 6, "calls are not available", "use a filter, such as `value | length`"),
    ("''.join([])", 8, "calls are not available", "use a filter, such as `value | length`"),
    ("a ** 2", 1, "'**' is not available", "only + - * / calculate"),
    ("a // 2", 1, "'//' is not available", "write `(a / b) | int`"),
    ("a % 2", 1, "'%' is not available", "only + - * / calculate"),
    ("a ~ b", 1, "'~' is not available", "join strings with '+', after `| string` where needed"),
    ("a[1:2]", 3, "slices are not available", "take one entry, such as [0] or [-1]"),
    ("(1, 2)", 3, "tuples are not available", "write a list: [a, b]"),
    ("{1: 2}", 2, "the keys of a map are strings", "put the key in quotes"),
    ("9007199254740993", 1, "an integer beyond 2^53 cannot be kept exactly", "write it as a string"),
    ("1e999", 1, "a number is too large", None),
    ("'\\d'", 2, "unknown escape '\\d' in a string", "write the backslash twice"),
    ("a is divisibleby 3", 3, "test 'divisibleby' is not available", "available: defined, known, none, number, string"),
    ("a is none(1)", 3, "test 'none' takes no argument", None),
    ("a | default", 5, "filter 'default' needs an argument", "default(…)"),
    ("a | lower(1)", 5, "filter 'lower' takes at most 0 arguments", None),
    ("a | sort(key=1)", 5, "filter 'sort' has no argument 'key'", None),
    ("a | sort(true, reverse=true)", 5, "filter 'sort' has the argument 'reverse' twice", None),
    ("a | sort(*b)", 5, "filter 'sort' takes at most 1 argument", None),
]


def outcome(text: str, scope: Mapping[str, object] = SCOPE) -> object:
    """The value, or None for Unknown."""
    try:
        return parse(text).evaluate(scope)
    except Unknown:
        return None


@pytest.mark.parametrize(("text", "value"), VALUES + EQUALITY)
def test_an_expression_has_its_value(text: str, value: object) -> None:
    """Each row's value, of exactly that type."""
    result = parse(text).evaluate(SCOPE)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(("text", "value"), KLEENE)
def test_doubt_spreads_unless_something_else_decides(text: str, value: object) -> None:
    """None in the table stands for Unknown."""
    assert outcome(text) is value or outcome(text) == value


@pytest.mark.parametrize(("text", "reason"), DOUBTS)
def test_what_has_no_answer_says_why(text: str, reason: str) -> None:
    """Unknown carries a reason that names the path or the types."""
    with pytest.raises(Unknown) as caught:
        parse(text).evaluate(SCOPE)
    assert caught.value.reason == reason


@pytest.mark.fault(20)
@pytest.mark.parametrize(("text", "column", "message", "hint"), REFUSALS)
def test_a_refused_text_says_where_and_what_next(text: str, column: int, message: str, hint: str | None) -> None:
    """Line, column, message and hint, to the letter."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value
    assert (error.line, error.column, error.message, error.hint) == (1, column, message, hint)


def test_a_refusal_counts_lines() -> None:
    """A folded `when` over several lines is pointed at where it is wrong."""
    with pytest.raises(ExpressionError) as caught:
        parse("value > 1\n  and value ? 2")
    assert (caught.value.line, caught.value.column) == (2, 13)


def test_an_unknown_filter_names_the_nearest_and_all() -> None:
    """A typo in a filter's name is a matter of seconds."""
    with pytest.raises(ExpressionError) as caught:
        parse("value | defalt(1)")
    assert caught.value.message == "filter 'defalt' is not available"
    assert caught.value.hint.startswith("did you mean 'default'? available: default, first, float, int, join")


@pytest.mark.fault(20, 23)
@pytest.mark.parametrize(
    "text",
    [
        "x | attr('y')",
        "x | map(attribute='y')",
        "cycler('a')",
        "lipsum()",
        "range(9)",
        "self._x",
        "x.__init__",
        "x()",
        "namespace(a=1)",
    ],
)
def test_the_known_ways_out_of_jinja_are_refused(text: str) -> None:
    """None of the escapes of templates engines is a text that parses."""
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize(
    "text", ["params['__class__']", "params.items.real", "cycler", "lipsum", "params.keys", "''['__class__']"]
)
def test_python_attributes_do_not_exist(text: str) -> None:
    """`.name` looks up keys of data and nothing else."""
    with pytest.raises(Unknown):
        parse(text).evaluate({"params": {"items": {}}})


def test_default_settles_only_what_is_missing() -> None:
    """A missing key is Missing, a skipped step is a plain Unknown."""
    with pytest.raises(Missing):
        parse("params.nothing").evaluate(SCOPE)
    with pytest.raises(Unknown) as caught:
        parse("steps.skipped.value").evaluate(SCOPE)
    assert not isinstance(caught.value, Missing)


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("value > 0.05", {("value",)}),
        ("steps.a.b['c'].d", {("steps", "a", "b", "c", "d")}),
        ("steps.a.rows[0].value", {("steps", "a", "rows")}),
        ("steps[params.name].x", {("steps",), ("params", "name")}),
        ("a if b else [c, {'k': d | default(e)}]", {("a",), ("b",), ("c",), ("d",), ("e",)}),
        ("not (a.b is known) and -c in d", {("a", "b"), ("c",), ("d",)}),
        ("1 + 2", set()),
    ],
)
def test_references_are_the_paths_from_free_names(text: str, references: set[tuple[str, ...]]) -> None:
    """Each path goes as far as its keys are constant strings."""
    assert parse(text).references == references


def test_the_same_text_is_parsed_once() -> None:
    """Expressions are immutable, so one object serves every use of a text."""
    assert parse("value > 0.07") is parse("value > 0.07")


def test_truth_is_jinjas() -> None:
    """What is empty, zero, false or null is false."""
    assert [parse(text).truth({}) for text in ("[]", "''", "0", "{}", "none", "0.0")] == [False] * 6
    assert [parse(text).truth({}) for text in ("[0]", "'0'", "-1", "{'a': 0}", "true")] == [True] * 5


@pytest.mark.fault(21)
@pytest.mark.parametrize("opening", ["(", "[", "not ", "-", "{'a':", "1+", "a if b else ", "x|string|"])
@pytest.mark.parametrize("times", [34, 200, 1000])
def test_hostile_nesting_is_refused_calmly(opening: str, times: int) -> None:
    """However deep a text nests, parsing ends in ExpressionError."""
    with pytest.raises(ExpressionError):
        parse(opening * times + "1")


def test_depth_and_length_have_room_for_real_conditions() -> None:
    """Thirty levels, or a hundred conditions side by side, are fine; 1 KiB is the end."""
    assert parse("(" * 30 + "1" + ")" * 30).evaluate({}) == 1
    assert parse(" and ".join(["true"] * 100)).evaluate({}) is True
    with pytest.raises(ExpressionError, match="longer than 1024 characters"):
        parse("'" + "x" * 1024 + "'")


@pytest.mark.fault(22)
def test_a_string_does_not_grow_beyond_its_limit() -> None:
    """64 KiB is as long as a string gets by adding."""
    scope = {"s": "x" * 40_000}
    assert outcome("s + 's'", scope) == "x" * 40_000 + "s"
    assert outcome("s + s", scope) is None
    assert outcome("[s, s] | join", scope) is None


def test_numbers_beyond_all_bounds_are_unknown() -> None:
    """Whatever size the data has, a calculation ends in a finite number or in doubt."""
    scope = {"huge": 10**400, "large": 1e308}
    for text in ("huge / 3", "huge + 1", "huge * 1.5", "large * 10", "huge | float", "[huge, 1.5] | sum"):
        assert outcome(text, scope) is None
    assert outcome("huge > large", scope) is True


def test_data_nested_beyond_recursion_is_unknown() -> None:
    """Endless depth is a doubt, not a crash."""
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    for text in ("x == y", "x | string", "[x] | unique", "x in [y]"):
        with pytest.raises(Unknown, match="nested too deeply"):
            parse(text).evaluate({"x": deep, "y": [deep[0]]})


def test_what_is_not_data_is_never_told() -> None:
    """A Python object in a scope is a mistake of ours, and stays invisible."""
    scope = {"x": object(), "y": {1, 2}}
    for text in ("x | string", "x | length", "x < 1", "x.y", "[y] | join", "x[0]"):
        assert outcome(text, scope) is None


def test_a_long_key_makes_no_long_reason() -> None:
    """Reasons are shown to people; data decides nothing about their length."""
    with pytest.raises(Unknown) as caught:
        parse("a[key]").evaluate({"a": {}, "key": "k" * 1000})
    assert len(caught.value.reason) < 100


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=12,
)
FORMS = [
    "x == y", "x < y", "x in y", "x + y", "x - y", "x * y", "x / y", "-x", "x.a", "x[y]", "x[0].b",
    "x and y or not x",
    "x if y else x.a", "[x, y]", "{'a': x}.a", "x | default(y)", "x | length", "x | string", "x | int",
    "x | int(y)",
    "x | float", "x | round", "x | round(y)", "x | round(2, 'ceil')", "x | lower", "x | upper",
    "x | trim", "x | join(y)",
    "x | sort", "x | sort(reverse=y)", "x | unique", "x | first", "x | last", "x | min", "x | max", "x | sum",
    "x is number", "x is string", "x is none", "x is known", "x is defined", "x < y < x", "x.a.b.c", "x != y",
]  # fmt: skip


@given(form=st.sampled_from(FORMS), x=JSON, y=JSON)
@settings(max_examples=400, deadline=None)
def test_evaluation_raises_nothing_but_unknown(form: str, x: object, y: object) -> None:
    """Whatever the world answers, the result is JSON data or Unknown."""
    try:
        result = parse(form).evaluate({"x": x, "y": y})
    except Unknown as doubt:
        assert doubt.reason
    else:
        json.dumps(result)


SNIPPETS = st.sampled_from(
    ["a", "b.c", "_x", "not", "and", "or", "in", "is", "if", "else", "for", "{{", "}}", "{%", "%}", "{#", "(", ")", "[",
     "]", "{", "}", "|", ":", ",", ".", "'", '"', "\\", "==", "<", "+", "-", "*", "/", "**", "//", "%", "~", "1", "0.5",
     "1e9", "00", "none", "loop", "\n", "é", "\x00"]
)  # fmt: skip


@given(
    st.text(max_size=200) | st.lists(SNIPPETS, max_size=40).map(" ".join) | st.lists(SNIPPETS, max_size=60).map("".join)
)
@settings(max_examples=400, deadline=None)
def test_parsing_raises_nothing_but_expression_errors(text: str) -> None:
    """Any text is an Expression or an ExpressionError whose place lies in the text."""
    try:
        assert isinstance(parse(text), Expression)
    except ExpressionError as error:
        assert 1 <= error.line <= text.count("\n") + 1
        assert error.column >= 1
