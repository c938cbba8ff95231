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
