"""Writing never fails a command, and what is written cannot be taken for anything else."""

from __future__ import annotations

import json
import os
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from runbook.cli import streams
from runbook.core.masking import Masker


def test_json_is_one_line_of_ascii() -> None:
    """No encoding and no terminal can make anything else of it; what is no number is null."""
    out = StringIO()
    streams.wrote({"name": "Größe\u202e\n", "nan": float("nan")}, out)
    assert out.getvalue().isascii()
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue()) == {"name": "Größe\u202e\n", "nan": None}


def test_half_of_a_pair_of_surrogates_is_written_as_an_escape() -> None:
    """What a server sent is no reason not to say how a run ended."""
    out = StringIO()
    streams.wrote({"a\udfff": ["x\ud800", float("nan"), 2**70]}, out)
    assert json.loads(out.getvalue()) == {"a\\udfff": ["x\\ud800", None, 2**70]}


@pytest.mark.fault(96)
def test_what_an_encoding_cannot_say_is_escaped(tmp_path: Path) -> None:
    """A report in a C locale is a report."""
    with (tmp_path / "out").open("wb") as file:
        stream = TextIOWrapper(file, encoding="ascii")
        streams.printed("✓ resolved", stream)
        stream.flush()
        stream.detach()
    assert (tmp_path / "out").read_bytes() == b"\\u2713 resolved\n"


def test_a_reader_that_left_is_nothing_to_fail_for() -> None:
    """The first write after it finds out, the second goes nowhere."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as stream:
        streams.said("nobody hears this", stream)
        streams.said("nor this", stream)


def test_a_stream_that_was_closed_before_us_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """`2>&-` is no reason to fail."""
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", None)
    streams.opened()
    streams.said("talk")
    sys.stderr.close()


@pytest.mark.fault(61)
def test_what_is_learnt_is_masked_on_both_streams_whoever_writes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the moment at which it is known; data is masked before it is spelt as JSON."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    masking = streams.opened()
    print("hunter2!", file=sys.stderr)
    masking.masker = Masker(["hunter2!'\""])
    streams.wrote({"said": repr(["hunter2!'\""])})
    sys.stderr.writelines(["it is ", "hunter2!'\""])
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == ({"said": "['***']"}, "hunter2!\nit is ***")


@pytest.mark.fault(61)
def test_a_secret_is_masked_before_an_encoding_spells_it_otherwise() -> None:
    """An outlet takes any character: nobody above it escapes, so nothing is spelt in a way that is not looked for."""
    masking = streams.Masking()
    masking.masker = Masker(["geheim\\übung"])
    raw = BytesIO()
    outlet = streams.Outlet(TextIOWrapper(raw, encoding="ascii", write_through=True), masking)
    streams.said("geheim\\übung, ✓", outlet)
    assert raw.getvalue() == b"***, \\u2713\n"


def test_a_result_says_its_format_and_its_exit() -> None:
    """By number and by name."""
    from runbook.errors import Exit

    said = streams.result({"runs": []}, Exit.WAITING)
    assert said == {"format": 1, "runs": [], "exit": {"code": 6, "name": "waiting"}}


def test_a_file_that_took_only_a_part_is_said_not_to_be_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk fails no command, but whoever keeps the file must not take it for all there is."""
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        streams.printed("a" * 10_000, full)
    assert "is not whole, the rest is lost: No space left on device" in capsys.readouterr().err
