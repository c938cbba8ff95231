"""`runbook schema`: the JSON Schemas of documents, composed with the inputs of every kind of step installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import click

from runbook.cli.options import examples
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError


class Options(NamedTuple):
    """What `schema` was asked for."""

    kind: str = "Runbook"
    write: Path | None = None


@click.command(
    "schema",
    epilog=examples("schema Runbook > runbook.schema.json", "schema --write schemas/")
    + "\n\n\b\nFirst line of a document, for editors (docs/editors.md):\n"
    "  # yaml-language-server: $schema=../schemas/runbook.schema.json",
)
@click.argument("kind", default="Runbook", metavar="[KIND]")
@click.option(
    "--write", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Write all schemas into DIR."
)
@click.pass_obj
def command(session: Session, kind: str, write: Path | None) -> int:
    """Print the JSON Schema (2020-12) of a kind of document: Runbook, Steps, Scenario, EvidencePlan,
    Policy, Catalog, Regime, Config."""
    return schema(session, Options(kind, write))


def schema(session: Session, options: Options) -> int:
    """One schema to stdout, or all of them to files."""
    from runbook.cli.writing import written
    from runbook.document.schema import FILES, compose, rendered
    from runbook.document.suggest import did_you_mean

    specs = session.project.specs
    if options.write is not None:
        files = {options.write / name: text for name, text in rendered(specs).items()}
        written(files, "schema")
        for path in files:
            session.say(f"wrote {path}")
        return Exit.OK
    kind = next((name for name in FILES if _plain(name) == _plain(options.kind)), None)
    if kind is None:
        hint = did_you_mean(options.kind.title(), FILES, what="kinds are")
        raise UsageError(f"there is no kind of document {options.kind!r}", hint=hint)
    session.print(json.dumps(compose(kind, specs), indent=2, ensure_ascii=False))
    return Exit.OK


def _plain(kind: str) -> str:
    """`evidence-plan`, as in the name of its schema, is `EvidencePlan`."""
    return kind.lower().replace("-", "").replace("_", "")
