"""RB142: a value within text that another program reads as code."""

from __future__ import annotations

import pytest

from support.contents import parameters, read, step
from support.rulings import findings, said

FREE = parameters(x={"type": "string", "default": "a"})


@pytest.mark.parametrize(
    ("argv", "reader"),
    [
        (["sh", "-c", "du {{ params.x }}"], "sh"),
        (["bash", "-euo", "pipefail", "-c", "du '{{ params.x }}'"], "bash"),
        (["sudo", "-n", "/bin/bash", "-lc", "du {{ params.x }}"], "bash"),
        (["su", "-", "app", "-c", "du {{ params.x }}"], "su"),
        (["ssh", "a.internal", "du {{ params.x }}"], "the shell over there"),
        (["kubectl", "exec", "a", "--", "sh", "-c", "du {{ params.x }}"], "sh"),
        (["docker", "exec", "-u", "app", "a", "sh", "-c", "du {{ params.x }}"], "sh"),
        (["timeout", "5", "python3", "-c", "print('{{ params.x }}')"], "python3"),
        (["psql", "-c", "select * from t where a = '{{ params.x }}'"], "psql"),
        (["psql", "--command=select '{{ params.x }}'"], "psql"),
        (["mysql", "-e", "select '{{ params.x }}'"], "mysql"),
    ],
)
def test_code_holds_no_free_value(argv, reader):
    """Whatever wraps the program that reads it."""
    assert said("RB142", FREE, read(*argv)) == [f"params.x is put into text that {reader} reads as code"]


@pytest.mark.parametrize(
    "argv",
    [
        ["sh", "-c", 'du -- "$1"', "sh", "{{ params.x }}"],
        ["du", "--", "{{ params.x }}"],
        ["sh", "scripts/du.sh", "{{ params.x }}"],
        ["bash", "-x", "scripts/du.sh", "-c", "{{ params.x }}"],
        ["sh", "-c", "du {{ run.id }}"],
        ["sh", "-c", "du {{ params.x | int }}"],
        ["sh", "-c", "awk '{{ '{{' }}'"],
        ["psql", "--set=x={{ params.x }}", "-c", "select :'x'"],
        ["grep", "-c", "{{ params.x }}"],
        ["kubectl", "exec", "a", "--", "du", "{{ params.x }}"],
        ["python3", "tool.py", "{{ params.x }}"],
    ],
)
def test_an_argument_stays_an_argument(argv):
    """Behind the code, of another program, or a number."""
    assert said("RB142", FREE, read(*argv)) == []


@pytest.mark.parametrize(
    ("parameter", "safe"),
    [
        ({"type": "integer", "default": 1}, True),
        ({"type": "string", "enum": ["a", "b-1"], "default": "a"}, True),
        ({"type": "string", "enum": ["a", "b; c"], "default": "a"}, False),
        ({"type": "string", "pattern": "[a-z0-9]([-a-z0-9]*[a-z0-9])?", "default": "a"}, True),
        ({"type": "string", "pattern": "^/[-A-Za-z0-9._/]*$", "default": "/a"}, True),
        ({"type": "string", "pattern": r"\d{1,3}(?:\.\d+)?|none", "default": "1"}, True),
        ({"type": "string", "pattern": "[^;]+", "default": "a"}, False),
        ({"type": "string", "pattern": ".*", "default": "a"}, False),
        ({"type": "string", "pattern": "[A-z]+", "default": "a"}, False),
        ({"type": "string", "pattern": "[ -~]+", "default": "a"}, False),
        ({"type": "string", "pattern": r"\S+", "default": "a"}, False),
        ({"type": "string", "pattern": r"a\sb", "default": "a b"}, False),
    ],
)
def test_a_parameter_that_can_only_be_one_plain_word_does_no_harm(parameter, safe):
    """By its type, its choices or its pattern; what is not understood is not believed."""
    found = said("RB142", parameters(x=parameter), read("sh", "-c", "du {{ params.x }}"))
    assert (found == []) is safe


def test_another_machine_and_a_pod_have_shells_too():
    """`ssh.run` and `kubernetes.exec` keep arguments apart, but not within code."""
    inputs = {"argv": ["sh", "-c", "du {{ params.x }}"], "effect": "read"}
    assert len(said("RB142", FREE, step("ssh.run", inputs))) == 1
    assert len(said("RB142", FREE, step("kubernetes.exec", {**inputs, "pod": "a"}))) == 1


def test_the_way_out_fits_the_program():
    """SQL has variables of its own."""
    [found] = findings("RB142", FREE, read("psql", "-c", "select '{{ params.x }}'"))
    assert "`--set=name=…`" in str(found.hint)
