"""Which alerts fire."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.clients.prometheus.api import Alert
from runbook.core.changes import Observation
from runbook.errors import ParameterError
from runbook.kinds import prometheus_alerts
from runbook.testing.world import FakeWorld


class Holding:
    def alerts(self, timeout: float) -> tuple[Alert, ...]:
        return (alert("DiskFull", "pending", service="db"), alert("ApiErrorRateHigh", "firing", service="api"))


def alert(name: str, state: str, **labels: str) -> Alert:
    return Alert(name=name, labels=labels | {"alertname": name}, state=state, active_at="2026-01-01T00:00:00Z", value=1)


def observe(tmp_path: Path, **inputs: Any) -> Observation:
    return prometheus_alerts.observe(inputs, FakeWorld(tmp_path, clients={"prometheus": Holding()}))


def test_all_alerts_are_listed_firing_ones_first(tmp_path: Path) -> None:
    """Without a name, everything that is active."""
    seen = observe(tmp_path)
    assert set(seen.output) == prometheus_alerts.SPEC.output_names
    assert [row["name"] for row in seen.output["alerts"]] == ["ApiErrorRateHigh", "DiskFull"]
    assert (seen.output["firing"], seen.output["count"]) == (True, 2)


@pytest.mark.parametrize(
    ("name", "labels", "fires"),
    [
        ("ApiErrorRateHigh", {}, True),
        ("ApiErrorRateHigh", {"service": "api"}, True),
        ("ApiErrorRateHigh", {"service": "web"}, False),
        ("DiskFull", {}, False),
        ("NoSuchAlert", {}, False),
    ],
    ids=["name", "label", "other label", "only pending", "other name"],
)
def test_an_alert_fires_by_name_and_labels(name: str, labels: dict[str, str], fires: bool, tmp_path: Path) -> None:
    """A pending alert does not fire; labels must all be there."""
    assert observe(tmp_path, name=name, labels=labels).output["firing"] is fires


def test_labels_must_be_a_mapping(tmp_path: Path) -> None:
    """What a template made of them is checked."""
    with pytest.raises(ParameterError):
        observe(tmp_path, labels="service=api")


def test_by_hand_asks_for_the_series_of_alerts() -> None:
    """What fires is a series too."""
    line = prometheus_alerts.by_hand({"name": "X", "labels": {"service": "api"}})
    assert line.endswith("""'ALERTS{alertname="X",service="api"}'""")
