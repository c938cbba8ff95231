"""RB143: a value that a script does not quote."""

from __future__ import annotations

import pytest

from support.contents import parameters, script
from support.rulings import findings, said

FREE = parameters(x={"type": "string", "default": "a"}, n={"type": "integer", "default": 1})
VALUES = {"A": "{{ params.x }}", "N": "{{ params.n }}", "FIXED": "a"}


@pytest.mark.parametrize(
    "text", ["du $A", "du ${A}/x", "du ${A%/}", 'echo "a" $A', "du -- $A | sort", 'if [ -z $A ]; then echo "$A"; fi']
)
def test_a_shell_cuts_what_is_not_quoted(text):
    """In the middle of a word too."""
    assert said("RB143", FREE, script(text, VALUES)) == ["$A is not quoted in the script of 'one'"]


@pytest.mark.parametrize(
    "text",
    [
        'du "$A"',
        'du "${A}/x" --',
        "awk '{ print $A }'",
        'B=$A; du "$B"',
        "export B=$A",
        "[[ $A == b ]] && true",
        "case $A in b) true;; esac",
        'for part in $A; do echo "$part"; done',
        "echo $((A + $A))",
        "# du $A\ndu .",
        "cat <<END\n$A\nEND\ndu .",
        r"echo \$A",
        "seq $N",
        "du $FIXED",
        "du $AB $HOME",
    ],
)
def test_what_is_not_cut_is_left_alone(text):
    """Quotes, assignments, tests, sums, here-documents, comments, numbers, and what is none of its values."""
    assert said("RB143", FREE, script(text, VALUES)) == []


def test_the_place_is_that_of_the_variable():
    """In the line of the script."""
    given = "triage:\n  - id: one\n    uses: shell.run\n    with:\n      effect: read\n"
    [found] = findings(
        "RB143",
        FREE,
        f"{given}      values: {{A: '{{{{ params.x }}}}'}}\n      script: |\n        set -e\n        du $A\n",
    )
    assert (found.line, found.column) == (14, 12)
