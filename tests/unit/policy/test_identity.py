from __future__ import annotations

import os
import pwd

import pytest

from runbook.policy.identity import os_user


def test_the_environment_does_not_say_who_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """USER and LOGNAME are whatever somebody set them to; the password database decides."""
    for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody-else")
    assert os_user() == pwd.getpwuid(os.getuid()).pw_name


def test_a_user_id_without_an_entry_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container that runs under an arbitrary id, the id itself is the name."""
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert os_user() == "uid-3999999999"
