from __future__ import annotations

from runbook.incident.letters import Letter
from runbook.incident.messages import Message, Messages
from runbook.report.messages import letters_lines, told_rows
from runbook.report.style import Style
from support.letters import T0, channel, composed, incident


def test_a_letter_is_shown_line_by_line_and_nothing_in_it_moves_the_cursor() -> None:
    """Impact is typed by people and comes from alerts."""
    [letter] = composed(incident(impact="\x1b[2J\u202egone"), channel("team"))
    shown = "\n".join(letters_lines([letter], Style()))
    assert shown.startswith(
        "To team (file), read by the team, template initial-sev1:\n  | SEV1, MAJOR: Checkout is down"
    )
    assert "\x1b" not in shown and "\u202e" not in shown


def test_customers_stand_out_and_a_mail_shows_its_subject() -> None:
    """What cannot be taken back is not overlooked."""
    [letter] = composed(incident(public="Some payments fail."), channel("page", "statuspage", customers=True))
    first, second, *_ = letters_lines([letter], Style())
    assert "read by CUSTOMERS" in first
    assert second == "  titled: Some payments fail."


def test_what_several_channels_get_is_shown_once() -> None:
    """Six channels are one text to be read, and six names."""
    first, second, mail = channel("log"), channel("chat", "slack"), channel("oncall", "email")
    lines = letters_lines(composed(incident(), first, second, mail), Style(width=200))
    assert lines[0] == "To log (file), chat (slack), oncall (email), read by the team, template initial-sev1:"
    assert lines[1].startswith("  titled: [SEV1] INC-1 ")
    assert sum("SEV1, MAJOR" in line for line in lines) == 1


def test_what_does_not_go_says_why() -> None:
    """In the place where it would have been shown."""
    [letter] = composed(incident(confidential=True), channel("team"))
    assert isinstance(letter, Letter)
    assert "kept back; INC-1 is confidential" in " ".join(letters_lines([letter], Style(width=200)))


def test_the_newest_messages_and_the_next_are_shown() -> None:
    """The rest is counted; what is overdue says what to type."""
    every = tuple(Message(key=str(n), channel="team", kind="update", at=T0, by="ana", status="sent") for n in range(8))
    rows = told_rows(Messages(all=every), T0 - 60, T0)
    assert rows[0] == ("earlier", "2 more")
    assert len(rows) == 8
    assert rows[-1][1].endswith("1m ago: runbook notify")
