from __future__ import annotations

import pytest

from runbook.errors import UsageError
from runbook.incident.messages import Message, Messages
from runbook.incident.words import Status
from support.letters import T0, channel, composed, incident

TEAM, OTHER = channel("team"), channel("other", "slack")
PAGE, MAIL = channel("page", "statuspage", customers=True), channel("customers", "email", customers=True)
ROOM = channel("room", "slack", confidential=True)


def names(*letters: object) -> list[str]:
    return [one.channel.name for one in letters]  # type: ignore[attr-defined]


def test_customers_are_told_only_where_they_are_named() -> None:
    """Without `--to` the team is told, and nobody else."""
    one = incident(public="Some payments fail.")
    assert names(*composed(one, TEAM, PAGE, OTHER, MAIL)) == ["team", "other"]
    assert names(*composed(one, TEAM, PAGE, OTHER, MAIL, to=("page",))) == ["page"]


def test_a_channel_that_is_not_there_is_an_error_with_the_nearest() -> None:
    """Nothing goes anywhere when one of them is misspelt."""
    with pytest.raises(UsageError, match=r"no channel 'paeg'.*did you mean 'page'"):
        composed(incident(public="x"), TEAM, PAGE, to=("team", "paeg"))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ["team", "other", "room", "page", "customers"]),
        ({"tlp": "CLEAR"}, ["team", "other", "room", "page", "customers"]),
        ({"tlp": "GREEN"}, ["team", "other", "room", "customers"]),
        ({"tlp": "AMBER"}, ["team", "other", "room"]),
        ({"tlp": "AMBER+STRICT"}, ["team", "other", "room"]),
        ({"tlp": "RED"}, ["room"]),
        ({"confidential": True}, ["room"]),
        ({"confidential": True, "tlp": "CLEAR"}, ["room"]),
    ],
)
def test_who_may_be_told_of_what(fields: dict[str, object], told: list[str]) -> None:
    """Confidential incidents and TLP: what is kept back is a letter too, with a reason and without a text."""
    every = (TEAM, OTHER, ROOM, PAGE, MAIL)
    letters = composed(incident(public="x", **fields), *every, to=tuple(one.name for one in every))
    assert names(*(one for one in letters if one.kept is None)) == told
    kept = [one for one in letters if one.kept is not None]
    assert all(one.text == "" and one.kept is not None and "INC-1" in one.kept.message for one in kept)
    assert len(letters) == 5


def test_a_page_of_the_team_is_a_page_still() -> None:
    """`audience: team` on a status page does not make it private for a marked incident."""
    [letter] = composed(incident(tlp="AMBER"), channel("own", "cachet"))
    assert letter.kept is not None


def test_the_terminal_of_whoever_types_is_always_told() -> None:
    """They see it anyway."""
    [letter] = composed(incident(confidential=True, tlp="RED"), channel("here", "console"))
    assert letter.kept is None


def test_the_template_that_is_due_depends_on_the_audience() -> None:
    """Customers who have heard nothing begin at the beginning, however much the team has been told."""
    told = Messages(all=(Message(key="m1", channel="team", audience="team", at=T0, by="ana", status="sent"),))
    one = incident(public="x")
    letters = composed(one, TEAM, PAGE, told=told, to=("team", "page"))
    assert [letter.kind for letter in letters] == ["update", "initial"]
    ended = composed(incident(public="x", status=Status.RESOLVED), TEAM, PAGE, to=("team", "page"))
    assert [letter.kind for letter in ended] == ["resolution", "resolution"]


def test_an_end_is_not_told_before_it_is_there() -> None:
    """The error says what to do first."""
    with pytest.raises(UsageError, match=r"INC-1 is not resolved.*incident resolve INC-1"):
        composed(incident(), TEAM, template="resolution")


@pytest.mark.parametrize(
    ("status", "template", "asked", "page"),
    [
        (Status.OPEN, "initial", None, "investigating"),
        (Status.OPEN, "update", None, None),
        (Status.OPEN, "update", "identified", "identified"),
        (Status.MITIGATED, "update", None, "monitoring"),
        (Status.RESOLVED, "resolution", None, "resolved"),
    ],
)
def test_what_a_status_page_says_follows_the_incident(
    status: Status, template: str, asked: str | None, page: str | None
) -> None:
    """None leaves what it says."""
    [letter] = composed(incident(public="x", status=status), PAGE, to=("page",), template=template, status=asked)
    assert letter.status == page


@pytest.mark.parametrize(
    ("severity", "level"), [("SEV1", "major"), ("SEV2", "partial"), ("SEV3", "degraded"), ("SEV4", "degraded")]
)
def test_components_are_hurt_as_badly_as_the_severity_says(severity: str, level: str) -> None:
    """The service and what is affected, by name; when it is over they work again."""
    one = incident(public="x", severity=severity, service="checkout", affected="search,  checkout, all of them")
    [letter] = composed(one, PAGE, to=("page",))
    assert (letter.level, letter.affected) == (level, ("checkout", "search", "all of them"))
    [ended] = composed(incident(public="x", status=Status.RESOLVED), PAGE, to=("page",))
    assert ended.level == "operational"


@pytest.mark.parametrize(("asked", "due"), [(None, 60 + 900), (300.0, 360), ("none", None)])
def test_the_next_update_is_promised_as_asked_or_as_the_catalog_says(asked: object, due: float | None) -> None:
    """SEV1: every 15 minutes."""
    [letter] = composed(incident(), TEAM, next=asked)
    assert letter.next_update == (None if due is None else T0 + due)


def test_what_follows_goes_where_the_first_stands() -> None:
    """The first that the channel took, of this incident; reminders begin no thread."""
    remote = {"channel": "C1", "ts": "1.0"}
    told = Messages(
        all=(
            Message(key="m1", channel="other", kind="reminder", at=T0, by="a", status="sent", remote={"ts": "0.5"}),
            Message(key="m2", channel="other", kind="initial", at=T0, by="a", status="sent", remote=remote),
            Message(key="m3", channel="other", kind="update", at=T0, by="a", status="sent", remote={"ts": "2.0"}),
        )
    )
    [letter] = composed(incident(), OTHER, told=told)
    assert letter.before == remote
