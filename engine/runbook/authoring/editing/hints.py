"""What stands under the cursor, in words, and where it comes from."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from runbook.authoring.editing.cursor import key_at, spot, word_at
from runbook.authoring.editing.offers import kind_around
from runbook.authoring.editing.outline import Named, kind_of, outline
from runbook.authoring.editing.shape import described, keys_of, schemas_at
from runbook.document.schema import KINDS, compose
from runbook.document.spec import KindSpec, Specs

# Keys whose value is the name of another document, and of which kind that is.
ELSEWHERE: Final = {"include": "Steps", "runbook": "Runbook", "evidence": "EvidencePlan", "plan": "EvidencePlan"}
_HERE: Final = frozenset({"points_to", "needs", "after", "option", "instead_of"})


class Elsewhere(NamedTuple):
    """Another document: its kind and name."""

    kind: str
    name: str


def hover(text: str, line: int, column: int, specs: Specs) -> str | None:
    """Markdown about what stands there; None for nothing."""
    word = word_at(text, line, column)
    if word in specs:
        return kind_page(specs[word])
    if (step := _named_by(text, word)) is not None:
        about = f"**{step.name}**" + (f": {step.title}" if step.title else "")
        return f"{about}\n\n{kind_page(specs[step.uses])}" if step.uses and step.uses in specs else about
    at, kind = key_at(text, line, column), kind_of(text)
    if at is None or kind not in KINDS:
        return None
    root = compose(str(kind), specs)
    path, key = at
    schemas = schemas_at(root, path, specs, kind_around(text, line, spot(text, line, column)))
    schema = keys_of(schemas, root).get(key)
    about = described(schema, root) if schema is not None else ""
    return f"**{key}**\n\n{about}" if about else None


def definition(text: str, line: int, column: int) -> Named | Elsewhere | None:
    """Where the step, option, parameter or document comes from that is named there."""
    word = word_at(text, line, column)
    if not word:
        return None
    here = spot(text, line, column)
    if here.key in ELSEWHERE:
        return Elsewhere(ELSEWHERE[here.key], word)
    if (step := _named_by(text, word)) is not None:
        return step
    first, _, rest = word.partition(".")
    if first == "params" and rest:
        return _first(text, ("parameter",), rest.partition(".")[0])
    if here.key in _HERE or set(here.path) & _HERE:
        return _first(text, ("option", "step"), word)
    return None


def kind_page(spec: KindSpec) -> str:
    """A kind of step, as its inputs and outputs."""
    lines = [f"**{spec.name}**: {spec.summary}"]
    required = spec.inputs.get("required", ())
    for title, schema in (("Inputs", spec.inputs), ("Outputs", spec.outputs)):
        rows = [
            f"- `{name}`{' (required)' if schema is spec.inputs and name in required else ''}: "
            f"{one.get('description', '')}"
            for name, one in schema.get("properties", {}).items()
        ]
        lines += [f"{title}:", "\n".join(rows)] if rows else []
    return "\n\n".join(lines)


def _named_by(text: str, word: str) -> Named | None:
    found = re.match(r"steps\.([\w-]+)", word)
    return _first(text, ("step",), found[1]) if found else None


def _first(text: str, what: tuple[str, ...], name: str) -> Named | None:
    return next((one for one in outline(text) if one.what in what and one.name == name), None)
