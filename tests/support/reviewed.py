"""A project whose library is read from `origin/main`: where it is merged, and the clone in which people work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runbook.cli import run as run_command
from runbook.policy.identity import os_user
from support.repositories import Repo
from support.sessions import Heard, session

CONFIG = """\
apiVersion: runbook/v1
kind: Config
store: sqlite:///{store}/journal.db
policy: policy.yaml
library:
  - {{git: ., ref: origin/main, path: runbooks}}
channels:
  told: {{file: {{path: {store}/told.txt}}}}
"""
POLICY = """\
apiVersion: runbook/v1
kind: Policy
people: {{me: {{user: {me}}}}}
break_glass: {{from: [me], notify: [told]}}
"""
BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: greet
title: Greet
resolution:
  - id: greet
    steps:
      - {id: say, uses: command.run, with: {argv: [scripts/say.sh, hello]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {id: heard, uses: command.run, with: {argv: [cat, words.txt], effect: read}, expect: "stdout == 'reviewed\\n'"}
communication:
  - {at: start, to: told, template: begun}
"""
FILES = {
    "policy.yaml": POLICY.format(me=os_user()),
    "runbooks/greet.yaml": BOOK,
    "scripts/say.sh": "#!/bin/sh\n. scripts/words.sh\nsay $1\n",
    "scripts/words.sh": "say() { echo reviewed $1; }\n",
    "words.txt": "reviewed\n",
    "templates/begun.md": "the reviewed template\n",
    ".gitattributes": "* -text\n",
}
CHANGED = {
    "runbooks/greet.yaml": BOOK.replace("title: Greet", "title: Changed"),
    "scripts/words.sh": "say() { echo changed $1; }\n",
    "words.txt": "changed\n",
    "templates/begun.md": "the changed template\n",
}


class Reviewed(NamedTuple):
    """`origin` is where things are merged, `clone` where people work, `store` the folder of its journal."""

    origin: Repo
    clone: Repo
    store: Path

    def merged(self, files: Mapping[str, str | bytes | None], *, fetched: bool = True) -> str:
        """Files committed on main, and fetched into the clone; the commit."""
        self.origin.write(files)
        for name in ("scripts/say.sh",):
            (self.origin.folder / name).chmod(0o755)
        commit = self.origin.commit({})
        if fetched:
            self.clone.git("fetch", "-q")
        return commit

    def policy(self, word: str) -> None:
        """What main's policy says to runs of what was not reviewed."""
        self.merged({"policy.yaml": FILES["policy.yaml"] + f"unreviewed: {word}\n"})

    def heard(self) -> Heard:
        """A session in the clone."""
        return session(self.clone.folder, runbook=None)

    def run(self, name: str = "greet", **options: Any) -> Heard:
        """A run that says yes."""
        here = self.heard()
        given = {"yes": True, "output": "json", **options}
        run_command.run(here, run_command.Options(name, **given))
        return here

    def first(self, here: Heard) -> Mapping[str, Any]:
        """What `run.started` of the run says."""
        return next(iter(here.project.journal.read(f"run/{here.json['run']}"))).data


def reviewed(folder: Path) -> Reviewed:
    """Merged once, and cloned."""
    origin = Repo(folder / "origin")
    store = folder / "store"
    origin.write({**FILES, "runbook.yaml": CONFIG.format(store=store)})
    (origin.folder / "scripts/say.sh").chmod(0o755)
    origin.commit({})
    origin.git("clone", "-q", str(origin.folder), str(folder / "clone"))
    return Reviewed(origin, Repo(folder / "clone"), store)


def said(run: Mapping[str, Any], step: str) -> str:
    """The first word that a step of a run's JSON printed."""
    return str(next(one for one in run["steps"] if one["id"] == step)["output"]["stdout"]).split()[0]
