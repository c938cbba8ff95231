"""Becomes a program under limits: the source of a tiny process between fork and exec; nothing of ours is imported.

Run as `python -I -S -c SOURCE FD LIMITS PATH ARGV…`: sets the limits on itself (LIMITS is `DATA=536870912,CPU=60`),
then executes PATH with ARGV in its own place, so that process id, descriptors, environment and argv are those that were
asked for. FD is closed by a successful exec; what is written to it is the number of the error of one that failed.

Why this way: code that Python runs between fork and exec (`preexec_fn`) may deadlock where other threads hold locks;
limits set from outside come after the program has begun; util-linux' `prlimit` is not everywhere, cannot give a
program another name than its path, and says by text and exit code what is then not told from the program's own.
"""

import os
import resource
import signal
import sys


def become(fd: int, limits: str, path: str, argv: list[str]) -> None:
    """Set the limits, then be the program; a limit that is stricter already stays."""
    os.set_inheritable(fd, False)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and what is ignored stays so
        signal.signal(number, signal.SIG_DFL)
    try:
        for name, most in (limit.split("=") for limit in limits.split(",")):
            which = getattr(resource, f"RLIMIT_{name}")
            hard = resource.getrlimit(which)[1]
            value = int(most) if hard == resource.RLIM_INFINITY else min(int(most), hard)
            # at the soft limit of time comes SIGXCPU, which may be caught; a second later SIGKILL, which may not
            top = value + 1 if name == "CPU" and (hard == resource.RLIM_INFINITY or hard > value) else value
            resource.setrlimit(which, (value, top))
        os.execv(path, argv)  # noqa: S606 - the argv that was asked for; no shell
    except OSError as error:
        os.write(fd, str(error.errno).encode())


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
    os._exit(127)
