"""One message to one SMTP server, within a deadline: what smtplib does, with our names, addresses and errors.

    security    `starttls` (the default), `tls` from the first byte, or `none`, which takes no password
    once        no retries; `Lost` says whether the server may have the message all the same
    recipients  those that the server refuses are named; it is an error only where it refuses all

smtplib resolves names and counts time by itself; here both are `net.py`'s, as everywhere.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Literal

from runbook.clients import net
from runbook.errors import Forbidden, Unreachable, WorldError

Security = Literal["starttls", "tls", "none"]
_DOT = re.compile(rb"^\.", re.MULTILINE)  # a line that begins with a dot has two (RFC 5321 §4.5.2)
_END = re.compile(rb"(\r\n)+\Z")
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}  # RFC 8314, RFC 6409


class Lost(Unreachable):
    """No answer. `sent`: the whole message may have reached the server; `believed` is False for its certificate."""

    def __init__(self, message: str, *, sent: bool, believed: bool = True, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.sent = sent
        self.believed = believed


class Rejected(WorldError):
    """The server said no. `later`: with a code from 400 to 499, by which it asks to come again."""

    code: ClassVar[str] = "rejected"

    def __init__(self, message: str, *, later: bool, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.later = later


class Server:
    """Where mail is handed in. `username` None: without a login."""

    def __init__(
        self,
        host: str,
        *,
        port: int | None = None,
        security: Security = "starttls",
        username: str | None = None,
        password: str | None = None,
        ca_file: str | None = None,
        verify: bool = True,
    ) -> None:
        self.host = host
        self.port = port or PORTS[security]
        self.where = f"{host}:{self.port}"
        self._security = security
        self._login = (username, password or "") if username is not None else None
        self._trust = (ca_file, verify)

    def send(self, sender: str, recipients: Sequence[str], data: bytes, timeout: float) -> tuple[str, ...]:
        """Hand in one message; the recipients that the server refused. Raises Lost, Rejected, Forbidden, LocalFault."""
        deadline = net.Deadline(timeout)
        with self._open(deadline) as session:
            refused = session.addressed(sender, recipients)
            session.content(data)
        return refused

    def check(self, timeout: float) -> str:
        """Greet it, log in, and say nothing more."""
        with self._open(net.Deadline(timeout)) as session:
            session.said("NOOP", session.smtp.noop())
        how = {"starttls": "STARTTLS", "tls": "TLS", "none": "no encryption"}[self._security]
        return f"{self.where} lets us in ({how}{', with a login' if self._login else ''}); nothing was sent"

    @contextmanager
    def _open(self, deadline: net.Deadline) -> Iterator[_Session]:
        if self._login is not None and self._security == "none":
            raise Forbidden(
                f"a password is not sent to {self.where} without encryption", hint="say `security: starttls`"
            )
        session = _Session(self.where, deadline)
        try:
            session.begin(self.host, self.port, net.trust(*self._trust) if self._security == "tls" else None)
            if self._security == "starttls":
                session.encrypt(self.host, net.trust(*self._trust))
            if self._login is not None:
                session.login(*self._login)
            yield session
            session.leave()
        except smtplib.SMTPException as error:
            # smtplib makes a disconnection of whatever a socket says
            late = deadline.elapsed >= deadline.seconds
            found = net.fault(TimeoutError() if late else ConnectionResetError(), self.where, deadline)
            raise Lost(found.message, sent=session.handed_in) from error
        except net.NoAnswer as error:
            raise Lost(error.message, sent=session.handed_in, hint=error.hint) from error
        except OSError as error:
            raise self._lost(net.fault(error, self.where, deadline), session.handed_in) from error
        finally:
            session.smtp.close()

    def _lost(self, found: net.NoAnswer | net.LocalFault, sent: bool) -> WorldError:
        if isinstance(found, net.LocalFault):
            return found
        return Lost(found.message, sent=sent, believed=found.reason != "tls", hint=found.hint)


class _Session:
    """One connection. `handed_in` once the end of the message may have been read by the server."""

    def __init__(self, where: str, deadline: net.Deadline) -> None:
        own = socket.gethostname()
        self.smtp = smtplib.SMTP(local_hostname=own if "." in own else "[127.0.0.1]")
        self.handed_in = False
        self._where = where
        self._deadline = deadline

    def begin(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        sock: socket.socket = net.connect(host, port, self._deadline)
        sock.settimeout(self._deadline.left())
        self.smtp.sock = context.wrap_socket(sock, server_hostname=host) if context is not None else sock
        self.smtp.file = None
        self.said("the greeting", self.smtp.getreply())
        self._greet()

    def encrypt(self, host: str, context: ssl.SSLContext) -> None:
        if not self.smtp.has_extn("starttls"):
            raise Rejected(
                f"{self._where} offers no STARTTLS",
                later=False,
                hint="say `security: tls` with the port for it; `none` sends in the clear",
            )
        self._tick()
        self.said("STARTTLS", self.smtp.docmd("STARTTLS"))
        plain = self.smtp.sock
        assert plain is not None  # noqa: S101 - begin() has made it
        self.smtp.sock = context.wrap_socket(plain, server_hostname=host)
        # what was said before the encryption, an attacker may have said (RFC 3207 §4.2)
        self.smtp.file = None
        self.smtp.helo_resp = self.smtp.ehlo_resp = None
        self.smtp.esmtp_features = {}
        self.smtp.does_esmtp = False
        self._greet()

    def login(self, username: str, password: str) -> None:
        self._tick()
        try:
            self.smtp.login(username, password)
        except smtplib.SMTPAuthenticationError as error:
            raise Forbidden(f"{self._where} does not accept the login (code {error.smtp_code})") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Rejected(f"{self._where} takes no login", later=False, hint="leave out `username`") from error

    def addressed(self, sender: str, recipients: Sequence[str]) -> tuple[str, ...]:
        self._tick()
        self.said(f"the sender {sender}", self.smtp.mail(sender))
        refused: dict[str, tuple[int, bytes]] = {}
        for recipient in recipients:
            self._tick()
            code, words = self.smtp.rcpt(recipient)
            if code not in (250, 251):
                refused[recipient] = (code, words)
        if len(refused) == len(recipients):
            first = next(iter(refused))
            self.said(f"the recipient {first}", refused[first])
        return tuple(refused)

    def content(self, data: bytes) -> None:
        self._tick()
        code, words = self.smtp.docmd("DATA")
        if code != 354:
            self.said("the message", (code, words))
        self._tick()
        self.handed_in = True
        self.smtp.send(_END.sub(b"", _DOT.sub(b"..", data)) + b"\r\n.\r\n")
        answer = self.smtp.getreply()
        self.handed_in = False
        self.said("the message", answer)

    def leave(self) -> None:
        """The server has the message: that it does not say goodbye changes nothing."""
        try:
            assert self.smtp.sock is not None  # noqa: S101
            self.smtp.sock.settimeout(1.0)
            self.smtp.quit()
        except (smtplib.SMTPException, OSError):
            return

    def said(self, what: str, answer: tuple[int, bytes]) -> None:
        """Raise Rejected unless the server agreed."""
        code, words = answer
        if 200 <= code < 300:
            return
        if code == -1:
            raise smtplib.SMTPServerDisconnected("no proper answer")
        text = " ".join(words.decode("utf-8", "replace").split())[:200]
        raise Rejected(f"{self._where} refuses {what}: {code} {text}", later=400 <= code < 500)

    def _greet(self) -> None:
        self._tick()
        self.said("our greeting", self.smtp.ehlo())

    def _tick(self) -> None:
        """Everything of one message shares one deadline."""
        assert self.smtp.sock is not None  # noqa: S101
        self.smtp.sock.settimeout(self._deadline.left())
