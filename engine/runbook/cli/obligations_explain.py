"""`runbook obligations explain`: what a regime asks of whom, or which regimes there are."""

from __future__ import annotations

from typing import NamedTuple

import click

from runbook.cli.obligations import complete_regimes
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit


class Options(NamedTuple):
    """Which regime; None: a list of all."""

    regime: str | None = None
    output: str = "text"


@click.command("explain", epilog=examples("obligations explain", "obligations explain nis2"))
@click.argument("regime", metavar="[REGIME]", required=False, shell_complete=complete_regimes)
@output()
@click.pass_obj
def command(session: Session, regime: str | None, output: str) -> int:
    """Say what REGIME asks: its questions, what its times count from, its reports and what they must say.

    Without REGIME, list all that are known, proposals too.
    """
    return explain(session, Options(regime, output))


def explain(session: Session, options: Options) -> Exit:
    """The page of one, or the list."""
    from runbook.report.layout import table
    from runbook.report.obligations_json import regime_object
    from runbook.report.regime import regime_text

    regimes = session.project.obligations.regimes
    if options.regime is None:
        versions = [regimes.named(name) for name in regimes.names]
        if options.output == "json":
            return session.result({"regimes": [regime_object(each) for each in versions]})
        rows = [(each.regime.name, str(each.regime.status).replace("_", " "), each.regime.title) for each in versions]
        session.print("\n".join(table(rows, session.out_style, header=("regime", "status", "title"))))
        return Exit.OK
    version = regimes.named(options.regime.partition(".")[0])
    if options.output == "json":
        return session.result(regime_object(version))
    session.print(regime_text(version, session.out_style))
    return Exit.OK
