"""The composition root: from a working directory to a project, its journal, its people and a place to run in.

    directory → runbook.yaml (searched upward to the repository's root, never beyond) → Config      config.py
              → Policy, runbooks and what they use, by name                                         documents.py
              → the store's URL → Journal                                                           stores.py
              → Secrets, Connections, People, Sealing → Place                                       places.py

Nothing is opened before it is asked for: a command that only lists runbooks opens no store and reads no secret.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from runbook.bootstrap.config import CONFIG
from runbook.bootstrap.documents import SCENARIOS, Documents
from runbook.core.masking import Masker
from runbook.hosts.files import heading, read

if TYPE_CHECKING:
    from runbook.hosts.layout import Layout
    from runbook.hosts.pinned import Pinned
    from runbook.hosts.place import Place
    from runbook.hosts.sealing import Sealing
    from runbook.incident.obligations.naming import Rules
    from runbook.journal import Journal
    from runbook.policy.people import People

__all__ = ["CONFIG", "SCENARIOS", "Project", "heading", "read"]


class Project(Documents):
    """A project: its documents, and everything that is opened from what its config says, once."""

    _PER_ENVIRONMENT: ClassVar[tuple[str, ...]] = (*Documents._PER_ENVIRONMENT, "people", "place", "journal")

    def __init__(
        self,
        directory: Path,
        *,
        config: Path | None = None,
        store: str | None = None,
        environ: Mapping[str, str] | None = None,
        console: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(directory, config=config, environ=os.environ if environ is None else environ)
        self.console = console
        self.masker = Masker()  # learns each secret when it is resolved, before anybody else has it
        self._store = store or self.environ.get("RUNBOOK_STORE")

    @cached_property
    def store_url(self) -> str:
        """The store: a flag, the environment, the config, else one file for each user."""
        from runbook.bootstrap.stores import store_url

        return store_url(self._store or self.config.store, self.root)

    def store_named(self, url: str) -> str:
        """A store as somebody writes it down: what names a file is looked for from the project's folder."""
        from runbook.bootstrap.stores import store_url

        return store_url(url, self.root)

    @cached_property
    def journal(self) -> Journal:
        """The journal, opened now; one for all environments."""
        if self._whole is not None:
            return self._whole.journal
        from runbook.bootstrap.stores import opened

        return opened(self.store_url, self.masker)

    @property
    def attempts(self) -> Path:
        """The folder of the attempts' locked files, beside the store."""
        from runbook.bootstrap.stores import attempts_of

        return attempts_of(self.store_url)

    @cached_property
    def layout(self) -> Layout:
        """Where the files of commits are laid out, beside the store."""
        from runbook.hosts.layout import Layout

        return Layout(self.attempts.parent, self.environ)

    def laid_out(self, documents: Pinned) -> Pinned:
        """The documents of a run that is about to start, with the files of their commit where its steps use any."""
        if not documents.reviewed and not documents.continues:
            return documents
        from runbook.hosts.reviewing import with_files

        return with_files(documents, self.specs, self.layout)

    @cached_property
    def people(self) -> People:
        """The people of the policy, seen by the OS user."""
        from runbook.policy.identity import os_user
        from runbook.policy.people import People

        path = self.shown(self.policy_file) if self.policy_file else CONFIG
        return People(self.policy, os_user(), path=path)

    @cached_property
    def place(self) -> Place:
        """All that a run needs of the project."""
        from runbook.bootstrap.places import place_of

        return place_of(self)

    @cached_property
    def obligations(self) -> Rules:
        """By what obligations of incidents are counted."""
        from runbook.bootstrap.obligations import obligations_of

        return obligations_of(self)

    def sealing(self) -> Sealing | None:
        """How runs are sealed; None where the config does not say."""
        from runbook.bootstrap.places import sealing_of

        return sealing_of(self)

    def source(self) -> dict[str, Any]:
        """Which commit the project is at, and whether its tree is dirty; nothing outside a repository."""
        host = {"host": os.uname().nodename, "root": str(self.root)}
        if not any((folder / ".git").exists() for folder in (self.root, *self.root.parents)):
            return host
        from runbook.clients.git.state import state

        return host | state(self.root, self.environ)
