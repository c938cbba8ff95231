"""RB116: a runbook that keeps trying for hours before it calls anybody.

What is light may wait: SEV3 and SEV4 are not asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.durations import spoken
from runbook.document.findings import Finding, Severity
from runbook.document.model import Option
from runbook.lint.gates import written_timeout
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, SYMPTOM, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_LIGHT: Final = frozenset({"SEV3", "SEV4"})
_MINUTE: Final = 60.0  # the symptoms' own reading is not what anybody waits for
_HAND = """\
  - id: by_hand
    steps:
      - {id: repair, uses: manual.do, timeout: 4h, with: {text: Find out what holds the queue.}}
"""


def check(about: About) -> Iterator[Finding]:
    """The longest way to a person is no longer than `limits.longest_way`."""
    from runbook.core.longest_way import GATE_TIMEOUT, longest_way

    book, limit = about.runbook, about.settings.longest_way
    if book.severity in _LIGHT or book.escalation is None:
        return
    if book.escalation.after is not None and book.escalation.after <= limit:
        return

    def gate(option: Option) -> float:
        written = written_timeout(option, about.policies, about.specs)
        return GATE_TIMEOUT if written is None else written

    way = longest_way(book, about.specs, gate)
    if math.isfinite(way) and way > limit + _MINUTE:
        message = f"it can take {spoken(way // 60 * 60)} until anybody is paged, and {spoken(limit)} is the limit"
        hint = "add 'after:' to the escalation: it pages at that time, and the run goes on"
        yield about.finding(("escalation",), message, hint, key=True)


RULE = Rule(
    code="RB116",
    name="longest-way",
    severity=Severity.WARNING,
    title="The longest way to a person is too long",
    why=(
        "A run pages when nothing helped. Until then every gate may be opened in its last second, every change may "
        "take its whole timeout, and every verification its whole `within`. `runbook explain` says what that adds up "
        "to; in an outage nobody should wait that long for somebody who could simply look."
    ),
    instead=(
        "Give the escalation an `after`: it calls somebody then, while the run goes on. The limit is `lint: {limits: "
        "{longest_way: 1h}}` of the config; runbooks of SEV3 and SEV4 may take their time."
    ),
    bad=runbook(
        "severity: SEV2\n", SYMPTOM, TRIAGE, "resolution:\n", RESTART, _HAND, VERIFICATION, "escalation: {to: mail}\n"
    ),
    good=runbook(
        "severity: SEV2\n", SYMPTOM, TRIAGE, "resolution:\n", RESTART, _HAND, VERIFICATION,
        "escalation: {to: mail, after: 20m}\n",
    ),
    check=check,
)  # fmt: skip
