"""`runbook test`: play every scenario in virtual time; what came out differently, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.environments import env_option
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.hosts.rehearsal import Rehearsal, Script


class Options(NamedTuple):
    """What `test` was asked for. No paths: the project's library."""

    paths: tuple[Path, ...] = ()
    output: str = "text"
    environment: str | None = None


class Played(NamedTuple):
    """One scenario and what came of it."""

    path: str
    runbook: str
    rehearsal: Rehearsal


@click.command(
    "test", epilog=examples("test", "test runbooks/high-api-error-rate.scenarios.yaml", "test --output json")
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@env_option("The environment of scenarios that name none, and whose alert does not tell.")
@output("jsonl")
@click.pass_obj
def command(session: Session, paths: tuple[Path, ...], environment: str | None, output: str) -> int:
    """Play the scenarios of runbooks: no server, no clock, no message. Exit 3 when one comes out differently."""
    return test(session, Options(paths, output, environment))


def test(session: Session, options: Options) -> int:
    """0 when all came as they should, 3 with readable differences; no scenario at all is a usage error."""
    files = scenario_files(session, options.paths)
    played: list[Played] = []
    for path in files:
        for one in _played(session, path, options.environment):
            played.append(one)
            _shown(session, options, one)
    failed = [one for one in played if not one.rehearsal.passed]
    exit_ = Exit.INVALID if failed else Exit.OK
    if options.output == "json":
        scenarios = [_object(one) for one in played]
        counts = {"passed": len(played) - len(failed), "failed": len(failed)}
        code = {"code": int(exit_), "name": exit_.word}
        session.write({"format": 1, "scenarios": scenarios, **counts, "exit": code})
    session.say(f"{len(played) - len(failed)} passed, {len(failed)} failed")
    return exit_


def scenario_files(session: Session, paths: tuple[Path, ...]) -> list[Path]:
    """The scenario documents among these files and folders; of the library, where none are named."""
    from runbook.bootstrap import heading

    project = session.project
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no {path}")
    roots = paths or project.folders
    found = [file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*.y*ml")))]
    files = [file for file in found if (about := heading(file)) is not None and about[0] == "Scenario"]
    if not files:
        where = ", ".join(project.shown(root) for root in roots)
        raise UsageError(
            f"there is no scenario in {where}", hint="a document of kind Scenario says what a runbook must do"
        )
    return files


def _played(session: Session, path: Path, environment: str | None) -> list[Played]:
    """All scenarios of one file, in order, each in its environment."""
    from runbook.document.environments import simulated
    from runbook.document.model import Scenarios
    from runbook.hosts.rehearsal import rehearsed

    project = session.project
    document = project.load(path).document
    if not isinstance(document, Scenarios):
        raise UsageError(f"{project.shown(path)} is not a Scenario document")
    scripts: dict[str | None, Script] = {}
    played = []
    for case in document.scenarios:
        here = simulated(project.config, case, environment)
        where = here.name if here is not None else None
        if where not in scripts:
            scripts[where] = project.within(here).script(document.runbook, near=path)
        played.append(Played(project.shown(path), document.runbook, rehearsed(scripts[where], case)))
    return played


def _shown(session: Session, options: Options, one: Played) -> None:
    from runbook.document.durations import spoken
    from runbook.report.safe import shown

    if options.output == "jsonl":
        session.write(_object(one))
    if options.output != "text":
        return
    rehearsal = one.rehearsal
    mark = session.out_style.paint("good", "ok  ") if rehearsal.passed else session.out_style.paint("bad", "FAIL")
    session.print(f"{mark} {shown(one.runbook)}: {shown(rehearsal.case.name)} ({spoken(rehearsal.took)})")
    for difference in rehearsal.differences:
        session.print(f"       {difference.what}: expected {shown(difference.expected)}, came {shown(difference.came)}")
    for vain in rehearsal.unheard if not rehearsal.passed else ():
        session.print(f"       note: {shown(vain)}")
    if not rehearsal.passed:
        session.print(
            f"       {shown(one.path)}; play it: runbook run {one.runbook} --rehearse '{rehearsal.case.name}'"
        )


def _object(one: Played) -> dict[str, object]:
    rehearsal = one.rehearsal
    return {
        "runbook": one.runbook,
        "path": one.path,
        "name": rehearsal.case.name,
        "passed": rehearsal.passed,
        "outcome": str(rehearsal.history.outcome) if rehearsal.history.outcome else None,
        "seconds": rehearsal.took,
        "unheard": list(rehearsal.unheard),
        "differences": [{"what": d.what, "expected": d.expected, "came": d.came} for d in rehearsal.differences],
    }
