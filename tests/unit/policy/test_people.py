from __future__ import annotations

import pytest

from runbook.document.model import Person, Policy
from runbook.errors import DocumentError, Exit
from runbook.policy.people import People
from support.policies import people


def test_a_person_is_found_by_their_os_user() -> None:
    """The OS user is looked up under `people`, not taken for the person's name."""
    assert people("u-ben").me == "ben"


def test_an_unlisted_os_user_never_passes_for_a_person_or_a_group() -> None:
    """An OS user who is called like a person or a group, and is neither, is in no list."""
    for user in ("ann", "sre"):
        stranger = people(user)
        assert stranger.me == f"os:{user}"
        assert stranger.me not in stranger.members(["sre", "dba", "ann"])


def test_lists_name_people_and_groups_together() -> None:
    """A list is the union of its people and the members of its groups, each person once."""
    assert people().members(["sre", "dora", "ann"]) == {"ann", "ben", "dora"}


def test_without_a_policy_the_os_user_is_everyone() -> None:
    """Whatever a list says, its only member is whoever is at the keyboard."""
    alone = People(None, "kim")
    assert alone.me == "kim"
    assert alone.members(["sre"]) == alone.runners() == {"kim"}


@pytest.mark.fault(48)
def test_an_unknown_name_is_an_error_of_the_document_with_the_nearest_name() -> None:
    """A list that names nobody is exit 3, and says which file would have to know the name."""
    with pytest.raises(DocumentError, match=r"policy\.yaml:1:1: .*'sree'.*did you mean 'sre'") as caught:
        people().members(["sree"])
    assert caught.value.exit is Exit.INVALID


@pytest.mark.fault(42, 51)
def test_two_people_with_one_os_user_are_an_error() -> None:
    """Nobody could say whose yes it is, nor count them as two."""
    with pytest.raises(DocumentError, match="'ann' and 'eve' have the same user, 'u-ann'"):
        people(people={"ann": Person(user="u-ann"), "eve": Person(user="u-ann")})


def test_nobody_is_called_like_somebody_who_is_not_listed() -> None:
    """A person named `os:bob` would be whoever logs in as bob."""
    with pytest.raises(DocumentError, match="'os:bob' is what somebody is called who is not listed"):
        people(people={"os:bob": Person(user="robert")})


def test_people_without_an_os_user_are_no_one_at_the_keyboard() -> None:
    """A person known by e-mail only is never taken for an OS user, not even for one without a name."""
    known = people("", people={"ann": Person(email="ann@example.com"), "ben": Person()})
    assert known.me == "os:"
    assert known.named("ann") == "os:ann"


def test_where_the_policy_does_not_say_who_may_run_all_listed_people_may() -> None:
    """`runners` is everybody under `people` unless `run` narrows it."""
    assert people(run=None).runners() == {"ann", "ben", "dora"}
    assert People(Policy(), "kim").runners() == frozenset()
