"""Credential plugins: programs that a kubeconfig names to log in, run only where the connection says so.

A kubeconfig can name any program, and whoever writes into that file has it run with the rights of whoever uses it.
So none is run by default; `exec_plugins` of the connection lists those that may, by the name that the kubeconfig gives
or by the path where that name leads, or is `true` for any. A plugin runs without a terminal, within a time, and
what it prints is read up to a cap (client.authentication.k8s.io, ExecCredential).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from runbook.clients import processes, programs
from runbook.errors import Forbidden, WorldError

TIMEOUT = 30.0  # seconds; a plugin that asks a cloud for a token takes one to three
EARLY = 10.0  # seconds before they end at which credentials are had anew: a request must not outlive them

Allowed = bool | Sequence[str]

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_OUTPUT_CAP = 1024 * 1024  # bytes


class Credentials(msgspec.Struct, frozen=True):
    """What a plugin gave, as keys of a kubeconfig's user, and until when it is good (None: not said)."""

    user: dict[str, str]
    until: datetime | None = None

    @property
    def over(self) -> bool:
        """Whether it is time to have new ones."""
        return self.until is not None and (self.until - _now()).total_seconds() < EARLY


def asked(plugin: Mapping[str, Any], cluster: Mapping[str, Any], allowed: Allowed) -> Credentials:
    """Run a plugin once. Raises Forbidden where it may not run or does not let us in, WorldError where it is broken."""
    name = str(plugin.get("command") or "")
    path = _permitted(name, allowed, plugin)
    version = plugin.get("apiVersion")
    if version not in _VERSIONS:
        raise WorldError(
            f"the login program {name!r} speaks {version}, which is not known here",
            hint=f"set its apiVersion in the kubeconfig to {_VERSIONS[0]}",
        )
    if plugin.get("interactiveMode") == "Always":
        raise Forbidden(
            f"the login program {name!r} wants a terminal, and gets none here",
            hint="log in by hand before, with a plugin that keeps what it was given",
        )
    done = processes.run(
        [name, *map(str, plugin.get("args") or [])],
        env=_environment(plugin, cluster),
        cwd=Path.cwd(),
        timeout=TIMEOUT,
        cancelled=lambda: False,
        executable=path,
        output_cap=_OUTPUT_CAP,
    )
    if done.timed_out:
        raise WorldError(f"the login program {name!r} did not answer in {TIMEOUT:g} s", hint="run it by hand")
    if done.exit_code != 0:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:500]
        raise Forbidden(f"the login program {name!r} failed ({done.exit_code}): {said}", hint="log in again")
    return _read(done.stdout, name)


def _permitted(name: str, allowed: Allowed, plugin: Mapping[str, Any]) -> str:
    """The file of a program that may be run."""
    named = allowed if isinstance(allowed, Sequence) else ()
    path = ""
    with suppress(programs.NotStarted):
        path = programs.resolve(name, os.environ, Path.cwd())
    if allowed is not True and name not in named and path not in named:
        others = ", ".join([*map(str, named), name])
        raise Forbidden(
            f"the kubeconfig asks to run the program {name!r} to log in, which is not allowed",
            hint=f"if it may, say so under the connection: `exec_plugins: [{others}]`",
        )
    if not path:
        how = str(plugin.get("installHint") or "install it, or give its full path in the kubeconfig").strip()
        raise WorldError(f"the login program {name!r} is not installed", hint=how)
    return path


def _environment(plugin: Mapping[str, Any], cluster: Mapping[str, Any]) -> dict[str, str]:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        told = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")
        spec["cluster"] = {key: cluster[key] for key in told if key in cluster}
    info = {"apiVersion": plugin["apiVersion"], "kind": "ExecCredential", "spec": spec}
    extra = {str(item["name"]): str(item["value"]) for item in plugin.get("env") or []}
    return {**os.environ, **extra, "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _read(printed: bytes, name: str) -> Credentials:
    try:
        status = json.loads(printed)["status"]
        ends = status.get("expirationTimestamp")
        until = datetime.fromisoformat(ends).astimezone(UTC) if ends else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WorldError(f"the login program {name!r} printed no credentials", hint="run it by hand") from error
    user: dict[str, str] = {}
    if status.get("token"):
        user["token"] = status["token"]
    if status.get("clientCertificateData"):
        user["client-certificate-data"] = _base64(status["clientCertificateData"])
        user["client-key-data"] = _base64(status.get("clientKeyData") or "")
    if not user:
        raise Forbidden(f"the login program {name!r} gave neither a token nor a certificate", hint="log in again")
    if until is not None and until <= _now():
        raise Forbidden(f"the login program {name!r} gave credentials that ended {ends}", hint="log in again")
    return Credentials(user, until)


def _base64(text: str) -> str:
    from base64 import b64encode

    return b64encode(text.encode()).decode()


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - credentials end by the clock of the world, not by a run's
