"""A project whose changes leave a line each in a ledger outside the journal, and its runs from Python.

The run that it holds: a symptom, two probes in parallel, an option with a change and a loop over what a probe saw, with
a look between its items, that does not help and is taken back, an option with one change that resolves, rounds of
verification, messages to the team and to customers, evidence, and a last step. `LINES` is what the ledger holds when
nothing goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runbook.authoring.adhoc import Adhoc
from runbook.bootstrap import Project
from runbook.core.commands import Command
from runbook.core.history import History, history
from runbook.core.ids import ulid
from runbook.core.procedure import Finished
from runbook.document import environments
from runbook.document.parameters import validate_parameters
from runbook.hosts import adhoc
from runbook.hosts.continuing import following, goes_on
from runbook.hosts.local import resumed, started
from runbook.hosts.past import stream_of
from runbook.hosts.pinned import Start
from runbook.hosts.place import Manner
from runbook.hosts.ports import Ended
from runbook.hosts.said import Desk, Nobody
from runbook.journal import Journal, Record

BY_HAND = "restart"  # the line that a command by hand leaves
LINES = ["drain", "purge_a", "purge_b", "unpurge_b", "unpurge_a", "undrain", "restart"]

STORE = "sqlite:///.runbook/journal.db"
CONFIG = f"""\
apiVersion: runbook/v1
kind: Config
library: [.]
store: {STORE}
environments:
  home: {{default: true, values: {{first: drain}}}}
channels:
  team: {{file: {{path: team.md}}}}
  customers: {{file: {{path: customers.md}}, audience: customers}}
"""
EVIDENCE = """\
apiVersion: runbook/v1
kind: EvidencePlan
name: kept
timeout: 20s
items:
  - {id: listing, uses: command.run, with: {argv: [bin/sick], effect: read}}
"""
RUNBOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: queue
title: The queue is stuck
symptoms:
  - {id: stuck, uses: command.run, with: {argv: [bin/sick], effect: read}, expect: exit_code == 0}
evidence: kept
triage:
  - id: disk
    uses: command.run
    with: {argv: [echo, '["a", "b"]'], effect: read}
    outputs: {names: {json: "[*]", type: array}}
  - {id: load, uses: command.run, with: {argv: [bin/sick], effect: read}}
resolution:
  - id: clear
    when_not_helped: undo
    steps:
      - id: drain
        uses: command.run
        with: {argv: [bin/act, "{{ env.first }}"], undo: {argv: [bin/act, undrain]}{confirm_drain}}
        timeout: 20s
      - id: purge
        uses: command.run
        with:
          argv: [bin/act, "purge_{{ item }}"]
          undo: {argv: [bin/act, "unpurge_{{ item }}"]}{confirm_item}
        timeout: 20s
        for_each:
          items: steps.disk.names
          between:
            - {id: still, uses: command.run, with: {argv: [bin/sick], effect: read}, expect: exit_code == 0}
  - id: again
    steps:
      - id: restart
        uses: command.run
        with: {argv: [bin/act, restart]{confirm_restart}}
        timeout: 20s
verification:
  within: 2s
  every: 1s
  checks:
    - {id: moving, uses: command.run, with: {argv: [bin/sick], effect: read}, expect: exit_code == 1}
communication:
  - {at: start, to: team, text: We look at it.}
  - {at: start, to: customers, text: We are sorry.}
  - {at: finished, to: team, text: "It ended: {{ run.outcome }}."}
finally:
  - {id: after, uses: command.run, with: {argv: [bin/sick], effect: read}, expect: "true"}
"""
ONE = """\
apiVersion: runbook/v1
kind: Runbook
name: queue
title: The queue is stuck
resolution:
  - id: again
    approval: {timeout: {gate}}
    steps:
      - {id: restart, uses: command.run, with: {argv: [bin/act, restart]{confirm_restart}}, timeout: {timeout}}
      - {id: purge, uses: command.run, with: {argv: [bin/act, purge]{confirm_purge}}, timeout: {timeout}}
verification:
  within: 2s
  every: 1s
  checks:
    - {id: moving, uses: command.run, with: {argv: [bin/sick], effect: read}, expect: exit_code == 1}
"""
ACT = """\
#!/bin/sh
: > "begun-$1"
[ -e slow ] && sleep "$(cat slow)"
while [ -e held ]; do sleep 0.1; done
printf "%s\\n" "$1" >> ledger
"""
DID = '#!/bin/sh\n[ "$(grep -cx "$1" ledger)" -gt "$(grep -cx "un$1" ledger)" ]\n'
SICK = "#!/bin/sh\n! grep -qx restart ledger\n"


PHASES = """\
apiVersion: runbook/v1
kind: Runbook
name: queue
title: The queue is stuck
triage:
  - {id: look, uses: command.run, with: {argv: [bin/look, look], effect: read}}
resolution:
  - id: again
    settle: {settle}
    steps:
      - {id: restart, uses: command.run, with: {argv: [bin/act, restart]}, timeout: 20s}
verification:
  within: 2s
  every: 1s
  checks:
    - {id: moving, uses: command.run, with: {argv: [bin/sick], effect: read}, expect: exit_code == 1}
"""
LOOK = '#!/bin/sh\n: > "begun-$1"\n[ -e slow-look ] && exec sleep "$(cat slow-look)"\nexit 0\n'


def phases(*, settle: str = "1s") -> str:
    """A runbook with a read, a gate, a change and a wait."""
    return PHASES.replace("{settle}", settle)


def one(*, timeout: str = "20s", gate: str = "15m") -> str:
    """A runbook with one option of two changes."""
    return ONE.replace("{timeout}", timeout).replace("{gate}", gate)


def project(folder: Path, *, confirm: bool = False, runbook: str = RUNBOOK, config: str = CONFIG) -> Path:
    """Write it; with `confirm` every change says how to find out whether it is in the world.

    A change first makes the file `begun-NAME`; while there is a file `slow`, it waits as many seconds as stand there,
    and then for as long as there is a file `held`.
    """
    (folder / "bin").mkdir(parents=True)
    for name, text in (("act", ACT), ("did", DID), ("sick", SICK), ("look", LOOK)):
        (folder / "bin" / name).write_text(text)
        (folder / "bin" / name).chmod(0o755)
    for step in ("drain", "purge", "restart"):
        said = f", confirm: {{argv: [bin/did, {step}]}}" if confirm else ""
        runbook = runbook.replace(f"{{confirm_{step}}}", said)
    item = '\n          confirm: {argv: [bin/did, "purge_{{ item }}"]}' if confirm else ""
    runbook = runbook.replace("{confirm_item}", item)
    (folder / "runbook.yaml").write_text(config)
    (folder / "kept.yaml").write_text(EVIDENCE)
    (folder / "queue.yaml").write_text(runbook)
    (folder / "ledger").touch()
    return folder


def ledger(folder: Path) -> list[str]:
    """What the changes have left in the world, in order."""
    return (folder / "ledger").read_text().split()


class Unseen:
    """A watcher that keeps what it was told."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.holders: list[str] = []

    def record(self, record: Record) -> None:
        self.records.append(record)

    def performing(self, command: Command) -> None:
        pass

    def held(self, what: str) -> None:
        self.holders.append(what)


class Kept(Unseen):
    """Writes down the place and the hash of each record that it was told of: what was acknowledged."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def record(self, record: Record) -> None:
        with self._file.open("a") as file:
            file.write(f"{record.stream} {record.seq} {record.hash}\n")


class Fails(Unseen):
    """Calls `then` once a record of this type was seen."""

    def __init__(self, type_: str, then: Callable[[], None]) -> None:
        super().__init__()
        self._type = type_
        self._then: Callable[[], None] | None = then

    def record(self, record: Record) -> None:
        super().record(record)
        if record.type == self._type and self._then is not None:
            then, self._then = self._then, None
            then()


def opened(folder: Path, **more: Any) -> Project:
    """The project, as a command would open it."""
    return Project(folder, environ={"PATH": "/usr/bin:/bin", **more.pop("environ", {})}, **more)


def begin(
    of: Project,
    run: str,
    *,
    name: str = "queue",
    desk: Desk | None = None,
    watcher: Unseen | None = None,
    yes: bool = True,
    onwards: bool = True,
    **start: Any,
) -> Ended:
    """Start a run and drive it, and those that go on from it."""
    book, pinned = of.runbook(name)
    given: Mapping[str, Any] = validate_parameters(book.parameters, start.pop("parameters", {}))
    here = environments.chosen(of.config, None, {})
    if here is not None:
        start |= {"environment": here.name, "env": here.values}
    first = Start(run=run, parameters=given, initiator=of.people.me, **start)
    ended = started(of.within(here).place, first, pinned, {}, Manner(yes=yes), desk or Nobody(), watcher or Unseen())
    return onward(of, run, ended, yes=yes) if onwards else ended


def go_on(of: Project, run: str, *, desk: Desk | None = None, watcher: Unseen | None = None, yes: bool = True) -> Ended:
    """Resume a run and drive it, and those that go on from it."""
    here = of.within(environments.recorded(of.config, told(of.journal, run).started))
    return onward(of, run, resumed(here.place, run, Manner(yes=yes), desk or Nobody(), watcher or Unseen()), yes=yes)


def onward(of: Project, run: str, ended: Ended, *, yes: bool = True) -> Ended:
    """Drive the run that goes on from this one, and so forth."""
    while isinstance(ended, Finished) and ended.continued is not None:
        next_ = following(of.place, run)
        assert next_ is not None
        run = next_.start.run
        ended = goes_on(of.place, next_, dict, Manner(yes=yes), Nobody(), Unseen())
    return ended


def by_hand(of: Project, within: str, run: str, *, resume: bool) -> Ended:
    """A command by hand within a run, as `runbook exec` and `runbook resume` drive it."""
    if resume:
        ended = go_on(of, run)
    else:
        start, pinned = adhoc.exec_start(of.place, within, Adhoc(argv=("bin/act", BY_HAND)), run)
        adhoc.begun(of.place, start)
        ended = started(of.place, start, pinned, {}, Manner(yes=True), Nobody(), Unseen())
    adhoc.noted(of.place, told(of.journal, run), run)
    return ended


def told(journal: Journal, run: str) -> History:
    """The run as its journal tells it."""
    return history(journal.read(stream_of(run)))


def run_id(number: int, at: Callable[[], float] = lambda: 1.8e9) -> str:
    """An id for a run."""
    return ulid(at(), number.to_bytes(10, "big"))
