"""What a rule of lint is, and all that it may ask about a document.

A rule is a module in `runbook.lint.rules` with a `RULE`. It reads typed documents that could be loaded; it has no
clock, reads no file of its own, and compiles no expression: a thousand documents are linted while somebody waits.
How rules are switched, and who runs them, is not theirs to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.document.build import Document
from runbook.document.findings import Edit, Finding, Severity
from runbook.document.model import Config, Limits, Policy, Runbook, Scenarios
from runbook.document.rules.walk import Site, effect_of, sites_of
from runbook.document.source import Pointer
from runbook.document.words import Effect, Role

if TYPE_CHECKING:
    from runbook.document.spec import KindSpec, Specs
    from runbook.lint.library import Entry, Library

EXAMPLES_DAY: Final = date(2026, 6, 1)  # the day on which examples of rules are looked at
_PLAIN: Final = Limits()


class AlertRule(NamedTuple):
    """An alert of a Prometheus rule file: what it is called, what it asks, and where it stands."""

    name: str
    expr: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    path: str
    line: int


class Rule(NamedTuple):
    """One rule, with its page of the docs.

    `check` is called for every document of the kinds in `of`. `title`, `why` and `instead` are Markdown. `bad` and
    `good` are files by name: the first yields the rule's code, the second does not, and both are valid otherwise. One
    that is called `*.rules.yaml` is handed over as alert rules of Prometheus.

    `needs_alerts`: it is asked only where rule files are given. `compares`: what it finds depends on which other
    documents are linted, so that an exception to it may be needed where nothing is found today. `mends`: Markdown, what
    `lint --fix` does about it, where its findings have a `fix`.
    """

    code: str
    name: str
    severity: Severity
    title: str
    why: str
    instead: str
    bad: Mapping[str, str]
    good: Mapping[str, str]
    check: Callable[[About], Iterable[Finding]]
    of: tuple[type[Document], ...] = (Runbook,)
    needs_alerts: bool = False
    compares: bool = False
    mends: str = ""


class Rulebook(NamedTuple):
    """The rules that a lint asks, and what they need beside documents: the day, and the alerts if they are known."""

    rules: tuple[Rule, ...]
    today: date
    alerts: Mapping[str, AlertRule] | None = None

    def asks(self, rule: Rule) -> bool:
        """Whether what the rule needs is there."""
        return self.alerts is not None or not rule.needs_alerts

    def tells(self, rule: Rule) -> bool:
        """Whether what the rule does not find is not there."""
        return self.asks(rule) and not rule.compares


class About:
    """One document, and everything around it, as rules see it.

    `entry` is where it stands; `library` has all others; `alerts` is None where no rule files were given.
    """

    def __init__(
        self,
        entry: Entry,
        library: Library,
        specs: Specs,
        today: date,
        alerts: Mapping[str, AlertRule] | None = None,
    ) -> None:
        self.entry = entry
        self.library = library
        self.specs = specs
        self.today = today
        self.alerts = alerts
        self._asked = ("", Severity.WARNING)

    def ask(self, rule: Rule, severity: Severity) -> list[Finding]:
        """What a rule finds in this document, as severe as its project wants it."""
        self._asked = (rule.code, severity)
        return list(rule.check(self))

    def finding(
        self,
        place: Pointer,
        message: str,
        hint: str | None = None,
        *,
        key: bool = False,
        within: tuple[int, int] | None = None,
        fix: Iterable[Edit | None] = (),
    ) -> Finding:
        """A finding of the rule that is being asked: about a value, its `key`, or a line and column `within` a text.

        `fix` is what mends it, if that cannot do harm: `lint --fix` does it unseen.
        """
        code, severity = self._asked
        source = self.entry.source
        if within is not None:
            line, column = source.text_at(place, *within)
        else:
            line, column = source.key_at(place) if key else source.at(place)
        return Finding(
            path=source.path,
            line=line,
            column=column,
            code=code,
            message=message,
            hint=hint,
            severity=severity,
            fix=tuple(edit for edit in fix if edit),
        )

    def replacing(self, place: Pointer, text: str) -> Edit | None:
        """What puts `text`, as YAML, in the place of a value, for `fix`."""
        return self.entry.source.edit(place, text)

    def replacing_within(self, place: Pointer, start: int, end: int, text: str) -> Edit | None:
        """What puts `text` in the place of the characters from `start` to `end` of a text value, for `fix`."""
        return self.entry.source.edit_within(place, start, end, text)

    @property
    def document(self) -> Document:
        """The document."""
        return self.entry.document

    @property
    def runbook(self) -> Runbook:
        """The document, for rules over runbooks."""
        assert isinstance(self.entry.document, Runbook)  # noqa: S101 - `Rule.of` says so
        return self.entry.document

    @cached_property
    def every_site(self) -> tuple[Site, ...]:
        """Every step with its place and phase: signals, symptoms and checks too, and what includes became."""
        return sites_of(self.document)

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """The steps that stand in this document itself."""
        return tuple(site for site in self.every_site if not site.included)

    def spec(self, site: Site) -> KindSpec | None:
        """The spec of a step's kind; None for an alert symptom and for a kind that does not exist."""
        return self.specs.get(site.step.uses)

    def effect(self, site: Site) -> Effect | None:
        """What a step does, as its kind or its author says."""
        return effect_of(site.step, self.specs)

    def is_change(self, site: Site) -> bool:
        """True for an action that changes or destroys something."""
        spec, effect = self.spec(site), self.effect(site)
        return spec is not None and spec.role is Role.ACTION and effect is not None and effect.changes

    @cached_property
    def config(self) -> Config | None:
        """The configuration of the document's project, as it stands."""
        project = self.library.config(self.entry.path)
        return project[1] if project else None

    @property
    def settings(self) -> Limits:
        """The limits that the project sets for rules, or the defaults."""
        return self.config.lint.limits if self.config else _PLAIN

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """Every policy that holds in one of the project's environments."""
        return tuple(policy for _, policy in self.library.policies(self.entry.path))

    @property
    def policy(self) -> Policy | None:
        """The first of them."""
        return self.policies[0] if self.policies else None

    @cached_property
    def scenarios(self) -> tuple[Scenarios, ...]:
        """The documents of scenarios that name this runbook: those that are linted, or the file beside it."""
        return self.library.scenarios_of(self.runbook.name, self.entry.path)
