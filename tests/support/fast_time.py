"""A command of ours in a world whose time is faster than real time: `python fast_time.py WORLD [WORDS…]`.

WORLD is JSON. Two things about the process are changed and nothing else: the wall clock that it reads goes `speed`
times as fast, from `start` on; and the names of `hosts` lead to loopback, as a line in /etc/hosts would have it. With
`user`, it is typed by that OS user (`as_user.py`).
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__)
_really = time.time


class World(NamedTuple):
    """`real` and `start` are the same moment, there and here, in Unix seconds. `hosts`: `NAME:PORT` to a port."""

    real: float
    start: float
    speed: float
    hosts: dict[str, int]

    def now(self) -> float:
        """What a clock shows in this world."""
        return self.start + (_really() - self.real) * self.speed

    def command(self, user: str | None = None) -> tuple[str, ...]:
        """What stands in the place of `runbook` on a command line."""
        return (sys.executable, str(HERE), json.dumps(self._asdict() | {"user": user}))


def hasten(world: World) -> None:
    """Have the wall clock show the world's time, and the engine wait by it."""
    from runbook.hosts.clock import WallClock

    def skip_to(_clock: WallClock, until: float | None) -> bool:
        """Wait for it, at most a moment at once, so that what others write is seen."""
        if until is None:
            return False
        time.sleep(min(max(0.0, until - world.now()) / world.speed, 0.1))
        return True

    setattr(WallClock, "skip_to", skip_to)  # noqa: B010 - a method of another's class


def resolve(world: World) -> None:
    """As a hosts file would."""
    lookup = socket.getaddrinfo

    def found(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        here = world.hosts.get(f"{host}:{port}")
        return lookup(host, port, *arguments, **options) if here is None else lookup("127.0.0.1", here, *arguments)

    socket.getaddrinfo = found


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    who = given.pop("user")
    there = World(**given)
    time.time = there.now  # before anything of ours takes hold of it
    hasten(there)
    resolve(there)
    if who is not None:
        sys.path.insert(0, str(HERE.parent))
        import as_user

        as_user.imported()
        as_user.become(who)
    from runbook.cli import main

    main(sys.argv[2:])
