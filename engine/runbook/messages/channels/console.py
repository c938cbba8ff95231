"""The channel `console`: whoever watches the run reads the message there.

The text goes to the report as it is, which makes it harmless for the terminal like everything else that it
shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.messages.outgoing import Means, Outgoing


def deliver(_settings: Mapping[str, Any], message: Outgoing, means: Means) -> None:
    """Show the message."""
    means.console(message.marked)
