"""Templates in values: types are kept, text is made, and nothing is ever rendered twice."""

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.document.expressions import ExpressionError, Unknown
from runbook.document.templates import Template, references_of, render_value, template

SCOPE = {
    "params": {"name": "api", "n": 3, "flag": True, "none": None, "list": [1, "ä"], "map": {"a": 1.5}},
    "value": 0.05,
    "evil": "{{ params.name }}",
}

ROWS = [
    ("{{ params.n }}", 3),
    ("{{ params.flag }}", True),
    ("{{ params.none }}", None),
    ("{{ params.list }}", [1, "ä"]),
    ("{{- params.map -}}", {"a": 1.5}),
    ("{{ params.n | string }}", "3"),
    (" {{ params.n }}", " 3"),
    ("n={{ params.n }}", "n=3"),
    ("{{ value }}{{ params.name }}", "0.05api"),
    ("{{ params.flag }} {{ params.none }}", "true null"),
    ("{{ params.list }} {{ params.map }}", '[1, "ä"] {"a": 1.5}'),
    ("", ""),
    ("plain", "plain"),
    ("${#list[@]} }} {", "${#list[@]} }} {"),
    ("{{ '{{' }} .Name }}", "{{ .Name }}"),
    ("{{ '}}' }}x", "}}x"),
    ("{{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
    ("{{ {'a': {'b': 1}}['a']['b'] }}!", "1!"),
    ("a  {{- params.n -}}  b", "a3b"),
    ("{{ evil }}", "{{ params.name }}"),
    ("x {{ evil }}", "x {{ params.name }}"),
]

REFUSALS = [
    ("{{ params.name", 1, 1, "'{{' is never closed by '}}'"),
    ("ab {{ it's }}", 1, 9, "a string is never closed"),
    ("{{}}", 1, 3, "the expression is empty"),
    ("x {{ a = b }}", 1, 8, "the expression cannot be read at '='"),
    ("first\nsecond {{ a | nope }}", 2, 15, "filter 'nope' is not available"),
    ("first\nsecond {{ a\n ? b }}", 3, 2, "the expression cannot be read at '?'"),
    ("{{ a }} {% if x %}", 1, 9, "statements are not available in a value"),
    ("{{ a; b }}", 1, 5, "the expression cannot be read at ';'"),
]


@pytest.mark.parametrize(("text", "value"), ROWS)
def test_a_template_has_its_value(text: str, value: object) -> None:
    """One hole keeps its type; in a longer text each value is told as text."""
    result = template(text).render(SCOPE)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.fault(20)
@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSALS)
def test_a_refused_template_says_where(text: str, line: int, column: int, message: str) -> None:
    """The place counts in the whole text, not in the hole."""
    with pytest.raises(ExpressionError) as caught:
        template(text)
    assert (caught.value.line, caught.value.column, caught.value.message) == (line, column, message)


def test_an_unknown_part_makes_the_value_unknown() -> None:
    """A value is never half rendered."""
    with pytest.raises(Unknown) as caught:
        template("a {{ params.name }} {{ params.nothing }}").render(SCOPE)
    assert caught.value.reason == "params has no 'nothing'"


def test_nan_has_no_text() -> None:
    """`nan` in an argument or a query would be a lie that looks like a number."""
    with pytest.raises(Unknown):
        template("x {{ v }}").render({"v": float("nan")})


def test_endless_data_is_unknown_in_templates_too() -> None:
    """Copying and telling a value have the same limit as comparing it."""
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    for text in ("{{ v }}", "x {{ v }}"):
        with pytest.raises(Unknown, match="nested too deeply"):
            template(text).render({"v": deep})


def test_what_is_not_data_is_no_value() -> None:
    """Only JSON leaves a template."""
    with pytest.raises(Unknown, match="a value is not data"):
        template("{{ v }}").render({"v": [object()]})


def test_values_are_rendered_deep_and_keys_are_not() -> None:
    """Strings anywhere in lists and maps are templates; everything else stands as it is."""
    value = {"{{ value }}": ["{{ params.n }}", {"x": "n{{ params.n }}"}], "n": 1, "b": True, "z": None}
    rendered = {"{{ value }}": [3, {"x": "n3"}], "n": 1, "b": True, "z": None}
    assert render_value(value, SCOPE) == rendered
    assert references_of(value) == {("params", "n")}


def test_a_rendered_value_is_a_copy() -> None:
    """What a step does with its inputs cannot reach back into what another step saw."""
    listed = template("{{ params.list }}").render(SCOPE)
    assert isinstance(listed, list)
    listed.append("more")
    assert SCOPE["params"]["list"] == [1, "ä"]


def test_constants_say_so() -> None:
    """A text without holes needs no scope, and is one object."""
    assert template("plain").is_constant
    assert template("").is_constant
    assert not template("{{ 1 }}").is_constant
    assert template("a {{ b }}") is template("a {{ b }}")


def test_references_are_those_of_every_hole() -> None:
    """Lint and the order of triage follow from them."""
    text = "{{ params.a }} and {{ steps.x.y | default(value) }}"
    assert template(text).references == {("params", "a"), ("steps", "x", "y"), ("value",)}


@pytest.mark.fault(22)
def test_a_template_has_a_limit_and_a_constant_has_none() -> None:
    """8 KiB of template are more than anybody reviews; a file's content may be longer."""
    assert template("x" * 10_000).is_constant
    with pytest.raises(ExpressionError, match="longer than 8192 characters"):
        template("x" * 8192 + "{{ a }}")


HOLES = st.sampled_from(
    ["{{ 'a' }}", "{{- 'b' -}}", "{{+ 1 }}", "{{ [{'k': '}}'}][0]['k'] }}", '{{ "{{" }}', " ", "\n", "x", "} ", "' "]
)


@given(st.lists(HOLES, max_size=8).map("".join))
@settings(max_examples=200, deadline=None)
def test_braces_are_found_where_jinja_finds_them(text: str) -> None:
    """Our own scan for holes agrees with Jinja's lexer."""
    theirs = jinja2.Environment(keep_trailing_newline=True).from_string(text).render()
    ours = template(text).render({})
    assert str(ours) == theirs


@given(st.text(alphabet="{}%#-'\" \\a.|\n", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_template_or_an_error(text: str) -> None:
    """Nothing but ExpressionError is raised."""
    try:
        assert isinstance(template(text), Template)
    except ExpressionError as error:
        assert error.message
