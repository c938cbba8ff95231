from __future__ import annotations

import pytest

from runbook.errors import UsageError
from runbook.incident.history import Holder, Moment
from runbook.incident.wording import BUILT_IN
from runbook.incident.words import Status
from support.letters import T0, channel, composed, incident

TEAM, PAGE = channel("team"), channel("page", "statuspage", customers=True)
RESOLVED = {
    "status": Status.RESOLVED,
    "summary": "rolled back to v2.3.0",
    "times": {
        "declared": Moment(T0, None, T0),
        "impact_started": Moment(T0 - 240, "grafana", T0),
        "resolved": Moment(T0 + 2460, None, T0 + 2460),
    },
}


@pytest.mark.parametrize("severity", ["SEV1", "SEV2", "SEV3", "SEV4", "P5"])
@pytest.mark.parametrize("template", ["initial", "update", "resolution"])
@pytest.mark.parametrize("to", [TEAM, PAGE])
def test_every_severity_has_its_three_templates_for_both_audiences(severity: str, template: str, to: object) -> None:
    """A severity of one's own, below those that are known, is told as the mildest."""
    fields = RESOLVED if template == "resolution" else {}
    [letter] = composed(incident(severity=severity, public="Payments fail.", **fields), to, template=template)  # type: ignore[arg-type]
    assert letter.kind == template
    assert "unknown" not in letter.text
    assert "{{" not in letter.text
    assert letter.text.strip() == letter.text
    assert "\n\n\n" not in letter.text


def test_the_first_message_to_the_team_has_all_that_is_known() -> None:
    """Status, impact, start, who is affected, lead, war room, next update, and what the sender adds."""
    one = incident(
        impact="no payment goes through",
        affected="all customers",
        war_room="https://meet.test/inc-1",
        roles={"commander": Holder("ben", T0)},
    )
    [letter] = composed(one, TEAM, message="Looking at the database.")
    assert letter.text == (
        "SEV1, MAJOR: Checkout is down (INC-1)\n\n"
        "- Status: open, being worked on\n"
        "- Impact: no payment goes through\n"
        "- Started: 22:13 UTC\n"
        "- Affected: all customers\n"
        "- Lead: ben\n"
        "- War room: https://meet.test/inc-1\n"
        "- Next update: 22:29 UTC\n\n"
        "Looking at the database.\n\n"
        "Whoever has a role: join the war room now. Whoever has none: stay reachable, and ask here, not there."
    )


def test_the_end_says_how_long_it_was_what_helped_and_what_comes() -> None:
    """Duration from when it began to hurt; the day of the review follows from the catalog."""
    [letter] = composed(incident(**RESOLVED), TEAM, now=T0 + 2500, given={"next_steps": "an index on user_id"})
    assert letter.template == "resolution-sev1"
    for line in (
        "RESOLVED: SEV1",
        "- Duration: 45m (22:09–22:54 UTC)",
        "- Resolution: rolled back to v2.3.0",
        "- Next steps: an index on user_id",
        "- Review: the meeting is due 2023-11-17",
    ):
        assert line in letter.text


@pytest.mark.parametrize("template", ["initial", "update", "resolution"])
def test_customers_are_told_the_public_text_and_nothing_else(template: str) -> None:
    """No name, no title, no impact, no message of the sender: none of them can be reached by a template."""
    secret = "hidden-word"
    fields = {**RESOLVED, "summary": secret} if template == "resolution" else {}
    one = incident(
        title=secret,
        impact=secret,
        affected=secret,
        service=secret,
        war_room=f"https://{secret}.test",
        roles={"commander": Holder(secret, T0)},
        public="Some payments fail.",
        **fields,
    )
    [letter] = composed(one, PAGE, template=template, message=secret, given={"next_steps": secret})
    assert secret not in letter.text + letter.subject
    assert letter.text.startswith("Some payments fail.\n")
    assert letter.subject == "Some payments fail."


def test_a_project_template_for_customers_sees_no_more(tmp_path: object) -> None:
    """What it asks for besides is unknown, and is said so."""
    files = {"update-customers": "{{ incident.public }} {{ incident.lead }} {{ message }} {{ run.initiator }}"}
    one = incident(public="Some payments fail.", roles={"commander": Holder("ben", T0)})
    [letter] = composed(one, PAGE, template="update", message="internal", files=files)
    assert letter.text == "Some payments fail. unknown unknown unknown"


@pytest.mark.parametrize("public", [None, "", "  \n"])
def test_without_a_public_text_customers_are_told_nothing(public: str | None) -> None:
    """And the error says how to write one."""
    with pytest.raises(UsageError, match=r"INC-1 has no text for customers.*--public"):
        composed(incident(public=public, impact="everything fails"), PAGE)


def test_the_most_special_template_of_the_project_counts() -> None:
    """Severity before general; what is for the team is never taken for customers."""
    files = {"update": "team {{ incident.severity }}", "update-sev2": "two", "initial": "for the team only"}
    one = incident(public="Some payments fail.")
    assert composed(one, TEAM, template="update", files=files)[0].text == "team SEV1"
    assert composed(incident(severity="SEV2"), TEAM, template="update", files=files)[0].text == "two"
    assert composed(one, PAGE, template="initial", files=files)[0].text.startswith("Some payments fail.")


def test_a_template_of_ones_own_is_an_update() -> None:
    """By its file's name; one that is not there is an error that names the file."""
    [letter] = composed(
        incident(), TEAM, template="shift-change", files={"shift-change": "{{ incident.title }}: {{ by }}"}
    )
    assert (letter.text, letter.kind) == ("Checkout is down: ana", "update")
    with pytest.raises(UsageError, match=r"there is no templates/shift-chance\.md"):
        composed(incident(), TEAM, template="shift-chance")


@pytest.mark.parametrize("mark", ["RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"])
def test_a_mark_stands_above_and_below(mark: str) -> None:
    """Header and footer, as TLP 2.0 asks; what is confidential says so first."""
    one = incident(tlp=mark, confidential=True)
    [letter] = composed(one, channel("room", confidential=True))
    lines = letter.text.splitlines()
    assert lines[0].startswith("CONFIDENTIAL")
    assert lines[2] == lines[-1] == f"TLP:{mark}"


def test_an_experts_report_says_condition_actions_and_needs() -> None:
    """CAN: all three, or it is asked for the rest; customers never get one."""
    given = {"condition": "disk full", "actions": "purging", "needs": "a DBA"}
    [letter] = composed(incident(), TEAM, template="can", given=given)
    assert letter.text.splitlines()[2:] == ["- Condition: disk full", "- Actions: purging", "- Needs: a DBA"]
    assert (letter.kind, letter.next_update) == ("note", None)
    with pytest.raises(UsageError, match=r"missing: actions, needs.*--with actions"):
        composed(incident(), TEAM, template="can", given={"condition": "disk full"})
    with pytest.raises(UsageError, match="not for customers"):
        composed(incident(public="x"), PAGE, template="can", given=given)


def test_what_is_built_in_has_names_that_a_project_can_take() -> None:
    """Three for each of four severities, three for customers, and CAN."""
    assert len(BUILT_IN) == 16


@pytest.mark.parametrize("text", ["", "\n", "{% if message %}{{ message }}{% endif %}"])
def test_a_template_that_says_nothing_sends_nothing(text: str) -> None:
    """An empty message wakes people, and tells them nothing."""
    with pytest.raises(UsageError, match="the template handover says nothing of INC-1"):
        composed(incident(), TEAM, template="handover", files={"handover": text})
