from __future__ import annotations

import msgspec
import pytest

from runbook.core.terms import Terms
from runbook.document.durations import Duration
from runbook.document.model import Approval
from runbook.document.words import Effect
from runbook.errors import DocumentError
from runbook.policy.people import People
from runbook.policy.terms import effective_terms
from support.policies import people

CHANGE, DESTRUCTIVE = Effect.CHANGE, Effect.DESTRUCTIVE


def terms(runbook: Approval | None = None, policy: Approval | None = None, effect: Effect = CHANGE) -> Terms:
    return effective_terms(runbook, effect, people(approvals={effect: policy} if policy else {}), ["ann"])


def test_with_neither_the_initiator_says_yes_once() -> None:
    """Nobody asked for anybody in particular: one yes, from who started the run, within 15 minutes."""
    plain = terms()
    assert (plain.required, plain.from_, plain.timeout, plain.cannot_be_met) == (1, None, 900.0, None)
    assert plain.met_by(["ann"], ["ann"])
    assert not plain.met_by(["ben"], ["ann"])


@pytest.mark.parametrize(("runbook", "policy"), [(1, 2), (2, 1), (None, 2), (2, None)])
def test_the_larger_number_holds(runbook: int | None, policy: int | None) -> None:
    """Neither side can lower what the other asks for."""
    assert terms(Approval(required=runbook), Approval(required=policy)).required == 2


@pytest.mark.parametrize(("runbook", "policy"), [(600, 1200), (1200, 600), (None, 600), (600, None)])
def test_the_shorter_timeout_holds(runbook: float | None, policy: float | None) -> None:
    """A gate closes when the first of the two would close it."""
    sides = [Approval(timeout=None if side is None else Duration(side)) for side in (runbook, policy)]
    assert terms(*sides).timeout == 600.0


def test_a_timeout_longer_than_the_default_is_as_written() -> None:
    """The default of 15 minutes is for gates that say nothing, it shortens none."""
    assert terms(Approval(timeout=Duration(3600))).timeout == 3600.0


def test_an_approver_must_satisfy_both_lists() -> None:
    """Union within a list, intersection between the two."""
    assert terms(Approval(from_=("sre", "dba")), Approval(from_=("ben", "dba"))).from_ == ("ben", "dora")


@pytest.mark.parametrize("side", [0, 1])
def test_either_side_excludes_the_initiator(side: int) -> None:
    """Who started the run is out if one of the two says so."""
    sides = [Approval(from_=("sre",)), Approval(from_=("sre",))]
    sides[side] = Approval(from_=("sre",), exclude_initiator=True)
    assert terms(*sides).may(["ann"]) == {"ben"}


@pytest.mark.parametrize("side", [0, 1])
def test_either_side_asks_for_a_reason(side: int) -> None:
    """A reason is due if one of the two says so."""
    sides = [Approval(), Approval()]
    sides[side] = Approval(reason_required=True)
    assert terms(*sides).reason_required


def test_one_of_each_list_of_both_sides_is_needed() -> None:
    """`from_each` adds up over runbook and policy, and as many people are needed as there are lists."""
    both = terms(Approval(from_each=("sre",)), Approval(from_each=("dba", "sre")))
    assert (both.required, both.from_each) == (2, (("ann", "ben"), ("dora",)))
    assert both.met_by(["ben", "dora"], ["ann"])
    assert not both.met_by(["ann", "ben"], ["ann"])


def test_somebody_in_two_lists_speaks_for_one_of_them() -> None:
    """One of each means different people, however the lists overlap."""
    known = people(groups={"sre": ("ann", "dora"), "dba": ("dora", "ben")})
    each = effective_terms(Approval(from_each=("sre", "dba")), CHANGE, known, ["ann"])
    assert not each.met_by(["dora"], ["ann"])
    assert each.met_by(["dora", "ann"], ["ann"])
    assert each.met_by(["dora", "ben"], ["ann"])


def test_lists_of_one_of_each_are_narrowed_by_from() -> None:
    """Who may not approve at all cannot stand for a list either."""
    assert terms(Approval(from_each=("sre",)), Approval(from_=("ben", "dba"))).from_each == (("ben",),)


def test_ways_of_saying_yes_must_suit_both() -> None:
    """A policy that counts only signed approvals holds for a runbook that takes any of two."""
    both = terms(Approval(via=("os", "oidc")), Approval(via=("oidc", "signature")))
    assert both.via == ("oidc",)


def test_a_destructive_change_always_needs_somebody_else() -> None:
    """Even where nobody wrote terms, the initiator's own yes is not enough."""
    alone = terms(effect=DESTRUCTIVE)
    assert alone.may(["ann"]) == {"ben", "dora"}
    assert not alone.met_by(["ann"], ["ann"])


def test_terms_for_changes_hold_for_destructive_ones_that_the_policy_does_not_mention() -> None:
    """The more dangerous effect is never the easier one."""
    known = people(approvals={CHANGE: Approval(required=2, from_=("sre", "dba"))})
    assert effective_terms(None, DESTRUCTIVE, known, ["ann"]).required == 2


def test_several_people_without_a_list_are_those_who_may_run() -> None:
    """`required: 2` alone cannot be met by the initiator, so it asks those whom the policy lets run."""
    assert terms(Approval(required=2)).from_ == ("ann", "ben", "dora")


@pytest.mark.fault(48)
@pytest.mark.parametrize(
    ("runbook", "said"),
    [
        (Approval(required=2, from_=("dba",)), "cannot be met: 2 needed, 1 may"),
        (Approval(required=2, from_=("sre",), exclude_initiator=True), "cannot be met: 2 needed, 1 may"),
        (Approval(from_=("ann",), exclude_initiator=True), "cannot be met: 1 needed, 0 may"),
    ],
)
def test_what_cannot_be_met_is_said_with_numbers(runbook: Approval, said: str) -> None:
    """A gate that the people known cannot meet is never waited for."""
    assert terms(runbook).cannot_be_met == said


def test_lists_that_share_their_only_member_cannot_be_met() -> None:
    """Enough people in all, but not a different one for each list: the counts show where it fails."""
    each = Approval(required=2, from_=("sre", "dba"), from_each=("dora", "dba"))
    assert terms(each).cannot_be_met == (
        "cannot be met: 2 different people needed, one of each list; may: 1 of dora, 1 of dba"
    )


def test_ways_that_exclude_each_other_cannot_be_met() -> None:
    """Runbook and policy that count different ways would wait for ever."""
    assert "no way of saying yes" in (terms(Approval(via=("os",)), Approval(via=("oidc",))).cannot_be_met or "")


@pytest.mark.fault(48)
def test_an_unknown_group_in_the_runbook_is_an_error() -> None:
    """With a policy, a name that it does not know is never an empty list."""
    with pytest.raises(DocumentError, match="'ops'"):
        terms(Approval(from_=("ops",)))


@pytest.mark.parametrize("runbook", [None, Approval(from_=("sre",)), Approval(from_each=("dba",))])
def test_without_a_policy_one_yes_is_the_os_users_whatever_from_says(runbook: Approval | None) -> None:
    """There is nobody to tell apart, so gates for one person can be answered by who is there."""
    alone = effective_terms(runbook, CHANGE, People(None, "kim"), ["kim"])
    assert alone.cannot_be_met is None
    assert alone.met_by(["kim"], ["kim"])


@pytest.mark.parametrize(
    ("runbook", "effect", "numbers"),
    [
        (Approval(required=2), CHANGE, "2 needed, 1 may"),
        (Approval(exclude_initiator=True), CHANGE, "1 needed, 0 may"),
        (Approval(from_each=("sre", "dba")), CHANGE, "2 needed, 1 may"),
        (None, DESTRUCTIVE, "1 needed, 0 may"),
    ],
)
def test_without_a_policy_nobody_else_can_be_asked(runbook: Approval | None, effect: Effect, numbers: str) -> None:
    """Two people, somebody else, a destructive change: not without a policy that names people."""
    alone = effective_terms(runbook, effect, People(None, "kim"), ["kim"])
    assert alone.cannot_be_met == f"cannot be met: {numbers} (without a policy the OS user is everyone)"


@pytest.mark.parametrize(
    ("runbook", "policy", "asks"),
    [
        (None, None, "a yes from who started the run"),
        (Approval(from_=("sre",)), Approval(from_=("sre", "dba")), "1 of sre"),
        (Approval(from_=("ann", "dba")), Approval(from_=("sre",)), "1 of ann"),
        (Approval(from_each=("sre", "dba")), None, "one of each of sre, dba"),
        (Approval(exclude_initiator=True), None, "1 of ann, ben, dora, other than who started the run"),
    ],
)
def test_the_terms_are_said_in_one_line(runbook: Approval | None, policy: Approval | None, asks: str) -> None:
    """People read the names of groups that they know, and persons where two lists narrow each other."""
    assert terms(runbook, policy).asks == asks


def test_terms_survive_the_journal_unchanged() -> None:
    """What `gate.opened` stores is read back as the same terms."""
    stored = msgspec.json.encode(terms(Approval(required=2, from_each=("sre", "dba"), via=("os",))))
    assert msgspec.json.encode(msgspec.json.decode(stored, type=Terms)) == stored
