"""Messages: loops and choices, doubts told as `unknown`, budgets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.document.expressions import ExpressionError, Unknown
from runbook.document.message_templates import MessageTemplate
from runbook.document.templates import message_template

SCOPE = {
    "rows": [{"path": "/a", "value": 1}, {"path": "/b", "value": 2}],
    "status": "waiting",
    "labels": {"team": "api"},
    "text": "x" * 40_000,
    "many": list(range(40)),
    "evil": "{% for x in rows %}",
}

ROWS = [
    ("Status: {{ status }}", "Status: waiting"),
    ("{% for row in rows %}\n- {{ row.path }}: {{ row.value }}\n{% endfor %}\nend\n", "- /a: 1\n- /b: 2\nend\n"),
    ("{% if status == 'x' %}1{% elif status == 'waiting' %}2{% else %}3{% endif %}", "2"),
    ("{% if status == 'x' %}1{% elif status == 'y' %}2{% else %}3{% endif %}", "3"),
    ("{% if status == 'x' %}1{% endif %}", ""),
    ("{% for r in rows %}{% if r.value > 1 %}{{ r.path }}{% endif %}{% endfor %}", "/b"),
    ("{% for a in rows %}{% for b in rows %}{{ a.value * b.value }} {% endfor %}{% endfor %}", "1 2 2 4 "),
    ("{% for key in labels %}{{ key }}={{ labels[key] }}{% endfor %}", "team=api"),
    ("{% for x in [] %}never{% endfor %}.", "."),
    ("a {#- a remark -#} b", "ab"),
    ("{{ evil }}", "{% for x in rows %}"),
]

REFUSALS = [
    ("{% set x = 1 %}", 4, "'set' is not available here"),
    ("{% include 'x' %}", 4, "'include' is not available here"),
    ("{% import 'x' as y %}", 4, "'import' is not available here"),
    ("{% extends 'x' %}", 4, "'extends' is not available here"),
    ("{% macro m() %}{% endmacro %}", 4, "'macro' is not available here"),
    ("{% filter upper %}{% endfilter %}", 4, "'filter' is not available here"),
    ("{% nope %}", 4, "the message cannot be read at 'nope'"),
    ("{% for x in rows %}", 20, "the message ends too early"),
    ("{% if a %}{% endfor %}", 14, "the message cannot be read at 'endfor'"),
    ("{% for a, b in rows %}{% endfor %}", 4, "a loop has one variable, and no else or if"),
    ("{% for a in rows if a %}{% endfor %}", 4, "a loop has one variable, and no else or if"),
    ("{% for a in rows %}{% else %}x{% endfor %}", 4, "a loop has one variable, and no else or if"),
    ("{% for a in rows recursive %}{% endfor %}", 4, "a loop has one variable, and no else or if"),
    ("{% for _a in rows %}{% endfor %}", 8, "the name '_a' begins with an underscore"),
    ("{% for a in rows %}{{ loop.index }}{% endfor %}", 23, "'loop' cannot be used as a name"),
    ("{% if a %}{{ range(9) }}{% endif %}", 19, "calls are not available"),
    ("{{ status", 1, "'{{' is never closed by '}}'"),
]


@pytest.mark.parametrize(("text", "told"), ROWS)
def test_a_message_is_told(text: str, told: str) -> None:
    """A line that holds only a statement leaves no line behind."""
    assert message_template(text).render(SCOPE) == (told, [])


@pytest.mark.parametrize(("text", "column", "message"), REFUSALS)
def test_statements_beyond_for_and_if_are_refused(text: str, column: int, message: str) -> None:
    """With the place, in calm words."""
    with pytest.raises(ExpressionError) as caught:
        message_template(text)
    assert (caught.value.line, caught.value.column, caught.value.message) == (1, column, message)


def test_a_refusal_is_pointed_at_across_stripped_space() -> None:
    """White space that `{%-` takes away does not move the place."""
    with pytest.raises(ExpressionError) as caught:
        message_template("one\n\n   {%- if a %}\n  {{ a | nope }}\n{% endif %}")
    assert (caught.value.line, caught.value.column) == (4, 10)


@pytest.mark.fault(20)
def test_what_is_not_known_is_told_as_unknown() -> None:
    """A message goes out at night, with each reason beside it once."""
    text = "{{ a }} {{ a }} {{ labels.x }} {% for r in b %}r{% endfor %} {% if c %}yes{% else %}no{% endif %}"
    told, reasons = message_template(text).render(SCOPE)
    assert told == "unknown unknown unknown unknown unknown"
    assert reasons == ["there is no 'a' here", "labels has no 'x'", "there is no 'b' here", "there is no 'c' here"]


@pytest.mark.fault(21)
def test_a_loop_ends_after_a_thousand_rounds_in_total() -> None:
    """Nested loops share the budget."""
    nested = "{% for a in many %}{% for b in many %}.{% endfor %}{% endfor %}"
    with pytest.raises(Unknown) as caught:
        message_template(nested).render(SCOPE)
    assert caught.value.reason == "message loops more than 1,000 times"
    assert len(message_template(nested).render({"many": list(range(31))})[0]) == 961


@pytest.mark.fault(22)
def test_a_message_is_at_most_64_kib_long() -> None:
    """Counted in bytes of UTF-8, as channels count."""
    assert len(message_template("{{ text }}{{ 'x' }}").render(SCOPE)[0]) == 40_001
    for scope in ({"text": "x" * 40_000}, {"text": "ä" * 20_000}):
        with pytest.raises(Unknown) as caught:
            message_template("{{ text }}{{ text }}").render(scope)
        assert caught.value.reason == "message longer than 64 KiB"


def test_only_lists_and_maps_are_looped_over() -> None:
    """The letters of a string are not what anybody means."""
    told, reasons = message_template("{% for x in status %}{{ x }}{% endfor %}").render(SCOPE)
    assert (told, reasons) == ("unknown", ["cannot loop over a string"])


def test_a_message_has_a_limit() -> None:
    """8 KiB of template are more than anybody reviews."""
    with pytest.raises(ExpressionError, match="longer than 8192 characters"):
        message_template("x" * 8193)


def test_a_loops_variable_is_no_reference() -> None:
    """Only free names are; outside of its loop the same name is free again."""
    text = "{% for r in rows %}{{ r.path }}{{ other.x }}{% if r.y and z %}{% endif %}{% endfor %}{{ r.q }}"
    assert message_template(text).references == {("rows",), ("other", "x"), ("z",), ("r", "q")}


def test_deep_nesting_of_statements_is_refused() -> None:
    """No message is nested deeper than 32 levels."""
    with pytest.raises(ExpressionError, match="nested deeper than 32 levels"):
        message_template("{% if a %}" * 40 + "{% endif %}" * 40)


def test_statements_do_not_change_how_values_are_read() -> None:
    """The two ways to read a message, with and without statements, agree."""
    plain = "a {{ status }}  {{- rows | length -}}  {{ labels }} {{ nope }}"
    assert message_template(plain).render(SCOPE) == message_template(plain + "{# #}").render(SCOPE)


PIECES = st.sampled_from(
    ["{% for x in rows %}", "{% endfor %}", "{% if x %}", "{% elif y %}", "{% else %}", "{% endif %}",
    "{{ x }}", "{{", "}}",
     "{%", "%}", "{#", "#}", "{% raw %}", "{% endraw %}", "{%- set x = 1 -%}", "text", "\n", "'",
     "{% for", "{% block b %}"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=10).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_message_or_an_error(text: str) -> None:
    """Nothing but ExpressionError is raised, and what was read renders."""
    try:
        message = message_template(text)
    except ExpressionError as error:
        assert error.message
        return
    assert isinstance(message, MessageTemplate)
    assert isinstance(message.render(SCOPE)[0], str)
