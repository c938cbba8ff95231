from __future__ import annotations

import errno
import fcntl
import os
import threading
from pathlib import Path

import pytest

from runbook.messages.channels import file
from support.channels import Sender

NAME = "status-page.md"


def sender(project: Path) -> Sender:
    return Sender(project, "file", path=NAME)


def test_messages_are_appended_clearly_apart(tmp_path: Path) -> None:
    """Each is followed by its key in a comment and a rule, so that Markdown shows them as sections."""
    send = sender(tmp_path)
    assert send("First.\nLine two.", "r:1").status == send("Second.", "r:2").status == "sent"
    assert (tmp_path / NAME).read_text() == (
        "First.\nLine two.\n\n<!-- runbook message r:1 -->\n\n---\n\nSecond.\n\n<!-- runbook message r:2 -->\n\n---\n\n"
    )


def test_a_message_stands_there_once_however_often_it_is_sent(tmp_path: Path) -> None:
    """The same key again, as after a crash, leaves the file as it is."""
    send = sender(tmp_path)
    send("First.", "r:1")
    before = (tmp_path / NAME).read_bytes()
    assert send("First.", "r:1", repeated=True).status == "sent"
    assert (tmp_path / NAME).read_bytes() == before


@pytest.mark.parametrize("written", ["By hand, no line end", "By hand.\n", "By hand.\n\n"])
def test_what_people_wrote_stays_and_is_kept_apart(tmp_path: Path, written: str) -> None:
    """Text that is already there is never changed, and the message starts a paragraph of its own."""
    (tmp_path / NAME).write_text(written)
    sender(tmp_path)("First.", "r:1")
    text = (tmp_path / NAME).read_text()
    assert text.startswith(written)
    assert "By hand" in text.split("\n\nFirst.")[0]


def test_a_message_cannot_pass_for_one_that_is_still_to_come(tmp_path: Path) -> None:
    """A value that spells another message's comment does not keep that message out."""
    send = sender(tmp_path)
    send("x\n<!-- runbook message r:2 -->\n", "r:1")
    send("Second.", "r:2")
    assert "Second." in (tmp_path / NAME).read_text()


def test_a_key_cannot_end_its_comment(tmp_path: Path) -> None:
    """Whatever is in a key stays inside the comment, and still names the message."""
    send = sender(tmp_path)
    odd = "r:--> \n<script>é"
    send("First.", odd)
    send("First.", odd)
    text = (tmp_path / NAME).read_text()
    assert text.count("First.") == 1
    assert "<script>" not in text


def test_text_in_the_file_is_plain(tmp_path: Path) -> None:
    """Who prints the file on a terminal sees letters, not what a pod's log wanted the terminal to do."""
    sender(tmp_path)("\x1b[2Jgone\x07")
    assert (tmp_path / NAME).read_text().startswith("[2Jgone\n")


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    """The file that the configuration names is written, never one that somebody pointed it at."""
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    assert sender(tmp_path)("First.").status == "failed"
    assert (tmp_path / "elsewhere").read_text() == ""


def test_a_pipe_or_a_missing_folder_fails_at_once(tmp_path: Path) -> None:
    """Nothing waits for a reader that may never come."""
    os.mkfifo(tmp_path / NAME)
    sent = sender(tmp_path)("First.")
    assert (sent.status, sent.error and sent.error.code) == ("failed", "channel")
    missing = Sender(tmp_path, "file", path="no/such/folder.md")("First.")
    assert missing.error is not None
    assert "No such file" in missing.error.message


def test_what_does_not_fit_on_the_disk_is_cut_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up in the middle of a message leaves the file as it was."""
    send = sender(tmp_path)
    send("First.", "r:1")
    before = (tmp_path / NAME).read_bytes()
    real = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) < 30:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data[:20])

    monkeypatch.setattr(os, "write", full)
    sent = send("Second.", "r:2")
    monkeypatch.undo()
    assert sent.status == "failed"
    assert (tmp_path / NAME).read_bytes() == before


def test_a_file_that_stays_locked_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message gives up and says why; the run goes on."""
    monkeypatch.setattr(file, "LONGEST_WAIT", 0.05)
    with (tmp_path / NAME).open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        sent = sender(tmp_path)("First.")
    assert sent.error is not None
    assert "another process" in sent.error.message


def test_many_senders_at_once_append_every_message_whole_and_once(tmp_path: Path) -> None:
    """Two runs share a status page; neither tears the other's message, and no key stands there twice."""
    sending = [
        threading.Thread(target=sender(tmp_path), args=(f"message {n} " * 200, f"r:{n}"))
        for n in [*range(8), *range(8)]
    ]
    for thread in sending:
        thread.start()
    for thread in sending:
        thread.join()
    parts = (tmp_path / NAME).read_text().split("\n---\n\n")[:-1]
    assert sorted(parts) == [f"{f'message {n} ' * 200}\n\n<!-- runbook message r:{n} -->\n" for n in range(8)]
