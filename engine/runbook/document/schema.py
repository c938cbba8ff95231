"""JSON Schemas composed from hand-written frames and the kinds' input schemas, and documents held to them.

The fast validator answers most documents with a yes; only a no is explained (`explain.py`), by another library
with a slower start. Both get the same schema and the same meaning of `format` and `pattern`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Set
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jsonschema_rs

from runbook.document.formats import FORMATS
from runbook.document.frames import catalog, config, evidence_plan, policy, regime, runbook, scenario, steps
from runbook.document.frames.common import Schema
from runbook.errors import Bug

if TYPE_CHECKING:
    from runbook.document.explain import Explained
    from runbook.document.source import Source
    from runbook.document.spec import JSONSchema, Specs

_FRAMES: Final[Mapping[str, Callable[[], Schema]]] = {
    "Runbook": runbook.frame,
    "Steps": steps.frame,
    "Scenario": scenario.frame,
    "EvidencePlan": evidence_plan.frame,
    "Policy": policy.frame,
    "Catalog": catalog.frame,
    "Regime": regime.frame,
}
KINDS: Final = (*_FRAMES, "Config")
FILES: Final = {
    "Runbook": "runbook.schema.json",
    "Steps": "steps.schema.json",
    "Scenario": "scenario.schema.json",
    "EvidencePlan": "evidence-plan.schema.json",
    "Policy": "policy.schema.json",
    "Catalog": "catalog.schema.json",
    "Regime": "regime.schema.json",
    "Config": "config.schema.json",
}

_ANNOTATIONS: Final = frozenset({"title", "description", "examples", "default", "deprecated"})
_TEMPLATE: Final = {"type": "string", "pattern": r"\{\{"}
_PLAIN_TEXT: Final = {"type": "string"}


def compose(kind: str, specs: Specs, used: Set[str] | None = None) -> Schema:
    """The JSON Schema of a kind of document, with the inputs of every kind of step, or of those `used`."""
    if kind == "Config":
        return config.frame(specs)
    schema = _FRAMES[kind]()
    if kind in ("Runbook", "Steps", "EvidencePlan"):
        names = sorted(specs)
        branches = [_branch(name, specs[name].inputs) for name in names if used is None or name in used]
        schema["$defs"] |= {
            "kind_name": {"type": "string", "enum": names},
            "kinds": {"allOf": branches} if branches else {},
        }
    return schema


def compose_all(specs: Specs) -> dict[str, Schema]:
    """Every schema by the name of its file in `schemas/`."""
    return {filename: compose(kind, specs) for kind, filename in FILES.items()}


def rendered(specs: Specs) -> dict[str, str]:
    """The text of every file in `schemas/`, by its name."""
    return {
        filename: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for filename, schema in compose_all(specs).items()
    }


def problems(kind: str, source: Source, specs: Specs) -> Explained | None:
    """Everything in which a document differs from the schema of its kind; None if it fits."""
    if _validator(kind, specs, _used(source.data)).is_valid(source.data):
        return None
    from runbook.document.explain import explain  # jsonschema: 75 ms of imports, for documents with errors only

    return explain(compose(kind, specs), source)


class _Known(NamedTuple):
    """A compiled schema: for which table of specs, and for steps of which kinds; None: of all."""

    specs: Specs
    used: Set[str] | None
    validator: jsonschema_rs.Validator


_known: dict[str, _Known] = {}


def validator(kind: str, specs: Specs) -> jsonschema_rs.Validator:
    """The compiled schema of a kind of document; compiled again only for another table of specs."""
    return _validator(kind, specs, None)


def _validator(kind: str, specs: Specs, used: Set[str] | None) -> jsonschema_rs.Validator:
    """One that holds steps of the kinds `used` to their inputs.

    The first document is given no more than it needs, since each kind is a module with modules of its own. For a
    second one that needs others there will be a third: it gets them all.
    """
    known = _known.get(kind)
    if known is None or known.specs is not specs:
        known = _known[kind] = _Known(specs, used, compiled(compose(kind, specs, used)))
    elif known.used is not None and (used is None or not used <= known.used):
        known = _known[kind] = _Known(specs, None, compiled(compose(kind, specs)))
    return known.validator


def _used(data: Any) -> Set[str]:
    """Every text under a key `uses`, wherever it is."""
    found: set[str] = set()
    left = [data]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            name = one.get("uses")
            if isinstance(name, str):
                found.add(name)
            left += one.values()
        elif isinstance(one, list):
            left += one
    return found


def compiled(schema: Schema) -> jsonschema_rs.Validator:
    """The fast validator of a schema; `format` is asserted, nothing is ever fetched."""
    return jsonschema_rs.Draft202012Validator(
        schema,
        validate_formats=True,
        formats=dict(FORMATS),
        offline=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _branch(name: str, inputs: JSONSchema) -> Schema:
    then: Schema = {"properties": {"with": _opened(dict(inputs), name)}}
    if inputs.get("required"):
        then["required"] = ["with"]
    return {"if": {"properties": {"uses": {"const": name}}, "required": ["uses"]}, "then": then}


def _opened(schema: Schema, name: str) -> Schema:
    """The same schema, with a template allowed in place of every value inside it."""
    if "$ref" in schema or "$defs" in schema:
        raise Bug(f"the inputs of '{name}' use $ref or $defs; write the schema out")
    opened = dict(schema)
    if "properties" in schema:
        opened["properties"] = {
            key: value if key == "effect" else _templated(value, name)  # an effect is known before anything runs
            for key, value in schema["properties"].items()
        }
    for key in ("items", "additionalProperties", "contains"):
        if isinstance(schema.get(key), dict):
            opened[key] = _templated(schema[key], name)
    if "prefixItems" in schema:
        opened["prefixItems"] = [_templated(item, name) for item in schema["prefixItems"]]
    for key in ("then", "else"):
        if isinstance(schema.get(key), dict):
            opened[key] = _opened(schema[key], name)
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            opened[key] = [_opened(item, name) for item in schema[key]]
    return opened


def _templated(schema: Any, name: str) -> Any:
    """A value's schema that takes `{{ … }}` too; what an editor shows stays outside."""
    if not isinstance(schema, dict):
        return schema
    shown = {key: value for key, value in schema.items() if key in _ANNOTATIONS}
    held = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
    if not held or held == _PLAIN_TEXT:
        return schema
    return {**shown, "if": _TEMPLATE, "else": _opened(held, name)}
