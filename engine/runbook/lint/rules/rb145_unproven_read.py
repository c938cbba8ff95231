"""RB145: a read that no policy believes, so that `plan`, `doctor` and `--auto` leave it out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.argvs import ANY, is_any_value
from runbook.document.findings import Finding, Severity
from runbook.document.model import CommandEntry, EvidencePlan, Policy, Runbook, Steps
from runbook.document.words import Effect
from runbook.lint.contents.commands import Command, commands
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_REMOTE: Final = ("ssh", "kubernetes")  # connections over which a command runs elsewhere
_OPTION: Final = re.compile(r"--?[A-Za-z0-9][A-Za-z0-9_.-]*=(?=\{\{)")
_PLAIN: Final = re.compile(r"[A-Za-z_./-][A-Za-z0-9_./=-]*")  # for YAML, in a list
_HOLE: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)

_CONFIG = """\
apiVersion: runbook/v1
kind: Config
policy: policy.yaml
"""
_POLICY = """\
apiVersion: runbook/v1
kind: Policy
people: {ada: {user: ada}}
groups: {sre: [ada]}
"""
_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: disk-filling
title: A disk fills up
triage:
  - {id: file_systems, uses: command.run, with: {argv: [df, -h], effect: read}}
"""


def check(about: About) -> Iterator[Finding]:
    """Every command that claims only to read can be believed by each policy of the project."""
    for command in commands(about) if about.policies else ():
        spec = about.spec(command.site)
        if command.part or command.effect is not Effect.READ or spec is None or spec.effect is not None:
            continue
        remote = spec.connection in _REMOTE
        why, hint = _doubt(command, remote=remote)
        if why or any(not _may_believe(policy, command, remote) for policy in about.policies):
            message = f"no policy can believe that '{command.site.step.id}' only reads{why}"
            yield about.finding((*command.site.pointer, "with", "effect"), message, hint)


def _doubt(command: Command, *, remote: bool) -> tuple[str, str]:
    """Why no list can ever hold it, and what to do."""
    left_out = "until then plan, doctor and --auto leave it out"
    if command.script is not None:
        return ": a script stands in no list", f"use command.run with an argv that the policy lists; {left_out}"
    if command.inputs.get("stdin") is not None:
        return (
            ": what it is given on stdin stands in no list",
            "give it as an argument, or leave it so: plan, doctor and --auto pass it over",
        )
    entry = ", ".join(map(_listed, command.argv))
    listed = f"{{argv: [{entry}], host: …}}" if remote else f"[{entry}]"
    return "", f"list it under 'commands.read' of the policy: {listed}; {left_out}"


def _listed(word: str) -> str:
    """A word as an entry of the policy has it: a star for a value, quotes where YAML wants them."""
    option = _OPTION.match(word)
    word = (f"{option[0]}*" if option else "*") if "{{" in word else word
    return word if _PLAIN.fullmatch(word) else json.dumps(word, ensure_ascii=False)


def _may_believe(policy: Policy, command: Command, remote: bool) -> bool:
    """Whether an entry of the policy may match, whatever the values of templates will be."""
    env = {*(command.inputs.get("env") or ())}
    for one in policy.commands.read:
        entry = one if isinstance(one, CommandEntry) else CommandEntry(argv=tuple(one))
        alike = len(entry.argv) == len(command.argv) and (entry.host is not None) is remote and env <= {*entry.env}
        if alike and all(map(_may_stand_for, entry.argv, command.argv)):
            return True
    return False


def _may_stand_for(word: str, given: str) -> bool:
    if word == ANY:
        return True
    pattern = ".*".join(map(re.escape, _HOLE.split(given)))
    if is_any_value(word):
        return given.startswith(word[:-1]) or ("{{" in given and re.match(pattern, word[:-1]) is not None)
    return re.fullmatch(pattern, word, re.DOTALL) is not None


RULE = Rule(
    code="RB145",
    name="unproven-read",
    severity=Severity.WARNING,
    title="A read that nobody believes",
    why=(
        "`effect: read` is its author's claim. Where the policy does not list the command, `runbook plan`, `doctor` "
        "and `--auto` do not run it, so the plan says less than it could, and an automatic run stops there."
    ),
    instead=(
        "List the command under `commands.read` of the policy, with `*` for an argument that may be anything. A "
        "script, and what is given on stdin, stand in no list: use arguments, or say in a comment why it has to be "
        "so."
    ),
    bad={"runbook.yaml": _CONFIG, "policy.yaml": _POLICY, "runbooks/example.yaml": _BAD},
    good={
        "runbook.yaml": _CONFIG,
        "policy.yaml": f"{_POLICY}commands: {{read: [[df, -h]]}}\n",
        "runbooks/example.yaml": _BAD,
    },
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
