from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runbook.kinds import json_patches as patches
from runbook.kinds.json_patches import DoesNotFit

API: dict[str, Any] = {
    "metadata": {"name": "api", "labels": {"app": "api"}},
    "spec": {"replicas": 2, "containers": [{"name": "api", "image": "a:1"}, {"name": "proxy", "image": "p:1"}]},
}
words = some.sampled_from(["a", "b", "name", "x/y", "~"])
data = some.recursive(
    some.booleans() | some.integers(0, 2) | some.text("ab", max_size=1),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)
objects = some.dictionaries(words | some.just("data"), data, max_size=3)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # RFC 7386, appendix A, as far as it is about objects
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": "foo"}, {"a": {"b": "c"}}, {"a": {"b": "c"}}),
    ],
)
def test_a_merge_patch_is_that_of_the_standard(target: Any, patch: Any, result: Any) -> None:
    """The examples of its appendix."""
    before = copy.deepcopy(target)
    assert patches.merged(target, patch) == result
    assert target == before


@pytest.mark.parametrize(
    ("operations", "path", "value"),
    [
        ([{"op": "replace", "path": "/spec/replicas", "value": 3}], "/spec/replicas", 3),
        ([{"op": "add", "path": "/metadata/labels/x~1y", "value": "1"}], "/metadata/labels/x~1y", "1"),
        ([{"op": "add", "path": "/spec/containers/-", "value": {"name": "new"}}], "/spec/containers/2/name", "new"),
        ([{"op": "add", "path": "/spec/containers/0", "value": {"name": "new"}}], "/spec/containers/1/name", "api"),
        ([{"op": "remove", "path": "/spec/containers/0"}], "/spec/containers/0/name", "proxy"),
        ([{"op": "move", "from": "/metadata/labels/app", "path": "/metadata/labels/x"}], "/metadata/labels/x", "api"),
        ([{"op": "copy", "from": "/spec/replicas", "path": "/spec/least"}], "/spec/least", 2),
        ([{"op": "test", "path": "/spec/replicas", "value": 2}], "/spec/replicas", 2),
    ],
)
def test_each_operation_does_what_it_says(operations: Any, path: str, value: Any) -> None:
    """And leaves the object that it was given alone."""
    before = copy.deepcopy(API)
    assert patches.at(patches.patched(API, operations), path) == value
    assert before == API


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"op": "replace", "path": "/spec/gone", "value": 1}, r"operation 1 \(replace /spec/gone\): there is nothing"),
        ({"op": "remove", "path": "/spec/gone"}, "there is nothing at /spec/gone"),
        ({"op": "add", "path": "/spec/gone/x", "value": 1}, "nothing at /spec/gone to hold it"),
        ({"op": "add", "path": "/spec/containers/9", "value": 1}, "the list has 2 entries"),
        ({"op": "add", "path": "/spec/containers/x", "value": 1}, "the list has 2 entries"),
        ({"op": "test", "path": "/spec/replicas", "value": 3}, "it is not so"),
        ({"op": "test", "path": "/spec/replicas", "value": True}, "it is not so"),
        ({"op": "merge", "path": "/spec"}, "no such operation"),
        ({"op": "replace", "path": "", "value": {}}, "the whole object"),
        ({"op": "add", "path": "spec", "value": 1}, "begins with `/`"),
    ],
)
def test_an_operation_that_cannot_be_done_is_named(operation: dict[str, Any], said: str) -> None:
    """With its number and its reason."""
    with pytest.raises(DoesNotFit, match=said):
        patches.patched(API, [operation])


def test_only_what_differs_is_touched() -> None:
    """In lists of named members too; any other list is one value."""
    after = copy.deepcopy(API)
    after["spec"]["containers"][1]["image"] = "p:2"
    after["spec"]["ports"] = [1]
    del after["metadata"]["labels"]["app"]
    assert patches.difference(API, after) == [
        "/metadata/labels/app",
        "/spec/containers/1/image",
        "/spec/ports",
    ]
    after["spec"]["containers"].reverse()
    assert "/spec/containers" in patches.difference(API, after)


def test_a_position_is_tested_by_the_name_of_what_stands_there() -> None:
    """What is not there is tested where its parent is."""
    found = patches.tests(API, ["/spec/containers/1/image", "/metadata/annotations/x", "/spec/strategy/type"])
    assert found == {
        "/spec/containers/1/name": "proxy",
        "/spec/containers/1/image": "p:1",
        "/metadata/annotations": None,
        "/spec/strategy": None,
    }


def test_of_a_map_that_many_write_to_only_entries_are_touched() -> None:
    """Also where the first one is added: the undo must not remove what others add later."""
    after = patches.merged(API, {"metadata": {"annotations": {"a": "1"}}})
    paths = patches.difference(API, after)
    assert paths == ["/metadata/annotations/a"]
    made = patches.operations(API, after, paths)
    assert [one["path"] for one in made] == ["/metadata/annotations", "/metadata/annotations/a"]
    others = patches.merged(after, {"metadata": {"annotations": {"b": "2"}}})
    assert patches.put_back(others, API, paths)["metadata"]["annotations"] == {"b": "2"}


@given(objects, objects)
def test_operations_bring_about_the_difference_and_take_it_back(before: Any, after: Any) -> None:
    """Whatever the objects."""
    paths = patches.difference(before, after)
    made = patches.patched(before, patches.operations(before, after, paths))
    assert patches.difference(made, after) == []
    assert patches.difference(patches.put_back(made, before, paths), before) == []


@given(objects, objects)
def test_the_tests_hold_on_what_they_were_made_of(before: Any, after: Any) -> None:
    """And one of them fails once something is touched."""
    paths = patches.difference(before, after)
    found = patches.tests(before, paths)
    assert all(patches.same(patches.at(before, path), value) for path, value in found.items())
    if paths:
        assert not all(patches.same(patches.at(after, path), value) for path, value in found.items())
