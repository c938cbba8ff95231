"""`runbook init`: a project to begin with, small and whole. Never overwrites a file."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click

from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

CONFIG = """\
apiVersion: runbook/v1
kind: Config
library: [runbooks]                    # where names are looked up
store: sqlite:///.runbook/journal.db   # the record of every run, one file
policy: policy.yaml
channels:
  incidents: {console: {}}             # where messages go
# connections:                         # what steps speak to; secrets by reference only
#   prometheus:
#     url: https://prometheus.example.com
#     headers: {Authorization: {env: PROMETHEUS_AUTHORIZATION}}
#   kubernetes: {context: production}
"""

POLICY = """\
apiVersion: runbook/v1
kind: Policy
people:
  PERSON: {user: USER}
groups:
  oncall: [PERSON]
run: {from: [oncall]}                  # who may start, resume and abort
approvals:
  change: {required: 1, from: [oncall], timeout: 15m}
  # what cannot be brought back is approved by somebody else than whoever started the run
  destructive: {required: 1, from: [oncall], exclude_initiator: true, timeout: 15m}
break_glass: {from: [oncall]}          # who may override a gate or a freeze, with a reason
commands:
  read: [[test, "*", "*"], [test, "!", "*", "*"]]   # commands whose claim to be read-only is believed
"""

RUNBOOK = """\
# A first runbook, to see how one goes; it needs nothing but a file:
#   touch broken && runbook run first-steps
apiVersion: runbook/v1
kind: Runbook
name: first-steps
title: The practice service is broken
owners: [PERSON]
severity: SEV4
reviewed: TODAY
impact: None; this is practice.

parameters:
  marker:
    description: The practice service is broken while this file exists.
    type: string
    default: broken

symptoms:                              # any of them starts the work; otherwise nothing is done
  - id: marked
    title: The marker is there
    uses: command.run
    with: {argv: [test, -e, "{{ params.marker }}"], effect: read}

triage:                                # facts for people, all at once, before anybody decides
  - id: content
    title: The marker says something
    uses: command.run
    with: {argv: [test, -s, "{{ params.marker }}"], effect: read}

resolution:                            # in order; the first that verification confirms ends the run
  - id: remove_marker
    title: Remove the marker
    steps:
      - id: remove
        title: Remove the file
        uses: command.run              # an argument is one argument; there is no shell in between
        with:
          argv: [rm, --, "{{ params.marker }}"]
          undo: {argv: [touch, --, "{{ params.marker }}"]}

verification:                          # looked at again and again, until it is known whether it helped
  within: 10s
  every: 1s
  checks:
    - id: gone
      title: The marker is gone
      uses: command.run
      with: {argv: [test, "!", -e, "{{ params.marker }}"], effect: read}

escalation: {to: oncall, after: 15m}   # who takes over when nothing helped, and in any case after a time
"""

SCENARIOS = """\
# What the first runbook must do in simulated incidents: `runbook test` plays them in virtual time.
apiVersion: runbook/v1
kind: Scenario
runbook: first-steps
scenarios:
  - name: the marker is removed
    initiator: PERSON
    given:                             # what the world answers, step by step
      symptoms/marked: {exit_code: 0}
      verification/gone:
        - {exit_code: 1}
        - {after: remove, exit_code: 0}
    approvals:
      remove_marker: {granted_by: [PERSON], after: 20s}
    expect: {outcome: resolved, applied: [remove]}

  - name: nobody decides
    given:
      symptoms/marked: {exit_code: 0}
    expect: {outcome: denied, applied: []}
"""

IGNORED = ".runbook/"


class Options(NamedTuple):
    """What `init` was asked for."""

    directory: Path
    output: str = "text"


@click.command("init", epilog=examples("init", "init ops/runbooks"))
@click.argument("directory", default=".", type=click.Path(path_type=Path, file_okay=False), metavar="[DIR]")
@output()
@click.pass_obj
def command(session: Session, directory: Path, output: str) -> int:
    """Make a project in DIR (default: here): runbook.yaml, policy.yaml, and a first runbook that lints clean.

    Never overwrites a file; what is there already stays as it is.
    """
    return init(session, Options(directory, output))


def init(session: Session, options: Options) -> int:
    """Write what is not there; say what was made, what was kept, and what to type next."""
    from runbook.authoring.formatting.document import in_style
    from runbook.policy.identity import os_user

    folder = options.directory
    user = os_user()
    person = re.sub(r"[^a-z0-9]+", "-", user.lower()).strip("-")[:63] or "me"
    today = datetime.now(UTC).date().isoformat()
    texts = {
        "runbook.yaml": CONFIG,
        "policy.yaml": in_style(_filled(POLICY, person, user, today), session.project.specs),
        "runbooks/first-steps.yaml": _filled(RUNBOOK, person, user, today),
        "runbooks/first-steps.scenarios.yaml": _filled(SCENARIOS, person, user, today),
    }
    made: list[str] = []
    kept: list[str] = []
    try:
        for name, text in texts.items():
            (made if _written(folder / name, text) else kept).append(name)
        (made if _ignored(folder / ".gitignore") else kept).append(".gitignore")
    except OSError as error:
        raise UsageError(f"cannot write in {folder}: {error.strerror}", hint="name another folder") from error
    _told(session, options, made, kept)
    return Exit.OK


def _told(session: Session, options: Options, made: list[str], kept: list[str]) -> None:
    if options.output == "json":
        session.result({"directory": str(options.directory), "made": made, "kept": kept})
        return
    for name in made:
        session.print(f"made  {options.directory / name}")
    for name in kept:
        session.print(f"kept  {options.directory / name} (it was there)")
    there = "" if options.directory == Path() else f" -C {options.directory}"
    session.say(
        "\nNext:\n"
        f"  runbook{there} lint                # is everything well?\n"
        f"  runbook{there} test                # does it do what it should?\n"
        f"  touch {options.directory / 'broken'} && runbook{there} run first-steps\n"
        f"  runbook{there} new checkout-down   # a runbook of your own, of a template\n"
        f"  runbook{there} explain             # what a step can do"
    )


def _filled(text: str, person: str, user: str, today: str) -> str:
    return text.replace("PERSON", person).replace("USER", json.dumps(user)).replace("TODAY", today)


def _written(path: Path, text: str) -> bool:
    """False where the file is there already; it is never touched then, not even between two looks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError:  # a disk that is full: half a file would be kept by the next `init`
        path.unlink(missing_ok=True)
        raise
    return True


def _ignored(path: Path) -> bool:
    """The record of runs is no source: have git ignore it, below what is ignored already."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if IGNORED in before.split():
        return False
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if before and not before.endswith("\n") else "") + IGNORED + "\n")
    return True
