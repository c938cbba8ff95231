"""`runbook seal`: the keys that seal records, and a seal on demand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.groups import Group
from runbook.cli.options import examples, output
from runbook.cli.recorded import stream_named
from runbook.cli.session import Session
from runbook.errors import Exit, RunbookError, UsageError

if TYPE_CHECKING:
    from runbook.hosts.sealing import Sealing


class Options(NamedTuple):
    """What a command of `seal` was asked for."""

    file: Path | None = None
    name: str = "runbook"
    run: str | None = None
    output: str = "text"


@click.group("seal", cls=Group, epilog=examples("seal keygen ~/.config/runbook/seal.key", "seal show", "seal now 01jd"))
def group() -> None:
    """Make and show the keys that seal records, and seal a run now."""


@group.command("keygen", epilog=examples("seal keygen /etc/runbook/seal.key --name ops-2027"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="runbook", show_default=True, help="What seals say who signed; no spaces, no '+'.")
@click.pass_obj
def keygen_command(session: Session, file: Path, name: str) -> int:
    """Make a key in FILE, for its owner alone; print its public line. Never overwrites one."""
    return keygen(session, Options(file, name))


@group.command("show", epilog=examples("seal show", "seal show --output json"))
@output()
@click.pass_obj
def show_command(session: Session, output: str) -> int:
    """Print the public line of the key that signs here, and say whose seals count. Exit code 4 without a key."""
    return show(session, Options(output=output))


@group.command("now", epilog=examples("seal now 01jd", "seal now INC-1", "seal now"))
@click.argument("run", required=False, metavar="[RUN|INC]")
@output()
@click.pass_obj
def now_command(session: Session, run: str | None, output: str) -> int:
    """Seal RUN or INC as it is now, or (without) the store's own stream, which knows how every run began and ended."""
    return now(session, Options(run=run, output=output))


def keygen(session: Session, options: Options) -> Exit:
    """The line for `seals.keys` and for whoever verifies."""
    from runbook.journal.seals import make_key

    assert options.file is not None  # noqa: S101 - click has asked for it
    key = make_key(options.file.expanduser(), options.name)
    session.print(key.public)
    session.say(f"made {options.file}; keep it off the machines whose records it is to vouch for, if you can")
    session.say(f"in runbook.yaml: `seals: {{key: {{file: {options.file}}}}}`, and this line under `seals.keys`")
    return Exit.OK


def show(session: Session, options: Options) -> Exit:
    """The public line to stdout, for a file that goes to whoever verifies."""
    sealing = _sealing(session)
    trusted = sealing.keys()
    try:
        public, why = sealing.key().public, None
    except RunbookError as error:
        public, why = None, error
    exit_ = Exit.OK if why is None else Exit.UNDETERMINED
    if options.output == "json":
        keys = [{"key": trust.key.called, "from": trust.start or None, "until": trust.until} for trust in trusted]
        reason = None if why is None else why.message
        return session.result({"public": public, "missing": reason, "keys": keys}, exit_)
    if public is not None:
        session.print(public)
    for trust in trusted:
        session.say(f"seals count by {trust.told}")
    if why is not None:
        raise why
    return exit_


def now(session: Session, options: Options) -> Exit:
    """The seal, to stdout; kept and published as those of runs are."""
    from runbook.hosts.sealing import sealed_now

    sealing, journal = _sealing(session), session.project.journal
    stream = journal.own_stream() if options.run is None else stream_named(session, options.run)
    if stream is None:
        raise UsageError("there is nothing to seal: the store is empty")
    seal, text = sealed_now(sealing, stream)
    if options.output == "json":
        return session.result({"stream": seal.stream, "size": seal.size, "root": seal.root, "seal": text})
    session.print(text.removesuffix("\n"))
    return Exit.OK


def _sealing(session: Session) -> Sealing:
    sealing = session.project.sealing()
    if sealing is None:
        hint = "`runbook seal keygen FILE`, then `seals: {key: {file: FILE}}` in runbook.yaml"
        raise UsageError("the configuration says nothing of `seals`", hint=hint)
    return sealing
