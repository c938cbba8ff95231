"""The PromQL of a document: every query where it stands, and which steps judge what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from runbook.document.model import Step
from runbook.document.rules.walk import Phase, Pointer, Site
from runbook.lint.contents.promql import read
from runbook.lint.contents.promql_trees import Query

if TYPE_CHECKING:
    from runbook.lint.rule import About


class Asked(NamedTuple):
    """A query of a step or a signal, as it is written and as it was read.

    `users` are the steps that ask it: itself, or those that name the signal, each with its phase.
    """

    site: Site
    place: Pointer
    text: str
    query: Query
    users: tuple[tuple[Phase, Step], ...]

    @property
    def name(self) -> str:
        """The step or signal that it belongs to."""
        return self.site.step.id

    @property
    def judged(self) -> bool:
        """Whether something hangs on its answer: an `expect`, and nothing that says what no answer means."""
        return any(step.expect for _, step in self.users) and "empty_means" not in self.site.step.inputs

    @property
    def decides(self) -> bool:
        """Whether a run begins or ends by it: it is a symptom's or a check's."""
        return any(phase in (Phase.SYMPTOM, Phase.CHECK) and not step.advisory for phase, step in self.users)


@lru_cache(maxsize=2)
def queries(about: About) -> tuple[Asked, ...]:
    """Every query that stands in a document, in its order."""
    return tuple(_asked(about))


def _asked(about: About) -> Iterator[Asked]:
    for site in about.sites:
        spec = about.spec(site)
        if site.step.signal or spec is None or spec.connection != "prometheus":
            continue
        text = site.step.inputs.get("query")
        query = read(text) if isinstance(text, str) else None
        if query is not None:
            yield Asked(site, (*site.pointer, "with", "query"), str(text), query, tuple(_users(about, site)))


def _users(about: About, site: Site) -> Iterator[tuple[Phase, Step]]:
    if site.phase is not Phase.SIGNAL:
        yield site.phase, site.step
        return
    for other in about.every_site:
        if other.step.signal == site.step.id:
            yield other.phase, other.step
