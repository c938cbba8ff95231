"""RB145: a read that no policy believes."""

from __future__ import annotations

import json

import pytest

from support.contents import parameters, read, script, step
from support.rulings import findings, said

HEAD = "apiVersion: runbook/v1\nkind: {}\n"
PEOPLE = "people: {ada: {user: ada}}\ngroups: {sre: [ada]}\n"
FREE = parameters(x={"type": "string", "default": "a"})


def policy(*entries: object) -> dict[str, str]:
    commands = f"commands: {{read: {json.dumps(list(entries))}}}\n" if entries else ""
    return {
        "runbook.yaml": f"{HEAD.format('Config')}policy: policy.yaml\n",
        "policy.yaml": f"{HEAD.format('Policy')}{PEOPLE}{commands}",
    }


def test_without_a_policy_there_is_nobody_to_believe():
    """The starter library is no project."""
    assert said("RB145", read("df", "-h")) == []


def test_what_the_policy_does_not_list_is_told_with_its_entry():
    """To be pasted, a star for each value."""
    [found] = findings("RB145", FREE, read("df", "-h", "{{ params.x }}"), files=policy(["df", "-i", "*"]))
    assert '[df, -h, "*"]' in str(found.hint)
    [found] = findings("RB145", FREE, read("df", "--at={{ params.x }}", "1", "a,b"), files=policy(["df", "-i", "*"]))
    assert '[df, "--at=*", "1", "a,b"]' in str(found.hint)


@pytest.mark.parametrize(
    "entry",
    [
        ["df", "-h", "*", "--type=*"],
        ["df", "*", "/a/b", "--type=ext4"],
        {"argv": ["df", "-h", "*", "--type=ext4"], "env": ["LANG"]},
    ],
)
def test_what_an_entry_may_match_is_not_told(entry):
    """Whatever the value will be: a word of the policy may be just that."""
    looked = read("df", "-h", "/a/{{ params.x }}", "--type=ext4")
    assert said("RB145", FREE, looked, files=policy(entry)) == []


@pytest.mark.parametrize(
    "looked",
    [
        read("df", "-h", "-l"),
        read("df"),
        read("df", "-h", env={"LC_ALL": "C"}),
        read("df", "-h", stdin="x"),
        step("ssh.run", {"argv": ["df", "-h"], "host": "a.internal", "effect": "read"}),
        script("df -h"),
    ],
)
def test_what_no_entry_can_match_is_told(looked):
    """Other words, an environment, stdin, another machine, a script."""
    assert len(said("RB145", looked, files=policy(["df", "-h"]))) == 1


def test_an_entry_with_a_host_is_for_other_machines():
    """And not for this one."""
    entry = {"argv": ["df", "-h"], "host": "*.internal"}
    there = step("ssh.run", {"argv": ["df", "-h"], "host": "a.internal", "effect": "read"})
    assert said("RB145", there, files=policy(entry)) == []
    assert len(said("RB145", read("df", "-h"), files=policy(entry))) == 1


def test_changes_and_requests_are_not_asked():
    """A GET is believed by itself; a change passes a gate."""
    get = step("http.request", {"method": "GET", "url": "https://a.internal", "effect": "read"})
    assert said("RB145", get, files=policy()) == []


def test_a_policy_of_one_environment_that_does_not_believe_it_is_enough():
    """In that environment the plan leaves it out."""
    files = policy(["df", "-h"])
    files["runbook.yaml"] += "environments: {prod: {policy: other.yaml}, test: {}}\n"
    files["other.yaml"] = f"{HEAD.format('Policy')}{PEOPLE}"
    assert len(said("RB145", read("df", "-h"), files=files)) == 1
