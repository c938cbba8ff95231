"""Lines to paste: variables in the place of templates, and quotes that a shell reads as they were meant."""

from __future__ import annotations

import shlex
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook import kinds
from runbook.authoring.page.shell import Names, variable
from runbook.document.model import Local
from support.books import every

ARGV = kinds.get("command.run").by_hand


def line(*argv: str, target: dict[str, str] | None = None) -> str:
    return Names(target).line(ARGV, {"argv": list(argv)})


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("ls", "{{ params.folder }}"), 'ls "$FOLDER"'),
        (("ls", "deployment/{{ params.name }}"), 'ls "deployment/$NAME"'),
        (("ls", "{{ params.a }}b"), 'ls "${A}b"'),
        (("ls", 'up{job="{{ params.job }}"}'), "ls 'up{job=\"'\"$JOB\"'\"}'"),
        (("ls", "{{ params.size | string }}"), 'ls "$SIZE"'),
        (("ls", "{{ steps.look.value }}"), "ls '<steps.look.value>'"),
        (("ls", "{{ '{{' }} x }}"), "ls '{{ x }}'"),
        (("ls", "{{ target.name }}"), 'ls "$NAME"'),
        (("ls", "it's {{ params.x }}"), 'ls "it\'s $X"'),
    ],
)
def test_a_template_becomes_a_variable_of_the_shell(argv: tuple[str, ...], said: str) -> None:
    """What only a run knows becomes a placeholder; braces that are meant stay braces."""
    assert line(*argv, target={"name": "{{ params.name }}"}) == said


def test_no_parameter_takes_a_name_that_the_shell_needs() -> None:
    """`PATH=/health` would leave a shell without its programs."""
    assert [variable(name) for name in ("path", "home", "namespace")] == ["MY_PATH", "MY_HOME", "NAMESPACE"]


AROUND = st.text("ab'\"$`\\! {}-", max_size=8)


@settings(deadline=None, max_examples=100)
@given(AROUND.filter(lambda text: not text.endswith("{")), AROUND, st.text("xy '\"$\\", max_size=6))
def test_a_shell_reads_what_the_step_would_have_been_given(before: str, after: str, value: str) -> None:
    """Whatever stands around a variable, and whatever its value holds."""
    from runbook.authoring.emit import literal

    said = line("printf", "%s", f"{literal(before)}{{{{ params.value }}}}{literal(after)}")
    script = f"VALUE={shlex.quote(value)}\n{said}"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"{before}{value}{after}"


def commands() -> list[str]:
    from runbook.authoring.page.build import page
    from runbook.authoring.page.model import Card, Command

    def of(card: Card) -> list[str]:
        own = [block.text for block in card.blocks if isinstance(block, Command)]
        return own + [text for below in card.cards for text in of(below)]

    pages = (page(book.book, kinds.specs()) for book in every())
    return [text for one in pages for section in one.sections for card in section.cards for text in of(card)]


def test_every_command_of_the_library_is_one_that_a_shell_can_read() -> None:
    """Nobody finds an open quote at night."""
    said = commands()
    assert len(said) > 250
    script = "\n".join(f"f{at}() {{\n{text}\n}}" for at, text in enumerate(said))
    done = subprocess.run(["/bin/sh", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_text_for_people_names_the_same_variables() -> None:
    """And marks what only a run knows so that no reader of Markdown takes it for a tag."""
    inputs: dict[str, Any] = {"text": "Restart {{ params.host }}, {{ steps.a.value }} of it."}
    assert Names().prose(inputs["text"]) == "Restart $HOST, ‹steps.a.value› of it."


LOCAL = Local(
    params={"host": "{{ params.primary }}", "port": 5432, "name": "db-{{ params.zone }}"}, steps={"up": "db_up"}
)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("ls", "{{ params.host }}"), 'ls "$PRIMARY"'),
        (("ls", "{{ params.port }}"), "ls 5432"),
        (("ls", "host={{ params.name }}"), 'ls "host=db-$ZONE"'),
        (("ls", "{{ steps.up.value }}"), "ls '<steps.db_up.value>'"),
        (("ls", "{{ target.name }}"), 'ls "$NAME"'),
    ],
)
def test_steps_of_another_document_are_said_in_the_names_of_the_runbook(argv: tuple[str, ...], said: str) -> None:
    """Their parameters are what the include gives them; a variable that nobody sets would reach the wrong server."""
    names = Names({"name": "{{ params.name }}"}).within(LOCAL)
    assert names.line(ARGV, {"argv": list(argv)}) == said


def test_so_are_their_expressions_however_deep_they_were_taken_in() -> None:
    """Through each document to the one that was asked for."""
    inner = Local(params={"limit": "{{ params.port * 2 }}", "site": "x"}, steps={"a": "b_a"}, outer=LOCAL)
    names = Names().within(inner)
    assert names.expression("value > params.limit") == "value > (5432 * 2)"
    assert names.expression("site == params.site and steps.a.ok") == 'site == "x" and steps.b_a.ok'
    assert Names().expression("params.limit") == "params.limit"
