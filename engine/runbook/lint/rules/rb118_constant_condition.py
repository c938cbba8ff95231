"""RB118: a condition, or a part of one, that is the same whatever is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.language.tree import Constant, Node, described, path_of
from runbook.document.model import Runbook, Steps
from runbook.lint.conditions import Condition, always, conditions, operands
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_SIDES: Final = "each side of 'and' and 'or' is a condition of its own; for one of several values write 'in [a, b]'"

_BAD = "    when: steps.smarthost.verdict == 'pass' or 'unknown'\n"
_GOOD = "    when: steps.smarthost.verdict in ['pass', 'unknown']\n"


def check(about: About) -> Iterator[Finding]:
    """Every condition, and each of its parts, can be true and can be false."""
    for one in conditions(about):
        whole = always(one.tree)
        if whole is None:
            yield from _of_parts(about, one)
        elif one.option is None or whole:  # an option that is never tried is RB111's
            constant = next((node for node in operands(one.tree) if isinstance(node, Constant)), one.tree)
            message = f"{one.called} is {'always' if whole else 'never'} true"
            hint = _SIDES if constant is not one.tree else "write what it should depend on, or leave it out"
            yield about.finding(one.place, message, hint, within=one.within(constant))


def _of_parts(about: About, one: Condition) -> Iterator[Finding]:
    for node in operands(one.tree):
        if (said := always(node)) is not None:
            message = f"{one.called}: this part is {'always' if said else 'never'} true by itself"
            yield about.finding(one.place, message, _SIDES, within=one.within(node))
            return
        if _is_word(node):
            message = f"{one.called}: {described(node)} is a word, and every word is true"
            yield about.finding(one.place, message, "compare it: == 'pass'", within=one.within(node))


def _is_word(node: Node) -> bool:
    """`steps.ID.verdict` and `steps.ID.status` are text: 'fail' is as true as 'pass'."""
    path = path_of(node)
    return len(path) == 3 and path[0] == "steps" and path[2] in ("verdict", "status")


RULE = Rule(
    code="RB118",
    name="constant-condition",
    severity=Severity.WARNING,
    title="A condition that is always the same",
    why=(
        "`verdict == 'pass' or 'unknown'` reads well and is always true: the text `'unknown'` stands for itself. So is "
        "`when: steps.database.verdict`, because `fail` is a word like `pass`, and `x != 'a' or x != 'b'`, whatever x "
        "is. The check passes, the option is offered, and nobody looked."
    ),
    instead="Compare each side: `verdict in ['pass', 'unknown']`, `steps.database.verdict == 'pass'`.",
    bad=runbook(TRIAGE, "resolution:\n", RESTART, _BAD, VERIFICATION),
    good=runbook(TRIAGE, "resolution:\n", RESTART, _GOOD, VERIFICATION),
    check=check,
    of=(Runbook, Steps),
)
