"""Asks the world what a library needs of it: connections first, all at once, then everything that goes through them.

What goes through a connection that does not answer is not asked, and is said to be so. Everything together ends within
a given time, and each check within `PATIENCE`; who has not answered by then is out of reach. Nothing here changes
anything: reads, access reviews, and looks at what is on this machine.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from runbook import kinds
from runbook.clients.secrets import Secrets, named
from runbook.core import extraction
from runbook.core.masking import Masker
from runbook.doctor.checks import (
    Answers,
    Check,
    Enters,
    Fires,
    Keeps,
    Known,
    Link,
    Listens,
    May,
    OnPath,
    Reads,
    Resolves,
    Status,
    Takes,
    There,
    Told,
)
from runbook.doctor.telling import Said, judged, rule, spoken
from runbook.document.model import Config, Policy
from runbook.errors import Forbidden, NotConfigured, RunbookError, StoreError, Unreachable
from runbook.hosts.connections import Connections
from runbook.hosts.unproven import unproven
from runbook.hosts.workers import Workers
from runbook.hosts.world import LocalWorld, Surroundings
from runbook.kinds.kubernetes_needs import Need
from runbook.kinds.needs import programs

PATIENCE = 10.0  # seconds that one check may take
WITHIN = 60.0  # seconds for all of them
ENDING = 2.0  # seconds for what is under way to end, once nobody waits for it


class Doctor:
    """One examination: of the project at `project`, as its configuration is in one environment."""

    def __init__(
        self,
        *,
        config: Config,
        policy: Policy | None,
        project: Path,
        environ: Mapping[str, str],
        initiator: str,
        patience: float = PATIENCE,
        within: float = WITHIN,
    ) -> None:
        masker = Masker()

        def learned(secret: str) -> None:
            masker.add(secret)

        secrets = Secrets(environ, project, learned)
        self._around = Surroundings(
            run="doctor",
            initiator=initiator,
            project=project,
            environ=environ,
            connections=Connections(config.connections, secrets.resolve),
            secrets=secrets,
            masker=masker,
            run_key=os.urandom(32),
            policy=policy,
        )
        self._patience = patience
        self._until = monotonic() + within
        self._cancel = threading.Event()
        self._workers = Workers()
        self._reviews: dict[tuple[Link, str | None, Need], _Once] = {}
        self._reviewing = threading.Lock()
        self._down: dict[Link, str] = {}

    def connections(self, checks: Sequence[Check]) -> list[Told]:
        """What the connections answer. What goes through one that does not, `examined` leaves."""
        told = self.examined(checks)
        for one in told:
            if one.status is not Status.OK and isinstance(one.check.work, Answers):
                lost = "does not answer" if one.status is Status.UNREACHABLE else "cannot be used"
                self._down[one.check.work.link] = lost
        return told

    def examined(self, checks: Sequence[Check]) -> list[Told]:
        """What came of each check, in their order."""
        results: SimpleQueue[tuple[int, Told]] = SimpleQueue()
        found: dict[int, Told] = {}
        for number, check in enumerate(checks):
            if check.link in self._down and not isinstance(check.work, Answers):
                text = f"not asked: {check.link} {self._down[check.link]}"
                found[number] = Told(check=check, status=Status.NOT_CHECKED, text=text)
            else:
                self._workers.submit(self._job(number, check, results))
        try:
            while len(found) < len(checks):
                number, told = results.get(timeout=max(0.0, self._until + 1.0 - monotonic()))
                found[number] = told
        except Empty:
            pass  # who is silent is said to be, below
        finally:
            if len(found) < len(checks):
                self._end(results, len(checks) - len(found))
        silent = "no answer in the time that there was"
        return [
            found.get(number) or Told(check=check, status=Status.UNREACHABLE, text=silent)
            for number, check in enumerate(checks)
        ]

    def _end(self, results: SimpleQueue[tuple[int, Told]], running: int) -> None:
        """Nobody waits any more: have commands end, so that none outlives us."""
        self._cancel.set()
        until = monotonic() + ENDING
        with suppress(Empty):
            for _ in range(running):
                results.get(timeout=max(0.0, until - monotonic()))

    def _job(self, number: int, check: Check, results: SimpleQueue[tuple[int, Told]]) -> Callable[[], None]:
        def job() -> None:
            results.put((number, self._asked(check)))

        return job

    def _asked(self, check: Check) -> Told:
        """One check. What the world does not say is never taken for healthy, whoever raises it."""
        try:
            if self._cancel.is_set() or monotonic() > self._until:
                return Told(check=check, status=Status.UNREACHABLE, text="not asked: the time was over")
            status, text, hint = _PERFORM[type(check.work)](self, check.work)
        except RunbookError as error:
            status, text, hint = _status(error), error.message, error.hint
        except OSError as error:
            status, text, hint = Status.UNREACHABLE, str(error), None
        except Exception as error:  # noqa: BLE001 - a kind may be a stranger's, and may raise anything
            status, text, hint = Status.FINDING, f"{type(error).__name__}: {error}", "the kind has a bug; say so"
        masker = self._around.masker
        return Told(check=check, status=status, text=masker.text(text), hint=masker.text(hint) if hint else None)

    def _world(self, link: Link | None, timeout: float | None = None) -> LocalWorld:
        left = max(0.001, min(timeout or self._patience, self._patience, self._until - monotonic()))
        return LocalWorld(self._around, timeout=left, connection=link.name if link else None, cancel=self._cancel)

    # --- what there is to ask -------------------------------------------------------------------------------------

    def _known(self, work: Known) -> Said:
        return work.status, work.text, work.hint

    def _answers(self, work: Answers) -> Said:
        world = self._world(work.link)
        return Status.OK, world.client(work.link.type).check(world.remaining()), None

    def _reads(self, work: Reads) -> Said:
        module = kinds.get(work.kind)
        world = self._world(work.link, work.timeout)
        doubted = unproven(module.SPEC, work.inputs, world)
        if doubted is not None:
            text, _, hint = doubted.partition("; ")
            here = programs(work.inputs) if module.SPEC.connection is None else ()
            found = [self._on_path(OnPath(program=one.name, folder=one.folder))[1] for one in here]
            return Status.NOT_CHECKED, "; ".join([text, *found]), hint
        seen = module.observe(work.inputs, world)
        return judged(work, module.SPEC, extraction.observed(work.outputs, seen, module.SPEC.text))

    def _there(self, work: There) -> Said:
        from runbook.clients.kubernetes.errors import NotFound

        world, need = self._world(work.link), work.need
        client = world.client(work.link.type)
        where = (work.namespace or client.namespace or "default") if need.place.namespaced else None
        called = f"{need.resource} {where}/{need.name}" if where else f"{need.resource} {need.name}"
        try:
            client.read(need.place.path(where, need.name), timeout=min(client.timeout, world.remaining()))
        except NotFound:
            return Status.FINDING, f"there is no {called}", "correct its name or its namespace in the runbook"
        except Forbidden as error:
            if error.code != Forbidden.code:
                raise
            return Status.FINDING, f"may not get {called}", rule([need])
        return Status.OK, f"{called} is there", None

    def _may(self, work: May) -> Said:
        asked = {need: self._review(work.link, work.namespace, need) for need in work.needs}
        doubts = [reason for allowed, reason in asked.values() if allowed is None]
        if doubts:
            return Status.UNREACHABLE, doubts[0] or "the cluster could not say", None
        refused = [need for need, (allowed, _) in asked.items() if not allowed]
        lacking = [need for need in refused if need.without is None]
        where = f" in namespace {work.namespace}" if work.namespace else ""
        if lacking:
            return Status.FINDING, f"may not {spoken(lacking)}{where}", rule(lacking)
        granted = [need for need in work.needs if need not in refused]
        text = f"may {spoken(granted)}{where}" if granted else "may do without"
        for need in refused:
            text += f"; may not {spoken([need])}: {need.without}"
        return Status.OK, text, None

    def _review(self, link: Link, namespace: str | None, need: Need) -> tuple[bool | None, str | None]:
        """Whether one need is granted, asked once however many steps have it; None where the cluster cannot tell."""
        key = (link, namespace, need._replace(without=None))
        with self._reviewing:
            once = self._reviews.setdefault(key, _Once())
        with once.lock:
            if once.said is None:
                once.said = self._reviewed(link, namespace, need)
        return once.said

    def _reviewed(self, link: Link, namespace: str | None, need: Need) -> tuple[bool | None, str | None]:
        inputs: dict[str, Any] = {"verb": need.verb, "resource": need.resource}
        inputs |= {"name": need.name} if need.name else {}
        if need.anywhere or not need.place.namespaced:
            inputs["all_namespaces"] = True
        elif namespace:
            inputs["namespace"] = namespace
        seen = kinds.get("kubernetes.can_i").observe(inputs, self._world(link))
        return (None if seen.unknown else seen.output["allowed"]), seen.unknown

    def _on_path(self, work: OnPath) -> Said:
        from runbook.clients.programs import resolve

        folder = self._around.project / work.folder if work.folder else self._around.project
        return Status.OK, f"{work.program} is {resolve(work.program, self._around.environ, folder)}", None

    def _listens(self, work: Listens) -> Said:
        from runbook.clients import http

        world = self._world(work.link)
        client = world.client("http") if work.link else http.connect({}, world.secret)
        return Status.OK, f"{_dialled(client.resolve(work.url), world.remaining())} takes connections", None

    def _enters(self, work: Enters) -> Said:
        world = self._world(work.link)
        host = world.client("ssh").host(work.host, self._around.project, self._around.environ)
        return Status.OK, f"{host.address} lets us in: {host.ask(world.remaining()).system}", None

    def _fires(self, work: Fires) -> Said:
        world = self._world(work.link)
        if work.alert in world.client("prometheus").alerting_rules(world.remaining()):
            return Status.OK, f"Prometheus has a rule for the alert {work.alert}", None
        hint = "correct the name; an alert that is made elsewhere can start the runbook all the same"
        return Status.FINDING, f"no rule of Prometheus makes the alert {work.alert}", hint

    def _resolves(self, work: Resolves) -> Said:
        how, what = next(iter(work.reference.items()))
        self._around.secrets.resolve(work.reference)
        if how == "file" and (mode := (self._around.project / what).stat().st_mode) & 0o077:
            text = f"the secret {named(how, what)} may be read by others (mode {mode & 0o777:o})"
            return Status.FINDING, text, f"chmod 600 {what}"
        return Status.OK, f"the secret {named(how, what)} is there", None

    def _takes(self, work: Takes) -> Said:
        settings, type_ = work.channel.settings, work.channel.type
        if type_ == "file":
            return _writable(self._around.project / settings["path"])
        if type_ == "webhook":
            url = self._around.secrets.resolve(settings["url"])
            where = _dialled(url, min(self._patience, self._until - monotonic()))
            return Status.OK, f"{where} takes connections; nothing was sent", None
        return Status.OK, f"a channel of type {type_}", None

    def _keeps(self, work: Keeps) -> Said:
        from runbook.journal.ready import ready

        return Status.OK, ready(work.url), None


class _Once:
    """An answer that several wait for."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.said: tuple[bool | None, str | None] | None = None


_PERFORM: dict[type[Any], Callable[[Doctor, Any], Said]] = {
    Known: Doctor._known,
    Answers: Doctor._answers,
    Reads: Doctor._reads,
    There: Doctor._there,
    May: Doctor._may,
    OnPath: Doctor._on_path,
    Listens: Doctor._listens,
    Enters: Doctor._enters,
    Fires: Doctor._fires,
    Resolves: Doctor._resolves,
    Takes: Doctor._takes,
    Keeps: Doctor._keeps,
}


def _status(error: RunbookError) -> Status:
    """Whether an error says that something is wrong, or that nothing is known."""
    if isinstance(error, StoreError | NotConfigured | Forbidden):
        return Status.FINDING
    if isinstance(error, Unreachable) or error.code == "throttled":
        return Status.UNREACHABLE
    return Status.FINDING


def _dialled(url: str, seconds: float) -> str:
    """Connect to where an address points, and say nothing; the host and port that took it."""
    from runbook.clients import net
    from runbook.clients.http import urls

    found = urls.parse(url)
    port = found.port or (443 if found.scheme == "https" else 80)
    net.connect(found.host, port, net.Deadline(seconds)).close()
    return f"{found.host}:{port}"


def _writable(path: Path) -> Said:
    there = path if path.exists() else path.parent
    if not there.exists():
        return Status.FINDING, f"there is no folder {there}", f"mkdir -p {there}"
    if not os.access(there, os.W_OK):
        return Status.FINDING, f"{there} is read-only for you", "check who owns it"
    return Status.OK, f"{path} can be written", None
