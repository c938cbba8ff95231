"""What every command is given: the project it works in, its two streams and how they are drawn.

Nothing is opened before it is asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from runbook.cli import streams
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.bootstrap import Project
    from runbook.document.model import Environment
    from runbook.hosts.place import Place
    from runbook.report.style import Style


class Session:
    """One command's surroundings. `console` may be replaced while a live view owns the screen."""

    def __init__(
        self,
        directory: Path,
        *,
        config: Path | None = None,
        store: str | None = None,
        no_color: bool = False,
        environ: Mapping[str, str] | None = None,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        masking: streams.Masking | None = None,
    ) -> None:
        self.directory = directory
        self.environ = dict(os.environ if environ is None else environ)
        self.stdin = sys.stdin if stdin is None else stdin
        self.stdout = sys.stdout if stdout is None else stdout
        self.stderr = sys.stderr if stderr is None else stderr
        self.console: Callable[[str], None] = self.say
        self.environment: Environment | None = None
        self._kept: list[Any] | None = None
        self._config = config
        self._store = store
        self._no_color = no_color
        self._masking = masking or streams.Masking()

    @classmethod
    def opened(
        cls,
        directory: Path | None,
        *,
        config: Path | None,
        store: str | None,
        no_color: bool,
        masking: streams.Masking | None = None,
    ) -> Session:
        """The session of this process; with a directory, the process goes there, as `git -C` does."""
        if directory is not None:
            try:
                os.chdir(directory)
            except OSError as error:
                raise UsageError(f"cannot work in {directory}: {error.strerror}") from error
        try:
            here = Path.cwd()
        except FileNotFoundError as error:
            raise UsageError("the working directory is gone", hint="go to another, or name one with -C") from error
        return cls(here, config=config, store=store, no_color=no_color, masking=masking)

    @cached_property
    def project(self) -> Project:
        """The project around the working directory."""
        from runbook.bootstrap import Project

        if self._config is not None and not self._config.is_file():
            raise UsageError(f"there is no file {self._config}", hint="check --config")
        project = Project(
            self.directory,
            config=self._config,
            store=self._store,
            environ=self.environ,
            console=self._tell,
        )
        self._masking.masker = project.masker
        return project

    def enter(self, environment: Environment | None) -> None:
        """Work in an environment of the project from now on; None leaves everything as it is."""
        if environment is not None:
            self.environment = environment
            self.__dict__["project"] = self.project.within(environment)

    def author(self) -> None:
        """Look at the working tree from now on, also where the library is read from a commit."""
        self.__dict__["project"] = self.project.working()

    def _tell(self, text: str) -> None:
        """To whoever owns the screen when it is said, not when the project was opened."""
        self.console(self.masked(text))

    def masked(self, text: str) -> str:
        """Text that is in no record yet, without secrets: to be asked for where it is drawn, because a line that was
        broken in the middle of a secret no longer shows it to those who look.
        """
        return self._masking.text(text)

    @property
    def place(self) -> Place:
        """The project's journal, people and connections; opens the store."""
        return self.project.place

    @property
    def interactive(self) -> bool:
        """Whether somebody sits there who reads our talk and can answer it."""
        return self.stdin.isatty() and self.stderr.isatty()

    @cached_property
    def out_style(self) -> Style:
        """How stdout is drawn."""
        from runbook.report.style import style

        return style(self.environ, self.stdout, no_color=self._no_color)

    @cached_property
    def err_style(self) -> Style:
        """How stderr is drawn."""
        from runbook.report.style import style

        return style(self.environ, self.stderr, no_color=self._no_color)

    def say(self, text: str) -> None:
        """Talk: to stderr."""
        streams.said(self._only_text(text), self.stderr)

    def show(self, text: str) -> None:
        """Talk without a line end: a prompt."""
        streams.said(text, self.stderr, end="")

    def print(self, text: str) -> None:
        """Data as text: to stdout."""
        streams.printed(self._only_text(text), self.stdout)

    def copy(self, data: bytes) -> None:
        """Bytes as they are stored: to stdout."""
        streams.copied(data, self.stdout)

    def annotate(self, text: str) -> None:
        """Commands to the runner of GitHub Actions, whose values are escaped: to stdout, as they are."""
        streams.printed(text, self.stdout)

    def _only_text(self, text: str) -> str:
        """In a log of GitHub Actions a line may be a command to the runner; a value from an alert must not be."""
        if self.environ.get("GITHUB_ACTIONS") != "true":
            return text
        lines = text.replace("##[", "## [").split("\n")
        return "\n".join(f". {line}" if line.lstrip().startswith("::") else line for line in lines)

    def result(self, data: Mapping[str, Any], exit_: Exit = Exit.OK) -> Exit:
        """The object that a command ends with; its exit code."""
        self.write(streams.result(data, exit_))
        return exit_

    def write(self, data: Any) -> None:
        """Data as one line of JSON: to stdout."""
        if self._kept is None:
            streams.wrote(data, self.stdout)
        else:
            self._kept.append(data)

    @contextmanager
    def keeping(self) -> Iterator[list[Any]]:
        """Keep what would be written, for an object that holds all of it."""
        kept: list[Any] = []
        self._kept = kept
        try:
            yield kept
        finally:
            self._kept = None
