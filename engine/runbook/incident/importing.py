"""Past incidents as other tools have them: their rows as declarations, or every row's problem with its line.

    csv         a header with names of `COLUMNS`, one incident a line
    json        a list, or `{"incidents": […]}` as `incident list --output json` prints it, with the same names
    pagerduty   what PagerDuty's REST API answers to `GET /incidents`

Bytes in, values out: nothing is looked up, and nothing is guessed. A severity that the catalog does not have is mapped
by whoever imports, or is a problem of its row.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from runbook.document.catalog import Catalog
from runbook.document.suggest import did_you_mean
from runbook.errors import UsageError
from runbook.incident import naming, order
from runbook.incident import records as r
from runbook.incident.declaring import Declaration
from runbook.incident.moments import Given, moment
from runbook.incident.words import TIMES

_WORDS: Final = ("title", "severity", "type", "service", "environment", "affected", "impact", "tlp", "summary", "url")
_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
COLUMNS: Final = ("id", *_WORDS, "user_facing", "confidential", "commander", *TIMES, "source")
_HIDDEN: Final = "what is confidential is listed whole by `incident list --confidential --output json`"
NEEDED: Final = ("id", "title", "severity", "declared")


class Row(NamedTuple):
    """One incident of a file: its line, its id there, and what is said of it by the names of `COLUMNS`."""

    line: int
    id: str
    said: Mapping[str, Any]


class Problem(NamedTuple):
    """Why a row cannot be imported. Line 0: the file as a whole."""

    line: int
    message: str
    hint: str | None = None


class Ready(NamedTuple):
    """A row that can be declared."""

    line: int
    id: str
    declaration: Declaration


class Terms(NamedTuple):
    """What rows are read by: the catalog, severities by the names that they have there, where times come from, now."""

    catalog: Catalog
    mapped: Mapping[str, str]
    origin: str
    source: str
    now: float


def rows_of(data: bytes, origin: str) -> tuple[list[Row], list[Problem]]:
    """The rows of a file in one of the three forms, and what is wrong with its form. UsageError for what is no text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"it is not text in UTF-8: {error.reason} at byte {error.start}") from error
    rows, problems = _READ[origin](text)
    first: dict[str, int] = {}
    for row in rows:
        if row.id in first:
            problems.append(
                Problem(row.line, f"the id {row.id!r} is used a second time; the first is at line {first[row.id]}")
            )
        first.setdefault(row.id, row.line)
    return rows, problems


def ready(rows: Sequence[Row], terms: Terms) -> tuple[list[Ready], list[Problem]]:
    """Rows as declarations, the earliest first; and the problem of each that cannot be one."""
    found, problems = [], []
    for row in rows:
        try:
            found.append(Ready(row.line, row.id, _declaration(row, terms)))
        except UsageError as error:
            said = f"{row.id}: {error.message}" if row.id else error.message
            problems.append(Problem(row.line, said, error.hint))
    return sorted(found, key=lambda one: one.declaration.when.at or 0.0), problems


# --- the three forms -----------------------------------------------------------------------------------------


def _csv(text: str) -> tuple[list[Row], list[Problem]]:
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        return [], [Problem(reader.line_num, f"it is no CSV: {error}")]
    if not lines:
        return [], [Problem(0, "the file is empty", f"its first line names columns: {', '.join(NEEDED)} …")]
    names = [name.strip().lower().replace(" ", "_") for name in lines[0][1]]
    problems = [
        Problem(1, f"there is no column {name!r}", did_you_mean(name, COLUMNS, what="columns are"))
        for name in names
        if name not in COLUMNS
    ]
    problems += [Problem(1, f"the column {name!r} is missing") for name in NEEDED if name not in names]
    problems += [Problem(1, f"the column {name!r} is there twice") for name in set(names) if names.count(name) > 1]
    rows = []
    for line, cells in lines[1:]:
        if len(cells) > len(names):
            problems.append(Problem(line, f"{len(cells)} cells, and {len(names)} columns", "quote what holds a comma"))
        elif any(cell.strip() for cell in cells):
            said = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
            rows.append(Row(line, str(said.get("id", "")), said))
    return rows, problems


def _json(text: str) -> tuple[list[Row], list[Problem]]:
    rows, problems = [], []
    entries, wrong = _entries(text)
    for line, entry in entries:
        flat = _flat(entry)
        strange = [name for name in flat if name not in COLUMNS]
        problems += [
            Problem(line, f"unknown key {name!r}", did_you_mean(name, COLUMNS, what="keys are")) for name in strange
        ]
        rows.append(Row(line, str(flat.get("id", "")), flat))
    return rows, problems + wrong


def _flat(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as the list of another store has it, or with the columns' names; what only we can know is left out."""
    flat = {name: item for name, item in entry.items() if item is not None and name not in _OURS}
    flat.setdefault("id", entry.get("incident"))
    for name, item in _map(entry.get("times")).items():
        flat[name] = item.get("at") if isinstance(item, Mapping) else item
    commander = _map(entry.get("roles")).get("commander")
    if commander is not None:
        flat["commander"] = commander.get("person") if isinstance(commander, Mapping) else commander
    return {name: item for name, item in flat.items() if item is not None}


_OURS: Final = frozenset({"incident", "times", "roles", "status", "declared_by", "public", "war_room"})


def _pagerduty(text: str) -> tuple[list[Row], list[Problem]]:
    entries, problems = _entries(text)
    rows = []
    for line, entry in entries:
        acknowledged = sorted(str(one["at"]) for one in _list(entry.get("acknowledgements")) if "at" in _map(one))
        over = entry.get("status") == "resolved"
        said = {
            "id": entry.get("id"),
            "title": entry.get("title") or entry.get("summary"),
            "severity": _map(entry.get("priority")).get("summary") or entry.get("urgency"),
            "service": _map(entry.get("service")).get("summary"),
            "declared": entry.get("created_at"),
            "alerted": entry.get("created_at"),
            "acknowledged": acknowledged[0] if acknowledged else None,
            "resolved": (entry.get("resolved_at") or entry.get("last_status_change_at")) if over else None,
            "url": entry.get("html_url"),
        }
        rows.append(Row(line, str(said["id"] or ""), {name: item for name, item in said.items() if item is not None}))
    return rows, problems


def _map(item: Any) -> Mapping[str, Any]:
    return item if isinstance(item, Mapping) else {}


def _list(item: Any) -> list[Any]:
    return item if isinstance(item, list) else []


_READ: Final[Mapping[str, Callable[[str], tuple[list[Row], list[Problem]]]]] = {
    "csv": _csv,
    "json": _json,
    "pagerduty": _pagerduty,
}
FORMS: Final = tuple(_READ)


def _entries(text: str) -> tuple[list[tuple[int, Mapping[str, Any]]], list[Problem]]:
    """The objects of a list, each with the line that it begins on."""
    try:
        whole = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        return [], [Problem(line, f"it is no JSON: {error}")]
    listed = whole.get("incidents") if isinstance(whole, dict) else whole
    if not isinstance(listed, list):
        return [], [Problem(1, "it holds no list of incidents", 'write a list, or {"incidents": […]}')]
    lines = list(_lines(text)) if all(isinstance(one, dict) for one in listed) else []
    if len(lines) != len(listed):
        lines = [0] * len(listed)
    placed = list(zip(lines, listed, strict=True))
    problems = [Problem(line, "an incident is an object") for line, one in placed if not isinstance(one, dict)]
    return [(line, one) for line, one in placed if isinstance(one, dict)], problems


def _lines(text: str) -> Iterator[int]:
    """On which line each entry of the list of incidents begins."""
    found = re.search(r'"incidents"\s*:\s*\[', text) if text.lstrip().startswith("{") else re.search(r"\[", text)
    at = found.end() if found else len(text)
    decoder = json.JSONDecoder()
    while (entry := re.compile(r"\s*,?\s*(?=\{)").match(text, at)) is not None:
        yield text.count("\n", 0, entry.end()) + 1
        _, at = decoder.raw_decode(text, entry.end())


# --- a row as a declaration ----------------------------------------------------------------------------------


def _declaration(row: Row, terms: Terms) -> Declaration:
    said = row.said
    for name in NEEDED:
        if not str(said.get(name) or "").strip():
            hidden = name == "title" and said.get("confidential") is True
            raise UsageError(f"'{name}' is missing", hint=_HIDDEN if hidden else None)
    source = str(said.get("source") or terms.source)
    times = {
        name: Given(moment(_text(said[name], name), terms.now, flag=name), source) for name in TIMES if name in said
    }
    for name, when in times.items():
        others = {other: float(one.at or 0.0) for other, one in times.items() if other != name}
        order.fitting(others, name, float(when.at or 0.0), order.GIVEN)
    texts = {name: naming.words(_text(said[name], name), name) for name in _WORDS if said.get(name) not in (None, "")}
    return Declaration(
        title=naming.title(texts["title"]),
        severity=_severity(texts["severity"], terms),
        type=naming.type_(terms.catalog, texts["type"]) if "type" in texts else None,
        service=texts.get("service"),
        environment=texts.get("environment"),
        affected=texts.get("affected"),
        impact=texts.get("impact"),
        tlp=naming.tlp(texts["tlp"]) if "tlp" in texts else None,
        user_facing=_flag(said, "user_facing"),
        confidential=_flag(said, "confidential"),
        roles={"commander": _text(said["commander"], "commander")} if said.get("commander") else {},
        times={name: when for name, when in times.items() if name not in ("declared", "mitigated", "resolved")},
        when=times["declared"],
        imported={"from": terms.origin, "id": row.id},
        ends=tuple(_ends(texts, times)),
    )


def _ends(texts: Mapping[str, str], times: Mapping[str, Given]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "url" in texts:
        yield r.LINKED, {"what": "url", "id": texts["url"], "relation": "imported from", "note": None}
    if "mitigated" in times:
        yield r.MITIGATED, {**times["mitigated"].written, "summary": None}
    if "resolved" in times:
        yield r.RESOLVED, {**times["resolved"].written, "summary": texts.get("summary"), "leftovers": []}


def _severity(name: str, terms: Terms) -> str:
    to = next((to for from_, to in terms.mapped.items() if from_.casefold() == name.casefold()), name)
    try:
        return naming.severity(terms.catalog, to)
    except UsageError as error:
        known = terms.catalog.severities[0].name
        raise UsageError(error.message, hint=f"{error.hint}; or say what it is here: --map '{name}={known}'") from error


def _text(item: Any, name: str) -> str:
    if isinstance(item, str | int | float) and not isinstance(item, bool):
        return str(item).strip()
    raise UsageError(f"'{name}' is no text")


def _flag(said: Mapping[str, Any], name: str) -> bool | None:
    item = said.get(name)
    if item is None or isinstance(item, bool):
        return item
    if str(item).strip().lower() not in _FLAGS:
        raise UsageError(f"'{name}' is {item!r}", hint="write true or false")
    return _FLAGS[str(item).strip().lower()]
