"""The channel `email`: the message as a mail of plain text, through an SMTP server.

Its Message-ID is made of the message's key: a second copy has the same one, and is recognised by it. What follows the
first mail about an incident refers to that one, so that mail programs show a thread. Headers are made by the standard
library's policy, which refuses line breaks; ours are taken out before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runbook.clients.net import LocalFault
from runbook.errors import UsageError
from runbook.messages.channels import web
from runbook.messages.outgoing import Means, Outgoing, Undelivered
from runbook.messages.plain import plain

if TYPE_CHECKING:
    from runbook.clients import smtp

SUBJECT = 200  # characters


def deliver(settings: Mapping[str, Any], message: Outgoing, means: Means) -> Mapping[str, Any]:
    """Hand the mail in; `{message_id, first, refused?}`: its Message-ID, that of the first mail, who was refused."""
    from runbook.clients import smtp

    recipients = _recipients(settings)
    sender = str(settings["from"])
    own = message_id(message.key, sender)
    first = str((message.before or {}).get("first") or own)
    try:
        refused = _server(settings, means).send(
            sender, recipients, _mail(settings, message, own, first), _seconds(settings, means)
        )
    except smtp.Lost as error:
        raise Undelivered(error.message, again=error.believed, doubt=error.sent, hint=error.hint) from error
    except smtp.Rejected as error:
        raise Undelivered(error.message, again=error.later, hint=error.hint) from error
    except LocalFault as error:
        raise Undelivered(error.message, again=True, hint=error.hint) from error
    return {"message_id": own, "first": first, **({"refused": list(refused)} if refused else {})}


def check(settings: Mapping[str, Any], means: Means) -> str:
    """Greet the server, log in and say NOOP; nothing is sent."""
    return _server(settings, means).check(_seconds(settings, means))


def message_id(key: str, sender: str) -> str:
    """The Message-ID of a message: the same for every copy of it."""
    domain = sender.rpartition("@")[2].rstrip(">") or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _mail(settings: Mapping[str, Any], message: Outgoing, own: str, first: str) -> bytes:
    from email.message import EmailMessage
    from email.policy import SMTP
    from email.utils import formatdate

    mail = EmailMessage(policy=SMTP)
    again = "Re: " if first != own else ""
    mail["From"] = settings["from"]
    mail["To"] = ", ".join(_recipients(settings))
    mail["Subject"] = again + " ".join(plain(message.title).split())[:SUBJECT]
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = own
    if first != own:
        mail["In-Reply-To"] = mail["References"] = first
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence assistant answers
    mail.set_content(plain(message.marked), cte="quoted-printable")
    return mail.as_bytes()


def _recipients(settings: Mapping[str, Any]) -> list[str]:
    given = settings.get("to")
    recipients = [given] if isinstance(given, str) else [str(one) for one in given or ()]
    if not settings.get("host") or not settings.get("from") or not recipients:
        raise UsageError("an email channel needs `host`, `from` and `to`")
    for address in (str(settings["from"]), *recipients):
        if (
            not (address.isascii() and address.isprintable())
            or address.count("@") != 1
            or any(mark in address for mark in " ,;<>")
        ):
            raise UsageError(
                f"{address!r} is not an e-mail address", hint="write it as ops@example.com, without a name"
            )
    return recipients


def _server(settings: Mapping[str, Any], means: Means) -> smtp.Server:
    from runbook.clients import smtp

    login = {name: means.secret(settings[name]) for name in ("username", "password") if name in settings}
    return smtp.Server(
        str(settings.get("host")),
        port=settings.get("port"),
        security=settings.get("security", "starttls"),
        ca_file=settings.get("ca_file"),
        verify=settings.get("verify", True),
        **login,
    )


def _seconds(settings: Mapping[str, Any], means: Means) -> float:
    own = web.seconds(settings)
    return means.timeout if own is None else min(own, means.timeout)
