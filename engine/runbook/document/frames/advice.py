"""What a runbook says to people beside its steps: what a reading means, and whom they can reach."""

from __future__ import annotations

from runbook.document.frames.common import Schema, closed, items, text
from runbook.document.frames.patterns import ID


def means() -> Schema:
    """What a reading says, in order: the first `if` that is true."""
    entry = closed(
        "One reading: `if` an expression is true, or `else`, last.",
        {
            "if": text("Said if this is true, over the step's outputs: an expression.", "value > 30"),
            "else": {"description": "Said if no other entry was; last.", "const": True, "examples": [True]},
            "say": text("What it means, for people; may be a template.", "The replica is {{ value }} s behind."),
            "points_to": text("The option that this speaks for.", "restore", pattern=ID),
        },
        required=("say",),
    )
    example = [{"if": "value > 30", "say": "The replica is behind.", "points_to": "restore"}]
    return items("What it means, read in order once the step was observed.", entry, example, minItems=1)


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
