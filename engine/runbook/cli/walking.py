"""What a walk needs on a terminal besides what every run has: where its steps stand, and who runs its blocks."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from runbook.authoring.markdown import Block
from runbook.authoring.walk import OPTION, OVER
from runbook.cli.keyboard import Keyboard
from runbook.cli.session import Session
from runbook.cli.walk_desk import Place, WalkDesk
from runbook.cli.watching import View
from runbook.hosts.clock import wall

if TYPE_CHECKING:
    import subprocess

    from runbook.document.model import Runbook

_MAIN = "from runbook.cli import main; main()"


class Blocks:
    """Runs blocks of a walk as `runbook exec` on this terminal, one at a time, each to its end."""

    def __init__(self, session: Session, run: str) -> None:
        self._session = session
        self._run = run
        self._running: subprocess.Popen[bytes] | None = None
        self._over = False
        self._lock = threading.Lock()

    def run(self, step: str, block: Block) -> None:
        """Run a block for a step; what comes of it is said by the command, and stands in both records."""
        import subprocess

        using = "bash" if block.language in ("bash", "zsh") else "sh"
        project, session = self._session.project, self._session
        words = ["--store", project.store_url, *(["--config", str(project.config_path)] if project.config_path else [])]
        words += ["exec", self._run, "--step", step, "--using", using, f"--shell={block.text}"]
        with self._lock:
            if self._over:
                return
            self._running = subprocess.Popen(
                [sys.executable, "-P", "-c", _MAIN, *words],
                cwd=session.directory,
                env=session.environ,
                stdin=session.stdin,
                stdout=session.stderr,  # it is talk here: the walk's own stdout is for its result
                stderr=session.stderr,
            )
        self._running.wait()

    def over(self) -> None:
        """Begin nothing more, and wait for what runs: it was asked for, and has a record of its own."""
        with self._lock:
            self._over, running = True, self._running
        if running is not None:
            running.wait()


def walk_desk(session: Session, run: str, view: View, book: Runbook, keyboard: Keyboard) -> tuple[WalkDesk, Blocks]:
    """The desk of a walk, and what runs its blocks."""
    steps = [step.id for option in book.resolution if option.id == OPTION for step in option.steps if step.id != OVER]
    places = {id_: Place(number, len(steps)) for number, id_ in enumerate(steps, 1)}
    ran = Blocks(session, run)
    desk = WalkDesk(
        keyboard,
        view,
        session.place.people,
        run,
        style=session.err_style,
        say=session.say,
        now=wall,
        run=ran.run,
        places=places,
    )
    return desk, ran
