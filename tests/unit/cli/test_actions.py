"""`runbook actions` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.cli import actions
from runbook.errors import Exit, Refused, UsageError
from runbook.incident import desk
from support.sessions import Heard, session


@pytest.fixture
def project(tmp_path: Path) -> Path:
    desk.opened(session(tmp_path).place, {"title": "Checkout is down", "severity": "SEV1"})
    return tmp_path


def add(folder: Path, title: str, **more: str) -> Heard:
    heard = session(folder)
    actions.add(heard, actions.Options(id="1", title=title, **more))
    return heard


def listed(folder: Path, **more: object) -> Heard:
    heard = session(folder)
    assert actions.list_(heard, actions.Options(**more)) is Exit.OK
    return heard


def test_what_was_added_is_listed_with_its_day_and_owner(project: Path) -> None:
    """On stdout the id for scripts, in the list what people want to know."""
    heard = add(project, "Add the index", owner="dba", due="2026-12-01", aim="mitigate")
    assert heard.out.getvalue() == "INC-1-A1\n"
    id_, _, *rest = listed(project).out.getvalue().splitlines()[-1].split()
    assert (id_, " ".join(rest)) == ("INC-1-A1", "2026-12-01 dba mitigate Add the index")


def test_what_nobody_owns_is_said_to_be_nobodys(project: Path) -> None:
    """It is written down all the same."""
    assert "no owner and no day yet" in add(project, "Look at it").err.getvalue()


def test_overdue_are_those_whose_day_has_passed(project: Path) -> None:
    """And only they, with --overdue."""
    add(project, "late", due="2020-02-29")
    add(project, "in time", due="3w")
    rows = listed(project, overdue=True, output="json").json["actions"]
    assert [(row["title"], row["due"], row["overdue"]) for row in rows] == [("late", "2020-02-29", True)]


def test_an_item_ends_and_can_be_opened_again(project: Path) -> None:
    """What has ended is not listed unless asked for, and does not end twice."""
    add(project, "Add the index")
    done = actions.Options(id="inc-1-a1", reason="merged in #481")
    actions.ended(session(project), done, "done")
    assert "no action item is open" in listed(project).err.getvalue()
    assert listed(project, every=True, output="json").json["actions"][0]["reason"] == "merged in #481"
    with pytest.raises(Refused, match="done already: merged in #481"):
        actions.ended(session(project), done, "dropped")
    actions.ended(session(project), actions.Options(id="1-A1", reason="reverted"), "open")
    assert listed(project, output="json").json["actions"][0]["state"] == "open"


def test_changing_keeps_what_was_not_named(project: Path) -> None:
    """A new day leaves the owner."""
    add(project, "Add the index", owner="dba")
    heard = session(project)
    actions.change(heard, actions.Options(id="1-1", due="2026-12-15", output="json"))
    assert (heard.json["due"], heard.json["owner"], heard.json["title"]) == ("2026-12-15", "dba", "Add the index")


def test_open_items_without_a_ticket_become_issues(project: Path) -> None:
    """As GitHub takes them; what has a ticket is not made a second time."""
    add(project, "Add the index", owner="dba", due="2026-12-01")
    add(project, "tracked", ticket="https://github.com/o/r/issues/7")
    (issue,) = json.loads(listed(project, output="github-json").out.getvalue())
    assert issue["title"] == "Add the index"
    assert issue["labels"] == ["postmortem", "aim:prevent"]
    assert "- Due: 2026-12-01" in issue["body"]
    assert listed(project, output="github-csv").out.getvalue().splitlines()[0] == "title,body,labels,assignees"


def test_a_title_that_a_spreadsheet_would_compute_stays_text(project: Path) -> None:
    """CSV is opened by people with spreadsheets."""
    add(project, "=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in listed(project, output="csv").out.getvalue()


@pytest.mark.parametrize("due", ["tomorrow", "2026-02-30", "14", "d", "99999w", ""])
def test_what_is_no_day_says_how_to_write_one(project: Path, due: str) -> None:
    """Nothing is written then."""
    with pytest.raises(UsageError, match="is no day"):
        add(project, "x", due=due)
    assert "no action item is open" in listed(project).err.getvalue()


def test_the_same_promise_twice_is_refused(project: Path) -> None:
    """Two people type after the same meeting."""
    add(project, "Add the index")
    with pytest.raises(UsageError, match="INC-1-A1 says the same"):
        add(project, "add  the Index")


def test_dropping_needs_a_reason(project: Path) -> None:
    """The next incident will ask."""
    add(project, "x")
    with pytest.raises(UsageError, match="why is it dropped"):
        actions.ended(session(project), actions.Options(id="1-1", reason=" "), "dropped")


def test_a_project_without_a_store_gets_none_for_an_item_of_an_incident_that_there_is_not(tmp_path: Path) -> None:
    """What is refused leaves nothing behind."""
    for words in ("add INC-1 x", "change INC-1-A1 --due 1d", "done INC-1-A1", "reopen INC-1-A1 --reason x"):
        with pytest.raises(UsageError, match="there is no incident INC-1: nothing has been recorded yet"):
            actions.group.main(words.split(), standalone_mode=False, obj=session(tmp_path))
    assert not (tmp_path / ".runbook").exists()


def test_an_item_is_opened_again_for_a_reason(project: Path) -> None:
    """Blanks are none."""
    add(project, "Add the index")
    actions.ended(session(project), actions.Options(id="1-A1"), "done")
    with pytest.raises(UsageError, match="the reason is empty"):
        actions.ended(session(project), actions.Options(id="1-A1", reason=" "), "open")


def test_a_table_has_its_head_where_nothing_stands_below_it(project: Path) -> None:
    """A spreadsheet that is filled every week looks for its columns."""
    empty = listed(project, output="csv").out.getvalue().splitlines()
    add(project, "Add the index")
    assert [listed(project, output="csv").out.getvalue().splitlines()[0]] == empty
    assert empty[0].split(",") == list(listed(project, output="json").json["actions"][0])
