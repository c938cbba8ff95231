"""`flags.get`: is a feature on? The smallest probe: a spec, two lines for people, and one read."""

from __future__ import annotations

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Role
from runbook.kinds.protocol import Inputs, World

from runbook_flags import file

FLAG = {"type": "string", "minLength": 1, "description": "Name of the flag.", "examples": ["checkout-v2"]}
FILE = {
    "type": "string",
    "default": "flags.json",
    "description": "The file of flags, relative to the project's folder.",
    "examples": ["flags.json"],
}

SPEC = KindSpec(
    name="flags.get",
    summary="Read a feature flag.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["flag"],
        "properties": {"flag": FLAG, "file": FILE},
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {"enabled": {"type": ["boolean", "null"], "description": "Whether the feature is on."}},
    },
    timeout="5s",
    example={"id": "feature", "uses": "flags.get", "with": {"flag": "checkout-v2"}, "expect": "enabled"},
)


def describe(inputs: Inputs) -> str:
    """`read checkout-v2 in flags.json`."""
    return f"read {inputs['flag']} in {name(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type instead."""
    return f"jq '.[\"{inputs['flag']}\"]' {name(inputs)}"


def observe(inputs: Inputs, world: World) -> Observation:
    """Read once. What cannot be read is raised; a flag that is not there cannot be judged, and says so."""
    flags = file.read(world.project / name(inputs))
    flag = inputs["flag"]
    if flag not in flags:
        return Observation(output={"enabled": None}, unknown=f"{name(inputs)} has no flag {flag!r}")
    return Observation(output={"enabled": flags[flag]})


def name(inputs: Inputs) -> str:
    """The file that is meant."""
    return str(inputs.get("file", "flags.json"))
