"""An alert group is read exactly as Alertmanager sends it, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runbook.cli.alerts import LARGEST, read_group
from runbook.document.model import Runbook, Symptom
from runbook.errors import UsageError

BOOK = Runbook(name="practice", title="Practice", symptoms=(Symptom(id="up", alert="Up", labels={"service": "api"}),))


def alert(name: str, status: str = "firing", **labels: str) -> dict[str, Any]:
    return {"status": status, "labels": {"alertname": name, **labels}, "annotations": {}}


def group(path: Path, *alerts: dict[str, Any], **more: Any) -> str:
    path.write_text(json.dumps({"version": "4", "groupKey": "{}", "status": "firing", "alerts": alerts, **more}))
    return str(path)


def test_the_first_firing_alert_that_is_a_symptom_is_taken(tmp_path: Path) -> None:
    """A resolved alert and one of another service stand before it and start nothing."""
    given = group(tmp_path / "a", alert("Up", "resolved", service="api"), alert("Up"), alert("Up", service="api"))
    found = read_group(given, BOOK)
    assert found.alert == alert("Up", service="api")
    assert found.is_symptom
    assert found.about == {"version": "4", "groupKey": "{}", "status": "firing"}


def test_a_firing_alert_that_is_no_symptom_is_taken_and_marked(tmp_path: Path) -> None:
    """Its labels may set parameters; whether there is trouble is measured."""
    found = read_group(group(tmp_path / "a", alert("Other")), BOOK)
    assert found.alert == alert("Other")
    assert not found.is_symptom


def test_a_group_without_a_firing_alert_starts_nothing(tmp_path: Path) -> None:
    """Alertmanager sends resolved groups too."""
    assert read_group(group(tmp_path / "a", alert("Up", "resolved", service="api")), BOOK).alert is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        ("[]", "no JSON object"),
        ('{"version": "3", "alerts": []}', "version is '3'"),
        ('{"version": "4"}', "no list of alerts"),
        ('{"version": "4", "alerts": [1]}', "no list of alerts"),
        ('{"version": "4", "alerts": [{"status": "maybe"}]}', "alert 1 is neither firing nor resolved"),
        ('{"version": "4", "alerts": [{"status": "firing", "labels": {"a": 1}}]}', "labels of alert 1"),
        ('{"version": "4", "alerts": [], "version": "4"}', "stands twice"),
        ('{"version": "4", "alerts": [], "x": NaN}', "NaN is no JSON"),
        ("[" * 100_000, "not a group of alerts"),
    ],
)
def test_what_alertmanager_would_not_send_is_refused(text: str, said: str, tmp_path: Path) -> None:
    """Two readers of one payload must not see two things, and nothing is guessed."""
    (tmp_path / "a").write_text(text)
    with pytest.raises(UsageError, match=said):
        read_group(str(tmp_path / "a"), BOOK)


def test_a_payload_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    """Whoever can reach the receiver cannot fill the memory."""
    (tmp_path / "a").write_bytes(b" " * (LARGEST + 1))
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        read_group(str(tmp_path / "a"), BOOK)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With its name and the reason."""
    with pytest.raises(UsageError, match=r"cannot be read.*No such file"):
        read_group(str(tmp_path / "none"), BOOK)
