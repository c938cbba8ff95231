"""What a CronJob says of running its task by hand."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.kinds import cronjobs

ACTIVE = {"active": [{"name": "nightly-1"}]}


def cronjob(status: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    made = {"metadata": {"name": "nightly"}, "spec": {"jobTemplate": {}} | spec}
    return made | ({"status": status} if status is not None else {})


@pytest.mark.parametrize(
    ("one", "forbidden"),
    [
        (cronjob(ACTIVE, concurrencyPolicy="Forbid"), True),
        (cronjob({}, concurrencyPolicy="Forbid"), False),
        (cronjob(ACTIVE, concurrencyPolicy="Replace"), False),
        (cronjob(ACTIVE), False),
        (cronjob(), False),
    ],
)
def test_a_task_that_runs_now_is_not_run_beside_itself_where_its_author_forbids_it(one: Any, forbidden: bool) -> None:
    """The schedule would not either."""
    assert bool(cronjobs.forbids(one)) is forbidden


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (cronjob(), []),
        (cronjob(ACTIVE), ["it runs beside nightly-1"]),
        (cronjob(suspend=True, concurrencyPolicy="Forbid"), ["its schedule is suspended"]),
        (cronjob(concurrencyPolicy="Replace"), ["may start another one beside it"]),
        (cronjob(jobTemplate={"spec": {"suspend": True}}), ["its template makes suspended Jobs"]),
    ],
)
def test_what_whoever_approves_should_know_is_said(one: Any, said: list[str]) -> None:
    """And nothing else."""
    found = cronjobs.warnings(one)
    assert len(found) == len(said)
    assert all(part in whole for part, whole in zip(said, found, strict=True))
