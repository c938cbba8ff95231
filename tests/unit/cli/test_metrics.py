"""`runbook metrics`: what is typed, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli import metrics as command
from runbook.cli import run as runs_a_runbook
from runbook.cli.metrics import Options, metrics
from runbook.errors import Exit, UsageError
from runbook.incident import desk
from runbook.incident import records as r
from runbook.incident.metrics.measures import MTTR
from runbook.journal import Draft
from runbook.journal.record import stamp
from support.sessions import Heard, session


def happened(folder: Path, *, service: str | None = "checkout", severity: str = "SEV1") -> str:
    """An incident of an hour in the store of a folder, that was acknowledged and resolved."""
    place = session(folder).place
    now = place.journal.now()
    words = {"title": "Checkout is down", "severity": severity, "type": "Service", "service": service}
    id_ = desk.opened(place, words)
    times = {"impact_started": -3600, "alerted": -3500, "acknowledged": -3400, "mobilised": -3300}
    with place.journal.writing(desk.stream_of(id_)) as writer:
        for name, since in times.items():
            said = {"time": name, "at": stamp(now + since), "source": "pager", "reason": None}
            writer.append(desk.by_me(place, r.TIMED, said))
        for type_, since in ((r.MITIGATED, -600), (r.RESOLVED, 0)):
            writer.append(Draft(type_, None, {"at": stamp(now + since), "source": "ana"}, writer.tail(-1)[0].actor))
    return id_


def measured(folder: Path, **options: object) -> Heard:
    heard = session(folder)
    assert metrics(heard, Options(**options)) == Exit.OK  # type: ignore[arg-type]
    return heard


def test_a_store_that_is_not_there_has_nothing_and_is_not_made(tmp_path: Path) -> None:
    """Looking is not writing."""
    heard = measured(tmp_path)
    assert "none in this window" in heard.out.getvalue() and "no runs in this window" in heard.out.getvalue()
    assert measured(tmp_path, output="json").json["metrics"]["incidents"] == 0
    assert not (tmp_path / ".runbook").exists()


def test_one_incident_is_measured_in_every_way(tmp_path: Path) -> None:
    """Its own times, against the targets of the shipped Catalog."""
    happened(tmp_path)
    found = measured(tmp_path, by=("severity,service",), output="json").json["metrics"]
    medians = {name: one["median_seconds"] for name, one in found["measures"].items() if one["n"]}
    assert medians == pytest.approx(
        {"mttd": 100, "mtta": 100, "mttm": 3000, "mttr_resolve": 3500, "mttr_recovery": 3600}
        | {"mttr_respond": 3500, "mttr_repair": 3300},
        abs=1,
    )
    assert found["measures"]["mtta"]["target"] == {"below_seconds": 300, "within": 1, "share": 1}
    assert found["by"][0]["groups"][0]["group"] == {"severity": "SEV1", "service": "checkout"}
    assert found["mttr"] == "mttr_resolve"


def test_text_names_the_mttr_that_was_asked_for(tmp_path: Path) -> None:
    """Four measures share that name."""
    happened(tmp_path)
    text = measured(tmp_path, mttr="repair").out.getvalue()
    assert "MTTR (repair)" in text and "MTTR (resolve)" not in text
    assert set(command._MTTR) == set(MTTR)


def test_breakdowns_are_named_and_crossed(tmp_path: Path) -> None:
    """A comma crosses two dimensions, a second --by is another table."""
    happened(tmp_path), happened(tmp_path, service=None, severity="SEV3")
    text = measured(tmp_path, by=("severity,service", "month")).out.getvalue()
    assert "by severity and service" in text and "by month" in text
    assert "SEV1, checkout" in text and "SEV3, no service" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": ("severty",)}, "not grouped by 'severty'"),
        ({"by": ("",)}, "not grouped by ''"),
        ({"by": ("type,type",)}, "names something twice"),
        ({"since": "yesterday"}, "--since takes a day"),
        ({"until": "2026-13-01"}, "--until takes a day"),
        ({"since": "2100-01-01"}, "is not before now"),
        ({"since": "30d", "until": "60d"}, "is not before --until"),
        ({"timezone": "Mars/Olympus"}, "there is no time zone 'Mars/Olympus'"),
        ({"timezone": "../../etc/passwd"}, "there is no time zone"),
        ({"timezone": ""}, "there is no time zone"),
    ],
)
def test_what_cannot_be_meant_is_said(options: dict[str, object], said: str, tmp_path: Path) -> None:
    """Before anything is read."""
    with pytest.raises(UsageError, match=said):
        metrics(session(tmp_path), Options(**options))  # type: ignore[arg-type]


def test_a_window_leaves_out_what_began_before_it(tmp_path: Path) -> None:
    """It began an hour ago."""
    happened(tmp_path)
    assert measured(tmp_path, since="30m", output="json").json["metrics"]["incidents"] == 0
    assert measured(tmp_path, since="2h", output="json").json["metrics"]["incidents"] == 1
    assert measured(tmp_path, until="30m", output="json").json["metrics"]["incidents"] == 1


def test_a_day_is_one_of_the_zone(tmp_path: Path) -> None:
    """Where it begins, midnight is."""
    zones = {"UTC": "2026-07-01T00:00:00.000Z", "Europe/Berlin": "2026-06-30T22:00:00.000Z"}
    for zone, since in zones.items():
        found = measured(tmp_path, since="2026-07-01", timezone=zone, output="json").json["metrics"]
        assert found["window"]["since"] == since


def test_csv_and_openmetrics_go_to_stdout(tmp_path: Path) -> None:
    """A header, and an end."""
    happened(tmp_path)
    assert measured(tmp_path, output="csv").out.getvalue().startswith("by,group,measure,")
    assert measured(tmp_path, output="openmetrics").out.getvalue().endswith("# EOF\n")


def test_plots_and_a_page_are_files(tmp_path: Path) -> None:
    """Whole, in a folder that is made; stdout stays what --output says."""
    happened(tmp_path)
    heard = measured(tmp_path, svg=tmp_path / "new" / "plots", html=tmp_path / "new" / "page.html")
    assert (tmp_path / "new" / "plots" / "mttr-resolve-month.svg").read_text().startswith("<svg")
    assert "by service" in (tmp_path / "new" / "page.html").read_text()
    assert heard.out.getvalue() == "" and "plots are in" in heard.err.getvalue()
    both = measured(tmp_path, html=tmp_path / "page.html", output="json")
    assert both.json["metrics"]["incidents"] == 1


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """And nothing was replaced."""
    with pytest.raises(UsageError, match="page cannot be written"):
        measured(tmp_path, html=tmp_path)
    assert "nothing is known yet" in measured(tmp_path, svg=tmp_path / "plots").err.getvalue()


def test_runs_are_counted_and_dry_ones_left_out(tmp_path: Path) -> None:
    """What an option came to, how long the yes took, who decided."""
    (tmp_path / "broken").touch()
    for dry in (True, False):
        runs_a_runbook.run(session(tmp_path), runs_a_runbook.Options("practice", yes=True, dry_run=dry, output="json"))
    found = measured(tmp_path, output="json").json["metrics"]["runs"]
    assert (found["runs"], found["dry_left_out"], found["outcomes"]) == (1, 1, {"resolved": 1})
    assert found["options"][0] == {
        "runbook": "practice",
        "option": "remove",
        "tried": 1,
        "resolved": 1,
        "share": 1.0,
        "ended": {"resolved": 1},
    }
    assert (found["time_to_approve"]["n"], found["decisions"]) == (0, {"granted by --yes": 1})
    assert measured(tmp_path, dry=True, output="json").json["metrics"]["runs"]["runs"] == 2
    text = measured(tmp_path).out.getvalue()
    assert "1 dry run left out" in text and "practice/remove" in text and "1 of 1, 100 %" in text
