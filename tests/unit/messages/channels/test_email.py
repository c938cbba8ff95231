from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.messages.channels.email import message_id
from support.certificates import Authority
from support.channels import Sender
from support.smtpd import Smtp


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server(authority: Authority) -> Iterator[Smtp]:
    with Smtp(authority.server("localhost")).running() as running:
        yield running


def mailer(tmp_path: Path, server: Smtp, **more: Any) -> Sender:
    settings = {
        "host": "localhost",
        "port": server.port,
        "ca_file": str(tmp_path / "ca.pem"),
        "from": "runbook@shop.test",
        "to": ["ops@shop.test", "boss@shop.test"],
        "username": "runbook",
        "password": {"env": "PW"},
        "timeout": "5s",
        **more,
    }
    return Sender(tmp_path, "email", secrets={"PW": server.password}, **settings)


def test_mail_is_handed_in_encrypted_with_a_login(tmp_path: Path, server: Smtp) -> None:
    """STARTTLS is the default, and the login comes after it."""
    sent = mailer(tmp_path, server).tell("SEV1: Checkout is down\n\nÄrger mit “Kassen”.\n.\nEnd")
    assert (sent.status, sent.error) == ("sent", None)
    [(sender, recipients, mail)] = server.mails
    assert (sender, recipients) == ("runbook@shop.test", ["ops@shop.test", "boss@shop.test"])
    assert mail["subject"] == "SEV1: Checkout is down"
    assert mail.get_content().splitlines()[2:] == ["Ärger mit “Kassen”.", ".", "End"]
    assert server.logins == [("runbook", "pw")]
    assert server.said.index("STARTTLS") < next(i for i, line in enumerate(server.said) if line.startswith("AUTH"))


def test_tls_may_begin_with_the_first_byte(tmp_path: Path, authority: Authority) -> None:
    """Implicit TLS, as on port 465."""
    with Smtp(authority.server("localhost"), tls=True).running() as server:
        assert mailer(tmp_path, server, security="tls").tell().status == "sent"
        assert "STARTTLS" not in server.said


def test_copies_have_one_message_id_and_what_follows_refers_to_the_first(tmp_path: Path, server: Smtp) -> None:
    """Made of the message's key: whoever has it already recognises the second."""
    send = mailer(tmp_path, server)
    first = send.tell("down", key="INC-1:m1")
    send.tell("down", key="INC-1:m1", repeated=True)
    send.tell("up again", key="INC-1:m2", before=first.remote)
    one, copy, reply = (mail for _, _, mail in server.mails)
    assert one["message-id"] == copy["message-id"] == message_id("INC-1:m1", "runbook@shop.test")
    assert reply["in-reply-to"] == reply["references"] == one["message-id"] != reply["message-id"]
    assert reply["subject"] == "Re: up again"
    assert copy.get_content().startswith("(repeated")


def test_no_text_becomes_a_header(tmp_path: Path, server: Smtp) -> None:
    """Line breaks of every kind in a title end nothing."""
    mailer(tmp_path, server).tell("text", subject="Down\r\nBcc: all@shop.test\nX: 1\u2028Y: 2\x00")
    [(_, recipients, mail)] = server.mails
    assert mail["subject"] == "Down Bcc: all@shop.test X: 1 Y: 2"
    assert (mail["bcc"], mail["x"], len(recipients)) == (None, None, 2)


@pytest.mark.parametrize("address", ["ops@shop.test\r\nDATA", "Ops <ops@shop.test>", "a@b@c", "ops", "öps@shop.test"])
def test_an_address_that_is_none_is_not_sent_to(tmp_path: Path, server: Smtp, address: str) -> None:
    """Nothing of it reaches the server."""
    sent = mailer(tmp_path, server, to=[address]).tell()
    assert (sent.status, sent.again) == ("failed", False)
    assert server.said == []


def test_a_recipient_who_is_refused_is_named(tmp_path: Path, server: Smtp) -> None:
    """The others get it; who did not stands in the result."""
    server.answers["RCPT"] = "550 no such user"
    sent = mailer(tmp_path, server).tell()
    assert sent.status == "sent"
    assert sent.remote is not None and sent.remote["refused"] == ["ops@shop.test"]
    assert server.mails[0][1] == ["boss@shop.test"]


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"EHLO": "421 too busy"}, True),
        ({"MAIL": "451 try later"}, True),
        ({"MAIL": "550 not you"}, False),
        ({"DATA": "452 no space"}, True),
        ({".": "554 looks like spam"}, False),
        ({".": "451 greylisted"}, True),
    ],
)
def test_a_no_is_a_no_and_a_later_is_a_later(
    tmp_path: Path, server: Smtp, answers: dict[str, str], again: bool
) -> None:
    """Codes from 400 to 499 ask to come again; none of these leaves a doubt."""
    server.answers |= answers
    sent = mailer(tmp_path, server).tell()
    assert (sent.status, sent.again, sent.doubt) == ("failed", again, False)


@pytest.mark.parametrize(("at", "doubt"), [("EHLO", False), ("MAIL", False), ("DATA", False), (".", True)])
@pytest.mark.parametrize("how", ["cuts", "hangs"])
def test_only_a_message_that_was_read_to_its_end_is_in_doubt(
    tmp_path: Path, server: Smtp, at: str, doubt: bool, how: str
) -> None:
    """A connection that is cut, or says nothing more, after the last dot may have taken it."""
    getattr(server, how).add(at)
    sent = mailer(tmp_path, server, timeout="2s").tell()
    assert (sent.status, sent.again, sent.doubt) == ("failed", True, doubt)


def test_a_login_that_is_refused_is_not_tried_again(tmp_path: Path, server: Smtp) -> None:
    """And the password stands in no message."""
    send = mailer(tmp_path, server)
    send.secrets["PW"] = "wrong-password"
    sent = send.tell()
    assert (sent.status, sent.again) == ("failed", False)
    assert sent.error is not None and "does not accept the login" in sent.error.message
    assert "wrong-password" not in sent.error.message


def test_a_password_never_goes_in_the_clear(tmp_path: Path, server: Smtp) -> None:
    """Neither because the configuration says so, nor because somebody took STARTTLS out of the answer."""
    assert mailer(tmp_path, server, security="none").tell().status == "failed"
    server.context = None
    sent = mailer(tmp_path, server).tell()
    assert sent.error is not None and "offers no STARTTLS" in sent.error.message
    assert server.logins == []


def test_a_certificate_that_is_not_believed_is_not_tried_again(tmp_path: Path, server: Smtp) -> None:
    """For another name, or of an authority that we do not know."""
    for settings in ({"host": "127.0.0.1"}, {"ca_file": None}):
        sent = mailer(tmp_path, server, **settings).tell()
        assert (sent.status, sent.again, sent.doubt) == ("failed", False, False)
        assert sent.error is not None and "certificate" in sent.error.message
    assert server.logins == []


def test_doctor_logs_in_and_sends_nothing(tmp_path: Path, server: Smtp) -> None:
    """EHLO, STARTTLS, AUTH, NOOP."""
    assert "lets us in (STARTTLS, with a login)" in mailer(tmp_path, server).check()
    assert server.said[-2:] == ["noop", "quit"]
    assert server.mails == []
