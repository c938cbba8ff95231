"""`runbook incident catalog`: the words that hold here, as YAML to begin one's own with, or as JSON."""

from __future__ import annotations

import click

from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit


@click.command("catalog", epilog=examples("incident catalog > catalog.yaml", "incident catalog --output json"))
@output()
@click.pass_obj
def command(session: Session, output: str) -> int:
    """Print the catalog of incidents that holds here: severities, types, roles, targets."""
    return catalog(session, output)


def catalog(session: Session, output: str) -> Exit:
    """The exact text of the file, or what it says."""
    words = session.project.catalogued
    if output == "json":
        return session.result({"path": words.shown, "document": words.document})
    session.print(words.data.decode().rstrip("\n"))
    session.say(f"that is {words.shown}")
    return Exit.OK
