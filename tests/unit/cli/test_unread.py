"""One incident, or one run, whose record is damaged: it is left out by name, and everything else is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbook.cli import (
    actions,
    approvals,
    incident_declare,
    incident_ends,
    incident_import,
    incident_remind,
    incident_show,
    incident_timeline,
    metrics,
    notify,
    obligations,
    runs,
)
from runbook.cli import run as run_a_runbook
from runbook.cli.overview import overview
from runbook.errors import BrokenChain, Exit
from runbook.incident import acts, desk
from runbook.incident import records as r
from runbook.journal import Draft
from support import damage
from support.sessions import Heard, session

BAD = "INC-2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three open incidents of one service, each with a note; the second note of INC-2 is no record any more."""
    place = session(tmp_path).place
    for number in range(1, 4):
        words = {"title": f"number {number}", "severity": "SEV1", "type": "Service", "service": "checkout"}
        id_ = desk.opened(place, words)
        with place.journal.writing(desk.stream_of(id_)) as writer:
            writer.append(desk.by_me(place, r.NOTED, {"text": "looking"}))
    damage.rewritten(tmp_path, desk.stream_of(BAD), 1, b"\x00\x00")
    return tmp_path


def listed(heard: Heard, output: str) -> Exit:
    return incident_show.list_(heard, incident_show.Options(output=output))


def shown(heard: Heard, output: str) -> Exit:
    return incident_show.show(heard, incident_show.Options(incident="INC-1", output=output))


def measured(heard: Heard, output: str) -> Exit:
    return metrics.metrics(heard, metrics.Options(output=output))


def promised(heard: Heard, output: str) -> Exit:
    return actions.list_(heard, actions.Options(output=output))


def owed(heard: Heard, output: str) -> Exit:
    return obligations.show(heard, obligations.Options(output=output))


def reminded(heard: Heard, output: str) -> Exit:
    return incident_remind.remind(heard, incident_remind.Options(dry_run=True, output=output))


ALL = (listed, shown, measured, promised, owed, reminded)


@pytest.mark.parametrize("command", ALL)
def test_what_cannot_be_read_is_named_to_people(folder: Path, command: Callable[[Heard, str], Exit]) -> None:
    """With what to type next; and nobody can take the exit code for all being well."""
    heard = session(folder)
    assert command(heard, "text") == Exit.INVALID
    [line] = [line for line in heard.err.getvalue().splitlines() if "cannot be read" in line]
    assert line.startswith("left out, because it cannot be read: INC-2: record 1 of incident/INC-2: these bytes are no")
    assert line.endswith("see `runbook log verify INC-2`")


@pytest.mark.parametrize("command", ALL)
def test_what_cannot_be_read_is_named_to_scripts(folder: Path, command: Callable[[Heard, str], Exit]) -> None:
    """The incident, the record and the problem; and the exit code in the object too."""
    heard = session(folder)
    command(heard, "json")
    told: dict[str, Any] = heard.json.get("metrics", heard.json)
    [bad] = told["unreadable"]
    assert (bad["incident"], bad["seq"]) == (BAD, 1) and "these bytes are no record" in bad["problem"]
    assert heard.json["exit"] == {"code": 3, "name": "invalid"}


def test_the_others_are_listed(folder: Path) -> None:
    """The newest first, as ever."""
    heard = session(folder)
    listed(heard, "json")
    assert [one["incident"] for one in heard.json["incidents"]] == ["INC-3", "INC-1"]


def test_all_is_well_where_all_can_be_read(tmp_path: Path) -> None:
    """Scripts find the same names there, and nothing in them."""
    incident_declare.declare(session(tmp_path), incident_declare.Options(title="t", severity="SEV1"))
    for command in ALL:
        heard = session(tmp_path)
        assert command(heard, "json") == Exit.OK
        assert heard.json.get("metrics", heard.json)["unreadable"] == []
        assert "cannot be read" not in heard.err.getvalue()


@pytest.mark.parametrize(
    ("seq", "words"),
    [
        (0, (b'"incident.declared"', b'"incident.declined"')),  # no incident begins so
        (1, (b'"data":{', b'"data":7,"x":{')),  # data that is none
        (1, (b'"v":1', b'"v":2')),  # a later format
    ],
)
def test_a_record_that_was_changed_into_another_is_left_out_too(
    folder: Path, seq: int, words: tuple[bytes, bytes]
) -> None:
    """It is JSON, and says what no incident's record says: that is no fault of the program.

    The second record is named either way: where the first is another, it is the second that does not follow.
    """
    damage.rewritten(folder, "incident/INC-3", seq, words)
    heard = session(folder)
    assert listed(heard, "json") == Exit.INVALID
    assert {one["incident"]: one["seq"] for one in heard.json["unreadable"]} == {"INC-2": 1, "INC-3": 1}


def test_a_record_that_is_gone_from_the_middle_is_missed(folder: Path) -> None:
    """What came after it may be true; whether it is all, nobody knows."""
    place = session(folder).place
    with place.journal.writing("incident/INC-3") as writer:
        writer.append(desk.by_me(place, r.RESOLVED, {"summary": None}))
    damage.lost(folder, "incident/INC-3", 1)
    heard = session(folder)
    assert listed(heard, "json") == Exit.INVALID
    problems = {one["incident"]: one["problem"] for one in heard.json["unreadable"]}
    assert problems["INC-3"] == "record 1 of incident/INC-3 is missing"


def test_metrics_name_what_is_in_none_of_their_numbers(folder: Path) -> None:
    """On every page that shows an n; an alert can be put on the number of them."""
    heard = session(folder)
    page = folder / "page.html"
    assert metrics.metrics(heard, metrics.Options(html=page)) == Exit.INVALID
    assert "INC-2: cannot be read" in page.read_text(encoding="utf-8")
    heard = session(folder)
    measured(heard, "text")
    assert "INC-2: cannot be read" in heard.out.getvalue()
    heard = session(folder)
    assert measured(heard, "openmetrics") == Exit.INVALID
    assert 'runbook_unreadable{what="incident"} 1.0\n' in heard.out.getvalue()
    assert 'runbook_unreadable{what="run"} 0.0\n' in heard.out.getvalue()


def test_runbook_alone_says_it_beside_what_is_open(folder: Path) -> None:
    """The first thing that a tired person types is not stopped by it."""
    heard = session(folder)
    assert overview(heard) == Exit.INVALID
    assert "number 1" in heard.out.getvalue() and "number 3" in heard.out.getvalue()
    assert "INC-2" in heard.err.getvalue() and "nothing waits" not in heard.out.getvalue()


def test_declaring_ends_as_it_went(folder: Path) -> None:
    """What was written is written: a script that saw a failure would declare it twice."""
    heard = session(folder)
    options = incident_declare.Options(title="Again", severity="SEV1", type="Service", service="checkout")
    assert incident_declare.declare(heard, options) == Exit.OK
    assert "left out, because it cannot be read: INC-2" in heard.err.getvalue()


def test_nothing_is_imported_beside_what_cannot_be_asked(folder: Path) -> None:
    """It may have been imported before."""
    damage.rewritten(folder, "incident/INC-2", 0, b"\x00")
    (folder / "past.csv").write_text("id,title,severity,declared\n7,Down,SEV1,2025-03-01T10:00Z\n")
    with pytest.raises(BrokenChain, match="record 0 of incident/INC-2") as caught:
        incident_import.import_(session(folder), incident_import.Options(Path("past.csv")))
    assert "nothing was imported" in str(caught.value.hint)


@pytest.fixture
def ran(tmp_path: Path) -> tuple[Path, str, str]:
    """Two dry runs of a runbook, and the ids of both: of the second, the last record is none any more."""
    ids = []
    for _ in range(2):
        heard = session(tmp_path)
        run_a_runbook.run(heard, run_a_runbook.Options("practice", dry_run=True, output="json"))
        ids.append(heard.json["run"])
    journal = session(tmp_path).place.journal
    stream = f"run/{ids[1]}"
    damage.rewritten(tmp_path, stream, journal.sizes(stream)[stream] - 1, b"{}")
    return tmp_path, ids[0], ids[1]


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_run_that_cannot_be_read_is_named_and_the_others_are_listed(ran: tuple[Path, str, str], output: str) -> None:
    """Nobody who looks for one of them is kept from it by another."""
    folder, whole, broken = ran
    heard = session(folder)
    assert runs.runs(heard, runs.Options(dry=True, output=output)) == Exit.INVALID
    assert f"left out, because it cannot be read: {broken}: " in heard.err.getvalue()
    assert whole in heard.out.getvalue()
    if output == "json":
        assert ([row["run"] for row in heard.json["runs"]], heard.json["unreadable"][0]["run"]) == ([whole], broken)


def test_what_waits_is_not_said_to_be_nothing(ran: tuple[Path, str, str]) -> None:
    """The run that cannot be read may be the one that waits."""
    heard = session(ran[0])
    assert approvals.approvals(heard, approvals.Options()) == Exit.INVALID
    assert heard.out.getvalue() == "" and ran[2] in heard.err.getvalue()
    heard = session(ran[0])
    assert overview(heard) == Exit.INVALID
    assert "nothing waits" not in heard.out.getvalue() and ran[2] in heard.err.getvalue()


def test_a_record_in_the_middle_of_an_open_run_is_missed_as_well(ran: tuple[Path, str, str]) -> None:
    """An open run is read whole."""
    folder, whole, _ = ran
    place = session(folder).place
    first = next(iter(place.journal.read(f"run/{whole}")))
    place.journal.open_stream(
        "run/01open", Draft(first.type, None, {**first.data, "mode": "by_hand"}, first.actor), epoch=1
    )
    for text in ("one", "two"):
        with place.journal.writing("run/01open") as writer:
            writer.append(Draft("note.added", None, {"about": "note", "text": text}, first.actor))
    damage.rewritten(folder, "run/01open", 1, (b"one", b"oen"))
    heard = session(folder)
    assert runs.runs(heard, runs.Options(dry=True, output="json")) == Exit.INVALID
    assert {row["run"]: row["seq"] for row in heard.json["unreadable"]}["01open"] == 2


@pytest.fixture
def joined(ran: tuple[Path, str, str]) -> tuple[Path, str]:
    """An open incident to which both runs belong; and the id of the one whose last record is none."""
    folder, *runs_ = ran
    place = session(folder).place
    id_ = desk.opened(place, {"title": "t", "severity": "SEV1"})
    for run in runs_:
        acts.join(place, id_, run, "practice")
    return folder, runs_[1]


@pytest.mark.parametrize("output", ["text", "json", "markdown"])
def test_a_timeline_is_told_up_to_what_cannot_be_read(joined: tuple[Path, str], output: str) -> None:
    """The rest of that run is named as left out; the incident and its other runs are told whole."""
    folder, broken = joined
    heard = session(folder)
    asked = incident_timeline.Options("INC-1", output=output)
    assert incident_timeline.timeline(heard, asked) == Exit.INVALID
    assert f"left out, because it cannot be read: {broken}: " in heard.err.getvalue()
    assert "declared" in heard.out.getvalue() and broken in heard.out.getvalue()
    if output == "json":
        assert [one["run"] for one in heard.json["unreadable"]] == [broken]


def test_an_incident_is_shown_with_a_run_that_cannot_be_read(joined: tuple[Path, str]) -> None:
    """What came of that run is not guessed."""
    folder, broken = joined
    heard = session(folder)
    assert shown(heard, "json") == Exit.INVALID
    assert {one["run"]: one["outcome"] for one in heard.json["runs"]}[broken] == "cannot be read"


def test_an_incident_ends_also_where_what_a_run_left_cannot_be_read(joined: tuple[Path, str]) -> None:
    """It is over; that nobody knows what that run has left changed stands in the record, and in the timeline."""
    folder, broken = joined
    heard = session(folder)
    assert incident_ends.resolve(heard, incident_ends.Options("INC-1", output="json")) == Exit.OK
    assert (heard.json["status"], heard.json["unreadable"][0]["run"]) == ("resolved", broken)
    [record] = [one for one in desk.records(heard.place.journal, "INC-1") if one.type == r.RESOLVED]
    assert record.data["unread"] == [f"run/{broken}"]
    told = session(folder)
    incident_timeline.timeline(told, incident_timeline.Options("INC-1"))
    assert f"what run/{broken} left is not known" in " ".join(told.out.getvalue().split())


def test_people_are_told_also_where_what_a_run_has_said_cannot_be_read(joined: tuple[Path, str]) -> None:
    """Nothing is kept from them because of a bad disk; that the run's messages are not known is said to who sends."""
    folder, broken = joined
    heard = session(folder)
    asked = notify.Options("INC-1", message="We are looking.", dry_run=True)
    assert notify.notify(heard, asked) == Exit.OK
    assert f"left out, because it cannot be read: {broken}: " in heard.err.getvalue()
    assert "We are looking." in heard.err.getvalue() + heard.out.getvalue()
