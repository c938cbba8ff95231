"""A loop as its author wrote it, in words."""

from __future__ import annotations

from runbook.document.model import ForEach


def each(loop: ForEach) -> str:
    """`for each member of steps.members.names, 20 at most, by member.leader`."""
    listed = isinstance(loop.items, str)
    of = loop.items if listed else f"{len(loop.items)} written here"
    most = f", {loop.max} at most" if listed else ""
    order = f", by {loop.order_by}" if loop.order_by else ""
    failed = "; one that fails does not stop the others" if loop.on_failure == "continue" else ""
    return f"for each {loop.as_} of {of}{most}{order}{failed}"
