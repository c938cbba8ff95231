"""The frame of a `Steps` document: probes that other documents include."""

from __future__ import annotations

from runbook.document.frames.common import Schema, document, items, output, parameter, parameters, retry, text
from runbook.document.frames.loops import probed_for_each
from runbook.document.frames.patterns import NAME
from runbook.document.frames.reuse import include, or_include
from runbook.document.frames.runbook import triage_step


def frame() -> Schema:
    """JSON Schema of a `Steps` document, without the kinds of steps."""
    return document(
        "Steps",
        "Steps: probes with parameters of their own, which runbooks include by name.",
        {
            "name": text("Name of the steps, unique in their library.", "check-database", pattern=NAME),
            "title": text("What they look at.", "Whether the database answers"),
            "description": text("Background, for people.", "Looks at the primary only."),
            "parameters": parameters(),
            "steps": items(
                "Probes, which run as triage steps do; they may name each other's outputs.",
                {"$ref": "#/$defs/entry"},
                [{"id": "reachable", "uses": "tcp.connect", "with": {"host": "db", "port": 5432}}],
                minItems=1,
            ),
        },
        required=("name", "steps"),
        defs={
            "retry": retry(),
            "parameter": parameter(),
            "output": output(),
            "include": include(),
            "step": _step(),
            "entry": or_include("step"),
            "probed_for_each": probed_for_each(),
        },
    )


def _step() -> Schema:
    """A triage step; here are no signals and no options that it could refer to."""
    step = triage_step()
    del step["properties"]["signal"]
    del step["properties"]["means"]["items"]["properties"]["points_to"]
    del step["if"], step["else"]
    return {**step, "required": ["id", "uses"], "examples": [{"id": "up", "uses": "prometheus.query"}]}
