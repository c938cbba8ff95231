"""The frame of `for_each`: one step, or all steps of an option, repeated for each item of a list."""

from __future__ import annotations

from runbook.document.frames.common import Schema, closed, items, one_of, outputs, step, text, until, whole
from runbook.document.frames.patterns import ID

MOST = 1000  # items of one loop; a longer list is a job for a program, not for people at a gate


def for_each() -> Schema:
    """Where changes are repeated: with what is looked at between two items."""
    return closed(
        "Repeats it for each item of a list, in order and one by one. All items stand at one gate.",
        {
            **_list(),
            "between": items(
                "Probes after each item but the last; one that does not pass stops the loop.",
                {"$ref": "#/$defs/between_step"},
                [{"id": "healthy", "uses": "tcp.connect", "with": {"host": "{{ item }}", "port": 2379}}],
                minItems=1,
            ),
            "on_failure": one_of("When an item failed: stop, or go on with the next one.", "stop", "continue"),
        },
        required=("items",),
        examples=[{"items": "steps.members.names", "as": "member"}],
    )


def probed_for_each() -> Schema:
    """Where a probe is repeated."""
    return closed(
        "Repeats the probe for each item of a list, in order and one by one.",
        _list(),
        required=("items",),
        examples=[{"items": "params.hosts", "as": "host"}],
    )


def between_step() -> Schema:
    """A probe between two items."""
    when = text("Only if this expression is true.", "params.careful")
    about = "A probe between two items of a loop: the next one waits for its yes."
    return step(about, when=when, outputs=outputs(), until=until())


def _list() -> Schema:
    expression = text("An expression that gives a list, without braces.", "steps.members.names")
    return {
        "items": {
            "description": "The list: an expression that gives one, without braces, or the items themselves.",
            "if": {"type": "array"},
            "then": {"maxItems": MOST},
            "else": expression,
            "examples": ["steps.members.names", ["etcd-1", "etcd-2", "etcd-3"]],
        },
        "as": text("What expressions call the item. Default `item`.", "member", pattern=ID),
        "key": text(
            "What an item is told apart by: an expression that gives text or a number, a different one for each "
            "item. Needed where items are maps; else the item itself.",
            "member.name",
        ),
        "order_by": text("The order: an expression over the item; smaller values come first.", "member.leader"),
        "max": whole("Most items; a longer list is an error. Default 20.", 10, minimum=1, maximum=MOST),
    }
