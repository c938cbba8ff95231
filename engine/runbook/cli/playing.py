"""One scenario, played and told in plain data: what `test` shows, counts and sends between processes.

Before it is played it is held to its runbook: a scenario that names what is not there, or contradicts itself, would
pass or fail for the wrong reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from runbook.bootstrap import heading, read
from runbook.cli.processes import Died
from runbook.core.commands import Command
from runbook.document.environments import simulated
from runbook.document.findings import Finding, Severity
from runbook.document.source import read as parsed
from runbook.errors import DocumentError, RunbookError, UsageError
from runbook.hosts.rehearsal import EPOCH, rehearsed
from runbook.lint.library import Entry
from runbook.lint.scenarios import World, case_findings, no_runbook, world
from runbook.report.reached import Covered
from runbook.report.story import Story
from runbook.report.tested import Played, Told
from runbook.scenario.coverage import Coverage, Point, places, points
from runbook.scenario.judging import Difference
from runbook.scenario.reaching import reached

if TYPE_CHECKING:
    from runbook.bootstrap import Project
    from runbook.document.model import Environment, ScenarioCase, Scenarios
    from runbook.hosts.rehearsal import Rehearsal, Script
    from runbook.journal import Record


class Case(NamedTuple):
    """A scenario to play: its file, the document, and which of it, from 0; with the environment that was asked for."""

    path: Path
    document: Scenarios
    number: int
    environment: str | None = None

    @property
    def case(self) -> ScenarioCase:
        """The scenario itself."""
        return self.document.scenarios[self.number]


class Player:
    """Plays scenarios of a project, each runbook loaded once; in any process.

    `placed`: the line of each is wanted, not only of those that fail; for that its file is parsed once more.
    """

    def __init__(self, project: Project, *, placed: bool = False) -> None:
        self._project = project
        self._placed = placed
        self._scripts: dict[tuple[Path, str | None], Script] = {}
        self._entries: dict[Path, Entry] = {}
        self._worlds: dict[Path, World] = {}

    def play(self, one: Case) -> Played:
        """What came of it; never raises for what is the scenario's, its runbook's or the configuration's fault."""
        began = perf_counter()
        try:
            return self._played(one, began)
        except DocumentError as error:
            return self._not_played(one, findings=tuple(error.findings))
        except RunbookError as error:
            return self._not_played(one, trouble=error.message, hint=error.hint)

    def died(self, one: Case, how: Died) -> Played:
        """What is told of a scenario whose process did not live to tell."""
        return self._not_played(one, trouble=str(how), hint="play it alone: --jobs 1")

    def line_of(self, one: Case) -> int:
        """Where a scenario stands in its file."""
        return self._entry(one).source.at(("scenarios", one.number))[0]

    def _not_played(
        self, one: Case, *, findings: tuple[Finding, ...] = (), trouble: str | None = None, hint: str | None = None
    ) -> Played:
        return Played(
            path=self._project.shown(one.path),
            runbook=one.document.runbook,
            name=one.case.name,
            line=self.line_of(one),
            findings=findings,
            trouble=trouble,
            hint=hint,
        )

    def _played(self, one: Case, began: float) -> Played:
        entry, project = self._entry(one), self._project
        self._must_be_there(one, entry)
        script = self._script(one, simulated(project.config, one.case, one.environment))
        wrong = [
            finding
            for finding in case_findings(self._world(one, script), one.number, one.case)
            if finding.severity is Severity.ERROR
        ]
        if wrong:
            return self._not_played(one, findings=tuple(wrong))
        rehearsal = rehearsed(script, one.case)
        differences = self._in_the_file(one, rehearsal)
        return Played(
            path=project.shown(one.path),
            runbook=one.document.runbook,
            name=one.case.name,
            line=self.line_of(one) if self._placed or not rehearsal.passed else 1,
            outcome=str(rehearsal.history.outcome) if rehearsal.history.outcome else None,
            took=rehearsal.took,
            seconds=perf_counter() - began,
            differences=tuple(difference for _, difference in differences),
            lines=tuple(line for line, _ in differences),
            unheard=rehearsal.unheard,
            story=story_of(script, rehearsal) if not rehearsal.passed else (),
            reached=reached(rehearsal.records),
        )

    def _in_the_file(self, one: Case, rehearsal: Rehearsal) -> list[tuple[int, Difference]]:
        """What came differently, with the line that expects otherwise, in the order of the file."""
        place = ("scenarios", one.number, "expect")
        found = [
            (self._entry(one).source.key_at((*place, *difference.key))[0], difference)
            for difference in rehearsal.differences
        ]
        return sorted(found, key=lambda pair: pair[0])

    def _must_be_there(self, one: Case, entry: Entry) -> None:
        """A runbook that is not there is the scenario's mistake, and has a place in its file."""
        if one.path in self._worlds:
            return
        try:
            self._project.runbook_file(one.document.runbook, one.path)
        except UsageError:
            raise DocumentError([no_runbook(entry, one.document, self._project.runbooks())]) from None

    def _entry(self, one: Case) -> Entry:
        if one.path not in self._entries:
            shown = Path(self._project.shown(one.path))
            self._entries[one.path] = Entry(shown, one.document, read(one.path))
        return self._entries[one.path]

    def _script(self, one: Case, here: Environment | None) -> Script:
        key = (one.path, here.name if here is not None else None)
        if key not in self._scripts:
            self._scripts[key] = self._project.within(here).script(one.document.runbook, near=one.path)
        return self._scripts[key]

    def _world(self, one: Case, script: Script) -> World:
        """What it may refer to; the people of every environment."""
        if one.path not in self._worlds:
            project, config = self._project, self._project.config
            policies = [project.within(here).policy for here in (None, *config.environments)]
            known = [policy for policy in policies if policy is not None]
            people = {name: person for policy in known for name, person in policy.people.items()} if known else None
            plan = script.documents.loaded(script.specs)[1]
            names = tuple(here.name for here in config.environments) if project.config_path else None
            self._worlds[one.path] = world(self._entry(one), script.book, plan, people, names)
        return self._worlds[one.path]


class _Listening:
    """A watcher that keeps what it is told as a story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.told: list[Told] = []

    def record(self, record: Record) -> None:
        """What there is to tell of it; of rounds that say the same as the one before, nothing."""
        for fact in self.story.take(record):
            same = fact.round is not None and self.told and self.told[-1].round == fact.round
            told = Told(fact.at - EPOCH, fact.phase, fact.mark.sign, fact.mark.role, fact.text, fact.round)
            if not same:
                self.told.append(told)

    def performing(self, command: Command) -> None:
        """A round is known to be complete by what it began with."""
        self.story.performing(command)

    def held(self, what: str) -> None:
        """Nothing is held in a rehearsal."""


def story_of(script: Script, rehearsal: Rehearsal) -> tuple[Told, ...]:
    """What led to where a scenario ended: it is played once more, and listened to."""
    listening = _Listening(Story(script.book))
    rehearsed(script, rehearsal.case, watcher=listening)
    return tuple(listening.told)


def covered(
    project: Project, tested: Mapping[str, Path], runbooks: Iterable[Path], played: Sequence[Played]
) -> tuple[list[Covered], list[Played]]:
    """How much of every runbook was reached, by name; and runbooks without scenarios that cannot be used.

    `tested` are the runbooks that scenarios name, with a file of theirs; `runbooks` are the files of others.
    """
    files = {name: project.runbook_file(name, near) for name, near in tested.items() if _is_there(project, name, near)}
    broken: list[Played] = []
    for path in runbooks:
        name = (heading(path) or ("", path.stem))[1]
        files.setdefault(name, path)
    found = []
    for name, path in sorted(files.items()):
        of = [one for one in played if one.runbook == name and one.name is not None]
        try:
            found.append(_covered(project, path, of))
        except DocumentError as error:
            shown = project.shown(path)
            if not of:
                broken.append(Played(path=shown, runbook=name, name=None, findings=tuple(error.findings)))
    return found, broken


def _is_there(project: Project, name: str, near: Path) -> bool:
    try:
        project.runbook_file(name, near)
    except UsageError:
        return False
    return True


def _covered(project: Project, path: Path, played: Sequence[Played]) -> Covered:
    book, _ = project.runbook(str(path))
    came = frozenset[Point]().union(*(one.reached for one in played))
    source, _ = parsed(read(path), project.shown(path))
    lines = {address: source.at(place)[0] for address, place in places(book, source.data).items()}
    coverage = Coverage(points(book, project.specs), came)
    return Covered(runbook=book.name, path=project.shown(path), scenarios=len(played), coverage=coverage, lines=lines)


def chosen(cases: Sequence[Case], words: Sequence[str]) -> list[Case]:
    """Those whose name has one of these words in it; all where no word is given."""
    wanted = [word.lower() for word in words]
    return [one for one in cases if not wanted or any(word in one.case.name.lower() for word in wanted)]
