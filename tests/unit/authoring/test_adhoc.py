"""A command that somebody types is a runbook of one step."""

from __future__ import annotations

import pytest

from runbook import kinds
from runbook.authoring.adhoc import Adhoc, document
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.document.templates import render_value


def book(adhoc: Adhoc) -> Runbook:
    loaded = load(document(adhoc), kinds.specs(), by_hand=True).document
    assert isinstance(loaded, Runbook)
    return loaded


def test_a_change_is_an_option_and_so_passes_a_gate() -> None:
    """With its arguments as they were typed, braces and all."""
    typed = ("docker", "ps", "--format", "{{.Names}} {%x", "", "no")
    [option] = book(Adhoc(argv=typed, title="Which run", timeout="30s")).resolution
    [step] = option.steps
    assert (step.uses, step.title, step.timeout) == ("command.run", "Which run", 30.0)
    assert render_value(step.inputs["argv"], {}) == list(typed)
    assert step.inputs["effect"] == "change"


def test_a_read_is_triage_and_needs_no_gate() -> None:
    """Nothing else is in its runbook."""
    read = book(Adhoc(argv=("df", "-h"), reads=True, cwd="/tmp", reason="the disk"))
    assert (read.resolution, read.description) == ((), "the disk")
    assert read.triage[0].inputs == {"argv": ["df", "-h"], "cwd": "/tmp", "effect": "read"}


def test_a_line_for_a_shell_is_run_as_it_was_typed() -> None:
    """`docker ps --format '{{ .x }}'` among others."""
    adhoc = Adhoc(script="echo '{{ x }}' | wc -c\n", shell=("bash", "-eu", "-c"))
    [step] = book(adhoc).resolution[0].steps
    assert (step.uses, render_value(step.inputs["script"], {}), step.inputs["shell"]) == (
        "shell.run", "echo '{{ x }}' | wc -c\n", ["bash", "-eu", "-c"],
    )  # fmt: skip
    assert adhoc.words == ("bash", "-eu", "-c", "echo '{{ x }}' | wc -c\n", "runbook")


@pytest.mark.parametrize("word", ["\u202e", "\x1b[2J", "\x00", "\r", "\u2028"])
def test_characters_that_no_document_may_hold_are_kept_all_the_same(word: str) -> None:
    """As escapes: what is run is what was typed, and what is shown is visible."""
    assert book(Adhoc(argv=("echo", word), reads=True)).triage[0].inputs["argv"] == ["echo", word]
