"""What the policy says to a run of documents that were not read from a reviewed commit: no, with a reason, or yes.

A dry run changes nothing, so it is always allowed, and told like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runbook.document.words import Unreviewed
from runbook.errors import Refused

if TYPE_CHECKING:
    from runbook.cli.run import Options
    from runbook.cli.session import Session
    from runbook.hosts.pinned import Pinned


def held_to_policy(session: Session, options: Options, documents: Pinned) -> Mapping[str, Any] | None:
    """What is recorded of it, None where all was reviewed or nobody asks for that; Refused where it may not be run."""
    policy, config = session.project.policy, session.project.config
    word = policy.unreviewed if policy is not None else Unreviewed.ALLOW
    plain = documents.unreviewed
    if options.break_glass and not (plain and word is Unreviewed.BREAK_GLASS):
        session.say("--break-glass changes nothing here: it is for what was not reviewed, where the policy asks for it")
    if not plain or (word is Unreviewed.ALLOW and not config.reviewed):
        return None
    told = {"documents": list(plain), "policy": str(word)}
    if word is Unreviewed.ALLOW or options.dry_run:
        return told
    what = f"{', '.join(plain)} {'was' if len(plain) == 1 else 'were'} not read from a reviewed commit"
    refs = ", ".join(entry.ref for entry in config.reviewed)
    hint = f"have it merged, fetch it, and run it from {refs} by its name" if refs else _NO_COMMITS
    if word is Unreviewed.REFUSE:
        raise Refused(f"{what}, and the policy refuses to run that", hint=hint)
    if not options.break_glass:
        raise Refused(f"{what}: that needs --break-glass", hint=f"{hint}; in an emergency: --break-glass --reason TEXT")
    from runbook.policy.rights import may_break_glass

    people = session.project.people
    if why := may_break_glass(people, people.me, options.reason):
        raise Refused(f"{what}, and {why}", hint=hint)
    return {**told, "break_glass": True, "by": people.me, "reason": options.reason}


_NO_COMMITS = "name the commits in runbook.yaml: library: [{git: ., ref: origin/main, path: runbooks}]"
