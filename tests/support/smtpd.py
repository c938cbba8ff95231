"""A small SMTP server on loopback: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA; it keeps mail, and breaks on request.

`answers` replaces what is said to a command, once: `{"RCPT": "550 no such user"}`. `cuts` names commands at which the
connection is closed without a word (`"."` is the end of a message, which is kept before), `hangs` those at which
nothing is said any more.
"""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class Smtp(socketserver.ThreadingTCPServer):
    """`mails` are `(sender, recipients, mail)`; `logins` the user names and passwords that were given."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext | None = None, *, tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.context = context
        self.tls = tls
        self.port = int(self.server_address[1])
        self.mails: list[tuple[str, list[str], EmailMessage]] = []
        self.logins: list[tuple[str, str]] = []
        self.password = "pw"
        self.answers: dict[str, str] = {}
        self.cuts: set[str] = set()
        self.hangs: set[str] = set()
        self.said: list[str] = []
        self.over = threading.Event()

    @contextmanager
    def running(self) -> Iterator[Smtp]:
        """While the body runs."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self.shutdown()
            thread.join()
            self.server_close()

    def handle_error(self, *_: Any) -> None:
        """A client that goes away in the middle of a handshake."""


class _Session(socketserver.BaseRequestHandler):
    server: Smtp

    def handle(self) -> None:
        try:
            if self.server.tls and self.server.context is not None:
                self._encrypt()
            else:
                self.file = self.request.makefile("rb")
            self._talk()
        except OSError:
            return
        finally:
            self.request.close()

    def _encrypt(self) -> None:
        assert self.server.context is not None
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.file = self.request.makefile("rb")

    def _say(self, words: str) -> None:
        self.request.sendall(words.encode() + b"\r\n")

    def _talk(self) -> None:
        self.sender, self.recipients = "", []
        self._say("220 smtp.test ESMTP")
        while line := self.file.readline():
            words = line.decode().strip()
            self.server.said.append(words)
            verb = words.partition(" ")[0].upper()
            if not self._goes_on(verb):
                return
            own = self.server.answers.pop(verb, None)
            if own is not None:
                self._say(own)
            elif not self._answer(verb, words):
                return

    def _goes_on(self, verb: str) -> bool:
        if verb in self.server.hangs:
            self.server.over.wait(30.0)
            return False
        return verb not in self.server.cuts

    def _answer(self, verb: str, words: str) -> bool:
        match verb:
            case "EHLO":
                secure = isinstance(self.request, ssl.SSLSocket)
                offers = ["smtp.test", *([] if secure or self.server.context is None else ["STARTTLS"]), "AUTH PLAIN"]
                for offer in offers[:-1]:
                    self._say(f"250-{offer}")
                self._say(f"250 {offers[-1]}")
            case "STARTTLS":
                self._say("220 go ahead")
                self._encrypt()
            case "AUTH":
                _, user, password = base64.b64decode(words.rsplit(maxsplit=1)[-1]).decode().split("\0")
                self.server.logins.append((user, password))
                self._say("235 ok" if password == self.server.password else "535 no")
            case "MAIL":
                self.sender = words.partition("<")[2].partition(">")[0]
                self._say("250 ok")
            case "RCPT":
                self.recipients.append(words.partition("<")[2].partition(">")[0])
                self._say("250 ok")
            case "DATA":
                return self._data()
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                self._say("250 ok")
        return True

    def _data(self) -> bool:
        self._say("354 go ahead")
        lines = []
        while (line := self.file.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        own = self.server.answers.pop(".", None)
        if own is None:
            self.server.mails.append((self.sender, self.recipients, mail))
        if not self._goes_on("."):
            return False
        self._say(own or "250 kept")
        return True
