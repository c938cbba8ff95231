"""A channel as tests send through it: a project folder, secrets, and a console that remembers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runbook.document.model import Channel
from runbook.document.words import Audience
from runbook.messages import channels
from runbook.messages.channels import Sent, send
from runbook.messages.outgoing import Means, Outgoing
from support.services import Cachet, Service, Slack, Statuspage

KEY = "01k9:communication/1:announce#1"


class Sender:
    """Sends through a channel of a type with given settings; `shown` is what the console was given."""

    def __init__(
        self,
        project: Path,
        type_: str,
        *,
        audience: Audience = Audience.TEAM,
        secrets: dict[str, str] | None = None,
        **settings: Any,
    ) -> None:
        self.project = project
        self.channel = Channel(name="incidents", type=type_, settings=settings, audience=audience)
        self.secrets = secrets or {}
        self.shown: list[str] = []

    @property
    def means(self) -> Means:
        return Means(
            project=self.project,
            secret=lambda given: given if isinstance(given, str) else self.secrets[given["env"]],
            console=self.shown.append,
        )

    def __call__(self, text: str, key: str = KEY, *, repeated: bool = False) -> Sent:
        return send(
            self.channel,
            text,
            key=key,
            run="01k9",
            runbook="high-api-error-rate",
            repeated=repeated,
            project=self.project,
            secret=self.means.secret,
            console=self.means.console,
        )

    def tell(self, text: str = "Checkout is down", key: str = KEY, **more: Any) -> Sent:
        """One attempt at a message about an incident."""
        return channels.attempt(self.channel, outgoing(text, key, **more), self.means)

    def check(self) -> str:
        """What doctor is told."""
        return str(channels.module(self.channel.type).check(self.channel.settings, self.means))


def outgoing(text: str = "Checkout is down", key: str = KEY, **more: Any) -> Outgoing:
    return Outgoing(text=text, key=key, **{"incident": "INC-1", **more})


def slack(project: Path, server: Slack, **more: Any) -> Sender:
    """A bot in #incidents."""
    settings = {"token": {"env": "TOKEN"}, "channel": "#incidents", "url": f"{server.url}/api", **more}
    return Sender(project, "slack", secrets={"TOKEN": server.token}, **settings)


def statuspage(project: Path, server: Statuspage, **more: Any) -> Sender:
    """The page p1."""
    settings = {"page": "p1", "token": {"env": "TOKEN"}, "url": f"{server.url}/v1", **more}
    return Sender(project, "statuspage", audience=Audience.CUSTOMERS, secrets={"TOKEN": server.token}, **settings)


def cachet(project: Path, server: Cachet, **more: Any) -> Sender:
    """A page of one's own."""
    settings = {"token": {"env": "TOKEN"}, "url": server.url, **more}
    return Sender(project, "cachet", audience=Audience.CUSTOMERS, secrets={"TOKEN": server.token}, **settings)


def webhook(project: Path, server: Service, **more: Any) -> Sender:
    """A receiver of JSON."""
    return Sender(project, "webhook", url=f"{server.url}/hook", **more)
