"""RB115: a wait or a poll that ends with somebody's patience.

A poll inside of a command is ended by the step's timeout: a read is unknown then, and a change in doubt. Who wrote a
`timeout` has thought of it. `wait.until` has no timeout, and is as long as it says. Programs that follow for ever
(`tail -f`) are RB148's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.durations import Duration, spoken
from runbook.document.expressions import ExpressionError
from runbook.document.findings import Finding, Severity
from runbook.document.model import Runbook, Steps
from runbook.document.rules.walk import Site
from runbook.document.templates import template
from runbook.lint.contents.commands import commands
from runbook.lint.contents.scripts import Call
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_LONGEST: Final = 24 * 3600.0
_ROUNDS: Final = re.compile(r"\bwhile\s+(true|:)\s*(;|\n)\s*do\b|\buntil\s[^\n;]+(;|\n)\s*do\b")
_ENDS: Final = re.compile(r"\b(break|exit|return|timeout|SECONDS)\b|\(\(|\$\[|\bexpr\b|-(lt|le|gt|ge)\b")

_BAD = """\
resolution:
  - id: restart
    steps:
      - {id: restart_mail, uses: kubernetes.rollout_restart, with: {deployment: mail}}
      - id: rolled_out
        uses: command.run
        with: {argv: [kubectl, rollout, status, deploy/mail], effect: read}
"""


def check(about: About) -> Iterator[Finding]:
    """Every poll has an end, and every wait ends within a day."""
    for command in commands(about):
        if command.site.step.timeout is not None:
            continue
        polls = bool(command.script and _ROUNDS.search(command.script) and not _ENDS.search(command.script))
        if polls or any(map(_is_endless, command.calls)):
            end = "in doubt" if command.effect.changes else "unknown"
            message = f"'{command.site.step.id}' polls without a bound: when its time is over it is ended, and is {end}"
            yield about.finding(command.place, message, "look once and repeat it with 'until', or give it a 'timeout'")
    for site in about.sites:
        if site.step.uses == "wait.until":
            yield from _waits(about, site)


def _is_endless(call: Call) -> bool:
    """`kubectl rollout status` waits for a rollout that may never end."""
    if call.program not in ("kubectl", "oc") or call.bounded:
        return False
    unwatched = any(re.fullmatch(r"(-w|--watch)=false", word) for word in call.argv)
    return {"rollout", "status"} <= set(call.words) and not call.has("--timeout") and not unwatched


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
    name="unbounded-wait",
    severity=Severity.WARNING,
    title="A wait or a poll without a bound",
    why=(
        "`kubectl rollout status` and `while true` end when somebody presses Ctrl-C, and at night nobody does. The "
        "step's default timeout ends them: a read is *unknown* then, whatever it had printed, and a change is in doubt "
        "and waits for a person. A `wait.until` of days holds the run and its locks as long."
    ),
    instead=(
        "Let a probe read once and repeat it with `until: {within: 5m, every: 10s}`: each look is recorded, and the "
        "last verdict counts. Where a command has to wait itself, say how long: by its own option, or the step's "
        "`timeout`."
    ),
    bad=runbook(TRIAGE, _BAD, VERIFICATION),
    good=runbook(TRIAGE, _BAD.replace("effect: read}", "effect: read}\n        timeout: 5m"), VERIFICATION),
    check=check,
    of=(Runbook, Steps),
)
