from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import kubernetes
from runbook.clients.kubernetes import KubernetesClient, plugins
from runbook.clients.kubernetes import config as kubernetes_config
from runbook.clients.kubernetes.errors import Unauthenticated
from runbook.errors import Forbidden, WorldError
from support.kube_api import DEPLOYMENT, KubeApi, deploy, serving

SCALE = [{"op": "replace", "path": "/spec/replicas", "value": 3}]


@pytest.fixture
def api() -> Iterator[KubeApi]:
    with serving() as api:
        deploy(api, "api:1")
        yield api


def plugin(folder: Path, code: str, **more: Any) -> dict[str, Any]:
    script = folder / "plugin.py"
    script.write_text(code)
    version = "client.authentication.k8s.io/v1"
    return {"apiVersion": version, "command": sys.executable, "args": [str(script)]} | more


def connected(api: KubeApi, folder: Path, code: str, allowed: Any = True, **more: Any) -> KubernetesClient:
    config = api.kubeconfig(folder, exec=plugin(folder, code, **more))
    return kubernetes.connect({"kubeconfig": str(config), "exec_plugins": allowed}, str)


def gives(**status: Any) -> str:
    """A plugin that prints this, and counts how often it was run."""
    return f"""
import json, os, pathlib
assert json.loads(os.environ["KUBERNETES_EXEC_INFO"])["spec"]["interactive"] is False
with pathlib.Path(__file__).with_name("count").open("a") as count:
    count.write("x")
print(json.dumps({{"kind": "ExecCredential", "status": {status!r}}}))
"""


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


STALE_THEN_FRESH = """
import json, pathlib
count = pathlib.Path(__file__).with_name("count")
count.write_text(count.read_text() + "x" if count.exists() else "x")
token = "token" if len(count.read_text()) == 2 else "stale"
print(json.dumps({"kind": "ExecCredential", "status": {"token": token}}))
"""


@pytest.mark.fault(71)
@pytest.mark.parametrize("allowed", [False, ["aws"], ["python", "plugin.py"]])
def test_a_program_runs_only_where_it_is_allowed(api: KubeApi, tmp_path: Path, allowed: Any) -> None:
    """A kubeconfig can name any program; the connection must say that it may run, and the message says how."""
    client = connected(api, tmp_path, gives(token="token"), allowed)
    with pytest.raises(Forbidden, match="is not allowed") as refused:
        client.read(DEPLOYMENT, timeout=2)
    assert f"{sys.executable}]`" in str(refused.value.hint)
    assert not (tmp_path / "count").exists()
    assert api.requests == []


@pytest.mark.fault(71)
def test_nothing_is_run_where_the_connection_says_nothing(api: KubeApi, tmp_path: Path) -> None:
    """Denied by default."""
    config = api.kubeconfig(tmp_path, exec=plugin(tmp_path, gives(token="token")))
    with pytest.raises(Forbidden, match="exec_plugins"):
        kubernetes.connect({"kubeconfig": str(config)}, str).read(DEPLOYMENT, timeout=2)
    assert not (tmp_path / "count").exists()


@pytest.mark.parametrize("allowed", [True, [sys.executable], ["aws", sys.executable]])
def test_a_program_that_is_listed_runs_once(api: KubeApi, tmp_path: Path, allowed: Any) -> None:
    """By name or path, or any; for as many requests as its credentials are good for."""
    client = connected(api, tmp_path, gives(token="token", expirationTimestamp=in_seconds(600)), allowed)
    assert client.read(DEPLOYMENT, timeout=2)
    assert client.read(DEPLOYMENT, timeout=2)
    assert (tmp_path / "count").read_text() == "x"


def test_a_program_with_a_slash_is_beside_the_kubeconfig(api: KubeApi, tmp_path: Path) -> None:
    """As kubectl finds it, and not where the tool was started."""
    made = plugin(tmp_path, "#!" + sys.executable + gives(token="token"), command="./plugin.py", args=[])
    (tmp_path / "plugin.py").chmod(0o755)
    config = api.kubeconfig(tmp_path, exec=made)
    client = kubernetes.connect({"kubeconfig": str(config), "exec_plugins": [str(tmp_path / "plugin.py")]}, str)
    assert client.read(DEPLOYMENT, timeout=2)


def test_credentials_are_had_anew_before_they_end(api: KubeApi, tmp_path: Path) -> None:
    """A request must not outlive them: what ends within seconds is not used again."""
    client = connected(api, tmp_path, gives(token="token", expirationTimestamp=in_seconds(plugins.EARLY - 1)))
    assert client.read(DEPLOYMENT, timeout=2)
    assert client.read(DEPLOYMENT, timeout=2)
    assert (tmp_path / "count").read_text() == "xx"


def test_a_token_that_has_run_out_is_asked_for_once_more(api: KubeApi, tmp_path: Path) -> None:
    """A 401 comes before anything is done, so even a change may be sent again after it."""
    client = connected(api, tmp_path, STALE_THEN_FRESH)
    assert client.patch(DEPLOYMENT, SCALE, timeout=2).body["spec"]["replicas"] == 3
    assert (tmp_path / "count").read_text() == "xx"
    api.token = "another"
    with pytest.raises(Unauthenticated):
        client.patch(DEPLOYMENT, SCALE, timeout=2)
    assert len(api.requests) == 4


@pytest.mark.parametrize(
    ("code", "error", "said"),
    [
        ("raise SystemExit('your session has expired')", Forbidden, "your session has expired"),
        (gives(token="token", expirationTimestamp="2020-01-01T00:00:00Z"), Forbidden, "ended 2020-01-01"),
        (gives(), Forbidden, "neither a token nor a certificate"),
        ("print('<html>')", WorldError, "printed no credentials"),
        ("print('[]')", WorldError, "printed no credentials"),
        ("print('{\"status\": null}')", WorldError, "printed no credentials"),
    ],
)
def test_what_a_program_does_wrong_is_said(
    api: KubeApi, tmp_path: Path, code: str, error: type[WorldError], said: str
) -> None:
    """Mostly: your session has expired. What it printed is not shown, because it may be the secret."""
    client = connected(api, tmp_path, code)
    with pytest.raises(error, match=said):
        client.read(DEPLOYMENT, timeout=2)
    assert api.requests == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"command": "no-such-login", "installHint": "brew install it"}, "'no-such-login' is not installed; brew"),
        ({"apiVersion": "client.authentication.k8s.io/v1alpha1"}, "v1alpha1, which is not known"),
        ({"interactiveMode": "Always"}, "wants a terminal"),
    ],
)
def test_a_program_that_cannot_be_used_is_said(api: KubeApi, tmp_path: Path, more: dict[str, Any], said: str) -> None:
    """Before anything is run or sent."""
    client = connected(api, tmp_path, gives(token="token"), **more)
    with pytest.raises(WorldError) as raised:
        client.read(DEPLOYMENT, timeout=2)
    assert said in str(raised.value)
    assert not (tmp_path / "count").exists()


@pytest.mark.fault(71)
def test_a_program_that_hangs_is_ended(api: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Kubernetes client would wait for ever."""
    monkeypatch.setattr(plugins, "TIMEOUT", 0.2)
    client = connected(api, tmp_path, "import time; time.sleep(60)")
    with pytest.raises(WorldError, match="did not answer"):
        client.read(DEPLOYMENT, timeout=2)


def test_a_program_may_answer_with_a_certificate(tmp_path: Path) -> None:
    """It takes the program's place in the context, in the form that a kubeconfig has."""
    code = gives(clientCertificateData="CERTIFICATE", clientKeyData="KEY")
    whole = {"users": [{"user": {"exec": plugin(tmp_path, code)}}], "clusters": [{"cluster": {}}]}
    user = kubernetes_config.opened(whole, True)[0]["users"][0]["user"]
    assert user == {"client-certificate-data": "Q0VSVElGSUNBVEU=", "client-key-data": "S0VZ"}


def test_a_program_is_told_the_cluster_where_it_asks_for_it(api: KubeApi, tmp_path: Path) -> None:
    """`provideClusterInfo`: one plugin for many clusters."""
    code = """
import json, os
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
assert info["spec"]["cluster"]["server"].startswith("http://127.0.0.1:") and os.environ["REGION"] == "eu"
print(json.dumps({"status": {"token": "token"}}))
"""
    client = connected(api, tmp_path, code, provideClusterInfo=True, env=[{"name": "REGION", "value": "eu"}])
    assert client.read(DEPLOYMENT, timeout=2)
