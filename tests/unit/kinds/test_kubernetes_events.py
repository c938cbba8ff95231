from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from runbook.errors import ParameterError
from runbook.kinds import kubernetes_events as events
from support.kube_kinds import Shop, shop


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def happen(at: Shop, name: str, ago: int, **more: Any) -> None:
    about = more.pop("about", "Pod/api-1-x")
    kind, _, called = about.partition("/")
    stamp = (at.api.now - timedelta(seconds=ago)).isoformat()
    body = {"involvedObject": {"kind": kind, "name": called}, "reason": name, "type": "Normal", "lastTimestamp": stamp}
    at.api.put(f"/api/v1/namespaces/shop/events/{name.lower()}", body | more)


def observed(at: Shop, **inputs: Any) -> dict[str, Any]:
    return events.observe({"namespace": "shop"} | inputs, at.world()).output


def test_events_are_told_newest_first_within_the_time_asked(at: Shop) -> None:
    """By the server's clock."""
    happen(at, "Old", 7000)
    happen(at, "Pulled", 300, count=4)
    happen(at, "BackOff", 10, type="Warning", message="restarting")
    output = observed(at)
    assert set(output) == events.SPEC.output_names
    assert [event["reason"] for event in output["events"]] == ["BackOff", "Pulled"]
    assert (output["count"], output["warnings"], output["truncated"]) == (2, 1, False)
    assert output["events"][1]["count"] == 4
    assert observed(at, since="2h")["count"] == 3


def test_newer_components_date_their_events_elsewhere(at: Shop) -> None:
    """In `series`, or in `eventTime`."""
    stamp = (at.api.now - timedelta(seconds=5)).isoformat()
    happen(at, "Series", 7000, series={"lastObservedTime": stamp, "count": 9})
    happen(at, "Timed", 7000, lastTimestamp=None, eventTime=stamp)
    assert {event["reason"] for event in observed(at)["events"]} == {"Series", "Timed"}


def test_events_of_one_object_include_those_of_its_pods(at: Shop) -> None:
    """A Deployment's pods and ReplicaSets are named after it."""
    happen(at, "Scaled", 10, about="Deployment/api")
    happen(at, "Killing", 10, about="Pod/api-1-x")
    happen(at, "Other", 10, about="Pod/apiary")
    assert {event["object"] for event in observed(at, name="api")["events"]} == {"Deployment/api", "Pod/api-1-x"}


def test_the_server_picks_by_type_and_kind(at: Shop) -> None:
    """What is not wanted is not sent."""
    observed(at, type="Warning", kind="Pod")
    assert at.api.requests[-1]["query"]["fieldSelector"] == "type=Warning,involvedObject.kind=Pod"


def test_more_than_can_be_told_is_said(at: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count is of all; the list is cut."""
    monkeypatch.setattr(events, "MOST_TOLD", 2)
    for number in range(4):
        happen(at, f"E{number}", number)
    output = observed(at)
    assert (len(output["events"]), output["count"], output["truncated"]) == (2, 4, True)


def test_a_time_without_a_unit_is_an_error(at: Shop) -> None:
    """Nobody knows whether 5 is seconds."""
    with pytest.raises(ParameterError, match="since"):
        observed(at, since="5")
