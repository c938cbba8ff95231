"""What can be said of an expression without running it: names that do not exist, types that cannot fit.

The scope is described by JSON Schemas, one per name. Only what is certainly wrong is a problem: a schema that
is None, empty, or made of `anyOf` and the like means anything, and null is allowed everywhere, since every
output may be null at night.

    names = {"value": {"type": "number"}, "params": {"type": "object", "properties": {…}}}
    check(parse("valu > 1"), names)     [Problem("there is no name 'valu' here", "did you mean 'value'?", …)]
    infer(template("{{ params.replicas }}"), names)     {"type": "integer"}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from runbook.document.expressions import Expression
from runbook.document.language import tree
from runbook.document.language.errors import place
from runbook.document.language.filters import FILTERS
from runbook.document.language.parts import Branch, Each, Part, Show
from runbook.document.language.static import ANYTHING, either, entry_of, misfit, of_constant, spoken, types
from runbook.document.message_templates import MessageTemplate
from runbook.document.spec import JSONSchema
from runbook.document.templates import Template

Names = Mapping[str, JSONSchema | None]

_BOOLEAN: JSONSchema = {"type": "boolean"}


class Problem(msgspec.Struct, frozen=True):
    """One thing that is certainly wrong. `line` and `column` count from 1 within the text."""

    message: str
    hint: str | None
    column: int
    line: int = 1


def check(text: Expression | Template | MessageTemplate, names: Names) -> list[Problem]:
    """Every reference that cannot exist and every operation whose types cannot fit, in the text's order."""
    checker = _Checker(text.text)
    if isinstance(text, Expression):
        checker.schema(text.tree, names)
    elif isinstance(text, Template):
        for part in text.parts:
            if not isinstance(part, str):
                checker.offset, expression = part
                checker.schema(expression.tree, names)
    else:
        checker.message(text.parts, names)
    return sorted(checker.problems, key=lambda problem: (problem.line, problem.column))


def infer(text: Expression | Template, names: Names) -> JSONSchema:
    """The schema of what it yields: of a path the declared one as it stands; {} when it is not certain."""
    if isinstance(text, Template):
        if text.only is None:
            return {"type": "string"}
        text = text.only
    return _Checker(text.text).schema(text.tree, names)


class _Checker:
    """Walks a tree bottom up, giving each node a schema and noting problems."""

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self.offset = 0
        self._text = text

    def note(self, at: int, message: str, hint: str | None = None) -> None:
        line, column = place(self._text, self.offset + at)
        self.problems.append(Problem(message, hint, column, line))

    def message(self, parts: Iterable[Part], names: Names) -> None:
        """The parts of a message; a loop's variable has the schema of the list's entries."""
        for part in parts:
            match part:
                case Show(node=node, offset=offset):
                    self.offset = offset
                    self.schema(node, names)
                case Each(name=name, source=source, body=body):
                    listed = self.schema(source, names)
                    self.message(body, {**names, name: entry_of(listed)})
                case Branch(test=test, then=then, otherwise=otherwise):
                    self.schema(test, names)
                    self.message(then, names)
                    self.message(otherwise, names)

    def schema(self, node: tree.Node, names: Names) -> JSONSchema:
        """The schema of a node's value; problems below it are noted once."""
        match node:
            case tree.Constant(value=value):
                return of_constant(value)
            case tree.Name(name=name):
                return self._name(name, node.at, names)
            case tree.Item():
                return self._item(node, names)
            case tree.Compare():
                return self._compare(node, names)
            case tree.Junction(parts=parts):
                return either([self.schema(part, names) for part in parts])
            case tree.Sign(operand=operand):
                return self._sign(operand, names)
            case tree.Arithmetic():
                return self._arithmetic(node, names)
            case tree.Choice(test=test, then=then, otherwise=otherwise):
                self.schema(test, names)
                return either([self.schema(then, names), self.schema(otherwise, names)])
            case tree.ListOf(items=items):
                entries = [self.schema(item, names) for item in items]
                return {"type": "array", "items": either(entries)} if entries else {"type": "array"}
            case tree.MapOf(pairs=pairs):
                return {
                    "type": "object",
                    "properties": {key: self.schema(value, names) for key, value in pairs},
                }
            case tree.Filtered():
                return self._filter(node, names)
            case tree.Not(operand=operand) | tree.Tested(subject=operand):
                self.schema(operand, names)
                return _BOOLEAN
        raise TypeError(f"no type for {type(node).__name__}")

    def _name(self, name: str, at: int, names: Names) -> JSONSchema:
        if name not in names:
            self.note(at, f"there is no name '{name}' here", _nearest(name, names))
        return names.get(name) or ANYTHING

    def _item(self, node: tree.Item, names: Names) -> JSONSchema:
        base, key = self.schema(node.base, names), self.schema(node.key, names)
        possible = types(base)
        if not possible:
            return ANYTHING
        held = tree.described(node.base)
        if not {"object", "array"} & possible:
            self.note(node.at, f"{held} is {spoken(possible)} and has no entries")
            return ANYTHING
        if len(possible) > 1 or not isinstance(node.key, tree.Constant):
            return ANYTHING
        wanted = "string" if "object" in possible else "integer"
        if types(key) != {wanted}:
            needs = "a key in quotes" if wanted == "string" else "a whole number"
            self.note(node.at, f"{held} is {spoken(possible)}; its entries are found by {needs}")
            return ANYTHING
        return entry_of(base) if wanted == "integer" else self._property(base, str(node.key.value), held, node.at)

    def _property(self, schema: JSONSchema, key: str, held: str, at: int) -> JSONSchema:
        properties = schema.get("properties")
        more = schema.get("additionalProperties")
        if properties is not None and key in properties:
            declared = properties[key]  # `true` is a schema too, and means anything
            return declared if isinstance(declared, Mapping) else ANYTHING
        if isinstance(more, Mapping):
            return more
        if properties is not None and more is not True and not schema.get("patternProperties"):
            self.note(at, f"{held} has no '{key}'", _nearest(key, properties))
        return ANYTHING

    def _compare(self, node: tree.Compare, names: Names) -> JSONSchema:
        left_node, left = node.first, self.schema(node.first, names)
        for sign, right_node in node.links:
            right = self.schema(right_node, names)
            problem = misfit(sign, types(left), types(right))
            if problem:
                self.note(tree.start(left_node), problem)
            elif sign in ("==", "!="):
                self._outside_enum(left_node, left, right_node)
                self._outside_enum(right_node, right, left_node)
            left_node, left = right_node, right
        return _BOOLEAN

    def _outside_enum(self, node: tree.Node, schema: JSONSchema, other: tree.Node) -> None:
        """`verdict == 'passed'` is never true: the declared values say so."""
        declared = schema.get("enum")
        if not declared or not isinstance(other, tree.Constant) or other.value is None:
            return
        if other.value not in declared:
            message = f"{tree.described(node)} is never {other.value!r}"
            self.note(other.at, message, _nearest(str(other.value), map(str, declared)))

    def _sign(self, operand: tree.Node, names: Names) -> JSONSchema:
        schema = self.schema(operand, names)
        if types(schema) and not {"number", "integer"} & types(schema):
            self.note(tree.start(operand), f"a sign stands before numbers only, not before {spoken(types(schema))}")
        return {"type": "integer" if types(schema) == {"integer"} else "number"}

    def _arithmetic(self, node: tree.Arithmetic, names: Names) -> JSONSchema:
        left, right = types(self.schema(node.left, names)), types(self.schema(node.right, names))
        strings = node.operator == "+" and "string" in (left or {"string"}) & (right or {"string"})
        numbers = all(not side or {"number", "integer"} & side for side in (left, right))
        if not strings and not numbers:
            joins = node.operator == "+" and "string" in left | right
            hint = "turn the number into text with `| string`" if joins else None
            self.note(tree.start(node), f"cannot calculate {spoken(left)} {node.operator} {spoken(right)}", hint)
        if strings:
            return {"type": "string"} if {"string"} in (left, right) else ANYTHING
        whole = left == right == {"integer"} and node.operator != "/"
        return {"type": "integer"} if whole else {"type": "number"}

    def _filter(self, node: tree.Filtered, names: Names) -> JSONSchema:
        subject = self.schema(node.subject, names)
        arguments = [self.schema(argument, names) for argument in node.arguments if argument]
        known, given = FILTERS[node.name], types(subject)
        takes = set(known.takes) | ({"integer"} if "number" in known.takes else set())
        if takes and given and not takes & given:
            self.note(node.at, f"filter '{node.name}' cannot take {spoken(given)}")
        if node.name == "default":
            return either([subject, arguments[0]])
        if node.name in ("first", "last", "min", "max"):
            return entry_of(subject)
        if node.name in ("sort", "unique"):
            return subject if given == {"array"} else {"type": "array"}
        if node.name in ("int", "float") and arguments:
            return either([{"type": known.gives}, *arguments])
        return {"type": known.gives}


def _nearest(word: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    choices = sorted(known)
    near = get_close_matches(word, choices, 1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"available: {', '.join(choices)}" if choices else None
