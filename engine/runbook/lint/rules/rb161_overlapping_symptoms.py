"""RB161: two runbooks for one alert, so that both would start, or one is chosen by chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from runbook.document.findings import Finding, Severity
from runbook.document.model import Runbook
from runbook.lint.library import Entry, Library
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_OTHER = """\
apiVersion: runbook/v1
kind: Runbook
name: consumer-down
title: No consumer is there
symptoms:
  - {alert: QueueStuck, labels: {severity: page}}
triage:
  - {id: consumers, uses: prometheus.query, with: {query: 'sum(up{job="consumer"})'}}
"""
_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
symptoms:
  - {alert: QueueStuck, labels: {queue: orders}}
triage:
  - {id: depth, uses: prometheus.query, with: {query: 'sum(queue_depth{queue="orders"})'}}
"""


class _Symptom(NamedTuple):
    """An alert that starts a runbook. `labels` are those that are known before a run; a template may be any value."""

    entry: Entry
    book: Runbook
    number: int
    labels: Mapping[str, str]


def check(about: About) -> Iterator[Finding]:
    """No alert starts two runbooks of a project, unless a label tells them apart or one goes on with the other."""
    for own, other in _overlaps(about.library).get(id(about.entry), ()):
        alert = own.book.symptoms[own.number].alert
        message = f"the alert '{alert}' starts '{other.book.name}' ({other.entry.path}) as well"
        hint = "tell them apart by 'labels', or let one go on with the other by 'continue_with'"
        yield about.finding(("symptoms", own.number, "alert"), message, hint)


@lru_cache(maxsize=2)
def _overlaps(library: Library) -> dict[int, list[tuple[_Symptom, _Symptom]]]:
    """By entry, its symptoms with the first other runbook that has them too. Never every one with every other."""
    alerts: dict[tuple[str, str], list[_Symptom]] = {}
    for entry in library.entries:
        book = entry.document
        if isinstance(book, Runbook) and any(symptom.alert for symptom in book.symptoms):
            project = library.config(entry.path)
            for symptom in _alerts(entry, book):
                name = str(book.symptoms[symptom.number].alert)
                alerts.setdefault((str(project[0]) if project else "", name), []).append(symptom)
    found: dict[int, list[tuple[_Symptom, _Symptom]]] = {}
    for alike in alerts.values():
        for own, other in _pairs(alike) if len(alike) > 1 else ():
            found.setdefault(id(own.entry), []).append((own, other))
    return found


def _alerts(entry: Entry, book: Runbook) -> Iterator[_Symptom]:
    for i, symptom in enumerate(book.symptoms):
        if symptom.alert is not None:
            known = {name: value for name, value in symptom.labels.items() if "{{" not in value}
            yield _Symptom(entry, book, i, known)


def _pairs(alike: list[_Symptom]) -> Iterator[tuple[_Symptom, _Symptom]]:
    """Each symptom with the first one of an earlier runbook that one alert can be as well.

    Two differ by a label that both name; so those that name the same labels stand in one table for each set of labels
    that they share with others.
    """
    shapes: dict[frozenset[str], list[_Symptom]] = {}
    tables: dict[tuple[frozenset[str], frozenset[str]], dict[tuple[str, ...], _Symptom]] = {}
    for own in alike:
        shape = frozenset(own.labels)
        for other, before in shapes.items():
            shared = shape & other
            if (other, shared) not in tables:
                tables[other, shared] = _table(before, shared)
            found = tables[other, shared].get(_values(own, shared))
            if found is not None and found.book.name != own.book.name and not _related(own.book, found.book):
                yield own, found
                break
        shapes.setdefault(shape, []).append(own)
        for (other, shared), table in tables.items():
            if other == shape:
                table.setdefault(_values(own, shared), own)


def _table(symptoms: Iterable[_Symptom], shared: frozenset[str]) -> dict[tuple[str, ...], _Symptom]:
    table: dict[tuple[str, ...], _Symptom] = {}
    for symptom in symptoms:
        table.setdefault(_values(symptom, shared), symptom)
    return table


def _values(symptom: _Symptom, labels: frozenset[str]) -> tuple[str, ...]:
    return tuple(symptom.labels[name] for name in sorted(labels))


def _related(one: Runbook, other: Runbook) -> bool:
    """Whether one of them goes on with the other."""
    return any(
        option.continue_with is not None and option.continue_with.runbook == to.name
        for book, to in ((one, other), (other, one))
        for option in book.resolution
    )


RULE = Rule(
    code="RB161",
    name="overlapping-symptoms",
    severity=Severity.WARNING,
    title="Two runbooks for one alert",
    why=(
        "When the alert comes, both are offered, or both start, and two people change the same thing at once. "
        "Whoever wrote the second did not know of the first."
    ),
    instead=(
        "Tell them apart by `labels` of the symptom; or let one go on with the other (`continue_with`). Labels "
        "that are templates tell nothing apart: they may be any value."
    ),
    bad={"runbooks/example.yaml": _BAD, "runbooks/other.yaml": _OTHER},
    good={"runbooks/example.yaml": _BAD, "runbooks/other.yaml": _OTHER.replace("severity: page", "queue: mail")},
    check=check,
    compares=True,
)
