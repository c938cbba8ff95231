"""RB140: a secret among the arguments of a command."""

from __future__ import annotations

import pytest

from support.contents import change, parameters, read, script, step
from support.rulings import findings, said


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["mysql", "--password=tr0ub4dor"], "the value of --password"),
        (["mysql", "-ptr0ub4dor", "shop"], "the password after -p"),
        (["sudo", "-u", "app", "mysqldump", "-ptr0ub4dor"], "the password after -p"),
        (["redis-cli", "-a", "tr0ub4dor", "info"], "the password after -a"),
        (["curl", "-u", "ada:tr0ub4dor", "https://a.internal"], "the password of --user"),
        (["curl", "-H", "Authorization: Bearer abc", "https://a.internal"], "a header with a credential"),
        (["curl", "--header=X-Api-Key: abc", "https://a.internal"], "a header with a credential"),
        (["curl", "https://ada:tr0ub4dor@a.internal/"], "a password"),
        (["curl", "https://a.internal/?api_key=abc"], "a key"),
        (["kubeadm", "join", "--token", "abc.def"], "the value of --token"),
        (["env", "PGPASSWORD=tr0ub4dor", "psql"], "the value of PGPASSWORD"),
        (["kubectl", "set", "env", "deploy/a", "DB_PASSWORD=tr0ub4dor"], "the value of DB_PASSWORD"),
        (["tool", "--client-secret", "{{ params.name }}"], "the value of --client-secret"),
    ],
)
def test_a_credential_is_found_by_what_stands_around_it(argv, what):
    """A flag, a header, an address, a variable: each once."""
    given = parameters(name={"type": "string", "default": "a"})
    assert said("RB140", given, read(*argv)) == [f"{what} stands among the arguments of 'one'"]


@pytest.mark.parametrize(
    "argv",
    [
        ["psql", "--password", "shop"],  # asks for it
        ["mysql", "--password=", "shop"],
        ["tool", "--password-file=/run/secrets/db"],
        ["tool", "--token=file:/run/secrets/token"],
        ["tool", "--token", "@/run/secrets/token"],
        ["tool", "--api-key", "env:API_KEY"],
        ["tool", "--password", "-"],
        ["tool", "--no-password"],
        ["tool", "--tokens=5"],
        ["openssl", "s_client", "-pass", "stdin"],
        ["curl", "-H", "Authorization: Bearer $TOKEN", "https://a.internal/?page=2"],
        ["kubectl", "get", "secret", "api-token"],
        ["jq", "-r", ".token"],
        ["mkdir", "-p", "token"],
        ["ssh", "-p", "22", "a.internal", "uptime"],
    ],
)
def test_what_only_sounds_like_a_credential_is_none(argv):
    """Names, paths, references, and flags that ask."""
    assert said("RB140", read(*argv)) == []


def test_a_secret_parameter_is_none_for_an_argument():
    """It would be read from its reference and then shown to the machine."""
    given = parameters(key={"type": "string", "secret": True}, name={"type": "string", "default": "a"})
    assert said("RB140", given, change("tool", "{{ params.name }}", "x={{ params.key }}")) == [
        "the secret parameter 'key' stands among the arguments of 'one'"
    ]


def test_a_secret_parameter_may_stand_in_the_environment_and_on_stdin():
    """Nobody else reads these."""
    given = parameters(key={"type": "string", "secret": True})
    assert said("RB140", given, change("tool", env={"KEY": "{{ params.key }}"}, stdin="{{ params.key }}")) == []


def test_commands_beside_the_step_and_elsewhere_are_looked_at():
    """What takes it back, what confirms it, what runs on another machine, what a script runs."""
    word = ["tool", "--password=abc"]
    assert len(said("RB140", change("tool", undo={"argv": word, "confirm": {"argv": word}}))) == 2
    assert len(said("RB140", step("ssh.run", {"argv": word, "effect": "read"}))) == 1
    assert len(said("RB140", script("set -e\ntool --password=abc | cat\n"))) == 1


def test_the_place_is_that_of_the_word():
    """Not of the whole list."""
    [found] = findings(
        "RB140", "triage:\n  - {id: a, uses: command.run, with: {argv: [mysql, -pabcd], effect: read}}\n"
    )
    assert (found.line, found.column) == (6, 53)
