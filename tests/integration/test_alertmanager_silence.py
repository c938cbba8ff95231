"""alertmanager.silence against a real Alertmanager, and against one that loses its answer."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest

from runbook import clients
from runbook.clients.alertmanager import AlertmanagerClient, Rejected
from runbook.core.changes import CannotTell, Change, DidApply, DidNotApply, NothingToDo, Refused
from runbook.core.words import Applied
from runbook.kinds import alertmanager_silence as kind
from runbook.testing.world import FakeWorld
from support.alertmanager import alertmanager, receiver
from support.peers import Peer, peer, response
from support.stack import until

pytestmark = pytest.mark.integration

RUN = "01j00000000000000000000000"
INTENT = f"{RUN}/resolution/rebuild/silence:apply#1"
LABELS = [{"alertname": "Lag", "cluster": "db-1"}, {"alertname": "Lag", "cluster": "db-2"}, {"alertname": "Disk"}]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An Alertmanager that knows three alerts."""
    with receiver() as (webhook, _), alertmanager(tmp_path_factory.mktemp("alertmanager"), webhook) as running:
        body = json.dumps([{"labels": labels} for labels in LABELS]).encode()
        headers = {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{running}/api/v2/alerts", body, headers), timeout=5):
            yield running


@pytest.fixture
def client(url: str) -> Iterator[AlertmanagerClient]:
    """A client; what the test has silenced is not silenced any more when it is over."""
    found: AlertmanagerClient = clients.connect("alertmanager", {"url": url}, str)
    until(lambda: len(found.alerts((), 5)) >= 3, "three alerts")
    yield found
    for silence in found.silences(5).silences:
        if not silence.over:
            found.expire(silence.id, 5)


@pytest.fixture
def world(client: AlertmanagerClient, tmp_path: Path) -> Callable[..., FakeWorld]:
    def world(intent: str | None = INTENT, **more: Any) -> FakeWorld:
        return FakeWorld(tmp_path, clients={"alertmanager": client}, intent=intent, initiator="anna", **more)

    return world


def inputs(**more: Any) -> dict[str, Any]:
    return {"matchers": {"alertname": "Lag", "cluster": "db-1"}, "duration": "2h", "comment": "rebuilding"} | more


def planned(world: FakeWorld, **more: Any) -> Change:
    change = kind.plan(inputs(**more), world)
    assert isinstance(change, Change)
    return change


def test_a_plan_shows_what_it_would_hold_back_now(world: Callable[..., FakeWorld]) -> None:
    """By name and labels; the digest does not depend on it."""
    change = planned(world(), matchers={"alertname": "Lag"})
    assert change.summary == 'Silence alertname="Lag" for 2h (2 alerts now)'
    assert change.diff == "2 alerts now:\n  Lag  cluster=db-1\n  Lag  cluster=db-2"
    assert change.request["created_by"] == "anna"
    none = planned(world(), matchers={"alertname": "Nothing"})
    assert none.warnings == ("no alert fits these matchers now",)


def test_a_digest_is_that_of_the_silence_and_not_of_the_alerts(world: Callable[..., FakeWorld], url: str) -> None:
    """Alerts come and go while somebody thinks; nobody is asked again for that."""
    wide = planned(world(), matchers=["alertname=~Lag|New"])
    body = json.dumps([{"labels": {"alertname": "New"}}, {"labels": LABELS[0]}]).encode()
    request = urllib.request.Request(f"{url}/api/v2/alerts", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()
    until(lambda: "3 alerts" in planned(world(), matchers=["alertname=~Lag|New"]).summary, "the new alert")
    assert planned(world(), matchers=["alertname=~Lag|New"]).digest == wide.digest
    assert planned(world(), matchers=["alertname=~Lag|New"], duration="3h").digest != wide.digest


def test_matchers_that_take_every_alert_are_pointed_out(world: Callable[..., FakeWorld]) -> None:
    """That may be meant; whoever approves it has seen it."""
    change = planned(world(), matchers=["alertname=~Lag|Disk|New"])
    assert "these are all" in change.warnings[0]


@pytest.mark.parametrize("matchers", [["alertname=~.+"], ['cluster!=""'], ["alertname!=Lag", "job=~.*"]])
def test_a_silence_of_everything_is_refused(matchers: list[str], world: Callable[..., FakeWorld]) -> None:
    """Alertmanager itself refuses only some of these."""
    refused = kind.plan(inputs(matchers=matchers), world())
    assert isinstance(refused, Refused)
    assert refused.reason.endswith("fits any alert; a silence needs a label with a value")


def test_a_silence_holds_back_its_alerts_for_its_time(
    world: Callable[..., FakeWorld], client: AlertmanagerClient
) -> None:
    """By Alertmanager's clock, with the reason, the name and the intent on it."""
    outcome = kind.apply(planned(world()), world())
    assert outcome.applied is Applied.YES
    [silence] = [one for one in client.silences(5).silences if one.id == outcome.output["silence_id"]]
    assert (silence.state, silence.comment) == ("active", f"rebuilding [runbook {INTENT}]")
    assert 7190 <= silence.ends_at - client.silences(5).now <= 7200
    assert datetime.fromisoformat(outcome.output["ends_at"]) == datetime.fromtimestamp(silence.ends_at, UTC)
    until(lambda: client.alerts(['alertname="Lag"'], 5) == (LABELS[1],), "only the other one is left")


def test_an_equal_silence_that_lasts_long_enough_is_nothing_to_do(world: Callable[..., FakeWorld]) -> None:
    """One that ends sooner is not enough."""
    kind.apply(planned(world()), world())
    assert isinstance(kind.plan(inputs(duration="1h"), world()), NothingToDo)
    assert isinstance(
        kind.plan(inputs(duration="1h", matchers=["cluster=db-1", "alertname=Lag"]), world()), NothingToDo
    )
    assert isinstance(kind.plan(inputs(duration="3h"), world()), Change)
    assert isinstance(kind.plan(inputs(duration="1h", matchers={"alertname": "Lag"}), world()), Change)


def test_an_undo_ends_what_this_run_has_silenced(world: Callable[..., FakeWorld], client: AlertmanagerClient) -> None:
    """Planned again, in whatever run, it is what was approved; somebody else's silence stays."""
    change = planned(world())
    kind.apply(change, world())
    kind.apply(planned(world(), duration="9h"), world(intent="01jother/triage/x:apply#1"))
    assert change.undo
    undo = kind.plan(change.undo.inputs, world(run="01jthelater"))
    assert isinstance(undo, Change)
    assert undo.digest == change.undo.digest
    assert kind.apply(undo, world(run="01jthelater")).applied is Applied.YES
    alive = [one.comment for one in client.silences(5).silences if one.state == "active"]
    assert alive == ["rebuilding [runbook 01jother/triage/x:apply#1]"]
    assert isinstance(kind.plan(change.undo.inputs, world()), NothingToDo)
    assert isinstance(kind.confirm(undo, world()), DidApply)


def test_a_lost_answer_is_settled_by_the_intent_in_the_comment(world: Callable[..., FakeWorld]) -> None:
    """What another intent has left is not taken for it."""
    change = planned(world())
    made = kind.apply(change, world()).output
    found = kind.confirm(change, world())
    assert isinstance(found, DidApply)
    assert found.outcome.output == made
    with mock.patch.object(kind, "PATIENCE", 0.3):
        assert isinstance(kind.confirm(change, world(intent=f"{RUN}/other:apply#1")), DidNotApply)


def test_what_alertmanager_does_not_accept_is_not_applied(
    world: Callable[..., FakeWorld], client: AlertmanagerClient
) -> None:
    """In its own words."""
    times = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2126-01-01T00:00:00Z"}
    with pytest.raises(Rejected, match="comment in body is required"):
        client.create({"matchers": [], **times}, 5)
    anything = {"name": "a", "value": ".*", "isRegex": True, "isEqual": True}
    with pytest.raises(Rejected, match="at least one matcher must not match the empty string"):
        client.create({"matchers": [anything], **times, "comment": "x", "createdBy": "x"}, 5)
    change = planned(world())
    with mock.patch.object(client, "create", side_effect=Rejected("no")):
        assert kind.apply(change, world()).applied is Applied.NO


@pytest.mark.parametrize(
    ("posted", "applied"),
    [(b"", Applied.UNKNOWN), (response(502, b"bad gateway"), Applied.UNKNOWN), (response(403), Applied.NO)],
    ids=["answer lost", "gateway", "forbidden"],
)
def test_what_an_answer_says_about_the_silence(posted: bytes, applied: Applied, tmp_path: Path) -> None:
    """No answer, and one from in between, leave it open; a refusal does not."""
    listed = response(200, b"[]", content_type="application/json", date="Mon, 23 Nov 2026 09:00:00 GMT")
    server: Peer
    with peer(lambda conn, said: conn.sendall(posted if said.startswith(b"POST") else listed)) as server:
        client = clients.connect("alertmanager", {"url": server.url}, str)
        own = FakeWorld(tmp_path, clients={"alertmanager": client}, intent=INTENT, timeout=5)
        outcome = kind.apply(planned(own), own)
    assert outcome.applied is applied
    body = json.loads(server.requests[-1].partition(b"\r\n\r\n")[2])
    assert (body["startsAt"], body["endsAt"]) == ("2026-11-23T09:00:00.000Z", "2026-11-23T11:00:00.000Z")


def test_a_connection_that_leads_elsewhere_by_now_gets_nothing_and_tells_nothing(
    world: Callable[..., FakeWorld], client: AlertmanagerClient
) -> None:
    """What another Alertmanager does not know is no proof that the silence was not made."""
    change = planned(world())
    moved = msgspec.structs.replace(
        change, target=msgspec.structs.replace(change.target, connection="http://alerts.example.com")
    )
    outcome = kind.apply(moved, world())
    assert outcome.error is not None
    assert (outcome.applied, outcome.error.code) == (Applied.NO, "elsewhere")
    found = kind.confirm(moved, world())
    assert isinstance(found, CannotTell)
    assert client.identity in found.reason
    assert [one for one in client.silences(5).silences if not one.over] == []
