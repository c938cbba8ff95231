"""Declared outputs: what is read, what is said when it is not there, and that nothing is ever guessed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.core.changes import Error, Observation, Outcome
from runbook.core.extraction import arrived, awaited, completed, observed, read, resulted
from runbook.core.words import Applied, Verdict
from runbook.document.model import Output

MEMBERS = [{"Endpoint": "etcd-1", "Status": {"leader": 7}}, {"Endpoint": "etcd-2", "Status": {"leader": None}}]
TEXT = "etcdctl version: 3.5.9\nAPI version: 3.5\r\n\nlast\n"


def of(output: Any, text: str | None = "stdout", **declared: Any) -> Any:
    """The value of one declared output, or why there is none."""
    one = msgspec.convert(declared, Output)
    values, problems = read({"x": one}, output, text)
    assert (values["x"] is None) or not problems
    return problems[0] if problems else values["x"]


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"json": "[0].Status.leader", "type": "integer"}, 7),
        ({"json": "[-1].Endpoint"}, "etcd-2"),
        ({"json": "[*].Endpoint", "type": "array"}, ["etcd-1", "etcd-2"]),
        ({"json": "[*].Status.leader"}, [7, None]),
        ({"json": "[1].Status.leader", "default": 0}, 0),
        ({"json": "[5].Endpoint", "default": None}, None),
        ({"json": "[0].Status", "type": "object"}, {"leader": 7}),
    ],
)
def test_a_path_leads_into_text_that_is_json(declared: dict[str, Any], value: Any) -> None:
    """Entries count from both ends; [*] maps; null counts as not there, unless it is an entry of a list."""
    assert of({"stdout": json.dumps(MEMBERS)}, **declared) == value


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"regex": r"version: (\S+)"}, "3.5.9"),
        ({"regex": r"[0-9]+"}, "3"),
        ({"regex": r"API version: ([0-9.]+)", "type": "number"}, 3.5),
        ({"regex": r"(?m)^last$"}, "last"),
        ({"regex": r"(nothing)?last"}, "output 'x': nothing in stdout matches (nothing)?last"),
        ({"line": 1}, "etcdctl version: 3.5.9"),
        ({"line": 2}, "API version: 3.5"),
        ({"line": 3}, ""),
        ({"line": -1}, "last"),
        ({"line": 5}, "output 'x': stdout has 4 lines, and no line 5"),
        ({"line": -5, "default": "none"}, "none"),
        ({"line": 4, "type": "boolean"}, "output 'x': it expects true or false, got 'last'"),
        ({"line": 1, "from": "stderr"}, "output 'x': there is no stderr"),
        ({"line": 1, "from": "code"}, "output 'x': 'line' reads text, and code is 3"),
    ],
)
def test_a_pattern_or_a_line_is_found_in_text(declared: dict[str, Any], value: Any) -> None:
    """The first group or the whole match; lines from 1 or from the end, without their ends; text becomes its type."""
    got = of({"stdout": TEXT, "stderr": None, "code": 3}, **declared)
    assert got.startswith(value) if isinstance(value, str) and value.startswith("output ") else got == value


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"path": "object.spec.replicas", "type": "integer"}, 3),
        ({"path": "spec.replicas", "from": "object"}, 3),
        ({"path": "object.status.ready", "default": 0}, 0),
        ({"path": "missing.spec", "default": 0}, 0),
        ({"path": "x", "from": "missing", "default": 0}, 0),
        ({"path": "object.status.ready"}, "output 'x': no 'object.status.ready' in what it yields: 'object' has no "),
        ({"path": "missing.spec.x"}, "output 'x': no 'missing.spec.x' in what it yields: 'missing' is null"),
        (
            {"path": "object[0]", "default": 0},
            "output 'x': no 'object[0]' in what it yields: 'object' is no list but a",
        ),
        ({"path": "object.spec.replicas", "type": "string", "default": ""}, "output 'x': 'object.spec.replicas' exp"),
    ],
)
def test_a_path_leads_into_the_outputs_of_the_kind(declared: dict[str, Any], value: Any) -> None:
    """What is not there takes the default; what is of another shape or type never does."""
    got = of({"object": {"spec": {"replicas": 3}}, "missing": None}, None, **declared)
    assert got.startswith(value) if isinstance(value, str) else got == value


@pytest.mark.parametrize(
    "text", ["", "refused", '{"a": 1', '{"a": 1, "a": 2}', "NaN", "1e999", "[" * 100_000, "9" * 5000, '"\ud800'],
    ids=["nothing", "words", "half", "a key twice", "NaN", "too large", "too deep", "too long", "half a character"],
)  # fmt: skip
def test_what_is_not_json_is_never_a_default(text: str) -> None:
    """A default says what absence means, not what an error message means."""
    assert "is not JSON" in of({"stdout": text}, json="a", default=0)


def test_a_step_whose_outputs_cannot_be_read_has_failed_and_says_why() -> None:
    """Which output, what was looked for, what was there, and how the command ended; what was seen stays."""
    declared = {"leader": Output(json="leader"), "code": Output(path="exit_code")}
    seen = Observation(output={"exit_code": 1, "stdout": "", "stderr": "x\nno route to etcd-1\n"})
    found = observed(declared, seen, "stdout")
    assert found.error is not None
    assert found.error.code == "output"
    assert found.error.message.startswith("output 'leader': stdout is not JSON")
    assert found.error.message.endswith('it exited with 1: "no route to etcd-1"')
    assert found.output == {**seen.output, "leader": None, "code": 1}


@pytest.mark.parametrize(
    "seen",
    [
        Observation(error=Error(code="unreachable", message="no")),
        Observation(unknown="no data"),
        Observation(verdict=Verdict.FAIL, output={"body": None, "error": "refused"}),
    ],
    ids=["an error", "an unknown", "silence"],
)
def test_where_there_is_no_answer_nothing_is_looked_for(seen: Observation) -> None:
    """The reason that is there already stands, and no default speaks for an answer that never came."""
    found = observed({"a": Output(json="a", default=0)}, seen, "body")
    assert (found.error, found.unknown, found.verdict) == (seen.error, seen.unknown, seen.verdict)
    assert found.output == {**seen.output, "a": None}


def test_after_a_change_what_is_not_there_is_a_warning() -> None:
    """The change did happen; what it did not touch says nothing."""
    declared = {"id": Output(regex="id=(.*)")}
    done = resulted(declared, Outcome(applied=Applied.YES, output={"stdout": "ok"}), "stdout")
    assert (done.applied, done.error, done.output["id"]) == (Applied.YES, None, None)
    assert done.warnings == ("output 'id': nothing in stdout matches id=(.*): \"ok\"",)
    refused = Outcome(applied=Applied.NO, output={})
    assert resulted(declared, refused, "stdout") is refused


CUT = "a 1\nb 2\n[... 900 bytes left out ...]\ny 8\nz 9\n"


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"line": 2}, "b 2"),
        ({"line": -2}, "y 8"),
        ({"line": 3, "default": ""}, "output 'x': line 3 of stdout was not kept"),
        ({"line": -3, "default": ""}, "output 'x': line -3 of stdout was not kept"),
        ({"regex": "b (.)"}, "2"),
        ({"regex": "z (.)", "default": ""}, "output 'x': nothing in stdout matches z (.)"),
        ({"line": -1, "from": "stderr"}, "all"),
        ({"regex": "none", "from": "stderr", "default": "d"}, "d"),
    ],
)
def test_what_was_not_kept_is_not_guessed(declared: dict[str, Any], value: str) -> None:
    """The first match could stand in what was left out, and what is not found could be there: no default speaks."""
    assert of({"stdout": CUT, "stderr": "all\n", "truncated": True}, **declared).startswith(value)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"line": 1}, "one"),
        ({"line": 2}, "output 'x': line 2 of body was not kept"),
        ({"line": -1}, "output 'x': line -1 of body was not kept"),
        ({"regex": "on."}, "one"),
        ({"json": "a", "default": 0}, "output 'x': body is not JSON as it was kept"),
    ],
)
def test_a_text_without_its_end_has_no_last_line(declared: dict[str, Any], value: str) -> None:
    """The body of an answer is cut at its end, in the middle of a line."""
    assert of({"body": "one\ntw", "truncated": True}, "body", **declared).startswith(value)


def test_what_a_message_shows_is_cut() -> None:
    """A message is for people: of a long text its beginning, of a map some of its keys."""
    assert len(of({"stdout": "x" * 100_000}, json="a")) < 250
    assert "k5 and 94 more" in of({"stdout": json.dumps({f"k{n}": n for n in range(100)})}, json="a")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
TYPE = st.sampled_from([None, "string", "number", "integer", "boolean", "array", "object"])
PATHS = st.lists(st.sampled_from(["a", "b", "[0]", "[-1]", "[*]", '["c"]']), min_size=1, max_size=4).map(
    lambda parts: "".join(part if part.startswith("[") or not at else f".{part}" for at, part in enumerate(parts))
)


@given(
    st.one_of(
        st.fixed_dictionaries({"json": PATHS}),
        st.fixed_dictionaries({"path": PATHS | st.just("a..b")}, optional={"from": st.sampled_from(["a", "text"])}),
        st.fixed_dictionaries({"regex": st.sampled_from(["a", "(b)?c", "(", "[^a]+", "(a+)+$"])}),
        st.fixed_dictionaries({"line": st.integers(-3, 3)}),
    ),
    TYPE,
    st.dictionaries(st.sampled_from(["a", "b", "text"]), JSON, max_size=3),
    JSON.map(json.dumps) | st.binary(max_size=40).map(lambda data: data.decode("utf-8", "replace"))
    | st.text(max_size=40),
)  # fmt: skip
def test_no_output_of_any_kind_makes_it_raise(way: dict[str, Any], kind: str | None, output: Any, text: str) -> None:
    """A value of the declared type, or null and a reason: for every text and every JSON there is."""
    declared = msgspec.convert({**way, **({"type": kind} if kind else {})}, Output)
    values, problems = read({"x": declared}, {**output, "text": output.get("text", text)}, "text")
    assert (values["x"] is None) == bool(problems)
    wanted = kind or ("string" if {"regex", "line"} & way.keys() else None)
    if not problems and wanted == "integer":
        assert values["x"] == int(values["x"])
    if not problems and wanted in ("string", "array", "object", "boolean"):
        assert isinstance(values["x"], {"string": str, "array": list, "object": dict, "boolean": bool}[wanted])


def test_no_default_stands_for_a_command_that_failed_and_printed_nothing() -> None:
    """Zero replicas of a cluster that nobody reaches are no number; what stderr says of it is."""
    declared = {
        "replicas": msgspec.convert({"regex": "([0-9]+)", "type": "integer", "default": 0}, Output),
        "why": msgspec.convert({"line": 1, "from": "stderr", "default": ""}, Output),
    }
    output = {"exit_code": 1, "stdout": "", "stderr": "refused\n"}
    seen = observed(declared, Observation(output=output), "stdout", "it exited with 1 and printed nothing")
    assert (seen.output["replicas"], seen.output["why"]) == (None, "refused")
    assert seen.error is not None and "'replicas': it exited with 1 and printed nothing" in seen.error.message
    assert observed(declared, Observation(output=output), "stdout").output["replicas"] == 0


def test_what_takes_time_is_read_when_it_has_arrived() -> None:
    """Until then its declared outputs are null, and nothing is missed; afterwards they are read of what was seen."""
    declared = {"rows": msgspec.convert({"regex": "([0-9]+) rows", "type": "integer"}, Output)}
    waiting = awaited(declared, Outcome(applied=Applied.YES, output={"job": "copy"}))
    assert (waiting.output, waiting.warnings) == ({"job": "copy", "rows": None}, ())
    seen = arrived(declared, Observation(output={"log": "12 rows"}, verdict=Verdict.PASS), "log")
    assert completed(waiting.output, seen.output) == {"job": "copy", "rows": 12, "log": "12 rows"}


def test_what_arrives_without_what_was_declared_is_a_warning() -> None:
    """It did happen; and a look that came too early misses nothing."""
    declared = {"rows": msgspec.convert({"regex": "([0-9]+) rows"}, Output)}
    failed = arrived(declared, Observation(output={"log": "no"}, verdict=Verdict.FAIL), "log")
    assert (failed.output["rows"], len(failed.warnings)) == (None, 1)
    assert arrived(declared, Observation(verdict=Verdict.UNKNOWN), "log") == Observation(verdict=Verdict.UNKNOWN)
