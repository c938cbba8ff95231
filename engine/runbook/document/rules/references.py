"""Every expression and template of a document: it parses, its names exist, come before it, and fit.

Nothing is compiled or evaluated here. Positions point into the text, wherever YAML put its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from runbook.document import expression_types
from runbook.document.expressions import Expression, ExpressionError, parse
from runbook.document.language.static import spoken, types
from runbook.document.meanings import read_by
from runbook.document.message_templates import MessageTemplate, message_template
from runbook.document.model import Parameter, Runbook, Steps
from runbook.document.places import spoken_place
from runbook.document.rules import confirming
from runbook.document.rules.scopes import Before, Scopes, values_of
from runbook.document.rules.walk import Checked, Loop, Phase, Pointer, Site, loops
from runbook.document.templates import Template, template

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.spec import JSONSchema

Names = Mapping[str, "JSONSchema | None"]
Parsed = Expression | Template | MessageTemplate

_PARALLEL: Final = (Phase.TRIAGE, Phase.PART)
SCRIPTS: Final = {  # the input that is read as code
    "shell.run": ("script", 'write "$NAME" in the script'),
    "sql.query": ("statement", "write %(name)s in the statement"),
    "sql.execute": ("statement", "write %(name)s in the statement"),
}


class _Text(NamedTuple):
    """A text that is parsed: where it stands, how it is read, and what it may use. `wanted` is an input's schema."""

    pointer: Pointer
    text: str
    read: Callable[[str], Parsed]
    names: Names
    before: Before
    own: str | None = None
    wanted: JSONSchema | None = None


def sound_expressions(doc: Checked) -> Iterator[Finding]:
    """Every expression and template parses, and refers to what exists before it, with types that fit."""
    scopes = Scopes(doc)
    for text in _texts(doc, scopes):
        yield from _problems(doc, scopes, text)


def paths_of(doc: Checked) -> Iterator[tuple[Pointer, frozenset[tuple[str, ...]]]]:
    """Every expression and template of a document that can be read: where it stands, and the paths that it names."""
    for text in _texts(doc, Scopes(doc)):
        with suppress(ExpressionError):
            yield text.pointer, text.read(text.text).references


def constant_scripts(doc: Checked) -> Iterator[Finding]:
    """Code holds no values: a value would be read as code. That of its undo, confirmation and preview too."""
    for site in doc.sites:
        key, instead = SCRIPTS.get(site.step.uses, ("", ""))
        inputs = doc.raw(site.pointer).get("with", {})
        for part in ((), ("undo",), ("confirm",), ("undo", "confirm"), ("preview",)):
            script = confirming.held(inputs, (*part, key))
            if isinstance(script, str) and "{{" in script and _holds_values(script):
                line, column = _position(script, script.index("{{"))
                yield _placed(
                    doc, (*site.pointer, "with", *part, key), line, column, "RB045",
                    f"a template in the {key} of {site.step.uses} would be run as code",
                    f"pass the value under 'values:' and {instead}",
                )  # fmt: skip


def _holds_values(script: str) -> bool:
    """Whether anything comes into it from outside; braces that are written as `{{ '{{' }}` do not."""
    try:
        return bool(template(script).references)
    except ExpressionError:
        return True


def acyclic_triage(doc: Checked) -> Iterator[Finding]:
    """Triage steps wait for those that they name, so none may wait for itself."""
    waits = _waits(doc)
    done: set[str] = set()
    for start in waits:
        cycle = _cycle(waits, start, done)
        if len(cycle) > 1:  # a step that names itself is told where it does
            site = next(site for site in doc.every if site.phase in _PARALLEL and site.step.id == cycle[0])
            message = f"these steps wait for each other: {' → '.join([*cycle, cycle[0]])}"
            hint = "one of them must do without the other's outputs"
            yield doc.source.finding(site.pointer, "RB034", message, hint)


def _waits(doc: Checked) -> dict[str, list[str]]:
    parallel = [site for site in doc.every if site.phase in _PARALLEL]
    ids = {site.step.id for site in parallel}
    waits: dict[str, list[str]] = {id_: [] for id_ in sorted(ids)}
    for site in parallel:
        named = (path[1] for path in sorted(read_by(site.step)) if path[0] == "steps" and len(path) > 1)
        waits[site.step.id] += [id_ for id_ in named if id_ in ids]
    return waits


def _cycle(waits: Mapping[str, list[str]], start: str, done: set[str]) -> list[str]:
    """The ids of a cycle reached from `start`, in order; empty if there is none that is not known already."""
    path: list[str] = []
    pending = [(start, iter(waits[start]))]
    path.append(start)
    while pending:
        current, others = pending[-1]
        following = next(others, None)
        if following is None:
            done.add(current)
            pending.pop()
            path.pop()
        elif following in path:
            done.update(path)
            return path[path.index(following) :]
        elif following not in done:
            path.append(following)
            pending.append((following, iter(waits[following])))
    return []


def _texts(doc: Checked, scopes: Scopes) -> Iterator[_Text]:
    for site in doc.sites:
        yield from _of_step(doc, scopes, site)
    book = doc.document
    if isinstance(book, Runbook | Steps):
        yield from _of_includes(doc, scopes, book)
    if not isinstance(book, Runbook):
        return
    names = scopes.names
    data = doc.source.data
    for i, symptom in enumerate(book.symptoms):
        for label, value in symptom.labels.items():
            yield _Text(("symptoms", i, "labels", label), value, template, names, _never)
    for i, option in enumerate(book.resolution):
        if option.when:
            yield _Text(("resolution", i, "when"), option.when, parse, names, scopes.before_option(i))
        yield from _of_loop(doc, scopes, loops(("resolution", i), option.for_each), scopes.before_option(i), None)
        if option.continue_with:
            shelf = doc.others.runbooks if doc.others else None
            target = shelf.get(option.continue_with.runbook) if shelf else None
            place: Pointer = ("resolution", i, "continue_with", "parameters")
            given = (option.continue_with.parameters, target.parameters if target else {})
            yield from _of_parameters(place, *given, names, scopes.before_option(i))
    for i, message in enumerate(book.communication):
        if message.when:
            yield _Text(("communication", i, "when"), message.when, parse, names, _always)
        if message.text:
            yield _Text(("communication", i, "text"), message.text, message_template, names, _always)
    if book.caution:
        yield _Text(("caution",), book.caution, message_template, names, scopes.before_option(0))
    for i, option in enumerate(book.resolution):
        if option.caution:
            yield _Text(("resolution", i, "caution"), option.caution, message_template, names, scopes.before_option(i))
    if book.escalation and book.escalation.message:
        yield _Text(("escalation", "message"), book.escalation.message, template, names, _always)
    if isinstance(data.get("evidence"), dict):
        before = scopes.before_option(0)
        for pointer, text in _strings(data["evidence"].get("with"), ("evidence", "with")):
            yield _Text(pointer, text, template, names, before)
    for key, named in (book.target or {}).items():
        yield _Text(("target", key), named, template, scopes.of_target, _never)
    if book.concurrency:
        yield _Text(("concurrency",), book.concurrency, template, names, _never)


def _of_includes(doc: Checked, scopes: Scopes, document: Runbook | Steps) -> Iterator[_Text]:
    """What includes give: in the names of this document, before the first of the steps that they become."""
    for include in document.includes:
        part = doc.others.steps.get(include.name) if doc.others else None
        first = next((site for site in doc.every if site.included and site.pointer == include.place), None)
        before = scopes.before(first) if first else _always
        given = (include.inputs, part.parameters if part else {})
        names = scopes.inside(_around(document, include.place))
        yield from _of_parameters((*include.place, "with"), *given, names, before)


def _around(document: Runbook | Steps, place: Pointer) -> tuple[Loop, ...]:
    """The loop of the option in which a place is, if that is repeated."""
    if not isinstance(document, Runbook) or place[0] != "resolution":
        return ()
    return loops(place[:2], document.resolution[int(place[1])].for_each)


def _of_parameters(
    place: Pointer, values: Mapping[str, Any], accepts: Mapping[str, Parameter], names: Names, before: Before
) -> Iterator[_Text]:
    for pointer, text in _strings(values, place):
        parameter = accepts.get(str(pointer[len(place)])) if len(pointer) == len(place) + 1 else None
        wanted = values_of(parameter) if parameter else None
        yield _Text(pointer, text, template, names, before, wanted=wanted)


def _always(_: str) -> bool:
    return True


def _never(_: str) -> bool:
    return False


def _of_step(doc: Checked, scopes: Scopes, site: Site) -> Iterator[_Text]:
    raw, before = doc.raw(site.pointer), scopes.before(site)
    own = site.step.id if site.phase is not Phase.SIGNAL else None
    spec = doc.spec(site)
    inputs = (*site.pointer, "with")
    asked = dict(confirming.expectations(site.step.uses, raw.get("with"), inputs))
    for pointer, text in asked.items():
        yield _Text(pointer, text, confirming.parsed, confirming.NAMES, _never, own)
    for pointer, text in _strings(raw.get("with"), inputs):
        if pointer in asked:
            continue
        wanted = _input_schema(spec.inputs, pointer[len(inputs) :]) if spec else None
        yield _Text(pointer, text, template, scopes.of(site), before, own, wanted)
    if "caution" in raw:
        yield _Text((*site.pointer, "caution"), raw["caution"], message_template, scopes.of(site), before, own)
    for i, entry in enumerate(raw.get("means", ())):
        if "if" in entry:
            place = (*site.pointer, "means", i, "if")
            yield _Text(place, entry["if"], parse, scopes.of_expect(site), before, own)
        place = (*site.pointer, "means", i, "say")
        itself_too = partial(_known_by_then, before, own)
        yield _Text(place, entry["say"], message_template, scopes.of_expect(site), itself_too)
    if "when" in raw:
        yield _Text((*site.pointer, "when"), raw["when"], parse, scopes.of(site), before, own)
    if "expect" in raw:
        yield _Text((*site.pointer, "expect"), raw["expect"], parse, scopes.of_expect(site), before, own)
    if site.step.for_each and not site.between:
        yield from _of_loop(doc, scopes, site.loops, before, own)


def _of_loop(
    doc: Checked, scopes: Scopes, around: tuple[Loop, ...], before: Before, own: str | None
) -> Iterator[_Text]:
    """The texts of the innermost loop: its list does not know the item, its key and order do."""
    if not around:
        return
    pointer, loop = around[-1]
    outside, inside = scopes.inside(around[:-1]), scopes.inside(around)
    if isinstance(loop.items, str):
        yield _Text((*pointer, "items"), loop.items, parse, outside, before, own)
    else:
        for at, text in _strings(doc.raw((*pointer, "items")), (*pointer, "items")):
            yield _Text(at, text, template, outside, before, own)
    for word, said in (("key", loop.key), ("order_by", loop.order_by)):
        if said is not None:
            yield _Text((*pointer, word), said, parse, inside, before, own)


def _known_by_then(before: Before, own: str | None, step: str) -> bool:
    """What a finding may tell of: the step itself too, which has been observed."""
    return step == own or before(step)


def _strings(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Every string below a value that may be a template."""
    if isinstance(value, str):
        if "{{" in value or "{%" in value:
            yield pointer, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _strings(entry, (*pointer, key))
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield from _strings(entry, (*pointer, i))


def _input_schema(schema: JSONSchema | None, pointer: Pointer) -> JSONSchema | None:
    for part in pointer:
        if not isinstance(schema, Mapping):
            return None
        found = schema.get("properties", {}).get(part)
        schema = found or schema.get("items" if isinstance(part, int) else "additionalProperties")
    return schema if isinstance(schema, Mapping) else None


def _problems(doc: Checked, scopes: Scopes, text: _Text) -> Iterator[Finding]:
    place = spoken_place(doc.source.data, text.pointer[:-1])
    field = f"'{text.pointer[-1]}'{place}" if isinstance(text.pointer[-1], str) else f"a value{place}"
    try:
        parsed = text.read(text.text)
    except ExpressionError as error:
        message = f"{field} cannot be read: {error.message}"
        yield _placed(doc, text.pointer, error.line, error.column, "RB031", message, error.hint)
        return
    for problem in expression_types.check(parsed, text.names):
        message = f"{field}: {problem.message}"
        yield _placed(doc, text.pointer, problem.line, problem.column, "RB032", message, problem.hint)
    for path in sorted(parsed.references) if "steps" in text.names else ():
        if path[0] == "steps" and len(path) > 1 and path[1] in scopes.all_steps and not text.before(path[1]):
            yield _too_early(doc, text, field, path[1])
    if text.wanted is not None and isinstance(parsed, Template):
        yield from _misfit(doc, text, field, parsed)


def _too_early(doc: Checked, text: _Text, field: str, step: str) -> Finding:
    found = re.search(rf"\bsteps\s*(\.|\[\s*['\"])\s*{step}\b", text.text)
    line, column = _position(text.text, found.start() if found else 0)
    if step == text.own:
        message = f"{field} refers to the step itself"
        hint: str | None = "in 'expect' its own outputs are bare names, such as 'value'"
    else:
        where = "which has not run by then"
        message, hint = f"{field} refers to the step '{step}', {where}", "refer to steps that come before it"
    return _placed(doc, text.pointer, line, column, "RB034" if step == text.own else "RB033", message, hint)


def _misfit(doc: Checked, text: _Text, field: str, parsed: Template) -> Iterator[Finding]:
    """A template that is a whole value must have the type that the input asks for."""
    wanted, given = types(text.wanted), types(expression_types.infer(parsed, text.names))
    if not wanted or not given or wanted & given:
        return
    if ("number" in wanted and "integer" in given) or ("integer" in wanted and "number" in given):
        return  # every integer is a number; whether a number is whole shows when the value is known
    hint = "turn it into text with `| string`" if wanted == {"string"} else None
    if given == {"string"} and wanted & {"integer", "number"}:
        hint = "turn it into a number with `| int`"
    message = f"{field} expects {spoken(wanted)}, but the template gives {spoken(given)}"
    yield _placed(doc, text.pointer, 1, 1, "RB048", message, hint)


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _placed(
    doc: Checked, pointer: Pointer, line: int, column: int, code: str, message: str, hint: str | None
) -> Finding:
    finding = doc.source.finding(pointer, code, message, hint)
    line, column = doc.source.text_at(pointer, line, column)
    return msgspec.structs.replace(finding, line=line, column=column)
