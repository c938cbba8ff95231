"""RB173: a command that asks a question, or wants a terminal, where nobody sits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Edit, Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.commands import Command, commands
from runbook.lint.contents.effects import verbs
from runbook.lint.contents.scripts import Call
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
triage:
  - id: connections
    uses: command.run
    with: {argv: [docker, exec, -it, queue, rabbitmqctl, list_connections], effect: read}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
triage:
  - id: connections
    uses: command.run
    with: {argv: [docker, exec, queue, rabbitmqctl, list_connections], effect: read}
"""


def _terminal(*among: str) -> Callable[[Call], str | None]:
    """`-t`, of verbs that run something; what stands behind `--` is another command's."""

    def asks(call: Call) -> str | None:
        own = call._replace(argv=call.argv[: call.argv.index("--")] if "--" in call.argv else call.argv)
        wants = own.has("-t", "--tty") and (not among or any(word in among for word in own.words))
        return "leave out -t: there is no terminal" if wants else None

    return asks


def _packages(call: Call) -> str | None:
    changing = {"install", "remove", "purge", "upgrade", "dist-upgrade", "full-upgrade", "autoremove"}
    answered = call.has("-y", "--yes", "--assume-yes", "--assumeyes", "-qq")
    return "add -y" if changing & {*call.words[:1]} and not answered else None


def _terraform(call: Call) -> str | None:
    verb = (verbs(call) or ("",))[0]
    decided = "-auto-approve" in call.argv or "--auto-approve" in call.argv or (verb == "apply" and len(call.words) > 1)
    return "apply a plan that was saved, or add -auto-approve" if verb in ("apply", "destroy") and not decided else None


def _password(*options: str) -> Callable[[Call], str | None]:
    return lambda call: "let it read the password from a file or its environment" if {*options} & {*call.argv} else None


_TERMINALS: Final = frozenset({"kubectl", "oc", "docker", "podman", "nerdctl", "crictl"})
_ASKING: Final[Mapping[str, Callable[[Call], str | None]]] = {
    **dict.fromkeys(("kubectl", "oc"), _terminal("exec", "run", "attach", "debug")),
    **dict.fromkeys(("docker", "podman", "nerdctl", "crictl"), _terminal("exec", "run")),
    "ssh": lambda call: "leave out -t: there is no terminal" if {"-t", "-tt"} & {*call.argv} else None,
    **dict.fromkeys(("apt", "apt-get", "dnf", "yum"), _packages),
    **dict.fromkeys(("terraform", "tofu"), _terraform),
    **dict.fromkeys(("mysql", "mariadb", "mysqldump", "mysqladmin"), _password("-p", "--password")),
    **dict.fromkeys(("psql", "pg_dump"), _password("-W", "--password")),
    "passwd": lambda _: "let `chpasswd` read it from its input",
    "crontab": lambda call: "give it the file" if call.has("-e") else None,
    "systemctl": lambda call: "write the drop-in as a file" if "edit" in call.words[:1] else None,
}


def check(about: About) -> Iterator[Finding]:
    """No command waits for an answer that nobody gives."""
    for command in commands(about):
        if _is_answered(command):
            continue
        for call in command.calls:
            asking = _ASKING.get(call.program)
            hint = asking(call) if asking else None
            if hint is not None:
                message = f"`{call.program}` in '{command.site.step.id}' asks, and nobody sits there"
                yield about.finding(command.at(call), message, hint, fix=_without_terminal(about, command, call))


def _without_terminal(about: About, command: Command, call: Call) -> list[Edit | None]:
    """`-i` in the place of `-it`, the first of the call's own words: there is no terminal for it to have."""
    if command.script is not None or call.offset is None or call.program not in _TERMINALS:
        return []
    own = call.argv[: call.argv.index("--")] if "--" in call.argv else call.argv
    at = next((i for i, word in enumerate(own) if word in ("-it", "-ti")), None)
    others = [word for word in own if word in ("-t", "--tty", "--tty=true")]
    return [about.replacing(command.at(call, at), "-i")] if at is not None and not others else []


def _is_answered(command: Command) -> bool:
    """Whether something is on its input: what the step gives it, or another program of its script."""
    return command.inputs.get("stdin") is not None or any(
        call.feeds and call.program in ("yes", "echo", "printf") for call in command.calls
    )


RULE = Rule(
    code="RB173",
    name="asks-somebody",
    severity=Severity.WARNING,
    title="A command that asks somebody",
    why=(
        "Steps run without a terminal and without input. A program that asks *Continue? [y/N]* or for a password "
        "ends with an error, or waits until its timeout. It worked on the laptop of whoever wrote it."
    ),
    instead=(
        "Say the answer in advance: `-y`, `-auto-approve`, no `-t`; a password comes from a file or the "
        "environment. To ask a person, `manual.ask` and the gate are there."
    ),
    mends="It writes `-i` in the place of `-it`, for a container's programs in an `argv`.",
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
