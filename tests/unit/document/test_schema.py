"""Schemas: what an editor shows, what both validators say, and the files that are checked in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from runbook import shipped
from runbook.document import schema
from runbook.document.explain import explain
from runbook.document.formats import FORMATS
from runbook.document.frames.patterns import DURATION, SPOKEN
from runbook.document.source import parse
from runbook.document.words import Role
from runbook.errors import Bug, DocumentError
from runbook.kinds import MODULES, specs
from support.cases import INVALID, VALID
from support.mutations import mutated
from support.specs import SPECS, mapping, spec, text

KINDS = pytest.mark.parametrize("kind", schema.KINDS)


def nodes(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every object inside a schema, with where it stands; examples and enums are data."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            if key not in ("examples", "enum", "const", "default"):
                yield from nodes(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from nodes(value, (*path, str(index)))


@KINDS
def test_a_composed_schema_is_a_schema(kind: str) -> None:
    """JSON Schema 2020-12 itself accepts it."""
    Draft202012Validator.check_schema(schema.compose(kind, SPECS))


@KINDS
def test_every_key_has_a_description_and_examples(kind: str) -> None:
    """They are what an editor shows; the inputs of kinds are described by the kinds."""
    for path, node in nodes(schema.compose(kind, SPECS)):
        if "kinds" in path or path[-2:-1] == ("if",):
            continue
        for name, value in node.get("properties", {}).items() if path[-1:] != ("properties",) else ():
            shown = value if "$ref" not in value else schema.compose(kind, SPECS)["$defs"][value["$ref"][8:]]
            assert {**shown, **value}.get("description"), (path, name)
            assert "examples" in {**shown, **value}, (path, name)


@KINDS
def test_objects_are_closed_and_nothing_is_one_of(kind: str) -> None:
    """An unknown key is an error, and an error never blames the whole step."""
    for path, node in nodes(schema.compose(kind, SPECS)):
        assert "oneOf" not in node, path
        if "properties" in node and node.get("type") == "object":
            assert "additionalProperties" in node, path


@KINDS
def test_every_format_means_the_same_to_both_validators(kind: str) -> None:
    """A format that is not in our table would be judged by each library in its own way."""
    used = {node["format"] for _, node in nodes(schema.compose(kind, SPECS)) if isinstance(node.get("format"), str)}
    assert used <= set(FORMATS)


@KINDS
def test_every_pattern_of_a_frame_is_said_in_words(kind: str) -> None:
    """Nobody should have to read a regular expression at night."""
    for path, node in nodes(schema.compose(kind, {})):
        assert isinstance(node.get("pattern", ""), dict) or node.get("pattern", DURATION) in SPOKEN, path


def test_compose_all_gives_a_file_for_each_kind() -> None:
    """The names are those that `# yaml-language-server: $schema=` lines use."""
    assert sorted(schema.compose_all(SPECS)) == [
        "catalog.schema.json",
        "config.schema.json",
        "evidence-plan.schema.json",
        "policy.schema.json",
        "regime.schema.json",
        "runbook.schema.json",
        "scenario.schema.json",
        "steps.schema.json",
    ]


@pytest.mark.parametrize("kind", ["Runbook", "EvidencePlan"])
def test_the_inputs_of_the_kinds_use_only_what_both_validators_read_alike(kind: str) -> None:
    """Formats from our table, and no `oneOf`, in the composed schemas too."""
    for path, node in nodes(schema.compose(kind, specs())):
        assert "oneOf" not in node, path
        assert not isinstance(node.get("format"), str) or node["format"] in FORMATS, path


def test_the_checked_in_schemas_are_those_of_the_kinds() -> None:
    """Editors see what the engine checks; `runbook schema --write` renews the files after a kind has changed."""
    ours = {name: specs()[name] for name in MODULES}
    for name, text_ in schema.rendered(ours).items():
        assert (shipped.schemas() / name).read_text(encoding="utf-8") == text_, name


@pytest.mark.parametrize("value", ["{{ params.n }}", 3])
def test_a_template_may_stand_where_an_input_has_another_type(value: object) -> None:
    """`replicas: "{{ params.n }}"` fits; text without a template does not."""
    step = {"id": "a", "uses": "kubernetes.scale", "with": {"deployment": "api", "replicas": value}}
    document = _runbook(resolution=[{"id": "b", "steps": [step]}])
    assert schema.validator("Runbook", SPECS).is_valid(document)
    step["with"] = {"deployment": "api", "replicas": "three"}
    assert not schema.validator("Runbook", SPECS).is_valid(document)


def test_an_effect_is_never_a_template() -> None:
    """What a step does must be known before anything runs."""
    step = {"id": "a", "uses": "command.run", "with": {"argv": ["a"], "effect": "{{ params.effect }}"}}
    assert not schema.validator("Runbook", SPECS).is_valid(_runbook(resolution=[{"id": "b", "steps": [step]}]))


def test_a_kind_with_references_in_its_inputs_is_refused() -> None:
    """Composition could not place them; the author of the kind is told."""
    odd = spec("odd.kind", Role.PROBE, mapping(a={"$ref": "#/$defs/a"}), {})
    with pytest.raises(Bug, match=r"odd\.kind"):
        schema.compose("Runbook", {"odd.kind": odd})


def test_a_connection_type_of_a_third_party_is_known_to_the_config() -> None:
    """Its kind's spec names it; its settings are free."""
    table = {**SPECS, "redis.ping": spec("redis.ping", Role.PROBE, mapping(key=text("Key.")), {}, connection="redis")}
    config = {"apiVersion": "runbook/v1", "kind": "Config", "connections": {"cache": {"redis": {"url": "redis://x"}}}}
    assert schema.validator("Config", table).is_valid(config)
    assert not schema.validator("Config", SPECS).is_valid(config)


def _runbook(**more: object) -> dict[str, object]:
    return {"apiVersion": "runbook/v1", "kind": "Runbook", "name": "x", "title": "X", **more}


# --- the two validators ---------------------------------------------------------------------------------------


def _agree(data: dict[str, Any]) -> None:
    kind = data["kind"]
    source = parse(json.dumps(data, indent=1).encode())
    said = explain(schema.compose(kind, SPECS), source).findings
    assert schema.validator(kind, SPECS).is_valid(data) is not bool(said), said


@settings(max_examples=150, deadline=None)
@given(mutated())
def test_the_two_validators_agree_on_every_mutation_of_a_valid_document(data: dict[str, Any]) -> None:
    """A no without a reason, or a reason without a no, would be a lie to the author."""
    _agree(data)


@pytest.mark.parametrize("file", [*VALID, *INVALID], ids=lambda file: file.stem)
def test_the_two_validators_agree_on_every_case(file: Any) -> None:
    """Wherever a case is YAML at all."""
    try:
        data = parse(file.read_bytes()).data
    except DocumentError:
        return  # a case about YAML
    if data.get("kind") in schema.KINDS:
        _agree(data)


@pytest.mark.parametrize("earlier", [[], ["command.run"], ["command.run", "prometheus.query"]])
def test_a_document_is_held_to_the_kinds_that_it_uses_whatever_was_read_before(earlier: list[str]) -> None:
    """What is compiled for the first documents, which may use none, must not be too little for the next."""
    table = specs()  # nothing was compiled for this one
    head = "apiVersion: runbook/v1\nkind: Runbook\nname: one\ntitle: One\n"
    schema.problems("Runbook", parse(head.encode()), table)
    for kind in earlier:
        schema.problems("Runbook", parse(f"{head}triage: [{{id: a, uses: {kind}, with: {{}}}}]\n".encode()), table)
    wrong = parse(f"{head}triage: [{{id: a, uses: http.get, with: {{address: there}}}}]\n".encode())
    assert "address" in str(schema.problems("Runbook", wrong, table))
    assert schema.validator("Runbook", table).is_valid(wrong.data) is False


def test_a_document_loads_the_modules_of_its_kinds_only() -> None:
    """At three in the morning nobody waits for forty kinds of step that the runbook does not use."""
    script = (
        "import sys; from runbook.document.load import load; from runbook.kinds import specs;"
        "load(b'apiVersion: runbook/v1\\nkind: Runbook\\nname: one\\ntitle: One\\n"
        "triage: [{id: a, uses: tcp.connect, with: {host: localhost, port: 1}}]\\n', specs());"
        "print([name for name in sys.modules if name.startswith('runbook.kinds.kubernetes')])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout == b"[]\n"
