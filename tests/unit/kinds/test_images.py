from __future__ import annotations

from typing import Any

import pytest

from runbook.kinds import images

ROOT = "/spec/template/spec/containers/1"
TEMPLATE: dict[str, Any] = {
    "spec": {"containers": [{"name": "proxy", "image": "p:1"}, {"name": "api", "image": "a:1"}]}
}


def test_one_image_is_replaced_and_tested_on_its_place() -> None:
    """By the container's name, and by the image before."""
    edit = images.edited(TEMPLATE, "api", {"image": "a:2"})
    assert edit.operations == [{"op": "replace", "path": f"{ROOT}/image", "value": "a:2"}]
    assert edit.tests == {f"{ROOT}/name": "api", f"{ROOT}/image": "a:1"}
    assert (edit.before, edit.after) == ({"image": "a:1"}, {"image": "a:2"})
    assert TEMPLATE["spec"]["containers"][1]["image"] == "a:1"


def test_taking_it_back_gives_the_template_before() -> None:
    """Exactly."""
    edit = images.edited(TEMPLATE, "api", {"image": "a:2"})
    assert images.edited(edit.template, "api", edit.before).template == TEMPLATE


def test_the_image_that_is_there_is_no_operation() -> None:
    """Writing a tag again does not pull it."""
    assert images.edited(TEMPLATE, "api", {"image": "a:1"}).operations == []


@pytest.mark.parametrize(
    ("image", "floats"),
    [
        ("api", True),
        ("api:latest", True),
        ("registry:5000/api", True),
        ("registry:5000/api:1", False),
        ("api@sha256:00", False),
    ],
)
def test_a_name_without_a_version_floats(image: str, floats: bool) -> None:
    """A port is no tag."""
    assert images.floats(image) is floats
