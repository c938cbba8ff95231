"""A session knows where it works and where its words go, and opens nothing by itself."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from runbook.cli.session import Session
from runbook.errors import UsageError
from support.sessions import session


def test_nothing_is_opened_before_it_is_asked_for(tmp_path: Path) -> None:
    """Not even a project that cannot be used."""
    (tmp_path / "runbook.yaml").write_text("no: config")
    heard = Session(tmp_path, environ={}, stdin=StringIO(), stdout=StringIO(), stderr=StringIO())
    assert heard.project.root == tmp_path
    assert not heard.interactive


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With its reason."""
    with pytest.raises(UsageError, match=r"cannot work in .*No such file"):
        Session.opened(tmp_path / "none", config=None, store=None, no_color=False)


def test_a_config_that_is_named_must_be_there(tmp_path: Path) -> None:
    """Falling back to another would use the wrong servers."""
    heard = Session(tmp_path, config=tmp_path / "none.yaml", environ={})
    with pytest.raises(UsageError, match="there is no file"):
        _ = heard.project


def test_no_value_becomes_a_command_of_github_actions(tmp_path: Path) -> None:
    """Wherever in the text it stands; elsewhere text is left alone."""
    text = "with a=1\n   ::set-env name=PATH::/tmp\n##[command]"
    actions = session(tmp_path, environ={"GITHUB_ACTIONS": "true"})
    actions.say(text)
    actions.print(text)
    for said in (actions.err.getvalue(), actions.out.getvalue()):
        assert not any(line.lstrip().startswith("::") for line in said.splitlines())
        assert "##[" not in said
    plain = session(tmp_path)
    plain.say(text)
    assert plain.err.getvalue() == text + "\n"
