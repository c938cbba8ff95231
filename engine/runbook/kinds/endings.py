"""How a local command ended, in words for people."""

from __future__ import annotations

from runbook.clients import processes
from runbook.kinds.invocations import Invocation

_MET = {
    "cpu": "it was ended by its limit of CPU time, {}",
    "memory": "it seems to have met its limit of memory, {} for each process",
    "processes": "it seems to have met its limit of {} processes",
    "open_files": "it seems to have met its limit of {} open files",
}


def cut_short(what: str, done: processes.Completed) -> str:
    """Why a command that did not end by itself was ended, and how."""
    why = f"did not end within {done.duration:.0f}s" if done.timed_out else "was called off with its run"
    how = f"ended with {done.signal}" if done.signal else f"told to end, and exited with {done.exit_code}"
    return f"{what}: it {why} and was {how}"


def last_words(done: processes.Completed) -> str:
    """Why, as far as the command said it: its signal, or its last line on stderr."""
    if done.signal == "SIGKILL":
        return " (SIGKILL, not sent by us; the kernel does that when memory runs out)"
    if done.signal:
        return f" ({done.signal})"
    lines = done.stderr.decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {last[:200]}" if last else ""


def limited(call: Invocation, done: processes.Completed) -> tuple[str, ...]:
    """That a failed command met a limit of its step, as far as its end shows that; one sentence or none."""
    limits = call.limited()
    met = limits.struck(done.signal, done.exit_code, done.stderr) if limits and done.exit_code else None
    return (_MET[met].format((call.limits or {})[met]),) if met else ()
