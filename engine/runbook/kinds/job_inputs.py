"""What a step with a Job may say: the JSON Schema of its inputs."""

from __future__ import annotations

from typing import Any

from runbook.document.durations import PATTERN
from runbook.kinds import job_specs, kubernetes

NAME = "^[a-z0-9]([-a-z0-9.]{0,50}[a-z0-9])?$"

INPUTS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "namespace": kubernetes.NAMESPACE,
        "from_cronjob": {
            "type": "string",
            "minLength": 1,
            "description": "Name of a CronJob: run what its schedule would run, now.",
            "examples": ["invoices"],
        },
        "image": {
            "type": "string",
            "minLength": 1,
            "description": "Image of its one container.",
            "examples": ["registry.example.com/shop/migrate:4.2.0"],
        },
        "template": {
            "type": "object",
            "required": ["spec"],
            "description": "A pod template as in `spec.template` of a Job, for whatever one image does not say.",
            "examples": [{"spec": {"containers": [{"name": "copy", "image": "registry.example.com/copy:1"}]}}],
        },
        "argv": {
            "type": "array",
            "minItems": 1,
            "items": {"type": ["string", "number"]},
            "description": "Program and arguments of the container, in place of its image's or template's.",
            "examples": [["./manage.py", "migrate", "--noinput"]],
        },
        "env": {
            "type": "object",
            "propertyNames": {"pattern": "^[-._a-zA-Z][-._a-zA-Z0-9]*$"},
            "additionalProperties": {"type": ["string", "number", "boolean"]},
            "description": "Variables of the container. No secrets: whoever may read Jobs reads them.",
            "examples": [{"REGION": "eu-west-1"}],
        },
        "container": {
            "type": "string",
            "minLength": 1,
            "description": "The container that `argv` and `env` are for, where there are several.",
            "examples": ["main"],
        },
        "service_account": {
            "type": "string",
            "minLength": 1,
            "description": "Service account of its pods; with `image` only. By default the namespace's.",
            "examples": ["migrations"],
        },
        "name": {
            "type": "string",
            "pattern": NAME,
            "description": "What its name begins with; the rest is made of the intent. By default the CronJob's.",
            "examples": ["migrate"],
        },
        "retries": {
            "type": "integer",
            "minimum": 0,
            "maximum": 100,
            "default": 0,
            "description": "How often a pod that failed is replaced (`backoffLimit`).",
            "examples": [2],
        },
        "deadline": {
            "type": "string",
            "pattern": PATTERN,
            "description": "The cluster ends it after this time. Default: the CronJob's, else the step's `timeout`.",
            "examples": ["30m"],
        },
        "keep": {
            "type": "string",
            "pattern": PATTERN,
            "default": job_specs.KEEP,
            "description": "How long after its end it is kept, with its pods and their logs.",
            "examples": ["2d"],
        },
        "effect": {
            "enum": ["change", "destructive"],
            "default": "change",
            "description": "What it does to the world.",
            "examples": ["destructive"],
        },
    },
    "if": {"not": {"anyOf": [{"required": ["from_cronjob"]}, {"required": ["template"]}]}},
    "then": {"required": ["image"]},
}
