"""Rundeck jobs: commands and scripts in order, options as parameters, everything else kept as background."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook import kinds
from runbook.authoring.importing.rundeck import draft
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.errors import DocumentError

JOB = (Path(__file__).parents[3] / "cases" / "rundeck" / "restart-shop.yaml").read_bytes()


def book(data: bytes = JOB) -> Runbook:
    document = load(draft(data, "job.yaml").text("job.yaml").encode(), kinds.specs()).document
    assert isinstance(document, Runbook)
    return document


def test_each_command_is_a_step_in_its_order() -> None:
    """Known ones as their kind, plain ones as a command, scripts as scripts; other jobs are a person's."""
    [option] = book().resolution
    assert [step.uses for step in option.steps] == [
        "kubernetes.scale", "command.run", "shell.run", "manual.do", "shell.run",
    ]  # fmt: skip
    assert option.steps[1].inputs["argv"] == ["systemctl", "restart", "shop@{{ params.host }}"]


def test_a_value_reaches_a_script_as_a_variable_never_as_text() -> None:
    """What somebody types into an option is data, and stays that."""
    script = book().resolution[0].steps[2].inputs
    assert '"/srv/${HOST}/cache"' in script["script"] and "@option" not in script["script"]
    assert script["values"] == {"HOST": "{{ params.host }}", "RD_OPTION_MODE": "{{ params.mode }}"}
    assert script["shell"] == ["/bin/bash", "-c"]


def test_options_are_parameters() -> None:
    """With defaults and choices; a secret is one, and has no value in the draft."""
    parameters = book().parameters
    assert parameters["host"].required and parameters["mode"].default == "gentle"
    assert parameters["mode"].enum == ("gentle", "hard") and parameters["api_token"].secret


def test_nothing_is_dropped() -> None:
    """Schedules, nodes, handlers, further jobs: kept, and listed."""
    made = draft(JOB, "job.yaml")
    text = made.text("job.yaml")
    for word in ("tags: shop", "04", "keepgoing", "echo failed", "keys/shop/token", "Tell people", "Another one"):
        assert word in text
    assert {"nodefilters", "schedule", "command 3", "command 4", "job 2"} <= {
        left.where or left.what for left in made.left
    }


def test_each_job_is_a_draft_of_its_own_where_there_is_room_for_it() -> None:
    """Then none stands in the background of the first; what is no job still does."""
    more = JOB + b"- name: Broken\n"
    made = draft(more, "job.yaml", each=True)
    assert [one.document["title"] for one in (made, *made.further)] == ["Restart the shop", "Another one"]
    assert "Another one" not in made.text("job.yaml") and "Broken" in made.document["about"]
    assert [left.where for left in made.left if left.where.startswith("job ")] == ["job 3"]


@pytest.mark.parametrize(
    "data", [b"a: 1\n", b"- 1\n", b"[]\n", b"- name: x\n", b"a: [\n", b"- a: &x 1\n", b"", b"- {sequence: 1}\n"]
)
def test_what_is_no_job_is_said_to_be_none(data: bytes) -> None:
    """With a finding of that file, and no draft."""
    with pytest.raises(DocumentError) as caught:
        draft(data, "job.yaml")
    assert caught.value.findings[0].path == "job.yaml"


def test_a_single_job_and_odd_commands_are_read() -> None:
    """A mapping instead of a list; commands that are none."""
    made = draft(b"name: One\nsequence: {commands: [{exec: df -h}, 7, {}, {script: ''}]}\n", "one.yaml")
    steps = made.document["resolution"][0]["steps"]
    assert [step["uses"] for step in steps[:3]] == ["command.run", "manual.do", "manual.do"]
