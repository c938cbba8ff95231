from __future__ import annotations

from typing import Any

import pytest

from runbook.kinds.environments import NotEditable, edited

SECRET = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
ENV = [{"name": "A", "value": "1"}, {"name": "EMPTY"}, {"name": "B", "value": "2"}, SECRET]
ROOT = "/spec/template/spec/containers/0"


def template(*names: str, env: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": name, **({"env": env} if env else {})} for name in names or ("api",)]}}


def test_only_what_changes_is_touched_and_tested_on_its_place() -> None:
    """B has the value already; A is tested by name and by its old value."""
    edit = edited(template(env=ENV), None, {"A": "9", "B": "2"})
    assert edit.operations == [{"op": "add", "path": f"{ROOT}/env/0/value", "value": "9"}]
    assert edit.tests == {f"{ROOT}/name": "api", f"{ROOT}/env/0/name": "A", f"{ROOT}/env/0/value": "1"}
    assert (edit.before, edit.after) == ({"A": "1"}, {"A": "9"})


def test_new_variables_come_last_and_removals_from_the_end() -> None:
    """No operation moves what a later one names."""
    edit = edited(template(env=ENV), None, {"NEW": "x", "A": None, "B": None})
    assert [operation["path"] for operation in edit.operations] == [
        f"{ROOT}/env/-",
        f"{ROOT}/env/2",
        f"{ROOT}/env/0",
    ]
    assert [entry["name"] for entry in edit.template["spec"]["containers"][0]["env"]] == ["EMPTY", "PASSWORD", "NEW"]


def test_a_container_without_variables_gets_a_list_first() -> None:
    """The list is not there to add to."""
    edit = edited(template(), None, {"A": "1"})
    assert [operation["path"] for operation in edit.operations] == [f"{ROOT}/env", f"{ROOT}/env/-"]


@pytest.mark.parametrize("wanted", [{"A": "9"}, {"NEW": "1"}, {"B": None}, {"EMPTY": "1"}, {"A": "9", "NEW": "1"}])
def test_taking_an_edit_back_gives_the_values_before(wanted: dict[str, str | None]) -> None:
    """The undo is the edit of the template afterwards, to the values before."""
    before = template(env=ENV)
    edit = edited(before, None, wanted)
    back = edited(edit.template, edit.container, edit.before)
    assert back.after == edit.before
    values = lambda one: {e["name"]: e.get("value", "") for e in one["spec"]["containers"][0]["env"]}  # noqa: E731
    assert values(back.template) == values(before)


def test_nothing_to_change_is_no_operation() -> None:
    """Values that are there, and absences that are too."""
    assert edited(template(env=ENV), "api", {"A": "1", "EMPTY": "", "GONE": None}).operations == []


@pytest.mark.parametrize(
    ("names", "container", "env", "wanted", "said"),
    [
        (("api", "proxy"), None, ENV, {"A": "1"}, "several containers.*api, proxy"),
        (("api",), "web", ENV, {"A": "1"}, "no container 'web'; there are api"),
        (("api",), None, ENV, {"PASSWORD": "x"}, "key password of secret db"),
        (("api",), None, ENV, {"PASSWORD": None}, "change it there"),
        (("api",), None, [{"name": "A", "value": "1"}] * 2, {"A": "2"}, "set 2 times"),
        (("api",), None, [{"name": "A", "valueFrom": {"fieldRef": {}}}], {"A": "2"}, "elsewhere"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(
    names: tuple[str, ...], container: str | None, env: list[dict[str, Any]], wanted: dict[str, Any], said: str
) -> None:
    """Nothing is guessed about whose value it is."""
    with pytest.raises(NotEditable, match=said):
        edited(template(*names, env=env), container, wanted)
