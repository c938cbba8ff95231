"""A real Prometheus on loopback with samples of the last half hour, in a fraction of a second."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.stack import answers

CONFIG = "global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n"


def samples(now: float, **per_second: float) -> str:
    """OpenMetrics text: `http_requests_total{service="api",status=…}` growing at these rates for 30 minutes.

    A status is given as `s500=0.5`. Every status grows by steps of 15 seconds up to `now`.
    """
    lines = ["# TYPE http_requests counter"]
    for status, rate in per_second.items():
        for step in range(121):
            at = int(now) - 1800 + step * 15
            labels = f'service="api",status="{status[1:]}"'
            lines.append(f"http_requests_total{{{labels}}} {rate * step * 15:.6f} {at}")
    return "\n".join([*lines, "# EOF", ""])


@contextlib.contextmanager
def prometheus(folder: Path, openmetrics: str, rules: str = "groups: []\n") -> Iterator[str]:
    """The URL of a Prometheus that holds these samples; skips where Debian's `prometheus` is not installed."""
    if not (shutil.which("prometheus") and shutil.which("promtool")):
        pytest.skip("prometheus is not installed: `make deps`")
    (folder / "in.om").write_text(openmetrics)
    (folder / "prometheus.yml").write_text(CONFIG)
    (folder / "rules.yml").write_text(rules)
    backfill = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "in.om", "data"]
    subprocess.run(backfill, cwd=folder, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    address = url.removeprefix("http://")
    argv = [
        "prometheus",
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        f"--web.listen-address={address}",
        f"--web.external-url={url}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        server = subprocess.Popen(argv, cwd=folder, stdout=log, stderr=log)
    try:
        _until_ready(url, server, folder / "prometheus.log")
        yield url
    finally:
        server.terminate()
        server.wait(10)


def _until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if answers(f"{url}/-/ready"):
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"prometheus did not start:\n{log.read_text()}")
