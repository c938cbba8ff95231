"""A yes is judged again at the moment of its use, by the policy of that moment (fault C43)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from runbook.core.commands import Approve, Proposal
from runbook.core.history import History
from runbook.core.words import Mode
from runbook.document.model import Approval, Auto, Freeze, From, Policy
from runbook.document.words import Effect
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.policy.auto import PastRun
from runbook.policy.people import People
from support.policies import change, policy

NOW = 1_800_000_000.0
KEY = "resolution/scale_up:approve#1"
GATE = Approve(
    key=KEY,
    path="resolution/scale_up",
    option="scale_up",
    changes=(Proposal(path="resolution/scale_up/scale", change=change()),),
    approval=Approval(from_=("sre",), exclude_initiator=True),
    auto=True,
)
AUTO = Auto(runbooks=("shop",), effects=(Effect.READ, Effect.CHANGE), cooldown=0)
FREEZE = Freeze(starts="2020-01-01T00:00:00Z", ends="2040-01-01T00:00:00Z", reason="Holidays")


def record(type_: str, data: dict[str, Any], actor: str = "ann") -> Any:
    """What the gatekeeper reads of a record."""
    return SimpleNamespace(type=type_, key=KEY, data=data, actor=SimpleNamespace(kind="person", id=actor))


def used(decision: dict[str, Any], today: Policy, past: tuple[PastRun, ...] = (), *since: str) -> str | None:
    """Why a decision that stands in the record may not be used under today's policy."""
    keeper = Gatekeeper(
        people=People(today, "u-ann"), policy_digest="d", runbook="shop", mode=Mode.BY_HAND, past=lambda _: list(past)
    )
    for type_ in ("run.started", *since):
        keeper.noticed(record(type_, {}))
    keeper.reopened(GATE, record("gate.opened", keeper.opens(GATE, NOW)))
    keeper.noticed(record("decision.given", {"verdict": "granted", "until": NOW + 600, **decision}))
    assert keeper.holds(KEY, NOW) is (keeper.refuses_grant(KEY, NOW) is None)
    return keeper.refuses_grant(KEY, NOW)


BEN = {"by": ["ben"]}
GLASS = {"by": ["ann"], "break_glass": True}
POLICY = {"by": ["policy"], "policy": "d"}


@pytest.mark.parametrize(
    ("decision", "keys"),
    [
        (BEN, {}),
        (GLASS, {"break_glass": From(from_=("ann",))}),
        (GLASS, {"break_glass": From(from_=("ann",)), "freeze": (FREEZE,)}),
        (POLICY, {"auto": AUTO}),
    ],
    ids=["a person", "the glass", "the glass, in a freeze", "the policy"],
)
def test_what_would_be_granted_today_may_be_used(decision: dict[str, Any], keys: dict[str, Any]) -> None:
    """Nothing has changed since."""
    assert used(decision, policy(**keys)) is None


@pytest.mark.fault(43)
@pytest.mark.parametrize(
    ("decision", "keys", "why"),
    [
        (BEN, {"groups": {"sre": ("ann", "dora")}}, "by today's policy the gate asks for 1 of sre"),
        (BEN, {"approvals": {Effect.CHANGE: Approval(required=2)}}, "by today's policy the gate asks for 2 of sre"),
        ({"by": ["ann"]}, {}, "by today's policy the gate asks for 1 of sre, other than who started the run"),
        (BEN, {"freeze": (FREEZE,)}, "changes are frozen: Holidays"),
        (GLASS, {"break_glass": From(from_=("ben",))}, "ann may not break the glass any more"),
        (GLASS, {}, "ann may not break the glass any more"),
        (POLICY, {}, "the policy's `auto.runbooks` does not name shop"),
        (POLICY, {"auto": AUTO, "freeze": (FREEZE,)}, "changes are frozen: Holidays"),
    ],
)
def test_what_would_not_be_granted_today_is_refused(decision: dict[str, Any], keys: dict[str, Any], why: str) -> None:
    """Somebody left, more are needed, a freeze began, the glass is others' to break, `auto` was taken back."""
    assert str(used(decision, policy(**keys))).startswith(why)


def test_who_began_a_run_that_goes_on_from_anothers_and_who_that_was_are_both_its_initiators() -> None:
    """Ann's run went on as another, which ben began because hers had crashed: neither is somebody else."""
    began: Any = SimpleNamespace(
        type="run.started",
        key=None,
        data={"initiator": "ann"},
        actor=SimpleNamespace(kind="person", id="ben"),
        time=NOW,
        dropped=(),
    )
    keeper = Gatekeeper(
        people=People(policy(), "u-ben"), policy_digest="d", runbook="shop", mode=Mode.BY_HAND, past=lambda _: []
    )
    keeper.noticed(began)
    assert keeper.initiators == {"ann", "ben"}
    past = History()
    past.take(began)
    assert past.initiators == ["ann", "ben"]


BRAKED = msgspec.structs.replace(AUTO, cooldown=60)
OTHER = PastRun(NOW - 10, True, None)


def test_the_brakes_are_looked_at_again_when_the_policys_yes_is_used() -> None:
    """Two runs on one target are let through at once, and one waits for the other's lock: it is too late then."""
    assert "cooldown" in (used(POLICY, policy(auto=BRAKED), (OTHER,)) or "")
    assert used(BEN, policy(auto=BRAKED), (OTHER,)) is None
    assert used(POLICY, policy(auto=BRAKED), (OTHER,), "change.intended") is None


def test_the_policys_yes_is_none_once_several_are_asked_for() -> None:
    """As a person's: by what is asked for today."""
    today = policy(auto=AUTO, approvals={Effect.CHANGE: Approval(required=2)})
    assert used(POLICY, today) == "the gate asks for 2 people"


def elsewhere(target: dict[str, str] | None, kind: str = "kubernetes.scale") -> list[str]:
    """What the gate's record says of its changes, for a run on this target."""
    changes = (Proposal(path="resolution/scale_up/scale", change=change(kind=kind)),) * 2
    keeper = Gatekeeper(
        people=People(policy(), "u-ann"),
        policy_digest="d",
        runbook="shop",
        mode=Mode.BY_HAND,
        past=lambda _: [],
        environment="prod",
        target=target,
    )
    opened = keeper.opens(msgspec.structs.replace(GATE, changes=changes), NOW)
    gate = keeper.reopened(GATE, record("gate.opened", opened))
    assert (gate.environment, gate.target) == ("prod", target)
    assert list(gate.elsewhere) == opened.get("elsewhere", [])
    return opened.get("elsewhere", [])


def test_a_change_of_something_else_than_the_target_is_recorded_at_the_gate() -> None:
    """One line for each thing, not for each change."""
    assert elsewhere({"name": "db"}) == [f"changes {change().target}, which is not this runbook's target db"]


@pytest.mark.parametrize(
    ("target", "kind"),
    [(None, "kubernetes.scale"), ({"name": change().target.name}, "kubernetes.scale"), ({"name": "db"}, "command.run")],
    ids=["no target", "the target itself", "a command, of which nobody can tell"],
)
def test_nothing_is_recorded_of_what_is_or_may_be_the_target(target: dict[str, str] | None, kind: str) -> None:
    """A line that stood at every gate would be read at none."""
    assert elsewhere(target, kind) == []
