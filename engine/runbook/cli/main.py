"""The one door out: whatever happens in a command ends here as an exit code, a sentence and what to do next.

Libraries raise; nothing below catches what it cannot handle. With `--output json` (or `jsonl`) an error is also
one object on stdout, so that a script never has to read sentences.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any, NoReturn

import click

from runbook.cli.root import root
from runbook.cli.streams import FULL, Masking, opened, result, said, wrote
from runbook.errors import DocumentError, Exit, RunbookError

NAME = "runbook"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Carry out the command line of this process, and end it."""
    ended: list[int] = []
    atexit.register(_let_go, ended)  # before anything else is registered, so that it comes after all of it
    _collect_seldom()
    masking = opened()
    ended.append(int(carried_out(list(sys.argv[1:] if arguments is None else arguments), masking)))
    sys.exit(ended[0])


def _let_go(ended: Sequence[int]) -> None:
    """End the process as it stands: taking every module apart again is a tenth of a short command, and frees what the
    system frees anyway.

    Threads that are no daemons have ended by now, and what asked to be called at the end has been: stores are closed.
    """
    if ended:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # nobody reads any more
                stream.flush()
        os._exit(ended[0])


def _collect_seldom() -> None:
    """What imports make lives until the end: looking through it again and again is a quarter of a short command.

    The Kubernetes client alone is five hundred modules.
    """
    gc.set_threshold(20_000, 20, 20)


def carried_out(arguments: list[str], masking: Masking | None = None) -> int:
    """Carry out one command line; its exit code. Everything that went wrong has been said.

    `masking` gets to know what is secret, and is asked before anything that went wrong is spelt out.
    """
    masking = masking or Masking()
    failed = partial(_failed, masking, wants_json(arguments))
    try:
        return int(root.main(arguments, prog_name=NAME, standalone_mode=False, obj=masking) or Exit.OK)
    except click.exceptions.NoArgsIsHelpError as error:
        said(error.format_message())
        return Exit.USAGE
    except click.UsageError as error:
        return failed("usage", error.format_message(), _usage_hint(error), Exit.USAGE)
    except click.ClickException as error:
        return failed("usage", error.format_message(), None, Exit.USAGE)
    except DocumentError as error:
        return failed(error.code, str(error), error.hint, error.exit, findings=error.findings)
    except RunbookError as error:
        return failed(error.code, error.message, error.hint, error.exit)
    except (click.Abort, KeyboardInterrupt):
        return failed("interrupted", "interrupted", None, Exit.INTERRUPTED)
    except OSError as error:
        if error.errno in FULL:
            hint = "make room (`df`), then look with `runbook` where things stand"
            return failed("full", f"nothing more can be written: {error.strerror}", hint, Exit.UNDETERMINED)
        return _bug(arguments, error, masking, failed)
    except Exception as error:  # noqa: BLE001 - the one door: what nobody expected becomes a report
        return _bug(arguments, error, masking, failed)


def _bug(arguments: list[str], error: Exception, masking: Masking, failed: Callable[..., int]) -> int:
    from runbook.cli.bug import reported

    message, hint = reported(arguments, error, masking.error)
    return failed("bug", message, hint, Exit.BUG)


def _failed(
    masking: Masking,
    as_json: bool,
    code: str,
    message: str,
    hint: str | None,
    exit_: Exit,
    *,
    findings: Sequence[Any] = (),
) -> int:
    from runbook.report.safe import shown

    message, hint = masking.error(message), masking.error(hint) if hint else hint
    said(shown(f"{NAME}: {message}" if not findings else message, lines=True))
    if hint:
        said(shown(f"  {hint}", lines=True))
    if as_json:
        error: dict[str, Any] = {"code": code, "message": message, "hint": hint}
        if findings:
            error["findings"] = list(findings)
        wrote(result({"error": error}, exit_))
    return exit_


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON; read from its words, because it may not even parse."""
    words = list(arguments)
    return any(w in ("--output=json", "--output=jsonl") for w in words) or any(
        word == "--output" and value in ("json", "jsonl") for word, value in pairwise(words)
    )


def _usage_hint(error: click.UsageError) -> str | None:
    if error.ctx is None:
        return None
    return f"see `{error.ctx.command_path} --help`"
