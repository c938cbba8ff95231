"""Which incident a run belongs to where nobody said, and what is asked for it."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runbook.cli import run as runs
from runbook.cli.belonging import Belongs, belonging
from runbook.cli.incident_declare import Options as Declared
from runbook.cli.incident_declare import declare
from runbook.core.words import Mode
from support import damage
from support.sessions import PRACTICE, Heard, session

CONFIG = "apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///.runbook/journal.db\nincidents: {{declare: {}}}\n"
MAJOR = PRACTICE.replace("symptoms:", "severity: SEV1\nservice: shop\nsymptoms:")


class Keys(StringIO):
    """What is typed, on what is taken for a terminal."""

    def isatty(self) -> bool:
        return True


def sat(folder: Path, wanted: str, typed: str | None = None, *, runbook: str = MAJOR) -> Heard:
    """A project that asks for this, with somebody at its terminal where something is typed."""
    (folder / "runbook.yaml").write_text(CONFIG.format(wanted))
    heard = session(folder, runbook=runbook)
    if typed is not None:
        heard.stdin = Keys(typed)
        heard.stderr.isatty = lambda: True  # type: ignore[method-assign]
    return heard


def belongs(heard: Heard, *, asks: bool = True, **more: Any) -> Belongs:
    book, documents = heard.project.runbook("practice")
    start = runs.started_as(heard, runs.Options("practice"), book, documents, None)
    return belonging(heard, book, msgspec.structs.replace(start, **more), asks=asks)


def opened(heard: Heard, **more: Any) -> None:
    """An incident of the shop that is open; what was said of it is forgotten."""
    declare(heard, Declared(**{"title": "Shop is down", "severity": "SEV1", "service": "Shop", **more}))
    heard.err.seek(0)
    heard.err.truncate()


def test_one_yes_declares_and_one_no_does_not(tmp_path: Path) -> None:
    """Asked once; what is no answer is asked again; who goes away has not said yes."""
    asked = sat(tmp_path, "ask", "\nperhaps\nyes\n")
    assert belongs(asked).declares is not None
    assert asked.err.getvalue().count("Declare an incident, SEV1? yes / no: ") == 3
    assert "That is none of the answers." in asked.err.getvalue()
    for typed in ("no\n", ""):
        said = belongs(sat(tmp_path, "ask", typed))
        assert (said.declares, said.start.incident, said.later) == (None, None, False)


@pytest.mark.parametrize(("word", "joins"), [("INC-1", True), ("1", True), ("y", True), ("new", False), ("n", None)])
def test_an_open_incident_of_the_service_is_offered_first(tmp_path: Path, word: str, joins: bool | None) -> None:
    """Joining it is one word; so is a new one."""
    heard = sat(tmp_path, "ask", f"{word}\n")
    opened(heard)
    said = belongs(heard)
    assert "INC-1 of Shop is open: Shop is down\n" in heard.err.getvalue()
    assert said.start.incident == ({"id": "INC-1"} if joins else None)
    assert (said.declares is not None) is (joins is False)


@pytest.mark.parametrize("more", [{"confidential": True}, {"service": "cart"}, {"environment": "staging"}])
def test_what_is_confidential_or_about_something_else_is_not_offered(tmp_path: Path, more: dict[str, Any]) -> None:
    """Its title is on nobody's screen because of a run."""
    heard = sat(tmp_path, "ask", "yes\n")
    opened(heard, **more)
    assert belongs(heard).declares is not None
    assert "is open" not in heard.err.getvalue()


def test_an_incident_that_cannot_be_read_is_named_before_another_is_declared(tmp_path: Path) -> None:
    """It may be the one that the run belongs to: that nobody knows is said."""
    heard = sat(tmp_path, "always")
    opened(heard)
    damage.rewritten(tmp_path, "incident/INC-1", 0, b"\x00")
    assert belongs(heard).declares is not None
    assert heard.err.getvalue().count("left out, because it cannot be read: INC-1") == 1


def test_always_joins_what_is_open_and_declares_where_nothing_is(tmp_path: Path) -> None:
    """Five alerts of one outage are one incident; nobody is asked."""
    heard = sat(tmp_path, "always")
    assert belongs(heard).declares is not None
    opened(heard)
    said = belongs(heard)
    assert (said.start.incident, said.declares) == ({"id": "INC-1"}, None)
    assert heard.err.getvalue() == "the run belongs to INC-1: Shop is down\n"


@pytest.mark.parametrize("where", [{"typed": None}, {"typed": "yes\n", "asks": False}], ids=["no-terminal", "yes-flag"])
def test_nothing_prompts_where_nobody_is_to_be_asked(tmp_path: Path, where: dict[str, Any]) -> None:
    """What would do it is said at the end of the run."""
    heard = sat(tmp_path, "ask", where["typed"])
    assert belongs(heard, asks=where.get("asks", True)).later
    assert heard.err.getvalue() == ""


def _dry(folder: Path) -> Belongs:
    return belongs(sat(folder, "always"), mode=Mode.DRY)


def _named(folder: Path) -> Belongs:
    return belongs(sat(folder, "always"), incident={"id": "INC-7"})


def _minor(folder: Path) -> Belongs:
    return belongs(sat(folder, "always", runbook=MAJOR.replace("SEV1", "SEV3")))


def _without(folder: Path) -> Belongs:
    return belongs(sat(folder, "always", runbook=PRACTICE))


@pytest.mark.parametrize("made", [_dry, _named, _minor, _without])
def test_only_real_runs_of_something_major_are_asked_about(tmp_path: Path, made: Callable[[Path], Belongs]) -> None:
    """Not a dry run, not one that belongs to an incident, not what the catalog does not call major."""
    said = made(tmp_path)
    assert (said.declares, said.later) == (None, False)
