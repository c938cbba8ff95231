"""What steps that run a local command have in common on paper: the JSON Schemas of their inputs and outputs."""

from __future__ import annotations

from typing import Any

from runbook.document import durations

SECRET: dict[str, Any] = {
    "description": "A reference to a secret; it is resolved when the command is run and never written down.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {
        "env": {"description": "A variable of the environment.", "type": "string", "examples": ["API_TOKEN"]},
        "file": {
            "description": "A file, relative to the folder of `runbook.yaml`.",
            "type": "string",
            "examples": ["/run/secrets/token"],
        },
        "command": {
            "description": "A command that prints it.",
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "examples": [["pass", "show", "api"]],
        },
    },
}

EFFECT: dict[str, Any] = {
    "description": "What the command does to the world. `read` is a claim, which the policy has to believe.",
    "enum": ["read", "change", "destructive"],
    "default": "change",
    "examples": ["read"],
}

CWD: dict[str, Any] = {
    "description": "Folder to run in, relative to that of `runbook.yaml` (the default).",
    "type": "string",
    "minLength": 1,
    "examples": ["deploy"],
}

STDIN: dict[str, Any] = {
    "description": "Text for its standard input; without it, there is none.",
    "type": "string",
    "examples": ["yes\n"],
}

LIMITS: dict[str, Any] = {
    "description": "How much it may use; part of what is approved. Each process by itself, but for `processes`.",
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "memory": {
            "description": "What a process may allocate, in bytes: `512Mi`, `2Gi`, `500M`.",
            "type": "string",
            "pattern": "^[1-9][0-9]{0,11}(k|M|G|T|Ki|Mi|Gi|Ti)?$",
            "examples": ["512Mi"],
        },
        "cpu": {
            "description": "Time that a process may compute, to the second; waiting does not count.",
            "type": "string",
            "pattern": durations.PATTERN,
            "examples": ["60s"],
        },
        "processes": {
            "description": "Processes and threads at a time, the command itself included; on Linux, and not for root.",
            "type": "integer",
            "minimum": 1,
            "maximum": 1_000_000,
            "examples": [64],
        },
        "open_files": {
            "description": "Files and connections that a process may have open.",
            "type": "integer",
            "minimum": 3,
            "maximum": 1_000_000,
            "examples": [256],
        },
    },
    "examples": [{"memory": "512Mi", "cpu": "60s"}],
}

ON_ERROR: dict[str, Any] = {
    "description": "What an exit code other than 0 says of a change: done in part, or not at all.",
    "enum": ["partly", "not_applied"],
    "default": "partly",
    "examples": ["not_applied"],
}

UNDO = "The command that takes the change back. What it does not say it has from the step."
CONFIRM = (
    "A command that reads whether the change is there, asked when its end was not seen. Its `expect` says so; without "
    "one, exit 0 it is, 1 with nothing on stderr it is not, anything else cannot tell, and a person is asked."
)
EXPECT: dict[str, Any] = {
    "description": (
        "Expression over `exit_code`, `stdout` and `stderr` of this command: true, the change is there; false, it is "
        "not, and may be made again. An exit code other than 0 that it does not look at cannot tell."
    ),
    "type": "string",
    "minLength": 1,
    "examples": ["stdout | trim == 'drained'", "exit_code == 0"],
}
PREVIEW = (
    "A command that only reads, run while planning: what it prints is shown at the gate, and approved with the change. "
    "If it prints something else just before the change is made, the approval is void. For changes only."
)

OUTPUTS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "exit_code": {
            "description": "Exit code; 128 + N when signal N ended it.",
            "type": ["integer", "null"],
            "examples": [0],
        },
        "stdout": {
            "description": "Standard output as text; of more than 256 KiB the beginning and the end.",
            "type": ["string", "null"],
            "examples": ["active\n"],
        },
        "stderr": {
            "description": "Standard error, likewise.",
            "type": ["string", "null"],
            "examples": [""],
        },
        "truncated": {
            "description": "Whether something was left out of either.",
            "type": ["boolean", "null"],
            "examples": [False],
        },
        "duration_seconds": {"description": "How long it ran.", "type": ["number", "null"], "examples": [0.2]},
        "leftovers": {
            "description": "Process ids of what outlived it.",
            "type": ["array", "null"],
            "items": {"type": "integer"},
            "examples": [[]],
        },
    },
}


VARIABLE: dict[str, Any] = {
    "type": ["string", "number", "boolean", "object"],
    "if": {"type": "object"},
    "then": SECRET,
}  # a number or a boolean becomes text


def variables(description: str, example: dict[str, Any], pattern: str) -> dict[str, Any]:
    """Schema of a map of environment variables, whose values are text or references to secrets."""
    return {
        "description": description,
        "type": "object",
        "propertyNames": {"pattern": pattern},
        "additionalProperties": VARIABLE,
        "examples": [example],
    }


def question(command: dict[str, Any], required: list[str], example: Any) -> dict[str, Any]:
    """Schema of a step's `confirm`, or of that of its `undo`."""
    return part(CONFIRM, {**command, "expect": EXPECT}, required, example)


def part(description: str, properties: dict[str, Any], required: list[str], example: Any) -> dict[str, Any]:
    """Schema of a further command of a step."""
    return {
        "description": description,
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
        "examples": [example],
    }
