"""Links in what a message means: its text is written for a page, and read on a terminal and by code scanning too."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin

_LINK: Final = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")


def unlinked(text: str) -> str:
    """The words alone."""
    return _LINK.sub(r"\1", text)


def linked_from(page: str, text: str) -> str:
    """The same links where no page is beside them: relative ones are taken from the address `page`."""
    return _LINK.sub(lambda link: f"[{link[1]}]({urljoin(page, link[2])})", text)
