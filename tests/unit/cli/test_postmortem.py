"""`runbook postmortem` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.cli import actions, incident_report, postmortem
from runbook.errors import DocumentError, Exit, Refused, UsageError
from runbook.incident import acts, desk
from runbook.incident.moments import Given
from support.sessions import Heard, session


@pytest.fixture
def project(tmp_path: Path) -> Path:
    place = session(tmp_path).place
    id_ = desk.opened(place, {"title": "Checkout is down", "severity": "SEV1", "type": "Service"})
    acts.resolve(place, id_, Given(), "rolled back")
    return tmp_path


def wrote(folder: Path, **more: object) -> Heard:
    heard = session(folder)
    postmortem.postmortem(heard, postmortem.Options("1", **more))  # type: ignore[arg-type]
    return heard


def test_to_stdout_it_writes_nothing_down(project: Path) -> None:
    """Looking is not writing."""
    heard = wrote(project)
    assert heard.out.getvalue().startswith("# Postmortem: Checkout is down (")
    assert "is reviewed within 3d" in heard.out.getvalue()
    assert desk.told(heard.place.journal, "INC-1").size == 2


def test_a_file_is_made_once_and_its_facts_anew_after_that(project: Path) -> None:
    """What people wrote stays; the record says where the file is."""
    path = project / "inc-1.md"
    assert "7 places wait" in wrote(project, to=path).err.getvalue()
    path.write_text(path.read_text().replace("TODO: what users saw", "They saw a white page"))
    assert "no fact has changed" in wrote(project, to=path).err.getvalue()
    acts.update(session(project).place, "INC-1", {"impact": "Nobody can pay"}, None)
    heard = wrote(project, to=path, output="json")
    assert heard.json["changed"] == ["summary", "timeline"]
    assert "They saw a white page" in path.read_text()
    assert "- **Impact**: Nobody can pay" in path.read_text()
    last = list(desk.records(heard.place.journal, "INC-1"))[-1]
    assert (last.type, last.data["path"]) == ("postmortem.written", "inc-1.md")


def test_what_was_written_between_the_markers_is_not_overwritten(project: Path) -> None:
    """The file stays as it is, to the byte."""
    path = project / "inc-1.md"
    wrote(project, to=path)
    path.write_text(path.read_text().replace("- **Severity**: SEV1", "- **Severity**: SEV1 (in truth SEV2)"))
    before = path.read_bytes()
    with pytest.raises(DocumentError) as caught:
        wrote(project, to=path)
    assert [finding.code for finding in caught.value.findings] == ["RB204"]
    assert path.read_bytes() == before
    wrote(project, to=path, discard_edits=True)
    assert "in truth" not in path.read_text()


def test_checking_warns_of_words_and_gaps_and_fails_on_stale_facts(project: Path) -> None:
    """Warnings alone do not fail it, unless CI asks for that."""
    path = project / "inc-1.md"
    wrote(project, to=path)
    heard = wrote(project, check=path, output="json")
    assert {finding["code"] for finding in heard.json["findings"]} == {"RB216"}
    assert heard.json["exit"]["code"] == 0
    assert wrote(project, check=path, fail_on="warning", output="json").json["exit"]["code"] == 3
    acts.update(session(project).place, "INC-1", {"impact": "Nobody can pay"}, None)
    stale = wrote(project, check=path, output="json").json
    assert stale["exit"]["code"] == 3
    assert "RB205" in {finding["code"] for finding in stale["findings"]}


def test_a_page_is_made_of_what_people_wrote(project: Path) -> None:
    """Without the markers."""
    path, page = project / "inc-1.md", project / "inc-1.html"
    wrote(project, to=path)
    path.write_text(path.read_text().replace("TODO: what users saw", "They saw a white page"))
    wrote(project, form="html", from_=path, to=page)
    assert "They saw a white page" in page.read_text()
    assert "facts:" not in page.read_text()
    assert wrote(project, form="html", output="json").json["page"].startswith("<!doctype html>")


def test_a_review_needs_a_time_that_everybody_reads_alike(project: Path) -> None:
    """Held is held: the document says so from then on."""
    with pytest.raises(UsageError, match="no time zone"):
        wrote(project, held="2026-12-01T10:00")
    wrote(project, held="now")
    assert "- **Review meeting**: held on" in wrote(project).out.getvalue()


@pytest.mark.parametrize(
    "given",
    [
        {"to": Path("a.md"), "check": Path("a.md")},
        {"from_": Path("a.md")},
        {"check": Path("nowhere.md")},
        {"discard_edits": True},
        {"discard_edits": True, "form": "html", "to": Path("a.html")},
    ],
)
def test_what_does_not_go_together_is_refused(project: Path, given: dict[str, Any]) -> None:
    """A usage error, and nothing is written."""
    with pytest.raises(UsageError):
        wrote(project, **given)


def test_the_report_is_one_page(project: Path) -> None:
    """To a file or to stdout."""
    heard = session(project)
    page = project / "report.html"
    assert incident_report.report(heard, incident_report.Options("INC-1", to=page)) is Exit.OK
    assert page.read_text().startswith("<!doctype html>")
    assert "INC-1: Checkout is down" in page.read_text()


def test_a_confidential_incident_is_told_to_whom_it_does_not_name_only_when_asked_for(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its postmortem, its page and its action items alike; nothing is written by the refusal."""
    actions.add(session(project), actions.Options(id="1", title="Rotate the keys"))
    monkeypatch.setattr("runbook.cli.incidents.sees", lambda session, incident, *, anyway=False: anyway)
    monkeypatch.setattr("runbook.cli.actions.sees", lambda session, incident, *, anyway=False: anyway)
    path = project / "inc-1.md"
    for options in (postmortem.Options("1"), postmortem.Options("1", to=path)):
        with pytest.raises(Refused, match="is confidential"):
            postmortem.postmortem(session(project), options)
    with pytest.raises(Refused, match="is confidential"):
        incident_report.report(session(project), incident_report.Options("1"))
    with pytest.raises(Refused, match="is confidential"):
        actions.list_(session(project), actions.Options(id="1"))
    assert not path.exists()
    heard = session(project)
    actions.list_(heard, actions.Options(output="json"))
    assert heard.json["actions"] == []
    wrote(project, confidential=True)
    actions.list_(heard, actions.Options(output="json", confidential=True))
    assert [one["title"] for one in heard.json["actions"]] == ["Rotate the keys"]


def test_listing_action_items_makes_no_store(tmp_path: Path) -> None:
    """Looking is not writing."""
    heard = session(tmp_path)
    assert actions.list_(heard, actions.Options()) is Exit.OK
    assert not (tmp_path / ".runbook").exists()


def test_who_may_not_speak_in_an_incident_makes_no_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before anything is written, not between the file and its record."""
    monkeypatch.setattr(desk, "may_run", lambda people, me: "you are in no group that may")
    path = project / "inc-1.md"
    with pytest.raises(Refused, match="no group"):
        wrote(project, to=path)
    assert not path.exists()


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_dash_is_no_file(project: Path, form: str) -> None:
    """Whoever means stdout leaves `-o` out; a file of that name is removed only with a trick."""
    with pytest.raises(UsageError, match="'-' is no file's name"):
        wrote(project, to=project / "-", form=form)
    assert not (project / "-").exists()


def test_an_empty_file_becomes_a_postmortem_and_another_document_none(project: Path) -> None:
    """`mktemp` and `touch` make empty ones; what has no fact of ours cannot have facts made anew."""
    empty, other = project / "inc-1.md", project / "README.md"
    empty.touch()
    assert "made" in wrote(project, to=empty).err.getvalue()
    assert empty.read_text().startswith("# Postmortem: Checkout is down")
    other.write_text("# Read me\n")
    with pytest.raises(UsageError, match="holds no facts of INC-1"):
        wrote(project, to=other)
    assert other.read_text() == "# Read me\n"
