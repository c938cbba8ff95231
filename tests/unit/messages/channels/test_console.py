from __future__ import annotations

from pathlib import Path

from support.channels import Sender


def test_whoever_watches_the_run_reads_the_message(tmp_path: Path) -> None:
    """The text goes to the console as it is."""
    sender = Sender(tmp_path, "console")
    assert sender("SEV2: High API error rate").status == "sent"
    assert sender.shown == ["SEV2: High API error rate"]


def test_a_message_sent_again_says_so_first(tmp_path: Path) -> None:
    """After a crash nobody should take the second copy for a second incident."""
    sender = Sender(tmp_path, "console")
    sender("SEV2: High API error rate", repeated=True)
    assert sender.shown == ["(repeated: you may have read this before)\nSEV2: High API error rate"]
