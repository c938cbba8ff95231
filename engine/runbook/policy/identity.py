"""Who is at the keyboard: the owner of this process, as the password database names them.

Never an environment variable (`USER` is whatever its user says) and never a flag.
"""

from __future__ import annotations

import os
import pwd


def os_user() -> str:
    """The login name of the real user id; `uid-<n>` where the password database has no entry for it."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"
