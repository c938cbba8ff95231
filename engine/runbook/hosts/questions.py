"""One question to the world, for each kind of check: asked once, within its time, changing nothing.

Reads, access reviews, connections that are opened and closed again, and looks at what is on this machine. Errors are
the caller's to tell.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from runbook import kinds
from runbook.clients.secrets import named
from runbook.core import extraction
from runbook.doctor.checks import (
    Answers,
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
    Work,
)
from runbook.doctor.telling import Said, judged, rule, spoken
from runbook.errors import Forbidden, NotConfigured, RunbookError, StoreError, Unreachable
from runbook.hosts.unproven import unproven
from runbook.hosts.world import LocalWorld, Surroundings
from runbook.kinds.kubernetes_needs import Need
from runbook.kinds.needs import programs

PATIENCE = 10.0  # seconds that one question may take; a step that reads has its own
NOT_THERE = "correct its name or its namespace in the runbook, or give its parameters"


class Questions:
    """Asks, until `until` (monotonic) or as long as nobody cancels."""

    def __init__(self, around: Surroundings, cancel: threading.Event, until: float) -> None:
        self._around = around
        self._cancel = cancel
        self._until = until
        self._reviews: dict[tuple[Link, str | None, Need], _Once] = {}
        self._reviewing = threading.Lock()

    def asked(self, work: Work) -> Said:
        """What came of it. Raises RunbookError and OSError as the world does."""
        return _PERFORM[type(work)](self, work)

    def _world(self, link: Link | None, timeout: float | None = None) -> LocalWorld:
        left = max(0.001, min(timeout or PATIENCE, self._until - monotonic()))
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
        doubted = unproven(self._around.policy, module.SPEC, work.inputs, world)
        if doubted is not None:
            text, _, hint = doubted.partition("; ")
            here = programs(work.inputs) if module.SPEC.connection is None else ()
            found = [self._on_path(OnPath(program=one.name, folder=one.folder))[1] for one in here]
            return Status.NOT_CHECKED, "; ".join([text, *found]), hint
        try:
            seen = module.observe(work.inputs, world)
        except RunbookError as error:
            return self._unread(work, module, error)
        by_hand = f"by hand: {module.by_hand(work.inputs)}"
        return judged(work, module.SPEC, extraction.observed(work.outputs, seen, module.SPEC.text), by_hand)

    def _unread(self, work: Reads, module: Any, error: RunbookError) -> Said:
        """Why a read failed; in a cluster, which object is missing, or which permission."""
        hint = error.hint or f"by hand: {module.by_hand(work.inputs)}"
        needs = module.needs(work.inputs) if work.link and work.link.type == "kubernetes" else ()
        where = work.inputs.get("namespace")
        if needs and error.code == Forbidden.code and not self._reads_apart(work.link):
            said = self._may(May(link=work.link, needs=needs, namespace=where))  # type: ignore[arg-type]
            return said if said[0] is Status.FINDING else (Status.FINDING, error.message, hint)
        named = [need for need in needs if need.is_there]
        if error.code == "not-found" and len(named) == 1:
            return Status.FINDING, f"there is no {self._called(work.link, named[0], where)}", NOT_THERE
        return status_of(error), error.message, hint

    def _reads_apart(self, link: Link | None) -> bool:
        client = self._around.connections.client("kubernetes", link.name if link else None)
        return bool(client.reads_apart)

    def _called(self, link: Link | None, need: Need, namespace: str | None) -> str:
        """An object as people call it: `Deployment shop/api`."""
        client = self._around.connections.client("kubernetes", link.name if link else None)
        where = f"{namespace or client.namespace or 'default'}/" if need.place.namespaced else ""
        return f"{need.kind} {where}{need.name}"

    def _there(self, work: There) -> Said:
        from runbook.clients.kubernetes.errors import NotFound

        world, need = self._world(work.link), work.need
        client = world.client(work.link.type)
        where = work.namespace or client.namespace or "default"
        called = self._called(work.link, need, work.namespace)
        try:
            client.read(need.place.path(where, need.name), timeout=min(client.timeout, world.remaining()))
        except NotFound:
            return Status.FINDING, f"there is no {called}", NOT_THERE
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
        world = self._world(link)
        if need.reads and world.client("kubernetes").reads_apart:
            return self._listed(need, namespace, world)
        inputs: dict[str, Any] = {"verb": need.verb, "resource": need.resource}
        inputs |= {"name": need.name} if need.name else {}
        if need.anywhere or not need.place.namespaced:
            inputs["all_namespaces"] = True
        elif namespace:
            inputs["namespace"] = namespace
        seen = kinds.get("kubernetes.can_i").observe(inputs, world)
        return (None if seen.unknown else seen.output["allowed"]), seen.unknown

    def _listed(self, need: Need, namespace: str | None, world: LocalWorld) -> tuple[bool | None, str | None]:
        """A review asks what the credentials for changing may; those for reading show it by reading one object."""
        client = world.client("kubernetes")
        where = None if need.anywhere else namespace or client.namespace or "default"
        if need.verb != "list":
            return True, None  # by which name it would be read is not known before
        try:
            client.read(need.place.path(where), timeout=min(client.timeout, world.remaining()), query=[("limit", "1")])
        except Forbidden as error:
            if error.code != Forbidden.code:
                raise
            return False, None
        return True, None

    def _on_path(self, work: OnPath) -> Said:
        from runbook.clients.programs import resolve

        folder = self._around.project / work.folder if work.folder else self._around.project
        found = resolve(work.program, self._around.environ, folder)
        return Status.OK, f"{work.program} is there" if found == work.program else f"{work.program} is {found}", None

    def _listens(self, work: Listens) -> Said:
        from runbook.clients import http

        world = self._world(work.link)
        client = world.client("http") if work.link else http.connect({}, world.secret)
        return Status.OK, f"{_dialled(client.resolve(work.url), world.remaining())} takes connections", None

    def _enters(self, work: Enters) -> Said:
        world = self._world(work.link)
        host = world.client("ssh").host(work.host, self._around.home, self._around.environ)
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
        if how == "file" and (mode := (self._around.home / what).stat().st_mode) & 0o077:
            text = f"the secret {named(how, what)} may be read by others (mode {mode & 0o777:o})"
            return Status.FINDING, text, f"chmod 600 {what}"
        return Status.OK, f"the secret {named(how, what)} is there", None

    def _takes(self, work: Takes) -> Said:
        from runbook.messages.channels import module
        from runbook.messages.outgoing import Means, Undelivered

        settings, type_ = work.channel.settings, work.channel.type
        if type_ == "file":
            return _writable(self._around.home / settings["path"])
        check = getattr(module(type_), "check", None)
        if check is None:
            return Status.OK, "whoever runs it reads it there", None
        means = Means(
            project=self._around.home,
            secret=self._around.secrets.resolve,
            console=lambda _: None,
            timeout=max(0.001, min(PATIENCE, self._until - monotonic())),
        )
        try:
            return Status.OK, check(settings, means), None
        except Undelivered as error:
            return Status.UNREACHABLE if error.again else Status.FINDING, error.message, error.hint

    def _keeps(self, work: Keeps) -> Said:
        from runbook.journal.ready import ready

        return Status.OK, ready(work.url), None


class _Once:
    """An answer that several wait for."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.said: tuple[bool | None, str | None] | None = None


_PERFORM: dict[type[Any], Callable[[Questions, Any], Said]] = {
    Known: Questions._known,
    Answers: Questions._answers,
    Reads: Questions._reads,
    There: Questions._there,
    May: Questions._may,
    OnPath: Questions._on_path,
    Listens: Questions._listens,
    Enters: Questions._enters,
    Fires: Questions._fires,
    Resolves: Questions._resolves,
    Takes: Questions._takes,
    Keeps: Questions._keeps,
}


def status_of(error: RunbookError) -> Status:
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
