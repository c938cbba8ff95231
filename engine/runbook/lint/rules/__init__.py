"""The rules about how runbooks are written, one module each, in the order of their codes."""

from __future__ import annotations

from typing import Final

MODULES: Final = (
    "rb101_no_owner",
)  # fmt: skip
