"""A table of kinds' specs for tests of documents: the shape of the real ones, without importing a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.document.spec import KindSpec, Specs
from runbook.document.words import Effect, Reach, Role


def text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def whole(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "integer", "description": description, **more}


def listing(description: str, **item: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", **item}, "description": description}


def mapping(**properties: Any) -> dict[str, Any]:
    required = [name for name, schema in properties.items() if schema.pop("required", False)]
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def needed(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "required": True}


def spec(name: str, role: Role, inputs: Mapping[str, Any], outputs: Mapping[str, Any], **more: Any) -> KindSpec:
    effect = {Role.ACTION: Effect.CHANGE, Role.NOTICE: Effect.NOTIFY}.get(role, Effect.READ)
    return KindSpec(
        name=name,
        summary=f"{name} of the tests.",
        role=role,
        inputs=inputs,
        outputs={"type": "object", "properties": dict(outputs)},
        example={"id": "example", "uses": name},
        **{"effect": effect, **more},
    )


NUMBER = {"type": ["number", "null"]}
ROWS = {"type": "array", "items": {"type": "object"}}
EFFECT = {"type": "string", "enum": ["read", "notify", "change", "destructive"], "description": "What it does."}
DEPLOYMENT = {
    "deployment": needed(text("Deployment.", minLength=1)),
    "namespace": text("Namespace.", minLength=1),
}
REVISION = {
    "type": ["object", "null"],
    "properties": {
        "revision": {"type": "integer"},
        "age_seconds": {"type": "number"},
        "image": {"type": ["string", "null"]},
    },
    "additionalProperties": False,
}


def deployment(**more: Any) -> dict[str, Any]:
    return mapping(**{name: dict(schema) for name, schema in DEPLOYMENT.items()}, **more)


_KINDS = (
    spec("prometheus.query", Role.PROBE,
         mapping(query=needed(text("PromQL.")), present=text("PromQL."), empty_means={"type": "number"}),
         {"value": NUMBER, "rows": ROWS},
         reach=Reach.READS_THROUGH, connection="prometheus"),
    spec("kubernetes.rollout_history", Role.PROBE, deployment(), {"latest": REVISION, "previous": REVISION},
         connection="kubernetes"),
    spec("kubernetes.rollout_undo", Role.ACTION, deployment(revision=whole("Revision.", minimum=1)),
         {"revision": {"type": "integer"}}, connection="kubernetes", arrives=True),
    spec("kubernetes.scale", Role.ACTION,
         deployment(replicas=needed(whole("Replicas.", minimum=0)), only=text("Direction.", enum=["up", "down"])),
         {"replicas": {"type": "integer"}}, connection="kubernetes", arrives=True),
    spec("kubernetes.set_env", Role.ACTION,
         deployment(env=needed({"type": "object", "additionalProperties": {"type": "string"}, "description": "Env."})),
         {}, connection="kubernetes", arrives=True),
    spec("kubernetes.events", Role.PROBE, mapping(namespace=text("Namespace."), since=text("Age.")),
         {"rows": ROWS}, connection="kubernetes"),
    spec("kubernetes.logs", Role.PROBE,
         deployment(since=text("Age."), previous={"type": "boolean"}, timestamps={"type": "boolean"}),
         {"text": {"type": "string"}}, connection="kubernetes"),
    spec("kubernetes.get", Role.PROBE, mapping(namespace=text("Namespace."), kinds=needed(listing("Kinds."))),
         {"rows": ROWS}, connection="kubernetes"),
    spec("tcp.connect", Role.PROBE,
         mapping(host=needed(text("Host.")), port=needed(whole("Port.", minimum=1, maximum=65535))),
         {"reachable": {"type": "boolean"}, "seconds": NUMBER}, expect="reachable", reach=Reach.ASKS),
    spec("http.get", Role.PROBE, mapping(url=needed(text("Address."))),
         {"status": {"type": ["integer", "null"]}, "body": {"type": ["string", "null"]}},
         expect="status >= 200 and status < 300", reach=Reach.ASKS, text="body"),
    spec("git.log", Role.PROBE, mapping(since=text("Age."), path=text("Folder.")), {"commits": ROWS}),
    spec("command.run", Role.ACTION,
         mapping(argv=needed(listing("Program and arguments.")), effect=EFFECT, preview=mapping(argv=listing("Argv.")),
                 undo=mapping(argv=listing("Argv."),
                              confirm=mapping(argv=listing("Argv."), expect=text("What to see."))),
                 confirm=mapping(argv=listing("Argv."), expect=text("What to see.")),
                 env={"type": "object", "additionalProperties": {"type": "string"}, "description": "Environment."}),
         {"exit": {"type": ["integer", "null"]}, "stdout": {"type": "string"}}, effect=None, text="stdout"),
    spec("shell.run", Role.ACTION,
         mapping(script=needed(text("Script.")), effect=EFFECT,
                 env={"type": "object", "additionalProperties": {"type": "string"}, "description": "Environment."},
                 undo=mapping(script=text("Script."),
                              confirm=mapping(script=text("Script."), expect=text("What to see."))),
                 confirm=mapping(script=text("Script."), expect=text("What to see.")),
                 preview=mapping(script=text("Script."))),
         {"exit": {"type": ["integer", "null"]}, "stdout": {"type": "string"}}, effect=None, text="stdout"),
    spec("manual.do", Role.MANUAL, mapping(instructions=needed(text("What to do."))), {"done": {"type": "boolean"}},
         effect=Effect.CHANGE),
    spec("manual.ask", Role.MANUAL, mapping(question=needed(text("The question."))), {"answer": {}}),
    spec("notify.send", Role.NOTICE, mapping(to=needed(text("Channel.")), text=needed(text("Message."))), {}),
    spec("wait.until", Role.PAUSE, mapping(seconds=whole("How long.")), {}),
)  # fmt: skip

SPECS: Specs = {kind.name: kind for kind in _KINDS}
