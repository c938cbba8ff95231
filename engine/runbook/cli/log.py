"""`runbook log`: the record of a run, shown, verified, or taken out as one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.groups import Group
from runbook.cli.options import examples, output, reason, run_argument, yes_option
from runbook.cli.recorded import stream_named
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.hosts.words import Words
    from runbook.journal.problems import Verdict


class Options(NamedTuple):
    """What a command of `log` was asked for: a run's id, a file, or nothing (all streams); seals and keys for it."""

    what: str | None = None
    to: Path | None = None
    seals: tuple[Path, ...] = ()
    keys: tuple[str, ...] = ()
    seq: int | None = None
    since: Path | None = None
    policy: Path | None = None
    output: str = "text"


@click.group("log", cls=Group, epilog=examples("log show 01jd", "log verify 01jd", "log export 01jd -o run.jsonl"))
def group() -> None:
    """Show, verify or export the record of a run, or drop what must not stay beside it."""


@group.command("show", epilog=examples("log show 01jd", "log show 01jd --output jsonl | jq .type"))
@run_argument
@output("jsonl")
@click.pass_obj
def show_command(session: Session, run: str, output: str) -> int:
    """Show every record of RUN, one a line. `jsonl` gives records as they are told to scripts."""
    return show(session, Options(run, output=output))


@group.command("verify", epilog=examples("log verify", "log verify 01jd", "log verify run.jsonl --key seal.pub"))
@click.argument("what", required=False, metavar="[RUN|FILE]")
@click.option(
    "--seal",
    "seals",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Seals that were kept elsewhere; any text that holds some. Those in the store, in the export and where "
    "`seals.publish` puts them are looked at anyway.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="LINE|FILE",
    help="Public keys whose seals count, instead of those of the configuration.",
)
@click.option(
    "--policy",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The policy whose people's keys signed votes are held against, instead of the project's.",
)
@output()
@click.pass_obj
def verify_command(
    session: Session, what: str | None, seals: tuple[Path, ...], keys: tuple[str, ...], policy: Path | None, output: str
) -> int:
    """Was it tampered with? Check a run, a file that `log export` wrote, or (without either) the whole store.

    Exit code 3, and the first record that is not what was written.
    """
    return verify(session, Options(what, seals=seals, keys=keys, policy=policy, output=output))


@group.command("export", epilog=examples("log export 01jd > run.jsonl", "log export 01jd -o run.jsonl"))
@run_argument
@click.option("-o", "to", metavar="FILE", type=click.Path(path_type=Path), help="Write here instead of stdout.")
@click.pass_obj
def export_command(session: Session, run: str, to: Path | None) -> int:
    """Write RUN as one file (JSON Lines) that can be verified anywhere, without the store."""
    return export(session, Options(run, to))


@group.command("prove", epilog=examples("log prove 01jd 17 > proof.json", "log prove 01jd --since kept.seal"))
@run_argument
@click.argument("seq", type=int, required=False)
@click.option(
    "--since",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Prove instead that the newest seal goes on where the one in this file left off.",
)
@click.pass_obj
def prove_command(session: Session, run: str, seq: int | None, since: Path | None) -> int:
    """Prove that record SEQ of RUN is one that was sealed, without showing the others; `log verify` checks it."""
    return prove(session, Options(run, seq=seq, since=since))


@group.command(
    "redact", epilog=examples("log redact 01jd", 'log redact 01jd --step read_logs --reason "a token was printed"')
)
@run_argument
@click.option("--payload", "payloads", multiple=True, metavar="DIGEST", help="A payload, by 12 digits or more.")
@click.option("--step", "steps", multiple=True, metavar="STEP", help="All payloads of a step: its id, address or key.")
@reason("Why; stands where the value stood.")
@click.option("--force", is_flag=True, help="Also what an undo of the run needs, or what belongs to a doubt.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@yes_option
@output()
@click.pass_obj
def redact_command(session: Session, /, **given: Any) -> int:
    """Drop payloads of RUN: a secret, or what is about a person. Without --payload and --step, list what there is.

    A payload is what was too large to stand in the record. What does stand in a record stays: the chain needs it.
    """
    from runbook.cli.redact import Options as Asked
    from runbook.cli.redact import redact

    return redact(session, Asked(**given))


def show(session: Session, options: Options) -> Exit:
    """Records in order."""
    from runbook.report.run_json import event_object
    from runbook.report.tables import log_line

    stream = stream_named(session, options.what or "")
    records = session.project.journal.read(stream)
    if options.output == "json":
        events = [event_object(record) for record in records]
        kind, _, id_ = stream.partition("/")
        return session.result({kind: id_, "records": events})
    for record in records:
        if options.output == "jsonl":
            session.write(event_object(record))
        else:
            session.print(log_line(record, session.out_style))
    return Exit.OK


def verify(session: Session, options: Options) -> Exit:
    """3 when anything is not what was written."""
    from runbook.cli.signed import told_words, words_object, words_of

    verdicts = _verdicts(session, options)
    file = Path(options.what) if options.what is not None and Path(options.what).is_file() else None
    words = words_of(session, verdicts, file, options.policy)
    verdicts = [_with_words(verdict, words.get(verdict.stream)) for verdict in verdicts]
    exit_ = Exit.OK if all(verdict.ok for verdict in verdicts) else Exit.INVALID
    if options.output == "json":
        objects = verdict_objects(verdicts)
        objects = [{**one, "signatures": words_object(words.get(str(one["stream"])))} for one in objects]
        return session.result({"streams": objects}, exit_)
    for verdict in verdicts:
        session.print(told(session, verdict) + (told_words(words.get(verdict.stream)) if verdict.ok else ""))
    return exit_


def _with_words(verdict: Verdict, words: Words | None) -> Verdict:
    """The first word whose signature is not of it, as what is wrong with the run."""
    if words is None or not words.broken:
        return verdict
    from msgspec.structs import replace

    from runbook.journal.problems import Problem

    seq, why = words.broken[0]
    return replace(verdict, problem=Problem.SIGNATURE, seq=seq, message=why)


def verdict_objects(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    """As scripts are told."""
    return [
        {
            "stream": verdict.stream,
            "ok": verdict.ok,
            "records": verdict.size,
            "head": verdict.head,
            "problem": verdict.problem,
            "seq": verdict.seq,
            "message": verdict.message,
            "sealed": verdict.sealed,
            "note": verdict.note or None,
            "dropped": verdict.dropped,
        }
        for verdict in verdicts
    ]


def _verdicts(session: Session, options: Options) -> list[Verdict]:
    from runbook.cli import sealed
    from runbook.journal.export import exported_stream, verify_export
    from runbook.journal.proofs import is_proof, verify_proof
    from runbook.journal.verify import verify as verified

    what, given, keys = options.what, sealed.given(options.seals), sealed.keys(session, options.keys)
    if what is not None and Path(what).is_file() and is_proof(Path(what)):
        sealed.check_used(given, [])  # a proof holds its own seals
        return [verify_proof(Path(what), keys)]
    if what is not None and Path(what).is_file():
        found = sealed.published(session, exported_stream(Path(what)))
        sealed.check_used(given, [exported_stream(Path(what))])
        return [verify_export(Path(what), seals=[*found, *given], keys=keys)]

    if what is not None and ("/" in what or "." in what):
        raise UsageError(f"there is no file {what}", hint="name an export, a run, or an incident")
    journal = session.project.journal
    stream = None if what is None else stream_named(session, what)
    names = journal.names() if stream is None else [stream]
    sealed.check_used(given, names)
    found = [text for name in names for text in sealed.published(session, name)]
    verdicts = verified(journal, stream, seals=[*found, *given], keys=keys)
    if not verdicts:
        raise UsageError("there is nothing to verify: the store is empty")
    return verdicts


def told(session: Session, verdict: Verdict) -> str:
    """One line about a stream."""
    from runbook.journal.problems import VERIFIED
    from runbook.report.amounts import counted
    from runbook.report.safe import shown

    style = session.out_style
    if verdict.ok:
        seals = (
            f", sealed up to record {verdict.sealed - 1}" if verdict.sealed == verdict.size and not verdict.note else ""
        )
        note = style.paint("warn", f" ({shown(verdict.note)})") if verdict.note else ""
        good = style.paint("good", "✓")
        if verdict.message != VERIFIED:
            return f"{good} {shown(verdict.stream)}: {shown(verdict.message)}{note}"
        gone = f", {counted(verdict.dropped, 'payload')} dropped (recorded)" if verdict.dropped else ""
        return f"{good} {shown(verdict.stream)}: {verdict.size} records{gone}, head {verdict.head[:12]}{seals}{note}"
    where = f"record {verdict.seq}: " if verdict.seq is not None and verdict.stream else ""
    what = shown(verdict.stream or "the file")
    return f"{style.paint('bad', '✗')} {what}: {where}{verdict.problem}: {shown(verdict.message)}"


def export(session: Session, options: Options) -> Exit:
    """The lines; a file appears whole or not at all."""
    from runbook.cli import sealed
    from runbook.journal.export import export as exported

    journal = session.project.journal
    stream = stream_named(session, options.what or "")
    lines = exported(journal, stream, sealed.published(session, stream))
    if options.to is None:
        for line in lines:
            session.copy(line)
        return Exit.OK
    from runbook.cli.writing import whole

    with whole(options.to, "export") as file:
        file.writelines(lines)
    session.say(f"wrote {options.to}; check it anywhere with `runbook log verify {options.to}`")
    return Exit.OK


def prove(session: Session, options: Options) -> Exit:
    """The proof, on one line."""
    from runbook.cli import sealed
    from runbook.journal.proofs import prove_record, prove_since
    from runbook.journal.verify import seals_of

    if (options.seq is None) == (options.since is None):
        raise UsageError("a proof is of a record, or since a seal", hint="`log prove RUN SEQ`, or `--since FILE`")
    journal = session.project.journal
    stream = stream_named(session, options.what or "")
    seals = [*seals_of(journal, stream), *sealed.published(session, stream)]
    if options.since is not None:
        before = sealed.given([options.since])
        sealed.check_used(before, [stream])
        proof = prove_since(journal, stream, before[-1], seals)
    else:
        proof = prove_record(journal, stream, options.seq or 0, seals)
    session.copy(proof.removesuffix(b"\n") + b"\n")
    return Exit.OK
