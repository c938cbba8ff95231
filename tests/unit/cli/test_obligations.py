"""`runbook obligations`, as it is typed and read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest

from runbook.cli import obligations
from runbook.cli.obligations import group
from runbook.errors import Exit, Refused, UsageError
from support.incidents import DECLARED
from support.sessions import Heard, session

CONFIG = """\
apiVersion: runbook/v1
kind: Config
store: sqlite:///.runbook/journal.db
obligations:
  scope: [gdpr, sec_8k]
  holidays: {dates: [2026-12-24]}
  zone: Europe/Berlin
"""


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    (tmp_path / "runbook.yaml").write_text(CONFIG)
    here = session(tmp_path)
    from runbook.incident import desk

    desk.opened(here.place, DECLARED)
    yield here
    here.project.journal.close()


def quieten(heard: Heard) -> None:
    """Forget what was said so far."""
    for stream in (heard.out, heard.err):
        stream.seek(0)
        stream.truncate()


def typed(heard: Heard, *words: str) -> tuple[int, str, str]:
    """What a command line comes to: exit code, stdout, stderr since the last one."""
    quieten(heard)
    exit_ = group.main(list(words), prog_name="runbook obligations", standalone_mode=False, obj=heard)
    return int(exit_), heard.out.getvalue(), heard.err.getvalue()


def test_an_incident_shows_what_nobody_has_decided(heard: Heard) -> None:
    """The first thing to do is to decide, and it says how."""
    exit_, out, _ = typed(heard, "INC-1")
    assert exit_ == Exit.OK
    assert "Nobody has decided yet whether these apply" in out
    assert "runbook obligations judge INC-1 REGIME --applies --reason TEXT" in out
    assert "Not legal advice: the tool counts, people judge. Nobody has decided anything yet." in " ".join(out.split())


def test_what_was_decided_runs_with_both_deadlines_and_who_decided(heard: Heard) -> None:
    """In the project's zone and in UTC, with the way in which it was counted."""
    typed(heard, "judge", "1", "gdpr", "--applies", "--reason", "names were readable")
    exit_, _, err = typed(heard, "anchor", "1", "aware")
    assert exit_ == Exit.OK
    assert "running gdpr.authority  Notification of the supervisory authority" in err
    assert "UTC), in 3d" in err and "adjusted" in err
    assert "72 hours, without the hour of the event" in " ".join(err.split())
    _, out, _ = typed(heard)
    assert "running INC-1 gdpr.authority  Notification of the supervisory authority\n  due  " in out
    assert "nobody has decided about gdpr.controller, gdpr.people, sec_8k" in " ".join(out.split())


def test_a_regime_that_was_judged_and_is_gone_is_told(heard: Heard, tmp_path: Path) -> None:
    """Whoever takes a file out of the configuration stops clocks, and is told so."""
    from support.obligations import ACME

    (tmp_path / "acme.yaml").write_text(ACME)
    (tmp_path / "runbook.yaml").write_text(CONFIG.replace("  scope:", "  files: [acme.yaml]\n  scope:"))
    known = session(tmp_path)
    typed(known, "judge", "1", "acme", "--applies", "--reason", "theirs")
    assert typed(known, "INC-1")[2] == ""
    known.project.journal.close()
    assert typed(heard, "INC-1")[2] == (
        "! 'acme' was judged, and is no regime of this project any more; its deadlines are not counted\n"
    )


def test_json_has_every_report_with_its_times_in_utc(heard: Heard) -> None:
    """What a script or a page makes of it."""
    typed(heard, "judge", "1", "gdpr", "--applies", "--reason", "x")
    typed(heard, "anchor", "1", "aware")
    _, out, _ = typed(heard, "INC-1", "--output", "json")
    said: dict[str, Any] = json.loads(out)
    first = said["obligations"][0]
    assert (first["incident"], first["report"], first["state"]) == ("INC-1", "gdpr.authority", "running")
    assert first["deadline"]["raw"].endswith("Z") and 259000 < first["left"] <= 259200
    assert [item["item"] for item in first["missing"]][:2] == ["nature", "people"]
    assert said["notice"].startswith("Not legal advice") and said["exit"] == {"code": 0, "name": "ok"}


def test_a_filing_is_refused_with_all_that_is_missing_then_recorded(heard: Heard) -> None:
    """From the first answer to the number that the authority gave."""
    typed(heard, "judge", "1", "gdpr", "--applies", "--reason", "x")
    typed(heard, "anchor", "1", "aware")
    with pytest.raises(Refused, match="consequences: What it can lead to"):
        typed(heard, "file", "1", "gdpr.authority", "--reference", "A-17")
    for item in ("nature", "people", "records", "contact", "consequences", "measures"):
        _, _, err = typed(heard, "answer", "1", "gdpr.authority", item, f"about {item}")
    assert err == "INC-1: measures is recorded; nothing is missing\n"
    assert typed(heard, "file", "1", "gdpr.authority", "--reference", "A-17")[2] == "INC-1: gdpr.authority is filed\n"
    _, out, _ = typed(heard, "INC-1")
    assert "met gdpr.authority  filed " in out and "A-17, by " in out


def test_an_answer_may_come_from_stdin(heard: Heard) -> None:
    """A long one is written in an editor."""
    heard.stdin = StringIO("one\ntwo\n")
    typed(heard, "answer", "1", "gdpr.authority", "nature", "-")
    _, out, _ = typed(heard, "draft", "1", "gdpr.authority")
    assert "### What happened to the data\n\none\ntwo\n" in out


def test_a_draft_holds_the_facts_and_marks_what_is_missing(heard: Heard, tmp_path: Path) -> None:
    """Nothing in it is made up, and it says who decided, at its head and at its foot."""
    typed(heard, "judge", "1", "gdpr", "--applies", "--reason", "names were [readable](x)")
    typed(heard, "answer", "1", "gdpr.authority", "nature", "an export was public")
    path = tmp_path / "draft.md"
    _, out, err = typed(heard, "draft", "1", "gdpr.authority", "-o", str(path))
    text = path.read_text()
    assert out == f"{path}\n" and "missing: people, records, contact, consequences, measures" in err
    assert text.startswith(
        "Notification of the supervisory authority · General Data Protection Regulation · DRAFT, not"
    )
    assert "| Title | Checkout is down |" in text and "an export was public" in text
    assert "**MISSING: people.**" in text
    assert r"because: names were \[readable\](x)." in text
    assert text.splitlines()[-1].startswith("Not legal advice. Decision: ")
    told = json.loads(typed(heard, "draft", "1", "gdpr.authority", "--output", "json")[1])
    assert (told["report"], told["missing"][0], told["document"][:20]) == ("gdpr.authority", "people", text[:20])


def test_a_waiver_and_a_no_are_settled_with_who_said_so(heard: Heard) -> None:
    """A year later somebody asks why nothing was filed."""
    typed(heard, "judge", "1", "sec_8k", "--does-not-apply", "--reason", "we are not listed")
    typed(heard, "judge", "1", "gdpr", "--applies", "--reason", "x")
    typed(heard, "waive", "1", "gdpr.register", "--reason", "it is in the register already")
    _, out, _ = typed(heard, "INC-1")
    assert "does not apply sec_8k.filing  says " in out and "we are not listed" in out
    assert "waived gdpr.register  by " in out


def test_an_extension_is_told_beside_the_deadline_that_it_follows(heard: Heard) -> None:
    """In the terminal, in JSON, in the draft, on the page and in the timeline: until when, and who gave the time."""
    from runbook.cli import incident_report, incident_timeline

    typed(heard, "judge", "1", "gdpr", "--applies", "--reason", "x")
    typed(heard, "anchor", "1", "aware")
    granted = ("--until", "2099-01-05T17:30+01:00", "--by", "the DPA", "--reference", "26-4711")
    exit_, _, err = typed(heard, "extend", "1", "gdpr.authority", *granted)
    assert exit_ == Exit.OK and "INC-1: gdpr.authority is extended" in err
    assert "extended  Mon 05 Jan 2099 17:30:00 CET (16:30:00 UTC)" in err
    assert "granted   by the DPA, 26-4711; recorded by " in err and "due       " in err
    [first] = [one for one in _objects(heard, "INC-1") if one["report"] == "gdpr.authority"]
    assert first["deadline"]["extended"] == first["deadline"]["remind"] == "2099-01-05T16:30:00.000Z"
    assert first["deadline"]["raw"] < "2099" and first["left"] > 3 * 86400
    assert [(one["authority"], one["reference"]) for one in first["extensions"]] == [("the DPA", "26-4711")]
    assert "extended  Mon 05 Jan 2099" in typed(heard)[1]
    assert "- Extended: to 2099-01-05 16:30Z, by the DPA, 26-4711" in typed(heard, "draft", "1", "authority")[1]
    quieten(heard)
    incident_report.report(heard, incident_report.Options("1"))
    incident_timeline.timeline(heard, incident_timeline.Options("1", important=True))
    told = heard.out.getvalue()
    assert ", extended to <time>2099-01-05 16:30Z</time> by the DPA, 26-4711" in told
    assert "gdpr.authority extended to 2099-01-05 16:30:00Z by the DPA as 26-4711" in " ".join(told.split())


def _objects(heard: Heard, *words: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(typed(heard, *words, "--output", "json")[1])["obligations"]
    return rows


def test_explain_lists_regimes_and_shows_one(heard: Heard) -> None:
    """The questions that a person answers, what times count from, what a report must say."""
    _, out, _ = typed(heard, "explain")
    assert "gdpr_omnibus" in out and "proposed" in out
    _, out, _ = typed(heard, "explain", "nis2")
    assert "A person decides whether it applies" in out
    assert "72 hours from aware, 24 hours for a trust service" in out
    _, out, _ = typed(heard, "explain", "sec_8k", "--output", "json")
    assert json.loads(out)["regime"]["name"] == "sec_8k"


def test_a_confidential_incident_that_does_not_name_you_is_not_shown(heard: Heard) -> None:
    """Not in the list, and not by its number, unless it is asked for."""
    from runbook.incident import desk

    secret = {**DECLARED, "confidential": True}
    other = heard.place.people
    desk.opened(heard.place, secret)
    heard.place.people.me = "somebody-else"
    with pytest.raises(Refused, match="INC-2 is confidential, and names neither you nor a group"):
        typed(heard, "INC-2")
    with pytest.raises(Refused, match="INC-2 is confidential, and names neither you nor a group"):
        typed(heard, "draft", "INC-2", "gdpr.authority")
    assert "INC-2" not in typed(heard)[1]
    assert "INC-2" in typed(heard, "--confidential")[1]
    assert other is heard.place.people


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("jugde", "1"), "there is no command 'obligations jugde'"),
        (("INC-7",), "this store has no incident INC-7"),
        (("INC-x",), "'INC-x' is no incident"),
        (("judge", "1", "gdrp", "--applies", "--reason", "x"), "no regime is called 'gdrp'"),
        (("judge", "1", "gdpr", "--applies", "--reason", " "), "the reason is empty"),
        (("anchor", "1", "aware", "--at", "14:23"), "has no time zone"),
        (("anchor", "1", "aware", "--at", "2099-01-01T00:00Z", "--source", "x"), "is in the future"),
        (("anchor", "1", "aware", "--at", "15m ago"), "has to say where that comes from"),
        (("answer", "1", "gdpr.authority", "nature", ""), "the answer is empty"),
        (("explain", "gdrp"), "no regime is called 'gdrp'"),
        (("extend", "1", "gdpr.authority", "--by", "x"), "an extension needs --until TIME"),
        (("extend", "1", "gdpr.authority", "--until", "2099-01-01T00:00Z"), "an extension needs --by AUTHORITY"),
        (("extend", "1", "gdpr.authority", "--until", "2020-01-01T00:00Z", "--by", "x"), "is over since"),
        (("extend", "1", "gdpr.authority", "--until", "2099-01-01T00:00Z", "--by", "x"), "cannot be found again"),
        (("extend", "1", "gdpr.authority", "--withdraw"), "--withdraw does not say why"),
        (("extend", "1", "gdpr.authority", "--withdraw", "--by", "x", "--reason", "x"), "goes with --reason alone"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_bad_input_is_refused_with_what_it_is(heard: Heard, words: tuple[str, ...], error: str) -> None:
    """Nothing is recorded of it."""
    before = heard.project.journal.head("incident/INC-1")
    with pytest.raises(UsageError, match=error):
        typed(heard, *words)
    assert heard.project.journal.head("incident/INC-1") == before


def test_a_judgement_must_say_which(heard: Heard) -> None:
    """There is no default for what the law asks."""
    with pytest.raises(UsageError, match="a judgement says which") as error:
        typed(heard, "judge", "1", "gdpr", "--reason", "x")
    assert error.value.hint == "add --applies or --does-not-apply"


def test_nothing_open_is_said_and_no_store_is_made_for_it(tmp_path: Path) -> None:
    """Looking writes nothing."""
    here = session(tmp_path)
    assert obligations.show(here, obligations.Options()) == Exit.OK
    assert here.err.getvalue() == "no incident obliges to anything that is open\n"
    assert not (tmp_path / ".runbook").exists()


def test_the_modules_of_the_table_hold_their_commands() -> None:
    """The table is written by hand."""
    context = click.Context(group)
    names = [name for section in obligations.COMMANDS.values() for name in section]
    assert [group.get_command(context, name).name for name in names] == names  # type: ignore[union-attr]


def test_runbook_alone_tells_what_is_running_out(heard: Heard) -> None:
    """Whoever types nothing sees the deadlines first thing."""
    from runbook.cli.overview import overview

    typed(heard, "judge", "1", "gdpr", "--applies", "--reason", "x")
    typed(heard, "anchor", "1", "aware")
    assert overview(heard) == Exit.OK
    assert "Obligations\n  running INC-1 gdpr.authority, due " in heard.out.getvalue()


def test_the_page_of_an_incident_has_its_obligations(heard: Heard) -> None:
    """Where somebody decided about one; else the page has no such part."""
    from runbook.cli import incident_report

    def page() -> str:
        quieten(heard)
        assert incident_report.report(heard, incident_report.Options("1")) == Exit.OK
        return heard.out.getvalue()

    assert 'id="obligations"' not in page()
    typed(heard, "judge", "1", "gdpr", "--applies", "--reason", "x <b>")
    typed(heard, "anchor", "1", "aware")
    told = page()
    assert 'id="obligations"' in told and "<code>gdpr.authority</code>" in told
    assert "Nobody has decided about gdpr.controller, gdpr.people, sec_8k." in told
    assert "x <b>" not in told


def test_reminders_of_deadlines_are_sent_with_all_others(heard: Heard) -> None:
    """`incident remind` asks the project's own regimes and holidays."""
    from runbook.cli import incident_remind
    from runbook.incident import desk
    from runbook.journal.record import stamp

    began = stamp(heard.project.journal.now() - 80 * 3600)
    desk.opened(heard.place, {**DECLARED, "at": began, "source": "pager"})
    typed(heard, "judge", "2", "gdpr", "--applies", "--reason", "x")
    typed(heard, "anchor", "2", "aware", "--at", "60h ago", "--source", "the DPO")
    quieten(heard)
    incident_remind.remind(heard, incident_remind.Options(("INC-2",), dry_run=True, output="json"))
    texts = [one["text"] for one in heard.json["reminders"] if one["about"] == "obligation"]
    assert len(texts) == 1
    assert texts[0].startswith("Notification of the supervisory authority (gdpr.authority) is due by ")
    assert texts[0].endswith("; 80 % of its time are over")


def test_regimes_and_reports_are_completed(heard: Heard) -> None:
    """Nobody remembers names at night."""
    from runbook.cli.completing import regimes, reports

    context = click.Context(group, obj=heard)
    assert regimes(context, "gd") == ["gdpr", "gdpr_omnibus"]
    assert reports(context, "gdpr.") == ["gdpr.authority", "gdpr.register", "gdpr.controller", "gdpr.people"]
