"""The Job that a step asks for."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.errors import ParameterError
from runbook.kinds import job_specs

TWO = {"spec": {"containers": [{"name": "a", "image": "a:1", "args": ["old"]}, {"name": "b", "image": "b:1"}]}}


def spec(limit: float = 300.0, **inputs: Any) -> dict[str, Any]:
    return job_specs.built(inputs, None, limit)[0]["spec"]


def of(cronjob: dict[str, Any], limit: float = 300.0, **inputs: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Built from a CronJob with this `jobTemplate.spec`."""
    pods = {"template": {"spec": {"containers": [{"name": "main", "image": "a:1"}]}}}
    made = {"metadata": {"name": "nightly"}, "spec": {"jobTemplate": {"spec": pods | cronjob}}}
    body, said = job_specs.built({"from_cronjob": "nightly"} | inputs, made, limit)
    return body["spec"], said


@pytest.mark.parametrize(
    "inputs", [{}, {"image": "a", "template": {}, "from_cronjob": "b"}, {"image": "a", "template": TWO}]
)
def test_exactly_one_source_is_given(inputs: dict[str, Any]) -> None:
    """A template may also render to nothing."""
    with pytest.raises(ParameterError, match="exactly one of"):
        job_specs.source(inputs | ({"template": None} if not inputs else {}))


@pytest.mark.parametrize(
    ("inputs", "begins"),
    [
        ({"image": "a"}, "runbook"),
        ({"from_cronjob": "nightly.copy"}, "nightly.copy"),
        ({"name": "x" * 60}, "x" * 52),
        ({"name": "x" * 51 + "-yz"}, "x" * 51),
    ],
)
def test_a_name_leaves_room_for_what_makes_it_one_of_its_kind(inputs: dict[str, Any], begins: str) -> None:
    """63 characters are the most that a label holds, and pods carry it as one."""
    assert job_specs.beginning(inputs) == begins
    assert len(job_specs.named(begins, "run/key")) <= 63


def test_a_name_is_the_same_for_one_intent_and_another_for_another() -> None:
    """That is what makes sending twice harmless."""
    assert job_specs.named("a", "run/x:apply#1") == job_specs.named("a", "run/x:apply#1")
    assert job_specs.named("a", "run/x:apply#1") != job_specs.named("a", "run/x:apply#2")


def test_arguments_and_variables_go_into_the_one_container() -> None:
    """Numbers are text there; a value is a value, whatever is in it."""
    one = spec(image="a:1", argv=["run", 7, "$(id)"], env={"N": 7, "ON": True})["template"]["spec"]["containers"][0]
    assert one["command"] == ["run", "7", "$(id)"]
    assert one["env"] == [{"name": "N", "value": "7"}, {"name": "ON", "value": "true"}]


def test_of_several_containers_one_is_named() -> None:
    """The arguments of its image are replaced, not added to."""
    made = spec(template=TWO, container="a", argv=["new"])["template"]["spec"]["containers"]
    assert made == [{"name": "a", "image": "a:1", "command": ["new"]}, {"name": "b", "image": "b:1"}]
    assert TWO["spec"]["containers"][0]["args"] == ["old"]
    with pytest.raises(ParameterError, match=r"are for: a, b"):
        spec(template=TWO, argv=["new"])
    with pytest.raises(ParameterError, match="there is no container 'c'; there is a, b"):
        spec(template=TWO, container="c", argv=["new"])


@pytest.mark.parametrize(
    ("own", "inputs", "deadline"),
    [({}, {}, 300), ({"activeDeadlineSeconds": 60}, {}, 60), ({"activeDeadlineSeconds": 60}, {"deadline": "2m"}, 120)],
)
def test_the_cluster_ends_it_at_the_latest_with_its_step(own: dict, inputs: dict, deadline: int) -> None:
    """Unless its author says another time."""
    made, _ = of(own, **inputs)
    assert made["activeDeadlineSeconds"] == deadline


def test_a_job_that_may_outlive_its_step_is_said() -> None:
    """Nobody would see it end."""
    assert "the step waits 5m for it, and it may run for 1h" in of({}, deadline="1h")[1]


def test_it_is_tried_once_unless_retries_are_asked_for() -> None:
    """Whatever the CronJob says: six is the cluster's default."""
    once, said = of({"backoffLimit": 3, "suspend": True, "selector": {"matchLabels": {"a": "b"}}})
    assert (once["backoffLimit"], once["template"]["spec"]["restartPolicy"]) == (0, "Never")
    assert "suspend" not in once
    assert "selector" not in once
    assert "it is tried once; a Job of the schedule would be tried up to 4 times" in said
    again, said = of({"backoffLimit": 3}, retries=2)
    assert (again["backoffLimit"], said) == (2, ())


@pytest.mark.parametrize(
    "inputs",
    [
        {"image": "a", "argv": []},
        {"image": "a", "argv": "ls"},
        {"image": "a", "env": ["A"]},
        {"image": "a", "deadline": "soon"},
        {"template": {"containers": []}},
    ],
)
def test_a_rendered_value_of_another_shape_is_named(inputs: dict[str, Any]) -> None:
    """Templates may give anything."""
    with pytest.raises(ParameterError, match="step input"):
        spec(**inputs)
