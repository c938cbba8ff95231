"""What may be typed here: keys and values of the schema, kinds of steps, names that an expression may use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from runbook.authoring.editing.cursor import Spot, spot
from runbook.authoring.editing.outline import Named, kind_of, outline
from runbook.authoring.editing.shape import described, examples_of, keys_of, schemas_at, values_of
from runbook.document.schema import KINDS, compose
from runbook.document.spec import Specs

EXPRESSIONS: Final = frozenset({"when", "expect", "if", "items", "until", "from", "from_each"})
_DOTTED: Final = re.compile(r"(?<![\w.])((?:[A-Za-z_]\w*\.)*)(\w*)$")
_OF_A_STEP: Final = {"verdict": "pass, fail or unknown", "status": "succeeded, failed, skipped …"}
_ROOTS: Final = {
    "params": "the runbook's parameters",
    "steps": "what earlier steps gave",
    "target": "the thing worked on",
    "alert": "the alert that the run was started from",
    "env": "the values of the environment",
    "run": "this run",
}


class Offer(NamedTuple):
    """One completion: its text, what it is (`key`, `value`, `kind`, `name`), a line about it, and what it means."""

    text: str
    what: str
    detail: str = ""
    documentation: str = ""


def offers(text: str, line: int, column: int, specs: Specs) -> list[Offer]:
    """Completions for a cursor; line and column count from 0. In the order in which they should be shown."""
    here = spot(text, line, column)
    found = list(_in_expression(text, here, specs))
    if found or _is_expression(here):
        return _starting(found, _last(here.typed))
    kind = kind_of(text)
    if here.key == "kind" and not here.path:
        return _starting([Offer(name, "value") for name in KINDS], here.typed)
    if here.key == "uses":
        return _starting([Offer(name, "kind", specs[name].summary) for name in specs], here.typed)
    if kind not in KINDS:
        return [Offer("apiVersion", "key"), Offer("kind", "key")] if here.key is None else []
    root = compose(str(kind), specs)
    uses = kind_around(text, line, here)
    if here.key is not None:
        schemas = schemas_at(root, (*here.path, here.key), specs, uses)
        values = values_of(schemas, root) or examples_of(schemas, root)
        return _starting([Offer(_written(value), "value") for value in values], here.typed)
    schemas = schemas_at(root, here.path, specs, uses)
    required = {key for one in schemas for key in one.get("required", ())}
    keys = [
        Offer(key, "key", "required" if key in required else "", described(schema, root))
        for key, schema in keys_of(schemas, root).items()
        if key not in here.beside
    ]
    return _starting(sorted(keys, key=lambda one: one.detail != "required"), here.typed)


def kind_around(text: str, line: int, here: Spot) -> str | None:
    """The kind of the step that the cursor is in, where it is within its inputs."""
    if "uses" in here.beside:
        return here.beside["uses"].strip().strip("\"'")
    if "with" not in here.path:
        return None
    lines = text.split("\n")
    on_line = re.search(r"uses:\s*[\"']?([\w.-]+)", lines[line] if line < len(lines) else "")
    if on_line:
        return on_line[1]
    for number in range(line, -1, -1):
        if re.match(r"\s*(?:-\s+)*with\s*:", lines[number]):
            indent = len(lines[number]) - len(lines[number].lstrip(" -"))
            around = spot(text, number, indent)
            found = around.beside.get("uses")
            return found.strip().strip("\"'") if found else None
    return None


def _is_expression(here: Spot) -> bool:
    """Whether the cursor stands in code: behind a key that holds an expression, or within `{{ }}`."""
    return here.key in EXPRESSIONS or here.before.rfind("{{") > here.before.rfind("}}")


def _in_expression(text: str, here: Spot, specs: Specs) -> Iterator[Offer]:
    if not _is_expression(here):
        return
    found = _DOTTED.search(here.before)
    names = found[1].rstrip(".").split(".") if found and found[1] else []
    things = outline(text)
    if not names:
        yield from (Offer(name, "name", about) for name, about in _ROOTS.items())
        if here.key == "expect" and (kind := here.beside.get("uses", "").strip()) in specs:
            yield from _outputs(specs[kind].outputs)
    elif names == ["params"]:
        yield from (Offer(one.name, "name", "parameter") for one in things if one.what == "parameter")
    elif names == ["target"]:
        yield from (Offer(one.name, "name") for one in things if one.what == "target")
    elif names == ["steps"]:
        yield from (Offer(one.name, "name", one.title or one.uses or "") for one in things if one.what == "step")
    elif len(names) == 2 and names[0] == "steps":
        yield from _of_step(next((one for one in things if one.what == "step" and one.name == names[1]), None), specs)


def _of_step(step: Named | None, specs: Specs) -> Iterator[Offer]:
    if step is None:
        return
    if step.uses in specs:
        yield from _outputs(specs[str(step.uses)].outputs)
    yield from (Offer(name, "name", about) for name, about in _OF_A_STEP.items())


def _outputs(schema: Mapping[str, Any]) -> Iterator[Offer]:
    for name, one in schema.get("properties", {}).items():
        type_ = one.get("type", "any") if isinstance(one, Mapping) else "any"
        detail = " or ".join(type_) if isinstance(type_, list) else str(type_)
        yield Offer(name, "name", detail, str(one.get("description", "")))


def _starting(found: list[Offer], typed: str) -> list[Offer]:
    return [one for one in found if one.text.startswith(typed)] or [one for one in found if typed in one.text]


def _last(typed: str) -> str:
    return typed.rpartition(".")[2]


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
