"""Static checks: what is certainly wrong is said, what might be right is not."""

import pytest

from runbook.document.expression_types import check, infer
from runbook.document.expressions import parse
from runbook.document.templates import message_template, template

NAMES = {
    "value": {"type": "number"},
    "status": {"type": ["integer", "null"]},
    "anything": None,
    "params": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "replicas": {"type": "integer", "minimum": 1},
            "flag": {"type": "boolean"},
        },
    },
    "alert": {
        "type": "object",
        "properties": {"labels": {"type": "object", "additionalProperties": {"type": "string"}}},
    },
    "steps": {
        "type": "object",
        "properties": {
            "history": {
                "type": "object",
                "properties": {
                    "verdict": {"type": ["string", "null"], "enum": ["pass", "fail", "unknown", None]},
                    "latest": {"type": ["object", "null"], "properties": {"age_seconds": {"type": "number"}}},
                    "rows": {"type": "array", "items": {"type": "object", "properties": {"value": {"type": "number"}}}},
                    "raw": {},
                    "true": True,
                    "either": {"anyOf": [{"type": "string"}, {"type": "number"}]},
                    "open": {"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": True},
                },
            }
        },
    },
}

PROBLEMS = [
    ("valu > 1", 1, "there is no name 'valu' here", "did you mean 'value'?"),
    ("value > 1 and stats == 2", 15, "there is no name 'stats' here", "did you mean 'status'?"),
    ("steps.histroy.latest", 7, "steps has no 'histroy'", "did you mean 'history'?"),
    ("steps.history.latest.age_secs < 2", 22, "steps.history.latest has no 'age_secs'", "did you mean 'age_seconds'?"),
    ("params['replica'] > 2", 8, "params has no 'replica'", "did you mean 'replicas'?"),
    ("steps.history.rows[0].valeu", 23, "steps.history.rows[0] has no 'valeu'", "did you mean 'value'?"),
    ("params.name.length", 13, "params.name is a string and has no entries", None),
    ("steps.history.rows.value", 20, "steps.history.rows is a list; its entries are found by a whole number", None),
    ("params.name > 3", 1, "a string cannot be compared with a number", None),
    ("1 < value < params.name", 5, "a number cannot be compared with a string", None),
    ("params.flag > 1", 1, "'>' compares numbers or strings, not a boolean", None),
    ("status == '200'", 1, "a number is never equal to a string", None),
    ("steps.history.verdict == 'passed'", 26, "steps.history.verdict is never 'passed'", "did you mean 'pass'?"),
    ("'no' != steps.history.verdict", 1, "steps.history.verdict is never 'no'", "available: None, fail, pass, unknown"),
    ("params.replicas + 'x'", 1, "cannot calculate a number + a string", "turn the number into text with `| string`"),
    ("params.name * 2", 1, "cannot calculate a string * a number", None),
    ("-params.name", 2, "a sign stands before numbers only, not before a string", None),
    ("value in status", 1, "'in' looks into a list, a map or a string, not into a number", None),
    ("value in params.name", 1, "a number can never be in a string", None),
    ("value | lower", 9, "filter 'lower' cannot take a number", None),
    ("params.flag | length", 15, "filter 'length' cannot take a boolean", None),
]

FINE = [
    "value > 0.05",
    "status == 200",
    "status == none",
    "params.name == none",
    "value < params.replicas",
    "anything.at.all[0] > 'x'",
    "steps.history.raw.deep > 1 and steps.history.true.x",
    "steps.history.either > 1",
    "steps.history.either + 'x'",
    "steps.history.open.other > 1",
    "alert.labels.team == 'api'",
    "steps.history.verdict == 'pass'",
    "steps.history.verdict in ['pass', 'other']",
    "'x' in params.name and 'name' in params and value in [1, 2]",
    "steps.history.rows | length > 0",
    "(steps.history.rows | first).value > 1",
    "steps.history.latest.age_seconds < 7200 and steps.history.latest",
    "params.replicas | string + 'x'",
    "status | default('none')",
    "params.name + '-' + (params.replicas | string)",
    "params[params.name]",
    "(params.flag and params.name) == 'x'",
]

INFERRED = [
    ("params.replicas", {"type": "integer", "minimum": 1}),
    ("params.replicas + 1", {"type": "integer"}),
    ("params.replicas / 2", {"type": "number"}),
    ("-params.replicas", {"type": "integer"}),
    ("params.replicas * 1.5", {"type": "number"}),
    ("params.name + 'x'", {"type": "string"}),
    ("params.replicas | string", {"type": "string"}),
    ("params.name | int", {"type": "integer"}),
    ("params.name | length", {"type": "integer"}),
    ("value > 1", {"type": "boolean"}),
    ("not value", {"type": "boolean"}),
    ("value is known", {"type": "boolean"}),
    ("1 if params.flag else 2", {"type": "integer"}),
    ("1 if params.flag else 'x'", {"type": ["integer", "string"]}),
    ("status | default(200)", {"type": "integer"}),
    ("steps.history.rows[0].value", {"type": "number"}),
    ("steps.history.rows | sort", NAMES["steps"]["properties"]["history"]["properties"]["rows"]),
    ("[1, 2]", {"type": "array", "items": {"type": "integer"}}),
    ("{'a': 1}", {"type": "object", "properties": {"a": {"type": "integer"}}}),
    ("anything", {}),
    ("anything + 1", {"type": "number"}),
    ("anything + anything", {}),
    ("steps.history.either", {"anyOf": [{"type": "string"}, {"type": "number"}]}),
]


@pytest.mark.parametrize(("text", "column", "message", "hint"), PROBLEMS)
def test_what_is_certainly_wrong_is_said(text: str, column: int, message: str, hint: str | None) -> None:
    """One problem, at its column, with the nearest name where one is near."""
    problems = check(parse(text), NAMES)
    assert [(problem.column, problem.message, problem.hint) for problem in problems] == [(column, message, hint)]


@pytest.mark.parametrize("text", FINE)
def test_what_may_be_right_is_left_alone(text: str) -> None:
    """A false alarm teaches people to ignore the others."""
    assert check(parse(text), NAMES) == []


@pytest.mark.parametrize(("text", "schema"), INFERRED)
def test_the_type_of_a_result_is_inferred(text: str, schema: object) -> None:
    """Callers check an input's schema against it; {} says nothing."""
    assert infer(parse(text), NAMES) == schema
    assert infer(template("{{ " + text + " }}"), NAMES) == schema


def test_a_longer_template_is_a_string() -> None:
    """Whatever its parts are."""
    assert infer(template("{{ params.replicas }} replicas"), NAMES) == {"type": "string"}
    assert infer(template("plain"), NAMES) == {"type": "string"}


def test_problems_in_a_template_are_placed_in_the_whole_text() -> None:
    """Every hole is checked, each problem has its line and column."""
    problems = check(template("ok {{ value }}\nbad {{ valu }} {{ params.nam }}"), NAMES)
    assert [(problem.line, problem.column) for problem in problems] == [(2, 8), (2, 26)]


def test_a_message_is_checked_inside_its_loops() -> None:
    """A loop's variable has the type of the list's entries, and exists only inside."""
    text = "{% for r in steps.history.rows %}{{ r.value }}{{ r.valeu }}{% if r.x %}{% endif %}{% endfor %}{{ r }}"
    problems = check(message_template(text), NAMES)
    assert [problem.message for problem in problems] == [
        "r has no 'valeu'",
        "r has no 'x'",
        "there is no name 'r' here",
    ]
    assert problems[0].column == text.index("valeu") + 1


def test_a_plain_message_is_checked_too() -> None:
    """Without statements its offsets count from each hole."""
    problems = check(message_template("Status {{ statuss }}"), NAMES)
    assert [(problem.column, problem.hint) for problem in problems] == [(11, "did you mean 'status'?")]
