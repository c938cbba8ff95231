"""RB115: a wait that ends with somebody's patience.

A command that follows, watches or polls until something happens is ended by the step's timeout: a read is unknown then,
and a change in doubt. Who wrote a `timeout` has thought of it. `wait.until` has no timeout, and is as long as it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from runbook.document.durations import Duration, spoken
from runbook.document.expressions import ExpressionError
from runbook.document.findings import Finding, Severity
from runbook.document.model import Runbook, Steps
from runbook.document.rules.walk import Phase, Site
from runbook.document.templates import template
from runbook.lint.rule import Rule
from runbook.lint.samples import VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_LONGEST: Final = 24 * 3600.0
_COMMANDS: Final = frozenset({"command.run", "ssh.run", "kubernetes.exec"})
_BEFORE: Final = frozenset({"sudo", "env", "nice", "nohup", "stdbuf", "-n", "-oL"})
_FOLLOWS: Final = re.compile(r"^(-[A-Za-z]*[fF][A-Za-z]*|--follow(=.*)?|--retry)$")
_WATCHES: Final = re.compile(r"^(-w|--watch|--watch-only)(=true)?$")
_ROUNDS: Final = re.compile(r"\bwhile\s+(true|:)\s*(;|\n)\s*do\b|\buntil\s[^\n;]+(;|\n)\s*do\b")
_ENDS: Final = re.compile(r"\b(break|exit|return|timeout|SECONDS)\b|\(\(|\$\[|\bexpr\b|-(lt|le|gt|ge)\b")

_BAD = """\
resolution:
  - id: restart
    steps:
      - id: ask_first
        uses: manual.ask
        with: {question: Is nobody sending?}
      - id: roll
        uses: command.run
        with: {argv: [kubectl, rollout, status, deploy/mail], effect: read}
"""


def _follow(words: Sequence[str]) -> bool:
    return any(_FOLLOWS.match(word) for word in words)


def _tail(words: Sequence[str]) -> bool:
    return _follow(words) and not any(word.startswith("--pid") for word in words)


def _kubectl(words: Sequence[str]) -> bool:
    if "logs" in words:
        return any(re.match(r"^(-f|--follow(=true)?)$", word) for word in words)
    if "get" in words:
        return any(_WATCHES.match(word) for word in words)
    if "rollout" in words and "status" in words:
        return not any(re.match(r"^(--timeout(=.*)?|(-w|--watch)=false)$", word) for word in words)
    return "port-forward" in words or (words[:1] == ["proxy"])


def _containers(words: Sequence[str]) -> bool:
    logs = any(re.match(r"^(-f|--follow(=true)?)$", word) for word in words) if "logs" in words else False
    return logs or (words[:1] == ["stats"] and "--no-stream" not in words)


def _ping(words: Sequence[str]) -> bool:
    return not any(re.match(r"^-[a-zA-Z]*[cw][0-9]*$", word) for word in words)


_ENDLESS: Final[dict[str, Callable[[Sequence[str]], bool]]] = {
    "tail": _tail,
    "journalctl": _follow,
    "kubectl": _kubectl,
    "oc": _kubectl,
    "docker": _containers,
    "podman": _containers,
    "nerdctl": _containers,
    "crictl": _containers,
    "ping": _ping,
    "watch": lambda words: not any(word in ("-g", "--chgexit", "-e", "--errexit") for word in words),
    "sleep": lambda words: "infinity" in words,
}


def check(about: About) -> Iterator[Finding]:
    """Every command comes to an end by itself or by a `timeout`, and every wait within a day."""
    for site in about.sites:
        inputs, spec = site.step.inputs, about.spec(site)
        if site.step.uses == "wait.until":
            yield from _waits(about, site)
        elif site.step.timeout is None and site.phase is not Phase.SIGNAL and spec is not None:
            of = "script" if site.step.uses == "shell.run" else "argv"
            if not (_is_endless(site, inputs.get("argv")) or _goes_round(site, inputs.get("script"))):
                continue
            end = "in doubt" if about.is_change(site) else "unknown"
            message = f"'{site.step.id}' does not end by itself: at its timeout it is ended, and is {end}"
            place = site.pointer if site.step.signal else (*site.pointer, "with", of)
            yield about.finding(place, message, "read once and repeat it with 'until', or give it a 'timeout'")


def _is_endless(site: Site, argv: Any) -> bool:
    if site.step.uses not in _COMMANDS or not isinstance(argv, list):
        return False
    words = [str(word) for word in argv]
    while words and (words[0] in _BEFORE or re.match(r"^[A-Z_]+=", words[0])):
        words = words[1:]
    endless = _ENDLESS.get(words[0].rpartition("/")[2]) if words else None
    return endless is not None and endless(words[1:])


def _goes_round(site: Site, script: Any) -> bool:
    """A loop of a shell without anything in the whole script that could end it."""
    if site.step.uses != "shell.run" or not isinstance(script, str):
        return False
    return bool(_ROUNDS.search(script)) and not _ENDS.search(script)


def _waits(about: About, site: Site) -> Iterator[Finding]:
    place = (*site.pointer, "with")
    if isinstance(until := site.step.inputs.get("time"), str) and "{{" not in until:
        message = f"'{site.step.id}' waits for one moment, {until}: before it far too long, after it not at all"
        yield about.finding(
            (*place, "time"), message, "write 'for:' with a length of time, or take it from a parameter"
        )
    if not isinstance(length := site.step.inputs.get("for"), str):
        return
    if "{{" in length:
        if isinstance(about.document, Runbook | Steps) and (name := _free_text(length, about.document)):
            message = f"'{site.step.id}' waits as long as the parameter '{name}' says, which may say anything"
            yield about.finding((*place, "for"), message, f"give '{name}' an 'enum' or a 'pattern'")
    elif Duration.parse(length) > _LONGEST:
        message = f"'{site.step.id}' waits {spoken(Duration.parse(length))}, and the run with it"
        yield about.finding((*place, "for"), message, "end the run, and let 'temporary' or a ticket remind of the rest")


def _free_text(text: str, document: Runbook | Steps) -> str | None:
    """The only parameter that a length of time is, where nothing says which values it may have."""
    try:
        read = template(text)
    except ExpressionError:
        return None
    paths = sorted(read.references)
    if read.only is None or len(paths) != 1 or paths[0][0] != "params" or len(paths[0]) != 2:
        return None
    parameter = document.parameters.get(paths[0][1])
    bounded = parameter is None or parameter.enum is not None or parameter.pattern is not None
    return None if bounded else paths[0][1]


RULE = Rule(
    code="RB115",
    name="endless-wait",
    severity=Severity.WARNING,
    title="A wait or a poll without a bound",
    why=(
        "`tail -f`, `kubectl rollout status`, `while true` end when somebody presses Ctrl-C, and at night nobody does. "
        "The step's default timeout ends them: a read is *unknown* then, whatever it had printed, and a change is in "
        "doubt and waits for a person."
    ),
    instead=(
        "Let a probe read once and repeat it with `until: {within: 5m, every: 10s}`: each look is recorded, and the "
        "last verdict counts. Where a command has to wait itself, say how long: its own option, or the step's "
        "`timeout`."
    ),
    bad=runbook(_BAD, VERIFICATION),
    good=runbook(_BAD.replace("effect: read}", "effect: read}\n        timeout: 5m"), VERIFICATION),
    check=check,
    of=(Runbook, Steps),
)
