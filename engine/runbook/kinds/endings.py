"""How a local command ended, in words for people."""

from __future__ import annotations

from runbook.clients import processes


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
