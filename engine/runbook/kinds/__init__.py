"""What a step can do: one module per kind, named here and imported when used."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from runbook.document.spec import ImportedWhenUsed, KindSpec
from runbook.errors import UsageError
from runbook.kinds.installed import brought, imported

MODULES: dict[str, str] = {
    "alertmanager.silence": "runbook.kinds.alertmanager_silence",
    "command.run": "runbook.kinds.command_run",
    "dns.lookup": "runbook.kinds.dns_lookup",
    "git.log": "runbook.kinds.git_log",
    "http.get": "runbook.kinds.http_get",
    "http.request": "runbook.kinds.http_request",
    "kubernetes.apply": "runbook.kinds.kubernetes_apply",
    "kubernetes.can_i": "runbook.kinds.kubernetes_can_i",
    "kubernetes.cordon": "runbook.kinds.kubernetes_cordon",
    "kubernetes.delete_pod": "runbook.kinds.kubernetes_delete_pod",
    "kubernetes.drain": "runbook.kinds.kubernetes_drain",
    "kubernetes.endpoints": "runbook.kinds.kubernetes_endpoints",
    "kubernetes.events": "runbook.kinds.kubernetes_events",
    "kubernetes.evict_pod": "runbook.kinds.kubernetes_evict_pod",
    "kubernetes.exec": "runbook.kinds.kubernetes_exec",
    "kubernetes.get": "runbook.kinds.kubernetes_get",
    "kubernetes.job": "runbook.kinds.kubernetes_job",
    "kubernetes.logs": "runbook.kinds.kubernetes_logs",
    "kubernetes.owner": "runbook.kinds.kubernetes_owner",
    "kubernetes.patch": "runbook.kinds.kubernetes_patch",
    "kubernetes.pods": "runbook.kinds.kubernetes_pods",
    "kubernetes.rollout_history": "runbook.kinds.kubernetes_rollout_history",
    "kubernetes.rollout_pause": "runbook.kinds.kubernetes_rollout_pause",
    "kubernetes.rollout_restart": "runbook.kinds.kubernetes_rollout_restart",
    "kubernetes.rollout_resume": "runbook.kinds.kubernetes_rollout_resume",
    "kubernetes.rollout_status": "runbook.kinds.kubernetes_rollout_status",
    "kubernetes.rollout_undo": "runbook.kinds.kubernetes_rollout_undo",
    "kubernetes.scale": "runbook.kinds.kubernetes_scale",
    "kubernetes.set_env": "runbook.kinds.kubernetes_set_env",
    "kubernetes.set_image": "runbook.kinds.kubernetes_set_image",
    "kubernetes.top": "runbook.kinds.kubernetes_top",
    "kubernetes.uncordon": "runbook.kinds.kubernetes_uncordon",
    "manual.ask": "runbook.kinds.manual_ask",
    "manual.choose": "runbook.kinds.manual_choose",
    "manual.do": "runbook.kinds.manual_do",
    "notify.send": "runbook.kinds.notify_send",
    "prometheus.alerts": "runbook.kinds.prometheus_alerts",
    "prometheus.compare": "runbook.kinds.prometheus_compare",
    "prometheus.query": "runbook.kinds.prometheus_query",
    "prometheus.range": "runbook.kinds.prometheus_range",
    "shell.run": "runbook.kinds.shell_run",
    "sql.execute": "runbook.kinds.sql_execute",
    "sql.query": "runbook.kinds.sql_query",
    "ssh.run": "runbook.kinds.ssh_run",
    "tcp.connect": "runbook.kinds.tcp_connect",
    "tls.certificate": "runbook.kinds.tls_certificate",
    "wait.until": "runbook.kinds.wait_until",
}


def modules() -> dict[str, str]:
    """Name → module path of every kind: ours, and those of installed packages; ours win."""
    return brought(tuple(sys.path)) | MODULES


def get(name: str) -> Any:
    """The module of a kind, imported now; UsageError if there is none."""
    path = _path(name)
    if path is None:
        raise UsageError(f"unknown kind {name!r}", hint="`runbook explain` lists those installed")
    return _module(name, path)


def spec(name: str) -> KindSpec | None:
    """The spec of a kind, imported now; None if there is none."""
    path = _path(name)
    return None if path is None else _module(name, path).SPEC


def _path(name: str) -> str | None:
    return MODULES.get(name) or brought(tuple(sys.path)).get(name)


@cache  # a change asks a dozen times for the same one
def _module(name: str, path: str) -> Any:
    return import_module(path) if name in MODULES else imported(name, path)


class _Specs(ImportedWhenUsed):
    """Specs by name."""

    def __init__(self, paths: dict[str, str]) -> None:
        self._paths = paths
        self.brought = paths.keys() - MODULES.keys()
        self._seen: dict[str, KindSpec] = {}

    def __getitem__(self, name: str) -> KindSpec:
        if name not in self._seen:
            self._seen[name] = _module(name, self._paths[name]).SPEC
        return self._seen[name]

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._paths))

    def __len__(self) -> int:
        return len(self._paths)


def specs() -> Mapping[str, KindSpec]:
    """The table of specs that documents are loaded with, strangers' kinds included."""
    return _Specs(modules())
