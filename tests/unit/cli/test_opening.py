"""Before a run begins, every server that it uses is asked, all at once and not for long."""

from __future__ import annotations

import threading
import time
from typing import Any

from runbook import kinds
from runbook.cli.opening import Answer, Link, checked, used
from runbook.document.model import Option, Runbook, Step, Symptom
from runbook.errors import NotConfigured, Unreachable

PROMETHEUS, CLUSTER = Link("prometheus", None), Link("kubernetes", "staging")


class Server:
    """A client whose answer is what the test says, after `delay` seconds or never."""

    def __init__(self, answer: str | Exception, never: threading.Event | None = None) -> None:
        self._answer = answer
        self._never = never

    def check(self, timeout: float) -> str:
        if self._never is not None:
            self._never.wait(30)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Clients:
    def __init__(self, servers: dict[str, Server]) -> None:
        self._servers = servers

    def client(self, type_: str, name: str | None) -> Any:
        if type_ not in self._servers:
            raise NotConfigured(f"no connection of type {type_} is configured")
        return self._servers[type_]


def test_what_a_server_says_and_why_it_says_nothing_are_told() -> None:
    """Out of reach and not configured are two things; neither is an error of the run."""
    clients = Clients({"prometheus": Server(Unreachable("connection refused"))})
    assert checked([PROMETHEUS, CLUSTER], clients) == [
        Answer(PROMETHEUS, False, "connection refused"),
        Answer(CLUSTER, False, "not configured: no connection of type kubernetes is configured"),
    ]
    assert checked([PROMETHEUS], Clients({"prometheus": Server("Prometheus 3")}))[0].ok


def test_a_silent_server_holds_nobody_up() -> None:
    """The others' answers are there, and the whole takes no longer than its time."""
    never = threading.Event()
    clients = Clients({"prometheus": Server("", never), "kubernetes": Server("v1.33")})
    before = time.monotonic()
    answers = checked([PROMETHEUS, CLUSTER], clients, within=0.2)
    assert time.monotonic() - before < 2.0
    never.set()
    assert answers == [Answer(PROMETHEUS, False, "no answer within 0.2s"), Answer(CLUSTER, True, "v1.33")]


def test_each_connection_of_the_runbook_is_asked_once() -> None:
    """Alert symptoms are read from Prometheus; a command opens nothing."""
    step = {"uses": "kubernetes.rollout_history", "connection": "staging"}
    book = Runbook(
        name="a",
        title="A",
        symptoms=(Symptom(id="s", alert="Down"),),
        triage=(Step(id="h", **step), Step(id="p", uses="prometheus.query")),  # type: ignore[arg-type]
        resolution=(Option(id="o", steps=(Step(id="r", **step), Step(id="c", uses="command.run"))),),  # type: ignore[arg-type]
    )
    assert used(book, None, kinds.specs()) == [PROMETHEUS, CLUSTER]
