"""RB148: a command that never ends by itself, or waits for somebody at a keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.commands import commands
from runbook.lint.contents.effects import verbs
from runbook.lint.contents.scripts import Call
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About


def _follows(*options: str) -> Callable[[Call], bool]:
    return lambda call: call.has(*options)


def _lacks(*options: str) -> Callable[[Call], bool]:
    return lambda call: not call.has(*options)


def _always(_: Call) -> bool:
    return True


def _kubectl(call: Call) -> bool:
    verb = (verbs(call) or ("",))[0]
    if verb in ("logs", "get"):
        return call.has("-f", "--follow") if verb == "logs" else call.has("-w", "--watch", "--watch-only")
    return verb in ("port-forward", "proxy", "attach", "edit")


def _container(call: Call) -> bool:
    first = (call.words or [""])[0]
    streams = first == "stats" and not call.has("--no-stream")
    return (first == "logs" and call.has("-f", "--follow")) or streams or first in ("events", "attach")


def _interval(call: Call) -> bool:
    """An interval without a count."""
    return sum(word.isdigit() for word in call.words) == 1


def _redis(call: Call) -> bool:
    return call.has("--stat", "--latency", "--latency-history") or "monitor" in [word.lower() for word in call.words]


_ENDLESS: Final[Mapping[str, Callable[[Call], bool]]] = {
    "tail": lambda call: call.has("-f", "-F", "--follow") and not call.has("--pid"),
    "journalctl": _follows("-f", "--follow"),
    "dmesg": _follows("-w", "-W", "--follow", "--follow-new"),
    **dict.fromkeys(("kubectl", "oc"), _kubectl),
    **dict.fromkeys(("docker", "podman", "crictl", "nerdctl"), _container),
    **dict.fromkeys(("vmstat", "iostat", "mpstat", "sar"), _interval),
    "top": lambda call: not call.has("-b") or not call.has("-n"),
    "ping": _lacks("-c", "-w"),
    "tcpdump": _lacks("-c"),
    "redis-cli": _redis,
    "kafka-console-consumer.sh": _lacks("--max-messages", "--timeout-ms"),
    **dict.fromkeys(
        (
            "watch",
            "htop",
            "less",
            "more",
            "vi",
            "vim",
            "nano",
            "emacs",
            "visudo",
            "vipw",
            "stern",
            "yes",
            "systemd-cgtop",
        ),
        _always,
    ),
}

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
triage:
  - id: log
    uses: command.run
    with: {argv: [journalctl, --unit, consumer, -f], effect: read}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
triage:
  - id: log
    uses: command.run
    with: {argv: [journalctl, --unit, consumer, --lines=50, --no-pager], effect: read}
"""

_VERBAL: Final = frozenset({"kubectl", "oc", "docker", "podman", "crictl", "nerdctl"})


def check(about: About) -> Iterator[Finding]:
    """Every command comes to an end by itself."""
    for command in commands(about):
        for call in command.calls:
            endless = _ENDLESS.get(call.program)
            if endless and not (call.bounded or call.feeds or call.behind) and endless(call):
                message = f"`{_shown(call)}` in '{command.site.step.id}' does not end by itself"
                hint = "ask for what there is now (`--lines`, `--tail`, `-c 3`), or look again with 'until'"
                yield about.finding(command.at(call), message, hint)


def _shown(call: Call) -> str:
    """The program, its verb and the option that follows, as far as there are any."""
    follows = [word for word in call.argv[1:] if word.lstrip("-")[:1] in ("f", "F", "w") and word.startswith("-")]
    verb = [word for word in verbs(call)[:1] if call.program in _VERBAL]
    return " ".join([call.program, *verb, *follows[:1]])


RULE = Rule(
    code="RB148",
    name="endless-command",
    severity=Severity.WARNING,
    title="A command that does not end",
    why=(
        "There is nobody at its keyboard. It runs until the step's timeout ends it, and is then an error: a read is "
        "*unknown*, a change is in doubt. What it would have shown comes too late."
    ),
    instead=(
        "Ask for what there is now: `--lines=50` in place of `-f`, `top -b -n 1`, `ping -c 3`. To wait for something, "
        "look again and again: `until`."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
