"""The frames of what is taken from other documents: the steps of a `Steps` document, and the runbook to go on with."""

from __future__ import annotations

from runbook.document.frames.common import Schema, anything, closed, table, text
from runbook.document.frames.patterns import ID, NAME


def include() -> Schema:
    """An entry that stands for the steps of another document."""
    return closed(
        "The steps of a `Steps` document, which become steps here with the ids PREFIX_ID.",
        {
            "include": text("Name of the `Steps` document.", "check-database", pattern=NAME),
            "as": text("What the ids of its steps begin with here, before '_'.", "db", pattern=ID),
            "with": table(
                "Its parameters. A value may be a template over the names of this document.",
                anything("A value or a template.", "db.internal"),
                {"host": "{{ params.host }}"},
            ),
        },
        required=("include", "as"),
        examples=[{"include": "check-database", "as": "db", "with": {"host": "{{ params.host }}"}}],
    )


def or_include(step: str) -> Schema:
    """A step, or an entry that stands for the steps of another document."""
    return {
        "description": "A step, or `include`: the steps of another document.",
        "if": {"required": ["include"]},
        "then": {"$ref": "#/$defs/include"},
        "else": {"$ref": f"#/$defs/{step}"},
    }


def continue_with() -> Schema:
    """Another runbook, which takes the run over."""
    return closed(
        "The runbook that the run goes on with: same incident, alert and locks, gates of its own.",
        {
            "runbook": text("Name of the runbook.", "failover-database", pattern=NAME),
            "parameters": table(
                "Its parameters. A value may be a template.",
                anything("A value or a template.", "main"),
                {"cluster": "{{ params.cluster }}"},
            ),
        },
        required=("runbook",),
        examples=[{"runbook": "failover-database", "parameters": {"cluster": "{{ params.cluster }}"}}],
    )


def either(schema: Schema, usual: str, instead: str, *, beside: tuple[str, ...]) -> Schema:
    """The same mapping with exactly one of two keys; `instead` goes with the keys `beside` only."""
    others = [key for key in schema["properties"] if key not in (instead, *beside)]
    return {
        **schema,
        "if": {"required": [instead]},
        "then": {"propertyNames": {"not": {"enum": others}}},
        "else": {"required": [usual]},
    }
