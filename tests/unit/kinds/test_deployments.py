from __future__ import annotations

from typing import Any

import pytest

from runbook.kinds import deployments
from runbook.kinds.deployments import HASH, PAST_REVISIONS, REVISION, ROLLED_BACK_FROM, History


def template(image: str) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": image}]}}


def replica_set(image: str, revision: str, hour: int, *, past: str = "", owner: str = "u1") -> dict[str, Any]:
    hashed = template(image)
    hashed["metadata"]["labels"] = {"app": "api", HASH: f"h{image}"}
    notes = {REVISION: revision} | ({PAST_REVISIONS: past} if past else {})
    return {
        "metadata": {
            "name": f"api-h{image}",
            "uid": f"rs-{image}",
            "creationTimestamp": f"2026-11-23T{hour:02}:00:00Z",
            "labels": {HASH: f"h{image}"},
            "annotations": notes,
            "ownerReferences": [{"controller": True, "uid": owner}],
        },
        "spec": {"template": hashed},
    }


def deployment(image: str, revision: str, *, marks: str = "") -> dict[str, Any]:
    notes = {REVISION: revision} | ({ROLLED_BACK_FROM: marks} if marks else {})
    return {
        "metadata": {"name": "api", "namespace": "shop", "uid": "u1", "generation": 3, "annotations": notes},
        "spec": {"template": template(image), "replicas": 2},
        "status": {"observedGeneration": 3},
    }


def past(obj: dict[str, Any], *sets: dict[str, Any]) -> History:
    at = deployments.datetime.fromisoformat("2026-11-23T12:00:00Z")
    return deployments.history(obj, list(sets), at)


A, B, C = replica_set("a", "1", 1), replica_set("b", "2", 2), replica_set("c", "3", 3)

TARGETS = {
    "the one before": (deployment("b", "2"), [A, B], "a"),
    "the newest before, not the oldest": (deployment("c", "3"), [A, B, C], "b"),
    "none where there is only one": (deployment("a", "1"), [A], None),
    # A, B (bad), rolled back: A is revision 3 now. kubectl would go to B.
    "none after a rollback to the first": (
        deployment("a", "3", marks="hb"),
        [replica_set("a", "3", 1, past="1"), B],
        None,
    ),
    # A, B, C (bad), rolled back to B. kubectl would go to C.
    "before what was returned to": (
        deployment("b", "4", marks="hc"),
        [A, replica_set("b", "4", 2, past="2"), C],
        "a",
    ),
    # B was rolled back from; then C was deployed, and is bad too.
    "not what was rolled back from": (
        deployment("c", "4", marks="hb"),
        [replica_set("a", "3", 1, past="1"), B, replica_set("c", "4", 5)],
        "a",
    ),
    # A, B, A again by hand, then C: A was there just before C.
    "by the number it has now": (
        deployment("c", "4"),
        [replica_set("a", "3", 1, past="1"), B, replica_set("c", "4", 5)],
        "a",
    ),
    "not one without a number": (deployment("b", "2"), [replica_set("a", "", 1), B], None),
    "not somebody else's": (deployment("b", "2"), [replica_set("a", "1", 1, owner="u0"), B], None),
}


@pytest.mark.parametrize("case", TARGETS)
def test_the_target_of_a_rollback_is(case: str) -> None:
    """The newest revision from before the current template that was never rolled back from."""
    obj, sets, expected = TARGETS[case]
    previous = past(obj, *sets).previous
    assert (previous.images["api"] if previous else None) == expected


def restarted(of: dict[str, Any], revision: str, hour: int) -> dict[str, Any]:
    """A ReplicaSet of the same template with the time of a restart."""
    image = of["spec"]["template"]["spec"]["containers"][0]["image"]
    made = replica_set(f"{image}-{hour}", revision, hour)
    kept = made["spec"]["template"]["metadata"] | {"annotations": {deployments.RESTARTED_AT: f"{hour}:00"}}
    made["spec"]["template"] = of["spec"]["template"] | {"metadata": kept}
    return made


def test_a_restart_is_no_deployment_and_no_target() -> None:
    """A rollback after it goes past the version that was restarted, and that is as old as it was."""
    again = restarted(B, "3", 9)
    obj = deployment("b", "3")
    obj["spec"]["template"] = deployments.without_hash(again["spec"]["template"])
    seen = past(obj, A, B, again)
    assert (seen.current and seen.current.number, seen.previous and seen.previous.number) == (3, 1)
    assert seen.current is not None
    assert seen.told(seen.current)["age_seconds"] == 10 * 3600


def test_what_was_rolled_back_from_is_no_target_by_its_restarts_either() -> None:
    """The mark names one hash; the version that it stands for is meant."""
    assert past(deployment("c", "4", marks="hb-3"), A, B, restarted(B, "3", 3), replica_set("c", "4", 5)).previous == (
        past(deployment("c", "4", marks="hb"), A, replica_set("c", "4", 5)).previous
    )


def test_a_mark_that_was_copied_is_the_first_bearers() -> None:
    """A controller copies annotations to whatever is deployed next."""
    sets = [A, B | {"metadata": B["metadata"] | {"annotations": {REVISION: "2", deployments.ROLLED_OUT_BY: "i"}}}]
    sets.append(C | {"metadata": C["metadata"] | {"annotations": {REVISION: "3", deployments.ROLLED_OUT_BY: "i"}}})
    assert [one.made_by for one in past(deployment("c", "3"), *sets).revisions] == [None, "i", None]


def test_two_deploys_within_one_second_are_told_apart_by_their_first_numbers() -> None:
    """Stamps have whole seconds; numbers are given in order."""
    first, second = replica_set("a", "3", 1, past="1"), replica_set("b", "2", 1)
    assert past(deployment("b", "2"), first, second).previous is not None
    assert past(deployment("a", "3"), first, second).previous is None


BEHIND = {
    "not seen": (deployment("b", "2") | {"status": {"observedGeneration": 2}}, "not seen the latest change"),
    "no ReplicaSet": (deployment("c", "2"), "made no ReplicaSet"),
    "not numbered": (deployment("b", "1"), "not numbered"),
}


@pytest.mark.parametrize("case", BEHIND)
def test_a_controller_that_is_behind_is_noticed(case: str) -> None:
    """Undoing before the controller has synced would go back two versions."""
    obj, said = BEHIND[case]
    assert said in (past(obj, A, B).behind or "")
    assert past(deployment("b", "2"), A, B).behind is None


def test_the_label_of_the_controller_and_null_make_no_other_template() -> None:
    """And nothing else is taken for the same."""
    plain = template("a")
    hashed = A["spec"]["template"]
    nulled = plain | {"metadata": plain["metadata"] | {"creationTimestamp": None}}
    digest = deployments.template_digest
    assert digest(plain) == digest(hashed) == digest(nulled)
    emptied = plain | {"spec": plain["spec"] | {"affinity": {}}}
    assert digest(emptied) != digest(plain)


def test_a_template_is_copied_when_its_label_is_taken_off() -> None:
    """What was read stays as it was read."""
    sent = deployments.without_hash(A["spec"]["template"])
    assert HASH not in sent["metadata"]["labels"]
    assert HASH in A["spec"]["template"]["metadata"]["labels"]


def test_ages_count_from_the_first_appearance_of_a_template() -> None:
    """Returning to an old template does not make it new."""
    seen = past(deployment("a", "3", marks="hb"), replica_set("a", "3", 1, past="1"), B)
    assert seen.current is not None
    assert seen.told(seen.current)["age_seconds"] == 11 * 3600
