"""`docs/cli.md` and the commands say the same."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from runbook.cli.root import COMMANDS, root
from runbook.errors import Exit

TEXT = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()
NAMES = [name for section in COMMANDS.values() for name in section]


def commands(name: str) -> list[click.Command]:
    """The command of a name, with its own commands."""
    command = root.get_command(click.Context(root), name)
    assert command is not None
    if not isinstance(command, click.Group):
        return [command]
    below = click.Context(command)
    return [command, *filter(None, (command.get_command(below, one) for one in command.list_commands(below)))]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_and_flag_has_its_place_in_the_docs(name: str) -> None:
    """What can be typed can be read about."""
    for command in commands(name):
        assert f"{command.name}" in TEXT
        flags = [flag for param in command.params if isinstance(param, click.Option) for flag in param.opts]
        assert [flag for flag in flags if flag not in TEXT] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_table_says_what_the_command_is(name: str) -> None:
    """Its place, its name and its first words fit: the table is written by hand, so that help starts at once."""
    assert commands(name)[0].name == name


@pytest.mark.parametrize("code", list(Exit))
def test_every_exit_code_is_explained(code: Exit) -> None:
    """By number and by the name that JSON has."""
    row = next(line for line in TEXT.splitlines() if line.startswith("|") and f" {int(code)} " in line.split("|")[1])
    assert code.word in row
