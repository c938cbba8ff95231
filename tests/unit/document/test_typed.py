"""Typed values are made from any thread: the first meeting with a type is one thread's."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from runbook.document.model import Retry
from runbook.document.typed import converted

MANY = """
import sys, threading
from runbook.document.model import Runbook
from runbook.document.typed import converted
sys.setswitchinterval(1e-5)
together, made = threading.Barrier(8), []
def one():
    together.wait()
    made.append(converted({"name": "x", "title": "X"}, Runbook).name)
threads = [threading.Thread(target=one) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert made == ["x"] * 8
"""


def test_threads_that_meet_a_type_at_once_all_get_their_value() -> None:
    """The interpreter lives on: without the lock two of five such processes end with a segmentation fault."""
    for _ in range(8):
        done = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_what_is_no_value_of_the_type_is_refused_each_time() -> None:
    """A type whose first data was wrong is met all the same."""
    for _ in range(2):
        with pytest.raises(msgspec.ValidationError):
            converted({"attempts": "many"}, Retry)
