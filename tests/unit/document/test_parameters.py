"""Values of parameters: typed from text, checked all at once, never run."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.document.model import Parameter
from runbook.document.parameters import from_text, validate_parameters, value_problem, values_from_alert
from runbook.errors import Exit, ParameterError


def problems(parameters: dict[str, Parameter], **given_: Any) -> list[str]:
    with pytest.raises(ParameterError) as caught:
        validate_parameters(parameters, given_)
    return caught.value.message.split("\n")


def test_defaults_fill_what_was_not_given_in_the_order_of_the_document() -> None:
    """What a run starts with is complete."""
    parameters = {
        "b": Parameter(type="string", default="x"),
        "a": Parameter(type="integer"),
        "c": Parameter(type="array", default=[]),
    }
    assert list(validate_parameters(parameters, {"a": 1}).items()) == [("b", "x"), ("a", 1), ("c", [])]


@pytest.mark.fault(25)
def test_all_problems_come_in_one_error() -> None:
    """Nobody types the command five times to learn five things."""
    parameters = {
        "namespace": Parameter(type="string", pattern="[a-z]+"),
        "replicas": Parameter(type="integer", minimum=1, maximum=50),
        "color": Parameter(type="string", enum=("blue", "green")),
        "host": Parameter(type="string", description="Where it runs."),
        "force": Parameter(type="boolean"),
    }
    assert problems(parameters, namespace="A", replicas=60, color="gren", force="yes", replcas=1) == [
        "the parameter 'color' expects one of blue, green, got 'gren'; did you mean 'green'?",
        "the parameter 'force' expects true or false, got 'yes'",
        "the parameter 'host' must be given (Where it runs)",
        "the parameter 'namespace' must match [a-z]+ as a whole, got 'A'",
        "the parameter 'replicas' is 60, and the largest allowed is 50",
        "there is no parameter 'replcas'; did you mean 'replicas'?",
    ]


def test_a_refused_parameter_is_an_invalid_document_to_the_shell() -> None:
    """Exit 3: nothing was run."""
    with pytest.raises(ParameterError) as caught:
        validate_parameters({}, {"a": 1})
    assert caught.value.exit is Exit.INVALID


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("string", "12", "12"), ("string", "", ""), ("string", "{{ x }}", "{{ x }}"), ("string", "$(ls)", "$(ls)"),
        ("integer", "12", 12), ("integer", "-3", -3), ("number", "1e3", 1000.0), ("number", "3", 3),
        ("number", ".5", 0.5),
        ("boolean", "true", True), ("boolean", "false", False), ("array", '["a", 1]', ["a", 1]), ("object", "{}", {}),
    ],
)  # fmt: skip
def test_text_becomes_the_type_of_its_parameter(type_: str, text: str, value: object) -> None:
    """`-p NAME=VALUE` is typed by the document, and text stays the text that was typed."""
    got = from_text(Parameter(type=type_), text)
    assert (got, type(got)) == (value, type(value))


@pytest.mark.fault(25)
@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("integer", "1.0"), ("integer", "0x1f"), ("integer", "١"), ("integer", ""), ("integer", "9" * 5000),
        ("number", "nan"), ("number", "inf"), ("number", "1e999"), ("number", "1_0"), ("boolean", "yes"),
        ("boolean", "True"), ("array", "[a]"), ("array", "[NaN]"), ("object", "{'a': 1}"),
    ],
)  # fmt: skip
def test_text_that_is_no_value_of_the_type_is_refused(type_: str, text: str) -> None:
    """Nothing is guessed: `yes` is not true, `1.0` is not a whole number, NaN is no number."""
    with pytest.raises(ValueError, match=r"^expects "):
        from_text(Parameter(type=type_), text)


@pytest.mark.parametrize("value", ["a\n", "\na", "ab", ""])
def test_a_pattern_matches_the_whole_text(value: str) -> None:
    """No line end slips past `$`, and `^` and `$` are not needed."""
    for pattern in ("a", "^a$"):
        assert value_problem(Parameter(type="string", pattern=pattern), value) is not None
        assert value_problem(Parameter(type="string", pattern=pattern), "a") is None


@pytest.mark.fault(24)
def test_no_pattern_runs_for_long() -> None:
    """A pattern that takes a backtracking engine years takes no time."""
    started = time.process_time()
    assert value_problem(Parameter(type="string", pattern="(a+)+b"), "a" * 10_000)
    assert time.process_time() - started < 0.5


def test_the_elements_of_an_array_are_held_to_items() -> None:
    """The message names the first that does not fit."""
    hosts = Parameter(type="array", items={"type": "string", "minLength": 1})
    assert value_problem(hosts, ["a", "b"]) is None
    assert value_problem(hosts, ["a", ""]) == "does not accept its entry 2, ''"


@pytest.mark.parametrize(
    ("type_", "value", "accepted"),
    [
        ("integer", 1.0, True), ("integer", 1.5, False), ("integer", True, False), ("number", True, False),
        ("number", float("nan"), False), ("number", float("inf"), False), ("boolean", 1, False), ("string", 1, False),
        ("string", None, False), ("array", {}, False), ("object", [], False),
    ],
)  # fmt: skip
def test_types_are_those_of_json_schema(type_: str, value: object, accepted: bool) -> None:
    """True is not 1, and 1.0 is a whole number."""
    assert (value_problem(Parameter(type=type_), value) is None) is accepted


def test_a_whole_number_written_with_a_point_is_stored_as_one() -> None:
    """The journal would store 3.0 as 3, and the run could not be resumed with it."""
    assert type(validate_parameters({"n": Parameter(type="integer")}, {"n": 3.0})["n"]) is int


@pytest.mark.parametrize("value", [{"env": "TOKEN"}, {"file": "/x"}, {"command": ["pass", "show", "x"]}])
def test_a_secret_is_kept_as_its_reference(value: dict[str, Any]) -> None:
    """Each process resolves it itself; no value is ever among the parameters."""
    assert validate_parameters({"token": Parameter(type="string", secret=True)}, {"token": value}) == {"token": value}


@pytest.mark.parametrize(
    "value", ["hunter2", {"env": ""}, {"env": "A", "file": "B"}, {"command": "ls"}, {"vault": "x"}, 1]
)
def test_a_secret_never_takes_a_value(value: object) -> None:
    """The message does not repeat what might be one."""
    [problem] = problems({"token": Parameter(type="string", secret=True)}, token=value)
    assert "takes a reference" in problem
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("env:TOKEN", {"env": "TOKEN"}),
        ("file:/run/secrets/x", {"file": "/run/secrets/x"}),
        ('{"command": ["pass", "x"]}', {"command": ["pass", "x"]}),
        ("hunter2", None),
        ("command:pass x", None),
    ],
)
def test_a_secret_is_typed_as_a_reference(text: str, value: object) -> None:
    """`-p token=env:TOKEN`; a bare value is refused without being shown."""
    parameter = Parameter(type="string", secret=True)
    if value is not None:
        assert from_text(parameter, text) == value
        return
    with pytest.raises(ValueError, match="takes a reference") as caught:
        from_text(parameter, text)
    assert text not in str(caught.value)


def test_an_alert_gives_the_parameters_that_ask_for_it() -> None:
    """Labels are text and become the parameter's type; an absent one gives nothing."""
    parameters = {
        "namespace": Parameter(type="string", from_alert="labels.namespace"),
        "replicas": Parameter(type="integer", from_alert="annotations.replicas"),
        "zone": Parameter(type="string", from_alert="labels.zone"),
        "other": Parameter(type="string"),
    }
    alert = {"labels": {"namespace": "shop", "other": "x"}, "annotations": {"replicas": "4"}}
    assert values_from_alert(parameters, alert) == {"namespace": "shop", "replicas": 4}
    with pytest.raises(ParameterError, match=r"'replicas' \(from the alert's annotations.replicas\) expects a whole"):
        values_from_alert(parameters, {"annotations": {"replicas": "many"}})


@pytest.mark.parametrize("type_", ["array", "object"])
def test_a_label_that_is_nested_without_end_is_refused_like_any_other(type_: str) -> None:
    """Whoever may send an alert could otherwise end the command with a bug of ours."""
    parameters = {"a": Parameter(type=type_, from_alert="labels.a")}
    with pytest.raises(ParameterError, match="'a'"):
        values_from_alert(parameters, {"labels": {"a": "[" * 100_000}})


@given(st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]), st.text(max_size=30))
def test_no_text_does_anything_but_become_a_value_or_be_refused(type_: str, text: str) -> None:
    """Whatever is typed, its parameter accepts what it became."""
    parameter = Parameter(type=type_)
    try:
        value = from_text(parameter, text)
    except ValueError:
        return
    assert value_problem(parameter, value) is None or type_ in ("array", "object")
