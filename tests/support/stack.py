"""Real servers on loopback: a faulty service, the Prometheus that watches it, the Alertmanager that it tells."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

RATIO = (
    '(sum(rate(http_requests_total{service="api",status=~"5.."}[5s])) or vector(0))'
    ' / sum(rate(http_requests_total{service="api"}[5s]))'
)
RULES = """
groups:
  - name: api
    rules:
      - alert: ApiErrorRateHigh
        expr: sum by (service) (rate(http_requests_total{status=~"5.."}[5s])) > 1
        labels: {severity: page}
"""


def until(true: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
    """What `true` gives once it is true; fails when it does not become so in time."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"did not happen within {seconds:.0f}s: {what}"
        time.sleep(0.05)
    return found


class Program:
    """A server of the test's own: started, killed, and started again at the same address."""

    def __init__(self, argv: list[str], folder: Path, ready: Callable[[], bool]) -> None:
        self._argv, self._folder, self._ready = argv, folder, ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it, if it does not run, and wait until it answers."""
        if self._process is None:
            log = self._folder / f"{Path(self._argv[0]).name}.log"
            with log.open("ab") as output:
                # in a session of its own: a stopped process would have the kernel hang up on a group that is orphaned
                self._process = subprocess.Popen(
                    self._argv, cwd=self._folder, stdout=output, stderr=output, start_new_session=True
                )
            until(self._ready, f"{self._argv[0]} answers; see {log}")

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._end(signal.SIGKILL)

    @contextmanager
    def hung(self) -> Iterator[None]:
        """It takes connections and says nothing, for as long as the block lasts."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(10)


class Stack:
    """The service, with its state under `state/` of a folder, and the Prometheus that watches it."""

    def __init__(self, folder: Path, alertmanager: str | None = None) -> None:
        if not shutil.which("prometheus"):
            pytest.skip("prometheus is not installed: `make deps`")
        self.folder, self.state = folder, folder / "state"
        self.state.mkdir()
        shutil.copy(Path(__file__).with_name("faulty_service.py"), folder / "service.py")
        self.service = Program([sys.executable, "service.py", "serve", "state"], folder, lambda: bool(self.starts))
        self.url = f"http://{free_address()}"
        self._alertmanager = alertmanager
        self.prometheus = Program(self._prometheus_argv(), folder, lambda: answers(f"{self.url}/-/ready"))

    @property
    def starts(self) -> int:
        """How often the service was started."""
        path = self.state / "starts"
        return len(path.read_text().split()) if path.exists() else 0

    @property
    def service_url(self) -> str:
        """Where the service answers."""
        return (self.state / "url").read_text()

    def start(self) -> None:
        """Start both."""
        self.service.start()
        self._configure()
        self.prometheus.start()

    def stop(self) -> None:
        """End both."""
        self.prometheus.stop()
        self.service.stop()

    def broken(self) -> None:
        """Break the service, and wait until its Prometheus, started again if it was killed, sees requests fail."""
        self.prometheus.start()
        (self.state / "broken").touch()
        until(lambda: (self.value(RATIO) or 0) > 0.2, "Prometheus sees requests fail")

    def repaired(self) -> None:
        """Start the service afresh, as a person would."""
        subprocess.run([sys.executable, "service.py", "restart", "state"], cwd=self.folder, check=True)

    def value(self, query: str) -> float | None:
        """The one value of a query; None without one."""
        asked = urllib.parse.urlencode({"query": query})
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/query?{asked}", timeout=5) as response:
                found = json.load(response)["data"]["result"]
        except OSError as error:
            _let_go(error)
            return None
        return float(found[0]["value"][1]) if len(found) == 1 else None

    def _prometheus_argv(self) -> list[str]:
        address = self.url.removeprefix("http://")
        return [
            "prometheus",
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            f"--web.listen-address={address}",
        ]

    def _configure(self) -> None:
        config: dict[str, Any] = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [
                {"job_name": "api", "static_configs": [{"targets": [self.service_url.removeprefix("http://")]}]}
            ],
        }
        if self._alertmanager:
            targets = [{"targets": [self._alertmanager.removeprefix("http://")]}]
            config["alerting"] = {"alertmanagers": [{"static_configs": targets}]}
        (self.folder / "prometheus.yml").write_text(json.dumps(config))
        (self.folder / "rules.yml").write_text(RULES)


@contextmanager
def stack(folder: Path, alertmanager: str | None = None) -> Iterator[Stack]:
    """A service and its Prometheus for as long as the block lasts; skips where Prometheus is not installed."""
    made = Stack(folder, alertmanager)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def free_address() -> str:
    """An address on loopback at which nobody listened a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


def answers(url: str) -> bool:
    """Whether a URL gives 2xx now."""
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except OSError as error:
        _let_go(error)
        return False


def _let_go(error: OSError) -> None:
    if isinstance(error, urllib.error.HTTPError):
        error.close()  # it holds the answer; Python 3.14 warns of one that nobody closes
