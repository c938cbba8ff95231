"""RB110: a runbook about security or data that does not keep what investigators and authorities will ask for.

What it is about is said by its tags. The format has evidence plans, and `required` for a plan without which nothing is
changed; who held the evidence afterwards is not its to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan
from runbook.lint.rule import Rule
from runbook.lint.samples import VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_ABOUT: Final = re.compile(
    r"(^|[-_])(security|breach|intrusion|compromised?|malware|ransomware|credentials?|leak(ed)?|privacy|gdpr|pii|forensics)"
    r"($|[-_])|^data([-_](loss|breach|leak|theft|protection|integrity|corruption))?$"
)

_BAD = """\
tags: [security]
resolution:
  - id: lock_out
    steps:
      - id: revoke
        uses: command.run
        with: {argv: [mailctl, sessions, revoke, --all]}
        irreversible: Everybody logs in again.
"""
_PLAN = """\
apiVersion: runbook/v1
kind: EvidencePlan
name: mail-sessions
required: true
items:
  - {id: sessions, uses: command.run, with: {argv: [mailctl, sessions, list], effect: read}}
"""


def check(about: About) -> Iterator[Finding]:
    """What changes something about security or data keeps evidence first, and does not go on without it."""
    book = about.runbook
    tag = next(((i, tag) for i, tag in enumerate(book.tags) if _ABOUT.search(tag.lower())), None)
    if tag is None or not any(map(about.is_change, about.sites)):
        return
    if book.evidence is None:
        message = f"a runbook about '{tag[1]}' changes something, and keeps no evidence before"
        yield about.finding(("tags", tag[0]), message, "add 'evidence:' with a plan that is 'required: true'")
        return
    plan = about.library.named(EvidencePlan, book.evidence.plan, about.entry.path)
    if plan is not None and not plan.required:
        message = f"'{plan.name}' is not required: what it could not keep is lost with the first change"
        yield about.finding(("evidence",), message, f"say 'required: true' in '{plan.name}'", key=True)


RULE = Rule(
    code="RB110",
    name="no-custody",
    severity=Severity.WARNING,
    title="A security or data runbook without custody of its evidence",
    why=(
        "After a breach, what was there before the cleaning up is what lawyers, insurers and authorities ask for. A "
        "host that was rebuilt and a session that was revoked answer no more questions. Evidence that may be missing "
        "is not enough here: without `required`, the first change goes on when collecting fails."
    ),
    instead=(
        "Collect with an [EvidencePlan](../runbook-format.md#evidenceplan) that is `required: true`: then nothing is "
        "changed before everything is kept. The rule goes by the runbook's `tags`."
    ),
    bad=runbook(_BAD, VERIFICATION),
    good=runbook("evidence: mail-sessions\n", _BAD, VERIFICATION) | {"runbooks/mail-sessions.yaml": _PLAN},
    check=check,
)
