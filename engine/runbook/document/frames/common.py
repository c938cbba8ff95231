"""The words that the frames are written in: ids, names, durations, lists, closed mappings, and steps."""

from __future__ import annotations

from typing import Any, Final

from runbook.document.frames.patterns import DURATION, FROM_ALERT, ID

Schema = dict[str, Any]

SEVERITIES: Final = ("SEV1", "SEV2", "SEV3", "SEV4")

# How a step is read: what it is, when, what it does, what is made of the answer. `fmt` writes keys in this order.
_STEP_KEYS: Final = (
    "id", "alert", "labels", "title", "description", "caution", "links", "when", "for_each", "uses", "signal",
    "connection", "series", "with", "timeout", "retry", "outputs", "expect", "until", "means", "on_failure",
    "irreversible", "advisory",
)  # fmt: skip


def text(description: str, *examples: str, **more: Any) -> Schema:
    """Text that is not empty."""
    return {"description": description, "type": "string", "minLength": 1, **more, "examples": list(examples)}


def duration(description: str, *examples: str) -> Schema:
    """A length of time with units."""
    return text(description, *examples, pattern=DURATION, maxLength=40)


def one_of(description: str, *words: str, example: str | None = None) -> Schema:
    """One of a few words."""
    return {"description": description, "type": "string", "enum": list(words), "examples": [example or words[0]]}


def flag(description: str, example: bool = True) -> Schema:
    """True or false."""
    return {"description": description, "type": "boolean", "examples": [example]}


def whole(description: str, example: int, **more: Any) -> Schema:
    """A whole number."""
    return {"description": description, "type": "integer", **more, "examples": [example]}


def number(description: str, example: float, **more: Any) -> Schema:
    """A number."""
    return {"description": description, "type": "number", **more, "examples": [example]}


def items(description: str, item: Schema, *examples: list[Any], **more: Any) -> Schema:
    """A list."""
    return {"description": description, "type": "array", "items": item, **more, "examples": list(examples)}


def closed(description: str, properties: Schema, *, required: tuple[str, ...] = (), **more: Any) -> Schema:
    """A mapping that takes no other keys than these."""
    schema = {"description": description, "type": "object", "properties": properties, **more}
    if required:
        schema["required"] = list(required)
    return {**schema, "additionalProperties": False}


def table(description: str, value: Schema, example: dict[str, Any], *, keys: str | None = None, **more: Any) -> Schema:
    """A mapping from names that the author chooses to values of one shape."""
    schema: Schema = {"description": description, "type": "object", "additionalProperties": value}
    if keys:
        schema["propertyNames"] = {"pattern": keys}
    return {**schema, **more, "examples": [example]}


def anything(description: str, *examples: Any) -> Schema:
    """Any value."""
    return {"description": description, "examples": list(examples)}


def document(kind: str, title: str, properties: Schema, *, required: tuple[str, ...], defs: Schema) -> Schema:
    """A whole document: what every kind of document begins with, and its own keys."""
    head = {
        "apiVersion": {
            "description": "Version of the document format.",
            "const": "runbook/v1",
            "examples": ["runbook/v1"],
        },
        "kind": {"description": "What this document is.", "const": kind, "examples": [kind]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **closed(title, {**head, **properties}, required=("apiVersion", "kind", *required)),
        "$defs": defs,
    }


def step_id() -> Schema:
    """The id of a step, an option or a symptom."""
    return text("Name of this entry, unique in the document: lower case, digits and '_'.", "error_rate", pattern=ID)


def person_list(description: str, *examples: list[str]) -> Schema:
    """People and groups; never an empty list, which nobody could satisfy."""
    name = text("A person or a group of the policy.", "sre")
    return items(description, name, *examples, minItems=1, uniqueItems=True)


def secret_or(schema: Schema) -> Schema:
    """A value, or where to read it: credentials are never written into a document."""
    return {
        "description": schema["description"],
        "if": {"type": "object"},
        "then": {"$ref": "#/$defs/reference"},
        "else": schema,
        "examples": [*schema["examples"], {"env": "NAME"}],
    }


def reference() -> Schema:
    """Where a secret is read from, when it is needed."""
    return closed(
        "Where a secret is read from, by each process, when it is first needed.",
        {
            "env": text("An environment variable.", "PROMETHEUS_TOKEN"),
            "file": text("A file; its last line end is dropped.", "/run/secrets/token"),
            "command": items(
                "A program and its arguments; what it prints is the secret.",
                text("One argument.", "pass"),
                ["pass", "show", "prometheus"],
                minItems=1,
            ),
        },
        minProperties=1,
        maxProperties=1,
        examples=[{"env": "PROMETHEUS_TOKEN"}],
    )


def retry() -> Schema:
    """How a read is tried again."""
    return closed(
        "How a read is tried again when it fails. Changes are never tried again.",
        {
            "attempts": whole("How many tries in all, the first included.", 3, minimum=1, maximum=100),
            "delay": duration("Time before the second try.", "1s"),
            "backoff": number("Factor by which the delay grows.", 2.0, minimum=1, maximum=10),
            "max_delay": duration("Longest delay.", "30s"),
            "jitter": number("Share of the delay that is random.", 0.1, minimum=0, maximum=1),
        },
        examples=[{"attempts": 3, "delay": "2s"}],
    )


def measuring() -> Schema:
    """The keys that a step and a signal share."""
    return {
        "title": text("What it is, for people.", "More than 5 % of requests fail"),
        "uses": {
            "description": "The kind of step: what it does.",
            "$ref": "#/$defs/kind_name",
            "examples": ["prometheus.query"],
        },
        "with": {
            "description": 'The kind\'s inputs. A value may be a template: "{{ params.namespace }}".',
            "type": "object",
            "examples": [{"query": "up"}],
        },
        "connection": text("Name of a connection of the config, if not the default of its type.", "staging"),
        "series": one_of("How several series are judged by one `expect`.", "one", "any", "all"),
        "timeout": duration("Longest time of one attempt.", "30s", "5m"),
        "retry": {"$ref": "#/$defs/retry"},
    }


def caution(where: str) -> Schema:
    """What must not be overlooked."""
    return text(f"What must not be overlooked: {where}; may be a template.", "Sessions are lost: users log in again.")


def links() -> Schema:
    """Places to look."""
    link = closed(
        "A place to look.",
        {
            "title": text("What it shows.", "API errors dashboard"),
            "url": text("Where.", "https://grafana.example.com/d/api", format="uri"),
        },
        required=("title", "url"),
    )
    example = {"title": "Dashboard", "url": "https://grafana.example.com/d/api"}
    return items("Dashboards, documents, code.", link, [example])


def outputs() -> Schema:
    """What a step yields beside its kind's outputs."""
    return table(
        "Values read out of what the kind yields; expressions see them as the step's own outputs.",
        {"$ref": "#/$defs/output"},
        {"leader": {"json": "[0].Status.leader", "type": "integer"}},
        keys=ID,
        minProperties=1,
        maxProperties=100,
    )


def output() -> Schema:
    """One declared output."""
    way = "Exactly one of `json`, `path`, `regex` and `line`."
    return closed(
        f"A value read out of what the kind yields. {way}",
        {
            "json": text(
                'A path into the text, parsed as JSON: names, [0], [-1], [*] for every entry, ["any name"].',
                "[0].Status.leader",
                "[*].Endpoint",
                'items[-1].metadata.labels["app.kubernetes.io/name"]',
            ),
            "path": text("A path into the kind's own outputs; nothing is parsed.", "object.spec.replicas"),
            "regex": text(
                "A regular expression (RE2), looked for in the text: its first group, or the whole match.",
                r"version: (\S+)",
                maxLength=1000,
            ),
            "line": whole(
                "A line of the text, from 1, or from -1 at the end.", 1, minimum=-1_000_000, maximum=1_000_000
            ),
            "from": text("The output that is read. Default: the kind's text, such as stdout or body.", "stderr"),
            "type": one_of(
                "What it must be. Default: string for `regex` and `line`, anything for `json` and `path`.",
                "string",
                "number",
                "integer",
                "boolean",
                "array",
                "object",
            ),
            "default": anything("Its value when it is not there; without one, the step fails then.", 0),
        },
        minProperties=1,
        examples=[{"regex": r"version: (\S+)"}],
    )


def until() -> Schema:
    """How long a probe is observed again."""
    return closed(
        "Observed again until `expect` passes, or time is over; the last verdict counts.",
        {
            "within": duration("Time in which it must pass.", "5m"),
            "every": duration("Time from one look's start to the next. Default 10s, at least 1s.", "10s"),
        },
        required=("within",),
        examples=[{"within": "5m", "every": "10s"}],
    )


def as_read(properties: Schema) -> Schema:
    """The keys of a step or a signal in the order that people read them in."""
    return {key: properties[key] for key in sorted(properties, key=_STEP_KEYS.index)}


def step(description: str, **own: Schema) -> Schema:
    """A step, with the further keys of its place; its inputs are those of the kind that it uses."""
    properties = {
        "id": step_id(),
        **measuring(),
        "description": text("Anything more that a person should know.", "Takes a minute or two."),
        "caution": caution("shown beside its change at the gate, or where it is done by hand"),
        "links": links(),
        "signal": text("Name of one of the runbook's signals: measures what it says.", "error_ratio"),
        "expect": text("The check, over this step's outputs: an expression.", "value < 0.01", "status == 200"),
        **own,
    }
    return {
        **closed(
            description, as_read(properties), required=("id",), examples=[{"id": "errors", "signal": "error_ratio"}]
        ),
        "if": {"required": ["signal"]},
        "else": {"required": ["uses"]},
        "allOf": [{"$ref": "#/$defs/kinds"}],
    }


def parameters() -> Schema:
    """The parameters of a runbook or an evidence plan."""
    return table(
        "What may be set for a run, typed. Expressions see them as `params.NAME`.",
        {"$ref": "#/$defs/parameter"},
        {"namespace": {"type": "string", "default": "production"}},
        keys=ID,
    )


def parameter() -> Schema:
    """One parameter, in JSON Schema's words."""
    value = anything("A value of the parameter's type.", "production")
    return closed(
        "A parameter, in JSON Schema's words. Without `default` it must be given.",
        {
            "description": text("What it is, for people.", "Namespace of the API."),
            "type": one_of("Its type.", "string", "integer", "number", "boolean", "array", "object"),
            "enum": items("The only values that it takes.", value, ["blue", "green"], minItems=1),
            "pattern": text("A regular expression (RE2) that the whole text must match.", "[a-z0-9-]+"),
            "minimum": number("Smallest value.", 1),
            "maximum": number("Largest value.", 50),
            "minLength": whole("Fewest characters.", 1, minimum=0),
            "maxLength": whole("Most characters.", 63, minimum=0),
            "items": {
                "description": "JSON Schema of each element of an array.",
                "type": "object",
                "examples": [{"type": "string"}],
            },
            "default": {**value, "description": "Its value unless another is given."},
            "from_alert": text(
                "Where in the alert its value stands.",
                "labels.namespace",
                pattern=FROM_ALERT,
            ),
            "secret": flag("It takes a reference ({env:}, {file:} or {command:}), never a value."),
            "examples": items("Values that fit, for people and tests.", value, ["staging"]),
        },
        required=("type",),
        examples=[{"type": "integer", "minimum": 1, "default": 10}],
    )


def approval() -> Schema:
    """The terms of a gate."""
    return closed(
        "Who must say yes before a change is made. The policy's terms hold too; the stricter of each counts.",
        {
            "required": whole("How many people.", 1, minimum=1, maximum=10),
            "from": person_list("Those who may approve: any of them.", ["sre"]),
            "from_each": person_list("Groups of which one person each is needed.", ["sre", "dba"]),
            "exclude_initiator": flag("Who started the run may not approve."),
            "timeout": duration("How long the gate stays open; then it counts as denied.", "15m"),
            "reason_required": flag("An approval needs a reason too."),
            "via": items(
                "Ways of saying yes that count.",
                one_of("A way.", "os", "token", "oidc", "chat", "signature"),
                ["oidc", "signature"],
                minItems=1,
                uniqueItems=True,
            ),
        },
        examples=[{"required": 1, "from": ["sre"], "timeout": "10m"}],
    )
