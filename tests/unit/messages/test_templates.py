from __future__ import annotations

from typing import Any

import pytest

from runbook.errors import DocumentError, UsageError, WorldError
from runbook.messages.templates import BUILT_IN, Rendered, render

INCIDENT = dict.fromkeys(("id", "title", "severity", "lead", "started", "affected"))
SCOPE: dict[str, Any] = {
    "params": {"deployment": "api"},
    "incident": INCIDENT,
    "alert": {"name": None, "labels": {}, "annotations": {}},
    "run": {"id": "01k9", "started": "2026-11-23T05:45:00Z", "initiator": "ann", "option": "rollback"},
    "runbook": {
        "title": "High API error rate",
        "severity": "SEV2",
        "service": "api",
        "impact": "Users cannot complete purchases.",
    },
    "next_update": "06:00 UTC",
}


def shown(template: str | None, text: str | None = None, **keys: Any) -> Rendered:
    return render(template, text, {**SCOPE, **keys}, lambda _: None)


def test_the_first_message_says_what_people_ask_first() -> None:
    """What is it, how bad, since when, for whom, who leads, when do we hear more."""
    assert shown("initial").text.splitlines() == [
        "SEV2: High API error rate",
        "",
        "- Status: investigating; the symptoms are confirmed",
        "- Impact: Users cannot complete purchases.",
        "- Started: 2026-11-23T05:45:00Z",
        "- Affected: api",
        "- Lead: ann",
        "- Next update: 06:00 UTC",
    ]


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_built_in_message_has_the_same_six_facts(name: str) -> None:
    """Who reads one message knows where to look in the next."""
    text = shown(name).text
    for fact in ("Status", "Impact", "Started", "Affected", "Lead", "Next update"):
        assert f"- {fact}: " in text


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_what_is_not_known_is_said_in_words(name: str) -> None:
    """A bare runbook without impact, service or option gives no `null`, no `unknown` and no empty line."""
    bare = {"title": "T", "severity": None, "service": None, "impact": None}
    run = {**SCOPE["run"], "option": None}
    text, unknowns = shown(name, runbook=bare, run=run, next_update=None)
    assert text.startswith("Incident: T\n")
    assert "not known yet" in text
    assert not unknowns
    assert "null" not in text
    assert "unknown" not in text


def test_an_incident_says_it_better_than_the_runbook() -> None:
    """What people found out goes before what the author wrote."""
    found = {**INCIDENT, "severity": "SEV1", "title": "Checkout down", "lead": "dora", "affected": "all users"}
    text = shown("update", incident=found).text
    assert text.startswith("SEV1: Checkout down")
    assert "- Affected: all users" in text
    assert "- Lead: dora" in text


def test_the_resolution_names_the_option_that_helped() -> None:
    """What was done is the first question afterwards."""
    assert "- What helped: rollback" in shown("resolved").text


def test_a_projects_own_template_stands_in_for_the_built_in_one() -> None:
    """`templates/initial.md` of the project wins, others stay as they are."""
    own = {"initial": b"Houston, {{ params.deployment }} has a problem.\n"}
    assert render("initial", None, SCOPE, own.get).text == "Houston, api has a problem."
    assert render("update", None, SCOPE, own.get).text.startswith("SEV2")


def test_a_message_may_carry_its_own_text() -> None:
    """Without a template the text itself is rendered; what is not known becomes the word, with the reason."""
    text, unknowns = shown(None, "{{ params.deployment }} in {{ params.region }}")
    assert text == "api in unknown"
    assert len(unknowns) == 1


def test_values_are_never_templates() -> None:
    """Braces that come out of an alert or a pod stay braces."""
    assert shown(None, "{{ params.deployment }}", params={"deployment": "{{ run.id }}"}).text == "{{ run.id }}"


def test_an_unknown_template_is_said_with_the_nearest_name() -> None:
    """A slip of the hand is found out before the message is due."""
    with pytest.raises(UsageError, match=r"no message template 'intial'.*did you mean 'initial'"):
        shown("intial")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "", "Initial", "a" * 64])
def test_a_name_that_is_no_name_is_never_looked_up(name: str) -> None:
    """A template's name cannot lead out of the folder of templates."""

    def lookup(asked: str) -> bytes:
        raise AssertionError(f"looked for {asked}")

    with pytest.raises(UsageError, match="no message template"):
        render(name, None, SCOPE, lookup)


def test_a_template_that_may_not_be_used_is_an_error_with_its_place() -> None:
    """File, line and column, as for every document."""
    with pytest.raises(DocumentError, match=r"^templates/initial\.md:2:\d+: "):
        render("initial", None, SCOPE, lambda _: b"Hello\n{{ run.id() }}\n")
    with pytest.raises(DocumentError, match=r"^templates/initial\.md:1:.*UTF-8"):
        render("initial", None, SCOPE, lambda _: b"\xff\x00")


def test_a_message_that_grows_beyond_its_limits_is_not_sent() -> None:
    """64 KiB is more than anybody reads, and a loop may not fill the journal."""
    with pytest.raises(WorldError, match="64 KiB"):
        shown(None, "{{ params.deployment }}", params={"deployment": "x" * 70_000})
