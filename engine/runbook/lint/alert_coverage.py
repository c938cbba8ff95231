"""Which alerts have a runbook, and which runbooks an alert: rule files held beside a library.

An alert has a runbook where a symptom names it, and nothing in the rule's labels contradicts that symptom's. A label
that the rule does not set comes from the series, and may be anything; one with a template may be anything too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from runbook.document.model import Runbook, Symptom
from runbook.lint.rule import AlertRule

ANNOTATION: Final = "runbook_url"
_OPENS: Final = ("{{", "{%")


class Covered(NamedTuple):
    """One alert: the runbooks that start from it, where its annotation leads, and where it should."""

    alert: AlertRule
    runbooks: tuple[str, ...]
    url: str | None = None  # the annotation, as it stands
    wanted: str | None = None  # None where nobody said how URLs are made, or where it is not one runbook

    @property
    def leads_elsewhere(self) -> bool:
        """Whether the annotation is missing, or is another than the runbook's."""
        return self.wanted is not None and self.url != self.wanted


class Dead(NamedTuple):
    """A symptom that names an alert of no rule file."""

    runbook: str
    alert: str


class Coverage(NamedTuple):
    """Alerts in the order of their files; symptoms that wait for an alert that nobody sends."""

    alerts: tuple[Covered, ...]
    dead: tuple[Dead, ...]

    @property
    def percent(self) -> float:
        """How many of the alerts have a runbook; 100 where there are none."""
        return 100.0 * sum(bool(one.runbooks) for one in self.alerts) / len(self.alerts) if self.alerts else 100.0


def coverage(
    alerts: Sequence[AlertRule],
    books: Iterable[tuple[Runbook, str]],
    *,
    url: str | None = None,
    only: Mapping[str, frozenset[str]] | None = None,
) -> Coverage:
    """Each alert with its runbooks. `books` come with their paths; `url` has `{name}` and `{path}` in it.

    `only` keeps alerts whose rule sets each of these labels to one of its values; what is dead is asked of them all.
    """
    known = [(book, path) for book, path in books]
    taken: dict[str, list[tuple[Runbook, str, Symptom]]] = {}
    for book, path in known:
        for symptom in book.symptoms:
            if symptom.alert is not None:
                taken.setdefault(symptom.alert, []).append((book, path, symptom))
    kept = [alert for alert in alerts if _wanted(alert, only or {})]
    names = {alert.name for alert in alerts}
    dead = [Dead(book.name, name) for name, found in taken.items() if name not in names for book, _, _ in found]
    return Coverage(tuple(_covered(alert, taken.get(alert.name, []), url) for alert in kept), tuple(sorted(dead)))


def _wanted(alert: AlertRule, only: Mapping[str, frozenset[str]]) -> bool:
    return all(alert.labels.get(label) in values for label, values in only.items())


def _covered(alert: AlertRule, takers: Sequence[tuple[Runbook, str, Symptom]], url: str | None) -> Covered:
    found = {book.name: path for book, path, symptom in takers if _fits(alert, symptom)}
    wanted = None
    if url is not None and len(found) == 1:
        [(name, path)] = found.items()
        wanted = url.replace("{name}", name).replace("{path}", path)
    return Covered(alert, tuple(found), alert.annotations.get(ANNOTATION), wanted)


def _fits(alert: AlertRule, symptom: Symptom) -> bool:
    """Whether an alert of this rule can have the labels that a symptom asks for."""
    for name, value in symptom.labels.items():
        set_ = alert.labels.get(name)
        if set_ is not None and set_ != value and not any(sign in text for sign in _OPENS for text in (set_, value)):
            return False
    return True
