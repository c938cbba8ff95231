from __future__ import annotations

from pathlib import Path

import pytest

from runbook.errors import Unreachable
from runbook.messages import channels
from support.channels import Sender


def test_an_unknown_type_is_a_result_with_a_hint(tmp_path: Path) -> None:
    """A misspelt channel costs its message, not the run."""
    sent = Sender(tmp_path, "webhok")("hello")
    assert sent.status == "failed"
    assert sent.error is not None
    assert "channel 'incidents': no channel type 'webhok'; did you mean 'webhook'?" in sent.error.message


@pytest.mark.parametrize(
    ("type_", "missing"),
    [
        ("file", "`path`"),
        ("webhook", "`url`"),
        ("slack", "`token` and `channel`"),
        ("email", "`host`"),
        ("statuspage", "`page`"),
        ("cachet", "`url`"),
    ],
)
def test_a_missing_setting_is_a_result(tmp_path: Path, type_: str, missing: str) -> None:
    """What the channel needs is said, by name."""
    sent = Sender(tmp_path, type_)("hello")
    assert sent.status == "failed"
    assert sent.error is not None
    assert missing in sent.error.message


@pytest.mark.parametrize("error", [Unreachable("nobody there"), BrokenPipeError("the reader is gone")])
def test_what_the_world_does_is_a_result(tmp_path: Path, error: Exception) -> None:
    """Whatever stands in the way of a message comes back as its failure."""
    sender = Sender(tmp_path, "console")

    class Closed(list[str]):
        def append(self, text: str) -> None:
            raise error

    sender.shown = Closed()
    sent = sender("hello")
    assert sent.status == "failed"
    assert sent.error is not None
    assert str(error) in sent.error.message


def test_every_type_in_the_table_is_a_module_that_delivers() -> None:
    """The table of types names modules that are there."""
    assert all(callable(channels.module(type_).deliver) for type_ in channels.TYPES)
