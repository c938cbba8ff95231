"""Message text as it may stand in a file or in another system's window: visible characters, tabs and lines.

Values in a message come from alerts, pods and commands. An escape sequence among them could redraw the
terminal of whoever reads the file; a direction mark could make a sentence read backwards (CVE-2021-42574).
"""

from __future__ import annotations

import re

_ENDS = re.compile("\r\n?|[\u2028\u2029\x85]")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """Without control characters, direction marks and half characters; every line end is a newline."""
    return _UNSEEN.sub("", _ENDS.sub("\n", text))
