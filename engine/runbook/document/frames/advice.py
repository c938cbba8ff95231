"""What a runbook says to people beside its steps: whom they can reach."""

from __future__ import annotations

from runbook.document.frames.common import Schema, closed, items, text


def contacts() -> Schema:
    """Who can help, shown to whoever the run has to be handed to."""
    contact = closed(
        "Somebody who can help.",
        {
            "name": text("Who: a person or a team.", "Storage team"),
            "reach": text("How to reach them.", "#storage, +49 30 1234"),
        },
        required=("name", "reach"),
    )
    example = {"name": "Storage team", "reach": "#storage, +49 30 1234"}
    return items("Who can help, shown whenever the run escalates or has resolved nothing.", contact, [example])
