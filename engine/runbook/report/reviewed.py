"""Where a run's documents come from, in words: the commit, its age, and what was not read from one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from runbook.hosts.documents import Pinned, Reviewed

_NOW = "just now"


def reviewed_rows(
    documents: Pinned, unreviewed: Mapping[str, Any] | None, source: Mapping[str, Any], now: float
) -> Iterator[tuple[str, str]]:
    """Rows of the first screen; `now` in Unix seconds, `source` as the project tells of its working tree."""
    for commit in documents.reviewed:
        yield "reviewed", commit_words(commit, now)
    if documents.reviewed and (beside := _beside(documents.reviewed[0], source)):
        yield "", beside
    if unreviewed:
        yield "reviewed", unreviewed_words(unreviewed)


def recorded_words(started: Mapping[str, Any]) -> str | None:
    """Of a run that is recorded: the commit, or what was not read from one; None where nobody asked for that."""
    if unreviewed := started.get("unreviewed"):
        return unreviewed_words(unreviewed)
    commits = (started.get("documents") or {}).get("reviewed") or ()
    return ", ".join(f"{one['ref']}, commit {one['commit'][:12]}" for one in commits) or None


def commit_words(commit: Reviewed, now: float) -> str:
    """`origin/main as fetched 3 h ago, commit 0123456789ab of 2 days ago, by Ada`."""
    fetched = f" as fetched {ago(now - _seconds(commit.fetched))}" if commit.fetched else ""
    by = f", by {commit.author}" if commit.author else ""
    old = ago(now - _seconds(commit.at))
    made = "made just now" if old == _NOW else f"of {old}"
    return f"{commit.ref}{fetched}, commit {commit.commit[:12]} {made}{by}"


def ago(seconds: float) -> str:
    """How long ago, in the largest unit that fits."""
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= (2 if unit == "days" else 1) * length:
            return f"{int(seconds // length)} {unit} ago"
    return _NOW


def _beside(commit: Reviewed, source: Mapping[str, Any]) -> str | None:
    """What the working tree has that this run does not use."""
    if commit.repository != source.get("root"):
        return None
    head = source.get("commit")
    said = [f"is at {head[:12]}"] if head and head != commit.commit else []
    said += ["has changes that are not committed"] if source.get("dirty") else []
    return f"the working tree {' and '.join(said)}; nothing of that is used" if said else None


def unreviewed_words(told: Mapping[str, Any]) -> str:
    """What was not read from a commit, and who broke the glass for that."""
    names = ", ".join(told.get("documents", ()))
    if told.get("break_glass"):
        return f"no, {names} is from the working tree; {told.get('by')} BROKE THE GLASS: {told.get('reason')}"
    return f"no: {names} is read from the working tree, not from a reviewed commit"


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
