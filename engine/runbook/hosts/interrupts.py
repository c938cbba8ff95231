"""Signals of the operating system while a run is driven: each suspends it, and leaves it to be resumed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from runbook.errors import Exit
from runbook.hosts.driver import Driver


@contextmanager
def interruptible(driver: Driver) -> Iterator[None]:
    """Ctrl-C, SIGTERM and, unless under `nohup`, SIGHUP suspend the run; only the main thread may catch them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    exits = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED, signal.SIGHUP: Exit.HANGUP}
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        del exits[signal.SIGHUP]
    before = {
        number: signal.signal(number, lambda n, _: driver.interrupt(exits[signal.Signals(n)])) for number in exits
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
