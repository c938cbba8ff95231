"""What no test may touch: the network beyond loopback, the person's home, their environment, and how signals arrive."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from support import kube_summary
from support.postgres import Server
from support.postgres import postgres as running

KEPT = {"RUNBOOK_TEST_KUBECONFIG"}
CLEARED = {
    "KUBECONFIG",
    "KUBERNETES_SERVICE_HOST",
    "CI",
    "GITHUB_ACTIONS",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
}
CLEARED_PREFIXES = ("RUNBOOK_", "GIT_", "PG", "XDG_")

# Where CI is set, Hypothesis takes the same examples each time; `--hypothesis-profile=search` looks for new ones there.
settings.register_profile("search", settings.get_profile("default"), deadline=None, print_blob=True)
# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What of the tests on Kubernetes ran, and on which cluster."""
    ended = {how: [report.nodeid for report in reports] for how, reports in terminalreporter.stats.items() if how}
    for line in kube_summary.lines(ended, os.environ.get("RUNBOOK_TEST_KUBECONFIG", "")):
        terminalreporter.write_line(line)


def _is_cleared(name: str) -> bool:
    if name in KEPT:
        return False
    return name in CLEARED or name.startswith(CLEARED_PREFIXES) or name.upper().endswith("_PROXY")


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home folder, and an environment that says nothing about the machine the tests run on."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if _is_cleared(name)]:
            patch.delenv(name)
        patch.setenv("HOME", str(folder))
        for name, place in {
            "CONFIG": ".config",
            "DATA": ".local/share",
            "STATE": ".local/state",
            "CACHE": ".cache",
        }.items():
            patch.setenv(f"XDG_{name}_HOME", str(folder / place))
        yield folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server on loopback, for as long as the tests run."""
    with running() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def signals_arrive() -> None:
    """Programs that tests start can be interrupted and hung up on, also where the suite runs under nohup or in the
    background of a script: what is ignored there, every child would ignore too.
    """
    for number, usual in {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGHUP: signal.SIG_DFL,
        signal.SIGQUIT: signal.SIG_DFL,
    }.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Sockets reach loopback and Unix sockets; anything else fails the test that tried.

    `pytest.fail` raises outside `Exception`, so that code which takes an unreachable server in its stride
    cannot take this for one.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)), raising=False)
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


def _guarded(original: Any) -> Any:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            pytest.fail(f"a test tried to reach {address[0]}:{address[1]}; tests speak to loopback only")
        return original(self, *arguments)

    return guarded


def _guarded_lookup(original: Any) -> Any:
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.rstrip(".").endswith(".invalid"):  # RFC 6761 §6.4: never exists, and nobody need be asked
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name and not _is_address(name) and name != socket.gethostname() and not _is_loopback(name):
            pytest.fail(f"a test tried to look up {name}; use localhost, or a name under .invalid that is not there")
        return original(host, *arguments, **options)

    return guarded


def _is_loopback(host: str) -> bool:
    if host in ("", "localhost") or host.endswith(".localhost"):
        return True
    return _is_address(host) and ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
