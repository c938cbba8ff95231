"""The project of the main job: its runbook, its Prometheus, two channels, and the service's own program and state."""

from __future__ import annotations

from pathlib import Path

from runbook.policy.identity import os_user
from support.projects import Project
from support.stack import Stack

RUNBOOK = Path(__file__).with_name("main_job.yaml")
CHANNELS = "channels: {incidents: {console: {}}, status: {file: {path: status.md}}}\n"


def main_project(folder: Path, servers: Stack) -> Project:
    """A folder in which `runbook run api-errors` watches and repairs the service of these servers.

    Its policy lets the OS user do everything, and `auto` what is no loss.
    """
    made = Project(folder)
    made.config(f"policy: policy.yaml\nconnections: {{prometheus: {{url: {servers.url}, timeout: 2s}}}}\n{CHANNELS}")
    made.policy(auto_policy())
    text = RUNBOOK.read_text().replace("HEALTH_URL", f"{servers.service_url}/health")
    (folder / "runbooks" / "api-errors.yaml").write_text(text)
    (folder / "state").symlink_to(servers.state)
    (folder / "service.py").symlink_to(servers.folder / "service.py")
    return made


def auto_policy(cooldown: str = "1h", count: int = 3) -> str:
    """A policy of one person, whose `auto` may do what the runbook does, with these brakes."""
    return AUTO.format(me=os_user(), cooldown=cooldown, count=count)


AUTO = """
people: {{oncall: {{user: {me}}}}}
commands:
  read: [[tail, -n, "1", state/starts]]
auto:
  runbooks: [api-errors]
  effects: [read, change]
  cooldown: {cooldown}
  max_runs: {{count: {count}, per: 24h}}
"""
