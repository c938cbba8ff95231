"""Plain data to the model: short forms written out, signals resolved, durations in seconds.

Runs on data that fits its schema, so nothing is validated here. Never changes the data that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any, Final, TypeVar

from runbook.document.catalog import Catalog
from runbook.document.durations import Duration
from runbook.document.frames.channels import PAGES, SHARED
from runbook.document.frames.config import LATER_TYPES, connection_types
from runbook.document.model import Config, EvidencePlan, Policy, Runbook, Scenarios, Steps
from runbook.document.regime import Regime
from runbook.document.spec import Specs
from runbook.document.typed import converted
from runbook.document.words import Audience

Data = dict[str, Any]
T = TypeVar("T")
Document = Runbook | Steps | Scenarios | EvidencePlan | Policy | Catalog | Regime | Config

_OF_A_SIGNAL: Final = ("uses", "with", "connection", "series", "timeout", "retry")
_WORD_STARTS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_IN_IDS: Final = re.compile(r"[^a-z0-9]+")


def build(kind: str, data: Data, specs: Specs) -> Document:
    """The document as a frozen type; msgspec.ValidationError for data that does not fit the schema."""
    if kind == "Config":
        return _config(data, connection_types(specs))
    return _BUILDERS[kind](data)


def symptom_id(alert: str) -> str:
    """The id of an alert symptom that has none of its own: `ApiErrorRateHigh` → `api_error_rate_high`."""
    words = _NOT_IN_IDS.sub("_", _WORD_STARTS.sub("_", alert).lower()).strip("_")
    return (words if words[:1].isalpha() else f"alert_{words}")[:63]


def _runbook(data: Data) -> Runbook:
    signals = data.get("signals", {})

    def steps(entries: list[Data]) -> list[Data]:
        return [_measured(entry, signals) for entry in entries if "include" not in entry]

    def verified(entry: Data) -> Data:
        verification = entry.get("verification")
        if verification is None:
            return entry
        return {**entry, "verification": {**verification, "checks": steps(verification["checks"])}}

    written = {
        **verified(data),
        "symptoms": [_symptom(entry, signals) for entry in data.get("symptoms", [])],
        "triage": steps(data.get("triage", [])),
        "resolution": [
            verified({**_repeated(option, signals), "steps": steps(option.get("steps", []))})
            for option in data.get("resolution", [])
        ],
        "communication": [
            {"id": str(position), **entry} for position, entry in enumerate(data.get("communication", []), 1)
        ],
        "finally": steps(data.get("finally", [])),
        "includes": [*_includes(data, "triage"), *_of_options(data)],
    }
    if isinstance(data.get("evidence"), str):
        written["evidence"] = {"plan": data["evidence"]}
    return _convert(written, Runbook)


def _steps(data: Data) -> Steps:
    own = [entry for entry in data["steps"] if "include" not in entry]
    return _convert({**data, "steps": own, "includes": list(_includes(data, "steps"))}, Steps)


def _of_options(data: Data) -> Iterator[Data]:
    for i, option in enumerate(data.get("resolution", [])):
        yield from _includes(option, "steps", ("resolution", i))


def _includes(data: Data, key: str, around: tuple[str | int, ...] = ()) -> Iterator[Data]:
    """Entries that stand for the steps of another document, each with its place."""
    for i, entry in enumerate(data.get(key, [])):
        if "include" in entry:
            yield {**entry, "place": (*around, key, i)}


def _measured(step: Data, signals: Mapping[str, Data]) -> Data:
    """A step with what its signal says; its own keys win, and its outputs come beside the signal's."""
    step = _repeated(step, signals)
    if "signal" not in step:
        return step
    signal = signals.get(step["signal"], {"uses": ""})
    measured: Data = {**{key: signal[key] for key in _OF_A_SIGNAL if key in signal}, **step}
    if "outputs" in signal:
        measured["outputs"] = {**signal["outputs"], **step.get("outputs", {})}
    return measured


def _repeated(entry: Data, signals: Mapping[str, Data]) -> Data:
    """A step or an option whose loop has the probes that stand between its items, with what their signals say."""
    loop = entry.get("for_each", {})
    if "between" not in loop:
        return entry
    return {**entry, "for_each": {**loop, "between": [_measured(probe, signals) for probe in loop["between"]]}}


def _symptom(entry: Data, signals: Mapping[str, Data]) -> Data:
    if "alert" in entry:
        return {"id": symptom_id(entry["alert"]), **entry}
    return {"id": entry["id"], "title": entry.get("title"), "probe": _measured(entry, signals)}


_CONFIG = ("library", "store", "policy", "catalog", "lint", "seals", "retention", "obligations", "incidents")


def _catalog(data: Data) -> Data:
    return {**data, "severities": [_severity(entry) for entry in data["severities"]]}


def _severity(entry: Data) -> Data:
    """`immediately` is no time at all; `business hours` is none that a clock could count."""
    response = entry.get("response", {})
    said = response.get("acknowledge")
    if said == "business hours":
        rest = {key: value for key, value in response.items() if key != "acknowledge"}
        return {**entry, "response": {**rest, "business_hours": True}}
    return {**entry, "response": {**response, "acknowledge": "0s"}} if said == "immediately" else entry


def _config(data: Data, types: Set[str]) -> Config:
    written: Data = {key: data[key] for key in _CONFIG if key in data}
    if "connections" in data:
        written["connections"] = [_connection(name, settings, types) for name, settings in data["connections"].items()]
    if "channels" in data:
        written["channels"] = [_channel(name, entry) for name, entry in data["channels"].items()]
    if "environments" in data:
        written["environments"] = [_environment(name, entry, types) for name, entry in data["environments"].items()]
    return _convert(written, Config)


def _environment(name: str, entry: Data, types: Set[str]) -> Data:
    connections = entry.get("connections", {})
    named = [_connection(key, settings, types) for key, settings in connections.items()]
    return {**entry, "name": name, "connections": named}


def _connection(name: str, entry: Data, types: Set[str]) -> Data:
    """`kubernetes: {…}` is the default of its type; `staging: {kubernetes: {…}}` has its type inside."""
    named = name in LATER_TYPES and len(entry) == 1 and next(iter(entry)) in types
    if name in types and not named:
        return {"name": name, "type": name, "settings": entry}
    [(kind, settings)] = entry.items()
    return {"name": name, "type": kind, "settings": settings}


def _channel(name: str, entry: Data) -> Data:
    [kind] = [key for key in entry if key not in SHARED][:1] or [""]
    reads = {"audience": Audience.CUSTOMERS} if kind in PAGES else {}
    own: Data = {key: entry[key] for key in SHARED if key in entry}
    return {"name": name, "type": kind, "settings": entry.get(kind, {}), **reads, **own}


def _convert(data: Data, kind: type[T]) -> T:
    return converted(data, kind, dec_hook=_decoded)


def _decoded(kind: type, value: Any) -> Any:
    if kind is Duration:
        return Duration.parse(value)
    raise NotImplementedError(kind)


_BUILDERS: Final[Mapping[str, Callable[[Data], Document]]] = {
    "Runbook": _runbook,
    "Steps": _steps,
    "Scenario": lambda data: _convert(data, Scenarios),
    "EvidencePlan": lambda data: _convert(data, EvidencePlan),
    "Policy": lambda data: _convert(data, Policy),
    "Catalog": lambda data: _convert(_catalog(data), Catalog),
    "Regime": lambda data: _convert(data, Regime),
}
