from __future__ import annotations

import hashlib

import pytest

from runbook.core.words import RunOutcome
from runbook.document.durations import Duration
from runbook.document.model import Auto, MaxRuns, Policy
from runbook.document.words import Effect
from runbook.policy.auto import PastRun, brake, grants, policy_digest
from support.policies import policy

POLICY = policy(
    auto=Auto(
        runbooks=("high-api-error-rate",),
        effects=("read", "change", "destructive"),
        cooldown=Duration(1800),
        max_runs=MaxRuns(count=3, per=Duration(86400)),
    )
)
NOW = 1_800_000_000.0


def asked(policy: Policy | None = POLICY, **keys: object) -> str | None:
    plain = {"runbook": "high-api-error-rate", "effects": [Effect.CHANGE], "required": 1, "option_auto": True}
    return grants(policy, **{**plain, **keys})  # type: ignore[arg-type]


def past(minutes_ago: float, *, applied: bool = True, outcome: RunOutcome | None = RunOutcome.RESOLVED) -> PastRun:
    return PastRun(NOW - minutes_ago * 60, applied, outcome)


def test_the_policy_grants_what_it_names() -> None:
    """Runbook named, effects named, one approver asked for, nothing destructive."""
    assert asked() is None


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"policy": None}, "no policy"),
        ({"policy": policy()}, "does not name high-api-error-rate"),
        ({"runbook": "another"}, "does not name another"),
        ({"option_auto": False}, "auto: false"),
        ({"effects": [Effect.CHANGE, Effect.NOTIFY]}, "does not name notify"),
        ({"required": 2}, "asks for 2 people"),
    ],
)
def test_what_the_policy_does_not_name_it_does_not_grant(keys: dict[str, object], why: str) -> None:
    """Every condition is needed, and the one that fails is said."""
    assert why in (asked(**keys) or "")  # type: ignore[arg-type]


def test_a_destructive_change_is_never_granted_by_a_policy() -> None:
    """Even where somebody wrote `destructive` under `auto.effects`."""
    assert asked(effects=[Effect.CHANGE, Effect.DESTRUCTIVE]) == "a destructive change always needs a person"


def test_cooldown_counts_from_the_end_of_the_last_run_that_changed_something() -> None:
    """Reads do not start a cooldown; the sentence says how long is left."""
    assert brake(POLICY, [past(10)], NOW) == (
        "cooldown of 30m: the last run that changed something here ended 10m ago; 20m to go"
    )
    assert brake(POLICY, [past(30)], NOW) is None
    assert brake(POLICY, [past(10, applied=False)], NOW) is None


def test_a_window_has_room_for_so_many_runs_and_no_more() -> None:
    """The fourth run within a day is held, whatever the order in which the history comes."""
    history = [past(700), past(60), past(300, outcome=RunOutcome.NOT_RESOLVED), past(400, applied=False)]
    assert brake(POLICY, history[:2], NOW) is None
    assert brake(POLICY, history, NOW) == (
        "at most 3 runs in 1d: 3 changed something here, 1 of them did not resolve it"
    )
    assert brake(POLICY, [past(1441), *history[1:]], NOW) is None


def test_whatever_did_not_end_resolved_counts_as_failure() -> None:
    """A run that is still open, aborted or in doubt has not helped."""
    history = [past(60, outcome=None), past(120, outcome=RunOutcome.ABORTED), past(180)]
    assert "2 of them did not resolve it" in (brake(POLICY, history, NOW) or "")


def test_a_policy_without_brakes_holds_nothing() -> None:
    """Brakes are only what the policy says."""
    free = policy(auto=Auto(runbooks=("x",), effects=("change",)))
    assert brake(free, [past(0)] * 50, NOW) is None
    assert brake(policy(), [past(0)], NOW) is None


def test_a_policy_is_named_by_the_bytes_of_its_document() -> None:
    """One byte more is another policy."""
    assert policy_digest(b"kind: Policy\n") == hashlib.sha256(b"kind: Policy\n").hexdigest()
    assert policy_digest(b"kind: Policy\n") != policy_digest(b"kind: Policy\n\n")
