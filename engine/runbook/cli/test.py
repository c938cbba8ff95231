"""`runbook test`: play every scenario in virtual time; what came out differently, in words, and what none reaches."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.environments import env_option
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit, UsageError

if TYPE_CHECKING:
    from runbook.cli.playing import Case, Player
    from runbook.cli.processes import Died
    from runbook.report.reached import Covered
    from runbook.report.tested import Played

_TOGETHER = 8  # scenarios of one file that are played by one process: it loads their runbook once
_WORTH_FORKING = 24  # scenarios; to fork costs about what three of them do
_ENDLESS = 10_000  # columns: what another program reads is not broken into lines


class Options(NamedTuple):
    """What `test` was asked for. No paths: the project's library. `jobs` None: as many as there are processors."""

    paths: tuple[Path, ...] = ()
    output: str = "text"
    environment: str | None = None
    filters: tuple[str, ...] = ()
    jobs: int | None = None
    coverage: bool = False
    fail_under: float | None = None


@click.command(
    "test",
    epilog=examples(
        "test",
        "test runbooks/high-api-error-rate.scenarios.yaml -k approves",
        "test --fail-under 90 --output junit > scenarios.xml",
        "test --record 01jd -o runbooks/high-api-error-rate.tuesday.scenarios.yaml",
    ),
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "-k", "--filter", "filters", multiple=True, metavar="TEXT", help="Only scenarios with TEXT in the name; repeatable."
)
@click.option("--coverage", is_flag=True, help="Also tell what no scenario reaches: options, gates, verdicts, undo …")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit 3 where scenarios reach less of any runbook; implies --coverage.",
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that play; default: one a processor.")
@click.option(
    "--record", metavar="RUN", help="Make a scenario of a run that is over; it is played before it is written."
)
@click.option("-o", "to", metavar="FILE", type=click.Path(path_type=Path), help="With --record: write to FILE.")
@click.option("--force", is_flag=True, help="With --record: overwrite FILE, and write what does not pass.")
@env_option("The environment of scenarios that name none, and whose alert does not tell.")
@output("jsonl", "junit")
@click.pass_obj
def command(
    session: Session,
    paths: tuple[Path, ...],
    filters: tuple[str, ...],
    coverage: bool,
    fail_under: float | None,
    jobs: int | None,
    record: str | None,
    to: Path | None,
    force: bool,
    environment: str | None,
    output: str,
) -> int:
    """Play the scenarios of runbooks: no server, no clock, no message. Exit 3 when one comes out differently."""
    if record is not None:
        from runbook.cli import recording

        if paths or filters or coverage or fail_under is not None or environment is not None:
            raise UsageError("--record takes one run, and plays nothing else")
        return recording.record(session, recording.Options(record, to, force, output))
    if to is not None or force:
        raise UsageError("-o and --force belong to --record", hint="`runbook test > FILE` keeps what is said")
    return test(session, Options(paths, output, environment, filters, jobs, coverage, fail_under))


def test(session: Session, options: Options) -> int:
    """0 when all came as they should and reach enough, else 3; no scenario at all is a usage error."""
    from runbook.cli.playing import Player
    from runbook.document.environments import named

    session.author()
    if options.environment is not None:
        named(session.project.config, options.environment)
    player = Player(session.project, placed=options.output != "text")
    work = _work(session, options)
    played: list[Played] = []
    with closing(_results(player, work, options.jobs)) as results:
        for one in results:
            _shown(session, options, one, played[-1] if played else None)
            played.append(one)
    covered, broken = _covered(session, options, work, played)
    for one in broken:
        _shown(session, options, one, played[-1] if played else None)
        played.append(one)
    return _ended(session, options, played, covered)


def scenario_files(session: Session, paths: tuple[Path, ...]) -> list[Path]:
    """The scenario documents among these files and folders; of the library, where none are named."""
    roots = paths or session.project.folders
    files = _of_kind(session, paths, "Scenario")
    if not files:
        where = ", ".join(session.project.shown(root) for root in roots)
        raise UsageError(
            f"there is no scenario in {where}", hint="a document of kind Scenario says what a runbook must do"
        )
    return files


def _of_kind(session: Session, paths: tuple[Path, ...], kind: str) -> list[Path]:
    from runbook.bootstrap import heading

    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no {path}")
    roots = paths or session.project.folders
    found = [file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*.y*ml")))]
    found = [file for file in dict.fromkeys(found) if file.suffix in (".yaml", ".yml")]
    return [file for file in found if _is(file, kind, heading(file))]


def _is(file: Path, kind: str, about: tuple[str, str] | None) -> bool:
    """What does not even say what it is counts by its name, so that it is told and not passed over."""
    from runbook.bootstrap import SCENARIOS

    return about[0] == kind if about is not None else kind == "Scenario" and file.name.endswith(SCENARIOS)


# --- playing ------------------------------------------------------------------------------------------------------


def _work(session: Session, options: Options) -> list[Played | list[Case]]:
    """What is to be played, in the order of paths; of a file that cannot be used, what is wrong with it."""
    from runbook.cli.playing import Case, chosen
    from runbook.document.model import Scenarios
    from runbook.report.tested import Played

    project = session.project
    work: list[Played | list[Case]] = []
    names = 0
    for path in scenario_files(session, options.paths):
        shown = project.shown(path)
        try:
            document = project.load(path).document
        except DocumentError as error:
            work.append(Played(path=shown, runbook="", name=None, findings=tuple(error.findings)))
            continue
        except UsageError as error:
            work.append(Played(path=shown, runbook="", name=None, trouble=error.message, hint=error.hint))
            continue
        if not isinstance(document, Scenarios):
            work.append(Played(path=shown, runbook="", name=None, trouble="it is not a Scenario document"))
            continue
        cases = [Case(path, document, number, options.environment) for number in range(len(document.scenarios))]
        names += len(cases)
        cases = chosen(cases, options.filters)
        work += [cases[at : at + _TOGETHER] for at in range(0, len(cases), _TOGETHER)]
    if options.filters and not any(isinstance(one, list) for one in work):
        words = " or ".join(repr(word) for word in options.filters)
        raise UsageError(f"none of {names} scenarios has {words} in its name", hint="`runbook test` tells their names")
    return work


def _results(player: Player, work: Sequence[Played | list[Case]], jobs: int | None) -> Generator[Played, None, None]:
    """What came of everything, in its order, as soon as it is known."""
    from runbook.cli.processes import Died, processors, worked

    groups = [one for one in work if isinstance(one, list)]
    many = sum(map(len, groups)) >= _WORTH_FORKING
    with closing(worked(player.play, groups, jobs or (processors() if many else 1))) as results:
        for one in work:
            if not isinstance(one, list):
                yield one
                continue
            for case in one:
                came = next(results)
                yield came if not isinstance(came, Died) else _died(player, case, came)


def _died(player: Player, case: Case, how: Died) -> Played:
    """Of a mistake of ours, which is made once more here, to be told as one; else what the process died of."""
    return player.play(case) if how.code > 0 else player.died(case, how)


def _covered(
    session: Session, options: Options, work: Sequence[Played | list[Case]], played: Sequence[Played]
) -> tuple[list[Covered], list[Played]]:
    """How much of each runbook was reached; and runbooks that cannot be used, which nobody else has told of."""
    if not options.coverage and options.fail_under is None:
        return [], []
    from runbook.cli.playing import covered

    known = {one.document.runbook: one.path for group in work if isinstance(group, list) for one in group}
    return covered(session.project, known, _of_kind(session, options.paths, "Runbook"), played)


# --- telling ------------------------------------------------------------------------------------------------------


def _shown(session: Session, options: Options, one: Played, before: Played | None) -> None:
    from runbook.report.tested import played_object, played_text

    if options.output == "jsonl":
        session.write(played_object(one))
    elif options.output == "text":
        terminal = session.stdout.isatty()
        style = session.out_style if terminal else session.out_style._replace(width=_ENDLESS)
        same = before is not None and bool(one.findings) and one.findings == before.findings
        session.print(played_text(one, style, terminal=terminal, same=same))


def _ended(session: Session, options: Options, played: Sequence[Played], covered: Sequence[Covered]) -> Exit:
    failed = [one for one in played if not one.passed]
    short = [one for one in covered if one.coverage.percent < (options.fail_under or 0.0)]
    exit_ = Exit.INVALID if failed or short else Exit.OK
    _written(session, options, played, covered, short, exit_)
    session.say(f"{len(played) - len(failed)} passed, {len(failed)} failed{_reach(covered)}")
    for one in short:
        from runbook.report.reached import percent
        from runbook.report.safe import shown

        session.say(f"{shown(one.runbook)}: {percent(one.coverage)} is reached, {options.fail_under:g} % must be")
    return exit_


def _reach(covered: Sequence[Covered]) -> str:
    if not covered:
        return ""
    from runbook.report.reached import percent, total

    runbooks = f"{len(covered)} runbook{'' if len(covered) == 1 else 's'}"
    return f"; {percent(total(covered))} of {runbooks} reached"


def _written(
    session: Session,
    options: Options,
    played: Sequence[Played],
    covered: Sequence[Covered],
    short: Sequence[Covered],
    exit_: Exit,
) -> None:
    """Everything that can be said only at the end."""
    from runbook.report.reached import coverage_object, coverage_text

    about = {"coverage": coverage_object(covered, options.fail_under)} if covered else {}
    if options.output == "json":
        from runbook.report.tested import played_object

        failed = sum(not one.passed for one in played)
        counts = {"passed": len(played) - failed, "failed": failed}
        session.result({"scenarios": [played_object(one) for one in played], **counts, **about}, exit_)
    elif options.output == "jsonl" and about:
        session.write(about)
    elif options.output == "junit":
        from runbook.report.tested_junit import junit_text

        session.print(junit_text(played, short, options.fail_under))
    elif options.output == "text" and covered:
        session.print(f"\n{coverage_text(covered, session.out_style)}")
