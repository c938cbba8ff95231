"""JSON, CSV and OpenMetrics: the same numbers, for whoever reads them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess

import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from runbook.report.audit import csv_line
from runbook.report.metrics.objects import COLUMNS, csv_rows, metrics_object
from runbook.report.metrics.openmetrics import openmetrics
from support.measured import BY, ODD, generated, told

ALL = {"mttd", "mtta", "mttm", "mttr_resolve", "mttr_recovery", "mttr_respond", "mttr_repair", "mtbf"}


def families(text):
    return {family.name: family for family in text_string_to_metric_families(text)}


@pytest.mark.parametrize("name", ODD)
def test_an_object_is_json_whatever_there_is(name):
    """All measures are there, with null where nothing is known."""
    incidents, question = ODD[name]
    found = metrics_object(told(incidents, by=BY, **question))["metrics"]
    assert json.loads(msgspec.json.encode(found)) == json.loads(json.dumps(found))
    assert set(found["measures"]) == ALL
    for one in found["measures"].values():
        assert (one["n"] == 0) == (one["median_seconds"] is None)
        assert one["n"] or one["min_seconds"] is None


@pytest.mark.parametrize("name", ODD)
def test_csv_has_a_row_for_each_group_and_measure(name):
    """Under names that stay, and nothing in it that a spreadsheet would compute."""
    incidents, question = ODD[name]
    asked = told(incidents, by=BY, **question)
    text = "\n".join(csv_line(row) for row in [COLUMNS, *csv_rows(asked)])
    rows = list(csv.DictReader(io.StringIO(text)))
    groups = 1 + sum(len(one.groups) for one in asked.metrics.breakdowns)
    assert len(rows) == groups * len(ALL)
    assert not any(str(cell).startswith(("=", "+", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize("name", ODD)
def test_openmetrics_is_read_by_a_parser_that_is_strict(name):
    """Types, units, buckets that never fall, escaped labels, and an end."""
    incidents, question = ODD[name]
    found = families(openmetrics(told(incidents, by=BY, **question)))
    assert found["runbook_incidents"].samples[0].value == told(incidents, **question).metrics.whole.incidents


@pytest.mark.parametrize("name", ["hostile", "many", "one"])
def test_openmetrics_is_read_by_prometheus(name, tmp_path):
    """By its own parser: promtool makes a block of samples of it."""
    if (promtool := shutil.which("promtool")) is None:
        pytest.skip("promtool is not installed")
    incidents, question = ODD[name]
    lines = openmetrics(told(incidents, by=BY, **question)).splitlines()
    stamped = "".join(f"{line}\n" if line.startswith("#") else f"{line} 1790000000\n" for line in lines)
    (tmp_path / "in.om").write_text(stamped)
    argv = [promtool, "tsdb", "create-blocks-from", "openmetrics", tmp_path / "in.om", tmp_path / "data"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_three_say_the_same():
    """n, median and missing of each group, from one to the other."""
    asked = told(generated(300), by=[("severity",)], imported=True)
    [breakdown] = metrics_object(asked)["metrics"]["by"]
    rows = {(row[1], row[2]): row for row in csv_rows(asked) if row[0] == "severity"}
    stats = families(openmetrics(asked))["runbook_incident_duration_stat_seconds"].samples
    gauges = {
        (s.labels["severity"], s.labels["measure"]): s.value
        for s in stats
        if s.labels["stat"] == "median" and s.labels["by"] == "severity"
    }
    for group in breakdown["groups"]:
        for name, one in group["measures"].items():
            key = (group["group"]["severity"], name)
            assert rows[key][6:8] == (one["n"], one["missing"])
            assert rows[key][10] == one["median_seconds"] == pytest.approx(gauges[key], abs=1e-6)


def test_what_is_not_known_has_no_sample():
    """A gauge of 0 would be an answer."""
    found = families(openmetrics(told(ODD["all missing"][0])))
    unmeasured = found["runbook_incidents_unmeasured"].samples
    of_detection = {
        one.labels["time"]: one.value for one in unmeasured if one.labels["measure"] == "mttd" and one.value
    }
    assert of_detection == {"impact_started": 3}
    assert "runbook_incident_duration_stat_seconds" not in found
