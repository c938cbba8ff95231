"""A channel as tests send through it: a project folder, one secret, and a console that remembers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runbook.document.model import Channel
from runbook.messages.channels import Sent, send


class Sender:
    """Sends through a channel of a type with given settings; `shown` is what the console was given."""

    def __init__(self, project: Path, type_: str, **settings: Any) -> None:
        self.project = project
        self.channel = Channel(name="incidents", type=type_, settings=settings)
        self.secrets: dict[str, str] = {}
        self.shown: list[str] = []

    def __call__(self, text: str, key: str = "01k9:communication/1:announce#1", *, repeated: bool = False) -> Sent:
        return send(
            self.channel,
            text,
            key=key,
            run="01k9",
            runbook="high-api-error-rate",
            repeated=repeated,
            project=self.project,
            secret=lambda reference: self.secrets[reference["env"]],
            console=self.shown.append,
        )
