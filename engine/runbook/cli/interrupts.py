"""Ctrl-C is answered at once: what happens now, and what a second one would do. The host does the stopping.

Python writes every signal that it catches into a pipe (`signal.set_wakeup_fd`); a thread of ours reads it, so that
nothing is said from within a signal handler and the host's own handlers stay as they are.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PAUSING = "stopping; nothing is being changed"
STOPPING = "stopping: what is being changed is finished first; Ctrl-C once more ends it now, and may leave it in doubt"
HURRYING = "ending it now"


@contextmanager
def answered(
    say: Callable[[str], None], quiet: Callable[[], bool], changing: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """Say something for each Ctrl-C, except while `quiet`: at a gate the run simply waits, and says so itself.

    `changing`: whether something is being changed, which a second Ctrl-C would leave in doubt.
    Only the main thread can be asked for signals; elsewhere nothing is said.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    thread = threading.Thread(target=_serve, args=(woken, say, quiet, changing), name="interrupts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(wake)
        thread.join(timeout=1.0)
        os.close(woken)


def _serve(woken: int, say: Callable[[str], None], quiet: Callable[[], bool], changing: Callable[[], bool]) -> None:
    count = 0
    while number := os.read(woken, 1):
        if number[0] == signal.SIGINT and not quiet():
            count += 1
            first = STOPPING if changing() else PAUSING
            say(first if count == 1 else HURRYING)
