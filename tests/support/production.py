"""The world of `high-api-error-rate`: a Deployment on a real cluster, its service, a real Prometheus, three people.

The runbook and its evidence plan are those of `runbooks/`, as they stand. What they name by DNS is on loopback. Their
minutes pass in seconds (`fast_time.py`), from an hour ago on, so that no sample is from the future:
`RUNBOOK_TEST_SPEED=1` has them pass as they do.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from support.fast_time import World
from support.projects import Project, Said
from support.real_cluster import KUBECONFIG, Workload, cluster, wait
from support.stack import Program, answers, free_address
from support.watched_api import Deployment, WatchedApi, rolled_out, serving, watched

SPEED = float(os.environ.get("RUNBOOK_TEST_SPEED", "30"))
RUNBOOKS = Path(__file__).parents[2] / "runbooks"
RUNBOOK = "high-api-error-rate"
SHARING = 4243  # a group that nobody is in, but for these tests' processes
PEOPLE = ("daemon", "www-data", "nobody")  # OS users, which any machine has two of
RATIO = (
    '(sum(rate(http_requests_total{service="api",status=~"5.."}[5m])) or vector(0))'
    ' / sum(rate(http_requests_total{service="api"}[5m]))'
)

CONFIG = """
policy: policy.yaml
store: sqlite:///shared/journal.db
connections:
  prometheus: {{url: "{prometheus}", timeout: 5s}}
  kubernetes: {{kubeconfig: "{kubeconfig}"}}
channels:
  incidents: {{console: {{}}}}
  status_page: {{file: {{path: status-page.md}}}}
"""
POLICY = """
people:
  oncall-engineer: {{user: {0}}}
  database-lead: {{user: {1}}}
groups: {{sre: [oncall-engineer], dba: [database-lead]}}
run: {{from: [sre, dba]}}
approvals: {{change: {{required: 1, from: [sre, dba], timeout: 15m}}}}
blast_radius: {{kubernetes.scale: {{max_replicas: 50}}, namespaces: {{deny: [kube-system]}}}}
"""


class Production:
    """A night on call. `does` types a command; the clock runs meanwhile."""

    def __init__(self, app: Workload, service: WatchedApi, world: World, project: Project, prometheus: str) -> None:
        self.app, self.service, self.project = app, service, project
        self._world, self._prometheus = world, prometheus

    def does(self, *words: str, user: str | None = None) -> Said:
        """Type a command, as the one on call or as another OS user."""
        return self.project.does(*words, command=self._world.command(user), seconds=3600 / SPEED + 60)

    def run(self, *words: str) -> Said:
        """Start the runbook for this Deployment, with nobody at a terminal."""
        where = ["-p", f"namespace={self.app.cluster.namespace}", "-p", f"deployment={self.app.name}"]
        return self.does("run", RUNBOOK, *where, "-p", f"health_url={self.service.url}/health", *words, *JSON)

    def agreed(self, said: Said, *users: str | None) -> Said:
        """These people say yes to what waits, and the run goes on."""
        assert (said.exit, said.run["status"]) == (6, "waiting"), said.err
        gate = said.run["approvals"][-1]
        for user in users:
            yes = self.does("approve", said.run["run"], "--digest", gate["digest"][:12], user=user)
            assert yes.exit == 0, yes.err
        return self.does("resume", said.run["run"], *JSON)

    def incident(self, image: str) -> None:
        """A release is deployed whose requests fail, and Prometheus has seen it."""
        wait(lambda: self.errors() == 0)
        self.app.deploy(image)
        wait(lambda: (self.errors() or 0) > 0.1)

    def errors(self) -> float | None:
        """The share of requests that fail, as Prometheus has it."""
        asked = urllib.parse.urlencode({"query": RATIO}).encode()
        with urllib.request.urlopen(f"{self._prometheus}/api/v1/query", asked, timeout=5) as response:
            found = json.load(response)["data"]["result"]
        return float(found[0]["value"][1]) if len(found) == 1 else None


JSON = ("--output", "json")


def database_lead() -> str:
    """An OS user who is not the one on call; skips where this machine cannot become one."""
    if os.getuid() != 0:
        pytest.skip("only root may become the second OS user that approves")
    there = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in PEOPLE if name in there)


@contextmanager
def production(healthy: Callable[[Deployment], bool]) -> Iterator[Production]:
    """A Deployment `api` of the image GOOD, whose service is healthy as long as `healthy` says so of it."""
    if not shutil.which("prometheus"):
        pytest.skip("prometheus is not installed: `make deps`")
    folder = Path(tempfile.mkdtemp(prefix="production-"))
    folder.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        app = stack.enter_context(cluster(folder)).make("Deployment", "api", replicas=2)
        wait(lambda: rolled_out(app.read()))
        database = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        now = time.time()
        hosts = {"db.example.com:5432": database.getsockname()[1]}
        world = World(real=now, start=now - 3300, speed=SPEED, hosts=hosts)
        service = stack.enter_context(watched(WatchedApi(app.read, healthy, world.now)))
        prometheus = stack.enter_context(_scraping(folder, service, world))
        project = _project(folder / "project", prometheus)
        yield Production(app, service, world, project, prometheus)


@contextmanager
def _scraping(folder: Path, service: WatchedApi, world: World) -> Iterator[str]:
    """The URL of a Prometheus that looks every fifteen seconds of that world."""
    every = f"{int(15000 / SPEED)}ms"
    target = {"job_name": "api", "static_configs": [{"targets": [service.url.removeprefix("http://")]}]}
    config = {"global": {"scrape_interval": every, "scrape_timeout": every}, "scrape_configs": [target]}
    (folder / "prometheus.yml").write_text(json.dumps(config))
    address = free_address()
    argv = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={address}"]
    program = Program(argv, folder, lambda: answers(f"http://{address}/-/ready"))
    try:
        program.start()
        with _of_that_time(f"http://{address}", world) as url:
            yield url
    finally:
        program.stop()


@contextmanager
def _of_that_time(prometheus: str, world: World) -> Iterator[str]:
    """The same Prometheus, whose clock shows the world's time: for queries of *now*, and in its answers' `Date`."""

    class Passes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(asked + f"&time={world.now():.3f}".encode())

        def do_GET(self) -> None:
            self._answer(None)

        def _answer(self, asked: bytes | None) -> None:
            request = urllib.request.Request(prometheus + self.path, asked)
            with urllib.request.urlopen(request, timeout=5) as response:
                body, kind = response.read(), response.headers["Content-Type"]
            self.send_response_only(response.status)
            self.send_header("Date", formatdate(world.now(), usegmt=True))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with serving(Passes) as url:
        yield url


def _project(folder: Path, prometheus: str) -> Project:
    made = Project(folder, CONFIG.format(prometheus=prometheus, kubeconfig=KUBECONFIG))
    lead = next(name for name in PEOPLE if name in {entry.pw_name for entry in pwd.getpwall()})
    made.policy(POLICY.format(pwd.getpwuid(os.getuid()).pw_name, lead))
    for name in (RUNBOOK, "standard-kubernetes"):
        shutil.copy(RUNBOOKS / f"{name}.yaml", folder / "runbooks")
    (folder / "shared").mkdir()
    if os.getuid() == 0:
        for path in (folder, folder / "shared"):
            os.chown(path, 0, SHARING)
            path.chmod(0o2770)
    return made
