"""`docs/cli.md` and the commands say the same."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from runbook.cli.root import COMMANDS, root
from runbook.errors import Exit

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "cli.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
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


def typed(page: Path) -> Iterator[str]:
    """The lines of a page that somebody pastes: whole commands of ours, without comments and what they are piped to."""
    text = page.read_text().replace("\\\n", "")
    for line in re.findall(r"^(?:    |\$ |- run: )*(runbook .+)$", text, re.MULTILINE):
        command = re.split(r"\s\s+#|\s# |\s[|<>]\s|\s&&\s", line)[0]
        if "[" not in command and "…" not in command:
            yield command


PASTED = sorted({line for page in PAGES for line in typed(page)})


@pytest.mark.parametrize("line", PASTED)
def test_what_is_pasted_from_the_docs_is_taken(line: str) -> None:
    """Every command that a page shows is there, with its flags and its arguments. Nothing is carried out."""
    words = shlex.split(line)[1:]
    group, context = root, click.Context(root, info_name="runbook")
    while words and words[0].startswith("-"):
        words = words[1:] if words[0].startswith("--no") else words[2:]
    while isinstance(group, click.Group) and words:
        command = group.get_command(context, words[0])
        if command is None:
            assert group.callback is not None  # `obligations INC-1`: the group itself takes it
            return
        group, context = command, click.Context(command, parent=context, info_name=words.pop(0))
    if not isinstance(group, click.Group):
        group.parse_args(context, words)


def test_every_command_has_one_place_on_the_page() -> None:
    """Two descriptions of one command drift apart, and the first one that is found counts."""
    said = re.findall(r"^\*\*`([a-z-]+(?: [a-z-]+)*)", TEXT, re.MULTILINE)
    assert sorted(name for name in set(said) if said.count(name) > 1) == []


def described(command: str) -> set[str]:
    """The words of the row that says what a command's JSON has."""
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{command}`"))
    return set(re.findall(r"[a-z_]+", row))


def test_json_of_incidents_has_the_keys_that_the_docs_name(tmp_path: Path) -> None:
    """Whoever writes a script against it looks there."""
    from runbook.cli import actions, incident_declare, incident_show, obligations
    from support.sessions import session

    heard = session(tmp_path)
    incident_declare.declare(heard, incident_declare.Options(title="t", severity="SEV1", output="json"))
    assert heard.json.keys() - {"format", "exit"} <= described("incident show") | described("incident declare")
    incident_show.show(heard, incident_show.Options("1", output="json"))
    assert heard.json.keys() - {"format", "exit", "unreadable"} <= described("incident show")
    incident_show.list_(heard, incident_show.Options(output="json"))
    assert heard.json["incidents"][0].keys() <= described("incident list")
    actions.add(heard, actions.Options(id="1", title="x", output="json"))
    assert heard.json.keys() - {"format", "exit"} <= described("actions list")
    obligations.show(heard, obligations.Options("1", output="json"))
    assert heard.json["obligations"][0].keys() <= described("obligations [INC]")
