"""`runbook incident`: what is typed, and what comes of it."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest

from runbook.cli import incident_catalog as printing
from runbook.cli import incident_change as change
from runbook.cli import incident_declare as declaring
from runbook.cli import incident_ends as ends
from runbook.cli import incident_export as exporting
from runbook.cli import incident_import as importing
from runbook.cli import incident_people as people
from runbook.cli import incident_show as showing
from runbook.cli import incident_timeline as telling
from runbook.cli import log
from runbook.cli import run as runs
from runbook.cli.overview import overview
from runbook.errors import DocumentError, Exit, Refused, UsageError
from support.sessions import Heard, session


def declared(folder: Path, **said: object) -> Heard:
    """A session in which an incident was declared."""
    heard = session(folder)
    fields = {"title": "Checkout is down", "severity": "SEV1", "type": "Service", "output": "json", **said}
    assert declaring.declare(heard, declaring.Options(**fields)) == Exit.OK  # type: ignore[arg-type]
    return heard


def text(heard: Heard) -> str:
    """All of stdout, which is empty afterwards."""
    said = heard.out.getvalue()
    heard.out.truncate(0)
    heard.out.seek(0)
    return said


def test_declaring_names_the_incident_in_its_json(tmp_path: Path) -> None:
    """A script goes on with it; a person reads what to type next."""
    assert declared(tmp_path).json["incident"] == "INC-1"
    heard = session(tmp_path)
    declaring.declare(heard, declaring.Options(title="t", severity="sev2", type="Security"))
    assert heard.out.getvalue() == "INC-2\n"
    said = heard.err.getvalue()
    assert "It is confidential" in said and "Keep logs" in said and "incident assign INC-2 commander me" in said


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    """It fails, and names the flags."""
    with pytest.raises(UsageError, match="an incident needs --title and --severity"):
        declaring.declare(session(tmp_path), declaring.Options())


class Typed(StringIO):
    """A keyboard with somebody at it."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_asks_for_what_is_missing_until_it_fits(tmp_path: Path) -> None:
    """Severities are listed; what is not known yet is left out."""
    heard = session(tmp_path)
    heard.stdin = Typed("\nThe shop is down\nSEV9\nsev1\n\nshop\n\nme\n")
    heard.stderr = heard.err = Typed()
    assert declaring.declare(heard, declaring.Options()) == Exit.OK
    said = heard.err.getvalue()
    assert "an incident needs a title" in said and "there is no severity 'SEV9'" in said
    assert "SEV2  Major degradation; work on it begins within 15m" in said
    showing.show(heard, showing.Options("1", output="json"))
    assert (heard.json["title"], heard.json["severity"], heard.json["service"]) == ("The shop is down", "SEV1", "shop")
    assert (heard.json["type"], heard.json["affected"]) == (None, None)
    assert heard.json["roles"]["commander"]["person"] == heard.place.people.me


def test_questions_that_nobody_answers_declare_nothing(tmp_path: Path) -> None:
    """The end of the input is not an answer."""
    heard = session(tmp_path)
    heard.stdin, heard.stderr = Typed("The shop is down\n"), Typed()
    with pytest.raises(UsageError, match="nothing was declared"):
        declaring.declare(heard, declaring.Options())
    assert showing.list_(session(tmp_path), showing.Options()) == Exit.OK


def test_an_incident_goes_its_way(tmp_path: Path) -> None:
    """Updated, handed over, mitigated, resolved; each command answers with the incident as it is then."""
    heard = declared(tmp_path, service="shop")
    change.update(heard, change.Options("1", fields={"impact": "no payment", "user_facing": True}, output="json"))
    change.severity(heard, change.Options("1", "SEV2", reason="cards work", output="json"))
    people.assign(heard, people.Role("INC-1", "commander", "ana"))
    people.assign(heard, people.Role("INC-1", "commander", "ben", from_="ana"))
    people.note(heard, people.Words("1", "the provider confirms"))
    ends.mitigate(heard, ends.Options("1", summary="second provider"))
    ends.resolve(heard, ends.Options("1", output="json"))
    told = heard.json
    assert (told["status"], told["severity"], told["impact"], told["summary"]) == (
        "resolved",
        "SEV2",
        "no payment",
        "second provider",
    )
    assert told["roles"]["commander"]["person"] == "ben"
    text(heard)
    showing.show(heard, showing.Options("1"))
    page = text(heard)
    for line in ("SEV2 · Checkout is down", "resolved, after", "SEV1 → SEV2", "the provider confirms"):
        assert line in page


def test_what_is_so_already_is_said_and_not_written(tmp_path: Path) -> None:
    """Typing it twice at night does no harm."""
    heard = declared(tmp_path)
    before = heard.json["records"]
    change.severity(heard, change.Options("1", "SEV1", reason="sure", output="json"))
    assert (heard.json["changed"], heard.json["records"]) == (False, before)
    assert "nothing has changed" in heard.err.getvalue()


def test_a_run_is_linked_without_words_that_nobody_would_read(tmp_path: Path) -> None:
    """A run joins; what is said of it would be dropped."""
    heard = declared(tmp_path)
    for more in ({"relation": "caused by"}, {"note": "the first one"}):
        with pytest.raises(UsageError, match="has no --relation or --note"):
            people.link(heard, people.Linked("1", "run", "01jd", **more))


def test_times_are_shown_and_said(tmp_path: Path) -> None:
    """What is not known is named, never a zero."""
    heard = declared(tmp_path)
    ends.time(heard, ends.Options("1", "detected", at="5m ago", source="pager", output="json"))
    assert heard.json["times"]["detected"]["source"] == "pager"
    text(heard)
    ends.time(heard, ends.Options("1"))
    page = text(heard)
    assert "says pager" in page and "not known: impact started" in page
    with pytest.raises(UsageError, match="which time"):
        ends.time(heard, ends.Options("1", at="5m ago"))


def test_what_is_written_down_stands_in_the_answer_beside_what_is_told(tmp_path: Path) -> None:
    """`notes` are the incident's, as `show` has them; what is to be heeded is `told`."""
    heard = declared(tmp_path)
    people.note(heard, people.Words("1", "the provider expects an hour", output="json"))
    assert [one["text"] for one in heard.json["notes"]] == ["the provider expects an hour"]
    change.severity(heard, change.Options("1", "SEV3", reason="quieter", output="json"))
    assert "if you are not sure, keep the higher" in heard.json["told"][0]
    assert len(heard.json["notes"]) == 1


def test_an_answer_to_somebody_who_is_not_named_tells_no_more_than_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever adds a note to a confidential incident is not shown what it is about."""
    declared(tmp_path, type="Security")
    other = session(tmp_path)
    monkeypatch.setattr("runbook.incident.confidence.may_see", lambda *_: False)
    people.note(other, people.Words("1", "I saw it too", output="json"))
    assert (other.json["confidential"], other.json["changed"]) == (True, True)
    assert not {"title", "notes", "service"} & set(other.json)


def test_an_address_leads_somewhere(tmp_path: Path) -> None:
    """`https://` alone would be a link in every page."""
    heard = declared(tmp_path)
    for other in ("https://", "ftp://x", "http:// x"):
        with pytest.raises(UsageError, match="is no address"):
            people.link(heard, people.Linked("1", "url", other))


def test_two_incidents_of_one_service_are_told_of(tmp_path: Path) -> None:
    """When the second is declared, and whenever either is shown."""
    declared(tmp_path, service="shop")
    heard = declared(tmp_path, service="shop", title="Cart is slow")
    assert "INC-1 of shop (open) overlaps with it" in heard.json["told"][0]
    showing.show(heard, showing.Options("1", output="json"))
    assert heard.json["overlapping"] == ["INC-2"]
    people.link(heard, people.Linked("2", "incident", "1", relation="caused by", output="json"))
    showing.show(heard, showing.Options("1", output="json"))
    assert [(one["id"], one["note"]) for one in heard.json["links"]] == [("INC-2", "linked from INC-2 as caused by")]


def test_a_list_is_narrowed_by_what_is_asked_for(tmp_path: Path) -> None:
    """Newest first; only what is open, of a severity, of a service."""
    declared(tmp_path, service="shop")
    declared(tmp_path, severity="SEV3")
    heard = session(tmp_path)
    ends.resolve(heard, ends.Options("1"))

    def ids(**asked: object) -> list[str]:
        showing.list_(heard, showing.Options(output="json", **asked))  # type: ignore[arg-type]
        return [row["incident"] for row in heard.json["incidents"]]

    assert ids() == ["INC-2", "INC-1"]
    assert ids(open=True) == ids(severity="sev3") == ids(limit=1) == ["INC-2"]
    assert (ids(service="SHOP"), ids(type="Data")) == (["INC-1"], [])


OTHERS = """\
apiVersion: runbook/v1
kind: Policy
people: {ana: {user: somebody-else}, me: {user: ME}}
groups: {security: [GROUP]}
run: {from: [me, ana]}
"""


@pytest.mark.parametrize(("group", "shown"), [("ana", False), ("me", True)])
def test_a_confidential_incident_is_not_told_to_whom_it_does_not_name(
    tmp_path: Path, group: str, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its id, severity and status are; a flag shows the rest, because the store can be read anyway."""
    from runbook.policy import identity

    monkeypatch.setattr(identity, "os_user", lambda: "another")
    declared(tmp_path, type="Security", service="shop")
    monkeypatch.setattr(identity, "os_user", lambda: "ME")
    (tmp_path / "policy.yaml").write_text(OTHERS.replace("GROUP", group))
    (tmp_path / "runbook.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///.runbook/journal.db\npolicy: policy.yaml\n"
    )
    heard = session(tmp_path)
    showing.show(heard, showing.Options("1", output="json"))
    assert ("title" in heard.json) is shown
    assert (heard.json["severity"], heard.json["confidential"]) == ("SEV1", True)
    text(heard)
    showing.list_(heard, showing.Options())
    assert ("Checkout is down" in text(heard)) is shown
    showing.list_(heard, showing.Options(service="shop", output="json"))
    assert len(heard.json["incidents"]) == shown
    showing.show(heard, showing.Options("1", confidential=True, output="json"))
    assert heard.json["title"] == "Checkout is down"


@pytest.mark.parametrize("name", ["7", "INC-7", "checkout"])
def test_an_unknown_incident_is_a_mistake_of_the_command(tmp_path: Path, name: str) -> None:
    """In a store that has none of that number, and in one that was never made."""
    with pytest.raises(UsageError):
        showing.show(session(tmp_path), showing.Options(name))
    assert not (tmp_path / ".runbook").exists()
    declared(tmp_path)
    with pytest.raises(UsageError):
        showing.show(session(tmp_path), showing.Options(name))


def test_runbook_alone_names_open_incidents(tmp_path: Path) -> None:
    """Who comes on shift sees them first."""
    heard = declared(tmp_path)
    text(heard)
    overview(heard)
    assert re.search("INC-1 SEV1 open for .*, nobody leads: Checkout is down", text(heard))
    ends.resolve(heard, ends.Options("1"))
    text(heard)
    overview(heard)
    assert "INC-1" not in text(heard)


CSV = """\
id,title,severity,type,declared,resolved
7,Down,SEV1,Service,2025-03-01T10:00Z,2025-03-01T11:00Z
8,Slow,SEV2,Service,2025-04-01T10:00Z,2025-04-01T10:20Z
"""


def imported(folder: Path, text: str = CSV, **more: object) -> Heard:
    """A session in which a file was imported."""
    heard = session(folder)
    (folder / "past.csv").write_text(text)
    importing.import_(heard, importing.Options(Path("past.csv"), output="json", **more))  # type: ignore[arg-type]
    return heard


def test_past_incidents_are_imported_once(tmp_path: Path) -> None:
    """With their times and where these come from; a second import finds them there."""
    assert imported(tmp_path, dry_run=True).json["imported"][0]["incident"] is None
    heard = imported(tmp_path)
    assert [(one["incident"], one["id"], one["line"]) for one in heard.json["imported"]] == [
        ("INC-1", "7", 2),
        ("INC-2", "8", 3),
    ]
    again = imported(tmp_path, CSV + "9,New,SEV3,Data,2025-05-01T10:00Z,\n").json
    assert ([one["id"] for one in again["imported"]], again["known"]) == (["9"], 2)
    showing.show(heard, showing.Options("1", output="json"))
    told = heard.json
    assert (told["status"], told["times"]["resolved"]) == (
        "resolved",
        {
            "at": "2025-03-01T11:00:00.000Z",
            "source": "import of past.csv",
            "recorded": told["times"]["resolved"]["recorded"],
        },
    )


def test_a_row_whose_id_another_incident_has_is_named(tmp_path: Path) -> None:
    """This year's file counts from 1 again, and nobody should believe that all of it is here."""
    imported(tmp_path)
    later = CSV.replace("2025-03-01", "2026-03-01")
    assert imported(tmp_path, later).json["others"] == [{"incident": "INC-1", "id": "7", "line": 2}]
    heard = session(tmp_path)
    importing.import_(heard, importing.Options(Path("past.csv")))
    said = heard.err.getvalue()
    assert "past.csv:2: 7 is INC-1 already, declared at another time" in said and "1 row left out" in said
    assert imported(tmp_path).json["others"] == []


def test_where_one_row_is_wrong_nothing_is_imported(tmp_path: Path) -> None:
    """Exit 3, with every problem and its line."""
    heard = session(tmp_path)
    (tmp_path / "past.csv").write_text(CSV + "9,New,SEV9,Data,2025-05-01T10:00Z,\n10,Old,SEV1,Data,2025-05-01,\n")
    assert importing.import_(heard, importing.Options(Path("past.csv"))) == Exit.INVALID
    said = heard.err.getvalue()
    assert "past.csv:4: 9: there is no severity 'SEV9'" in said and "past.csv:5: 10: declared 2025-05-01" in said
    assert "nothing was imported: 2 problems in 4 rows" in said
    assert heard.project.journal.names("incident/") == []


def test_an_export_is_a_folder_of_files_that_verify(tmp_path: Path) -> None:
    """The incident and each of its runs, without the store; a folder that is there is left alone."""
    heard = declared(tmp_path)
    (tmp_path / "broken").touch()
    runs.run(heard, runs.Options("practice", yes=True, incident="1", output="json"))
    run = heard.json["run"]
    exporting.export(heard, exporting.Options("1", tmp_path / "out", output="json"))
    assert [Path(file).name for file in heard.json["files"]] == ["INC-1.jsonl", f"run-{run}.jsonl"]
    for file in heard.json["files"]:
        assert log.verify(session(tmp_path / "out", runbook=None), log.Options(file)) == Exit.OK
    with pytest.raises(UsageError, match="is there already"):
        exporting.export(heard, exporting.Options("1", tmp_path / "out"))
    text(heard)
    exporting.export(heard, exporting.Options("1"))
    assert len(text(heard).splitlines()) >= 4


def test_the_log_shows_and_verifies_an_incident_by_its_name(tmp_path: Path) -> None:
    """A timeline names records by `INC-1#0`; that is what one looks at next."""
    heard = declared(tmp_path)
    assert log.show(heard, log.Options("inc-1", output="json")) == Exit.OK
    assert (heard.json["incident"], heard.json["records"][0]["type"]) == ("INC-1", "incident.declared")
    assert log.verify(heard, log.Options("INC-1")) == Exit.OK


def test_a_timeline_of_what_is_confidential_asks_for_the_flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused for whom it does not name: a screen is easily shared."""
    from runbook.policy import identity

    monkeypatch.setattr(identity, "os_user", lambda: "another")
    declared(tmp_path, type="Security")
    monkeypatch.setattr(identity, "os_user", lambda: "me")
    heard = session(tmp_path)
    with pytest.raises(Refused, match="INC-1 is confidential"):
        telling.timeline(heard, telling.Options("1"))
    with pytest.raises(Refused, match="INC-1 is confidential"):
        exporting.export(heard, exporting.Options("1"))
    with pytest.raises(Refused, match="INC-1 is confidential"):
        ends.time(heard, ends.Options("1"))
    assert ends.time(heard, ends.Options("1", confidential=True)) == Exit.OK
    assert telling.timeline(heard, telling.Options("1", confidential=True, output="json")) == Exit.OK
    assert heard.json["timeline"][0]["record"]["stream"] == "incident/INC-1"


def test_a_catalog_that_cannot_be_used_hides_no_incident(tmp_path: Path) -> None:
    """`runbook` alone says what is going on, whatever is wrong with a document; who declares is told of it."""
    heard = declared(tmp_path)
    (tmp_path / "runbook.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///.runbook/journal.db\ncatalog: catalog.yaml\n"
    )
    (tmp_path / "catalog.yaml").write_text("apiVersion: runbook/v1\nkind: Catalog\nseverities: []\n")
    heard = session(tmp_path)
    overview(heard)
    assert "INC-1 SEV1" in text(heard)
    with pytest.raises(DocumentError, match="severities"):
        declaring.declare(heard, declaring.Options(title="t", severity="SEV1"))


def test_a_team_has_severities_of_its_own(tmp_path: Path) -> None:
    """Its catalog's names are those that incidents and runbooks have; the shipped ones are not there then."""
    (tmp_path / "runbook.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///.runbook/journal.db\ncatalog: catalog.yaml\n"
    )
    (tmp_path / "catalog.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Catalog\nseverities: [{name: P1, title: Down}, {name: P2, title: Slow}]\n"
    )
    heard = session(tmp_path)
    assert declaring.declare(heard, declaring.Options(title="t", severity="p1", output="json")) == Exit.OK
    assert heard.json["severity"] == "P1"
    with pytest.raises(UsageError, match="no severity 'SEV1'"):
        declaring.declare(heard, declaring.Options(title="t", severity="SEV1"))


def test_the_catalog_is_printed_to_begin_one_s_own_with(tmp_path: Path) -> None:
    """What it prints is a document that loads."""
    heard = session(tmp_path)
    assert printing.catalog(heard, "text") == Exit.OK
    printed = text(heard)
    assert printed.startswith("#") and "kind: Catalog" in printed
    printing.catalog(heard, "json")
    assert heard.json["document"]["severities"][0]["name"] == "SEV1"
