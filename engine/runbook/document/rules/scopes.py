"""Which names an expression may use where it stands, as JSON Schemas, and which steps come before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from runbook.document import declared
from runbook.document.expression_types import infer
from runbook.document.expressions import ExpressionError, parse
from runbook.document.language.static import either, entry_of, of_constant
from runbook.document.model import EvidencePlan, ForEach, Parameter, Runbook, Steps
from runbook.document.parameters import TYPES
from runbook.document.rules.walk import Checked, Loop, Phase, Site

if TYPE_CHECKING:
    from runbook.document.spec import JSONSchema

Before = Callable[[str], bool]  # of a step's id

_TEXT: Final = {"type": "string"}
_FLAG: Final = {"type": "boolean"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_VERDICT: Final = {"type": ["string", "null"], "enum": ["pass", "fail", "unknown", None]}
_STATUS: Final = {
    "type": "string",
    "enum": [
        "pending", "planned", "waiting", "approved", "started", "succeeded", "failed", "skipped", "denied",
        "in_doubt", "undone",
    ],
}  # fmt: skip


def _known(**properties: Any) -> JSONSchema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


_ALERT: Final = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        "status": _TEXT,
        "labels": {"type": "object"},
        "annotations": {"type": "object"},
        "startsAt": _TEXT,
        "endsAt": _TEXT,
        "generatorURL": _TEXT,
        "fingerprint": _TEXT,
    },
    "additionalProperties": True,
}
_INCIDENT: Final = _known(
    id=_TEXT, title=_TEXT, severity=_TEXT, status=_TEXT, lead=_TEXT, started=_TEXT, affected={}, user_facing=_FLAG,
    url=_TEXT, **{"class": _TEXT},
)  # fmt: skip
_RUN: Final = _known(
    id=_TEXT,
    runbook=_TEXT,
    mode=_TEXT,
    initiator=_TEXT,
    started=_TEXT,
    option=_TEXT,
    outcome=_TEXT,
    attested=_FLAG,
    environment=_TEXT,
)
_RUNBOOK: Final = _known(
    name=_TEXT, title=_TEXT, service=_TEXT, owners=_TEXTS, severity=_TEXT, impact=_TEXT, user_facing=_FLAG, tags=_TEXTS
)
_FIRING: Final = {"type": "object", "properties": {"firing": _FLAG}, "additionalProperties": True}


class Scopes:
    """The names of one document. `steps` describes every step, whatever comes first; order is `before`."""

    def __init__(self, doc: Checked) -> None:
        self._doc = doc
        self._sites = [site for site in doc.every if site.phase not in (Phase.SIGNAL, Phase.ITEM)]

    @cached_property
    def names(self) -> dict[str, JSONSchema | None]:
        """The names that every expression may use."""
        names: dict[str, JSONSchema | None] = {
            "params": self._parameters(),
            "alert": _ALERT,
            "incident": _INCIDENT,
            "run": _RUN,
            "runbook": _RUNBOOK,
            "env": {"type": "object", "additionalProperties": True},
        }
        if isinstance(self._doc.document, Runbook | Steps):
            steps = _known(**{site.step.id: self._step(site, ()) for site in self._sites})
            unseen = any(not include.ids for include in self._doc.document.includes)
            names["steps"] = {**steps, "additionalProperties": unseen}  # what they became is not known here
        if isinstance(self._doc.document, Runbook) and self._doc.document.target is not None:
            names["target"] = _known(**dict.fromkeys(self._doc.document.target, _TEXT))
        return names

    def of(self, site: Site) -> dict[str, JSONSchema | None]:
        """The names of a step's texts: those of the loops that repeat it come to those of the document."""
        return self.inside(site.loops)

    def inside(self, loops: tuple[Loop, ...]) -> dict[str, JSONSchema | None]:
        """The names within these loops: each one's item, and its steps as they are in one iteration."""
        if not loops:
            return self.names
        around = self.inside(loops[:-1])
        repeated = {site.step.id: self._step(site, loops) for site in self._sites if loops[-1] in site.loops}
        known = self.names["steps"] or {}
        steps = {**known, "properties": {**known.get("properties", {}), **repeated}}
        return {**around, "steps": steps, loops[-1].of.as_: item_of(loops[-1].of, around)}

    @cached_property
    def of_target(self) -> dict[str, JSONSchema | None]:
        """The names of the target's templates: what is known when the run starts, and never changes."""
        return {name: self.names[name] for name in ("params", "alert", "env")}

    def of_expect(self, site: Site) -> dict[str, JSONSchema | None]:
        """The names of a step's `expect`: its own outputs are bare."""
        spec = self._doc.spec(site)
        if spec is None:
            return {**self.of(site), **dict.fromkeys(_ANY_OUTPUT)}
        return {**self.of(site), **spec.outputs.get("properties", {}), **declared.schemas(site.step.outputs)}

    @cached_property
    def all_steps(self) -> frozenset[str]:
        """Ids of every step."""
        return frozenset(site.step.id for site in self._sites)

    def before(self, site: Site) -> Before:
        """Whether a step has run, or been left out, when that of `site` begins; siblings in triage count as such."""
        place = self._places.get(site.step.id, (0, 0))

        def earlier(name: str) -> bool:
            if name == site.step.id or site.phase in (Phase.SIGNAL, Phase.SYMPTOM, Phase.ITEM):
                return False
            other = self._places[name]
            beside = site.phase in (Phase.TRIAGE, Phase.PART) and other[0] == place[0]
            in_turn = site.phase in (Phase.OPTION, Phase.FINAL) and other < place
            return beside or in_turn or other[0] < place[0]

        return earlier

    def before_option(self, index: int) -> Before:
        """Whether a step comes before an option."""
        earlier = {
            site.step.id
            for site in self._sites
            if site.phase in (Phase.SYMPTOM, Phase.TRIAGE)
            or (site.phase is Phase.OPTION and int(site.pointer[1]) < index)
        }
        return earlier.__contains__

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        """The phase of each step, and its position in the document."""
        phases = list(Phase)
        places: dict[str, tuple[int, int]] = {}
        for position, site in enumerate(self._sites):
            places.setdefault(site.step.id, (phases.index(site.phase), position))
        return places

    def _parameters(self) -> JSONSchema:
        assert isinstance(self._doc.document, Runbook | Steps | EvidencePlan)  # noqa: S101
        return _known(**{name: values_of(parameter) for name, parameter in self._doc.document.parameters.items()})

    def _step(self, site: Site, inside: tuple[Loop, ...]) -> JSONSchema:
        """A step as it is seen from within these loops: from outside, one that is repeated is the whole of it."""
        once = self._once(site)
        return once if site.between or all(loop in inside for loop in site.loops) else _repeated(once)

    def _once(self, site: Site) -> JSONSchema:
        spec = self._doc.spec(site)
        if spec is None:
            alert = isinstance(self._doc.raw(site.pointer), dict) and "alert" in self._doc.raw(site.pointer)
            outputs: JSONSchema = _FIRING if alert else {"additionalProperties": True}
        else:
            outputs = spec.outputs
        own = declared.schemas(site.step.outputs)
        properties = {**outputs.get("properties", {}), **own, "status": _STATUS, "verdict": _VERDICT}
        return {**outputs, "type": "object", "properties": properties}


def _repeated(once: JSONSchema) -> JSONSchema:
    """The whole of a step that is repeated: how it went with each item."""
    output = {name: schema for name, schema in once["properties"].items() if name not in ("status", "verdict")}
    result = _known(key=_TEXT, status=_STATUS, verdict=_VERDICT, output={**once, "properties": output})
    results = {"type": "array", "items": result}
    return _known(status=_STATUS, verdict=_VERDICT, results=results, failed=_TEXTS)


def item_of(loop: ForEach, names: Mapping[str, JSONSchema | None]) -> JSONSchema:
    """The schema of a loop's item, as far as it is certain."""
    if not isinstance(loop.items, str):
        kinds = [of_constant(item) for item in loop.items if not isinstance(item, dict | list)]
        known = len(kinds) == len(loop.items) and not any("{{" in str(item) for item in loop.items)
        return either(kinds) if known and kinds else {}
    try:
        return entry_of(infer(parse(loop.items), names))
    except ExpressionError:
        return {}


_ANY_OUTPUT: Final = ("value", "rows", "status")


def values_of(parameter: Parameter) -> JSONSchema:
    """The schema of a parameter's values, as far as expressions can know them."""
    if parameter.secret or parameter.type not in TYPES:
        return {}
    schema: dict[str, Any] = {"type": parameter.type}
    if parameter.enum is not None:
        schema["enum"] = list(parameter.enum)
    if parameter.items is not None:
        schema["items"] = parameter.items
    return schema
