"""RB149: a wait inside of a command."""

from __future__ import annotations

import pytest

from support.contents import option, read
from support.rulings import said


@pytest.mark.parametrize(
    "text", ["sleep 30", "sleep 1m", "sleep 0.1h", "kill 1; sleep 5", "sleep $N", "while true; do sleep 1; df; done"]
)
def test_a_wait_is_the_engines(text):
    """Nobody sees it in a script; a loop that sleeps waits for something."""
    assert len(said("RB149", option("shell.run", {"script": text}))) == 1


@pytest.mark.parametrize("text", ["sleep 1", "sleep 0.5", "sleep 2s", "echo sleep 30", "# sleep 30\ntrue", "man sleep"])
def test_a_breath_is_no_wait(text):
    """A program settles; and a word is a word."""
    assert said("RB149", option("shell.run", {"script": text})) == []


def test_an_argument_list_may_wait_too():
    """As a program, and within the code of a shell."""
    assert len(said("RB149", read("sleep", "120"))) == 1
    assert len(said("RB149", read("sleep", "{{ run.id }}"))) == 1
    assert len(said("RB149", read("sh", "-c", "sleep 30; df"))) == 1
