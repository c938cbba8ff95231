"""What was done by hand becomes a draft: it loads as it is, and says what it does not know."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook import kinds
from runbook.authoring.promote import draft
from runbook.authoring.work import Answered, Command, Noted, Work
from runbook.document.load import load
from runbook.document.model import Parameter, Runbook
from runbook.document.templates import render_value
from runbook.errors import UsageError


def ran(at: float, *argv: str, reads: bool = False, **more: Any) -> Command:
    effect = "read" if reads else "change"
    said = {"ended": 0, "done": True, "came": "ended with 0", **more}
    return Command(at=at, uses="command.run", inputs={"argv": list(argv), "effect": effect}, reads=reads, **said)


def work(*commands: Command, **more: Any) -> Work:
    return Work(run="01jd", name="fix", title="Fix it", commands=commands, **more)


def book(of: Work) -> Runbook:
    loaded = load(draft(of).encode(), kinds.specs())
    assert loaded.findings == ()
    assert isinstance(loaded.document, Runbook)
    return loaded.document


def test_reads_are_triage_changes_are_an_option_and_what_was_looked_at_afterwards_verifies() -> None:
    """In their order; a read that was repeated is one."""
    made = book(
        work(
            ran(1, "df", "-h", reads=True), ran(2, "df", "-h", reads=True),
            ran(3, "rm", "-f", "big.log"), ran(4, "systemctl", "restart", "api"),
            ran(5, "curl", "-f", "http://api", reads=True),
        )
    )  # fmt: skip
    assert [step.inputs["argv"] for step in made.triage] == [["df", "-h"]]
    [option] = made.resolution
    assert (option.id, [step.id for step in option.steps]) == ("as_done", ["rm_big_log", "systemctl_restart_api"])
    assert made.verification is not None
    assert [check.id for check in made.verification.checks] == ["curl_http_api"]


def test_without_a_look_afterwards_nothing_says_that_it_helped() -> None:
    """The check that stands there never passes, until somebody writes one."""
    text = draft(work(ran(1, "touch", "x")))
    assert "TODO: how is it known that it helped?" in text
    assert yaml.safe_load(text)["verification"]["checks"][0]["with"]["argv"] == ["false"]


def test_values_of_the_run_become_its_parameters() -> None:
    """Where they stand by themselves; declared as the run's runbook has them, or as labels of the alert."""
    made = work(
        ran(1, "scale", "-n", "prod-eu", "api-1", "--replicas=30", "x-prod-eu-2", "api-10", "{{.x}} prod-eu"),
        parameters={"namespace": "prod-eu", "replicas": 30, "flag": True, "few": 2},
        known={"namespace": Parameter(type="string", description="Where.", default="staging")},
        alert={"labels": {"alertname": "ApiDown", "pod": "api-1", "severity": "critical"}},
    )
    step = book(made).resolution[0].steps[0]
    assert step.inputs["argv"] == [
        "scale", "-n", "{{ params.namespace }}", "{{ params.pod }}", "--replicas=30",
        "x-{{ params.namespace }}-2", "api-10", "{{ '{{' }}.x}} {{ params.namespace }}",
    ]  # fmt: skip
    assert {name: (p.type, p.from_alert, p.required) for name, p in book(made).parameters.items()} == {
        "namespace": ("string", None, False), "pod": ("string", "labels.pod", True),
    }  # fmt: skip
    assert book(made).symptoms[0].alert == "ApiDown"


def test_a_script_holds_no_values_and_says_so() -> None:
    """A value in a script would be read as code."""
    script = Command(
        at=1, uses="shell.run", inputs={"script": "ping prod-eu | head\n"}, reads=False, done=True, ended=0, came=""
    )
    text = draft(work(script, parameters={"namespace": "prod-eu"}))
    assert "TODO: it holds the value of namespace; pass it under `values`" in text
    assert "ping prod-eu | head" in text


def test_manual_steps_stand_between_the_commands() -> None:
    """Those that were done; a step whose doing was a command is that command, with its text and its notes."""
    answered = (
        Answered(2, "look", "manual.do", "Look", "Look at {{ it }}.\n\n```sh\ndf -h\n```\n", "done"),
        Answered(4, "call", "manual.do", "Call", "Call them.", "done", "they know"),
        Answered(5, "region", "manual.ask", None, "Which region?", "eu", choices=("eu", "us")),
        Answered(6, "wipe", "manual.do", "Wipe", "Wipe it.", "failed", "no access"),
    )
    notes = (Noted("03:20", "joe", "nearly full", "look"), Noted("03:30", "joe", "it was DNS", None))
    made = work(ran(1, "df", "-h", reads=True, of="look"), ran(3, "rm", "x"), answered=answered, notes=notes)
    found = book(made)
    assert (found.triage[0].title, found.triage[0].description) == ("Look", "Look at {{ it }}.\n\nnearly full")
    steps = found.resolution[0].steps
    assert [(s.id, s.uses) for s in steps] == [
        ("rm_x", "command.run"), ("call", "manual.do"), ("region", "manual.ask"),
    ]  # fmt: skip
    assert (steps[1].description, found.about) == ("they know", "03:30, joe: it was DNS")
    assert "#   Wipe: failed, no access" in draft(made)


def test_what_did_not_work_is_named_and_left_out() -> None:
    """A change that failed is no way to resolve anything; a read that ended otherwise tells something."""
    made = work(
        ran(1, "rm", "x\ny", done=False, ended=3, came="ended with 3"), ran(2, "grep", "x", "log", reads=True, ended=1)
    )
    text = draft(made)
    assert "# Left out:\n#   rm x\n" in text
    assert "# it ended with 1\n" in text
    assert book(made).resolution == ()


def test_only_notes_are_a_draft_too() -> None:
    """Somebody begins with them; nothing at all is nothing to promote."""
    assert book(work(notes=(Noted("03:20", "joe", "it was DNS"),))).about == "03:20, joe: it was DNS"
    with pytest.raises(UsageError, match="nothing was done by hand"):
        draft(work())


WORDS = st.one_of(st.text(min_size=1, max_size=20), st.sampled_from(["{{ x }}", "# a", "\u202e", "a: b", "- c", "\n"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=4), st.booleans(), st.booleans(), WORDS), max_size=4))
def test_whatever_was_typed_the_draft_loads_and_says_the_same(typed: list[tuple[list[str], bool, bool, str]]) -> None:
    """With any words, in comments too."""
    commands = [
        ran(at, *argv, reads=reads, done=done, title=title.strip() or None, came=title)
        for at, (argv, reads, done, title) in enumerate(typed)
    ]
    note = Noted("03:20", "joe", "a note")
    found = book(work(*commands, notes=(note,)))
    steps = [*found.triage, *(step for option in found.resolution for step in option.steps)]
    steps += [check for check in (found.verification.checks if found.verification else ()) if check.id != "is_it_over"]
    shown = [tuple(render_value(step.inputs["argv"], {})) for step in steps]
    assert set(shown) == {tuple(argv) for argv, reads, done, _ in typed if done}
