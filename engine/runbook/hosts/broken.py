"""What is recorded of a command when something of ours, or of a stranger's kind, went wrong."""

from __future__ import annotations

from runbook.core.changes import Error, Observation
from runbook.core.commands import Apply, Command, Observe, Page, PlanChange, Preserve
from runbook.core.verdicts import judge
from runbook.document.words import Series
from runbook.hosts.ports import Result
from runbook.hosts.sending import doubt


def failed(command: Command, code: str, message: str) -> Result:
    """The step failed, or the change is in doubt."""
    said = {"code": code, "message": message}
    if isinstance(command, Apply):
        return doubt(command, said["message"])
    about = {"id": getattr(command, "id", None), "phase": getattr(command, "phase", None)}
    if isinstance(command, Observe):
        seen = Observation(error=Error(**said))
        verdict, reason = judge(command.expect, Series.ONE, seen, {})
        judged = {"verdict": str(verdict) if verdict else None, "reason": reason, "kind": command.kind}
        data = {"status": "failed", "output": {}, "error": said, "arrived": command.sent is not None, **judged}
        return Result(command.key, "step.observed", {**about, **data})
    if isinstance(command, PlanChange):
        return Result(command.key, "change.planned", {**about, "kind": command.kind, "error": said})
    if isinstance(command, Preserve):
        return Result(command.key, "evidence.preserved", {**about, "status": "missing", "error": said})
    type_ = "page.sent" if isinstance(command, Page) else "message.sent"
    return Result(command.key, type_, {**about, "status": "failed", "error": said})
