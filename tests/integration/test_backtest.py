"""A runbook held against the past of a real Prometheus: the moments are those of its samples."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runbook.cli import backtest
from runbook.clients.git import UnknownRevision
from runbook.errors import Exit, Unreachable, UsageError
from support.prometheus import prometheus
from support.repositories import Repo
from support.sessions import Heard, session

pytestmark = pytest.mark.integration

MINUTES = 360
BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: errors
title: Errors of the API
parameters:
  service: {type: string, examples: [api]}
signals:
  errors:
    uses: prometheus.query
    with: {query: 'max(error_ratio{service="{{ params.service }}"}) or vector(0)'}
symptoms:
  - alert: Errors
    labels: {service: "{{ params.service }}"}
  - {id: errors_high, signal: errors, expect: value > 0.05}
triage:
  - {id: level, signal: errors}
  - {id: pods, uses: kubernetes.pods, with: {namespace: shop, selector: app=api}}
resolution:
  - id: rollback
    when: steps.level.value > 0.15
    steps: [{id: back, uses: command.run, with: {argv: ["true"]}}]
  - id: scale
    when: steps.pods.count > 2
    steps: [{id: up, uses: command.run, with: {argv: ["true"]}}]
verification:
  within: 10m
  every: 30s
  hold: 2m
  checks: [{id: errors_low, signal: errors, expect: value < 0.02}]
"""


def ratio(minute: int) -> float:
    """Trouble from 60 to 70, which lingers until 75; more of it from 150 to 155, and at the end."""
    if 60 <= minute < 70:
        return 0.1
    if 70 <= minute < 75:
        return 0.03
    return 0.2 if 150 <= minute < 155 or minute >= MINUTES - 5 else 0.01


def history(start: int) -> str:
    """A sample a minute; from 200 to 230 the server was down. The alert fires from 61 to 70."""
    there = [(minute, start + 60 * minute) for minute in range(MINUTES + 1) if not 200 <= minute < 230]
    lines = ["# TYPE up gauge", *(f'up{{job="api"}} 1 {at}' for _, at in there)]
    lines += ["# TYPE error_ratio gauge", *(f'error_ratio{{service="api"}} {ratio(m)} {at}' for m, at in there)]
    lines += ["# TYPE ALERTS gauge"]
    labels = 'alertname="Errors",alertstate="firing",service="api"'
    lines += [f"ALERTS{{{labels}}} 1 {at}" for minute, at in there if 61 <= minute < 70]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def start() -> int:
    """The first sample, in Unix seconds."""
    return int(time.time()) // 60 * 60 - MINUTES * 60


@pytest.fixture(scope="module")
def url(start: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), history(start)) as running:
        yield running


@pytest.fixture
def folder(url: str, tmp_path: Path) -> Path:
    config = f"apiVersion: runbook/v1\nkind: Config\nconnections:\n  prometheus: {{url: '{url}'}}\n"
    (tmp_path / "runbook.yaml").write_text(config)
    return tmp_path


def held(folder: Path, book: str = BOOK, exit_: Exit = Exit.OK, **options: Any) -> Heard:
    """What the command said of a runbook."""
    heard = session(folder, runbook=book)
    given = {"since": f"{MINUTES}m", "output": "json", **options}
    assert backtest.backtest(heard, backtest.Options("errors", **given)) == exit_
    return heard


def minute(at: str | None, start: int) -> float | None:
    """A moment of the answer, in minutes from the first sample."""
    return None if at is None else (datetime.fromisoformat(at).astimezone(UTC).timestamp() - start) / 60


def moments(version: dict[str, Any], start: int) -> list[tuple[float | None, float | None]]:
    """When each episode started and was verified."""
    return [(minute(one["started"], start), minute(one["verified"], start)) for one in version["episodes"]]


def test_the_moments_are_those_of_the_samples(folder: Path, start: int) -> None:
    """Between the thresholds nothing ends, and verification holds for as long as it asks."""
    now = held(folder).json["now"]
    assert moments(now, start) == [(60, 77), (150, 157), (MINUTES - 5, None)]
    assert [one["symptoms"] for one in now["episodes"]] == [["errors_high"]] * 3


def test_options_are_those_that_readings_would_have_chosen(folder: Path) -> None:
    """By the server's answer for that moment; what it does not keep cannot be told."""
    first, second, _ = held(folder).json["now"]["episodes"]
    assert [(way["id"], way["verdict"]) for way in first["options"]] == [("rollback", "fail"), ("scale", "unknown")]
    assert [(way["id"], way["verdict"]) for way in second["options"]] == [("rollback", "pass"), ("scale", "unknown")]


def test_a_time_without_samples_is_unknown(folder: Path, start: int) -> None:
    """The query answers 0 there, which would be health."""
    now = held(folder).json["now"]
    spells = {(one["id"], minute(one["from"], start), minute(one["to"], start)) for one in now["unknown"]}
    assert {id_ for id_, _, _ in spells} == {"errors", "errors_high"}
    assert all(200 <= float(since or 0) <= 202 and until == 229 for _, since, until in spells)
    assert now["told"] == now["moments"] - (229 - min(int(since or 0) for _, since, _ in spells) + 1)


def test_an_alert_is_read_from_its_series(folder: Path, start: int) -> None:
    """Pending or gone, it does not fire."""
    book = BOOK.replace("  - {id: errors_high, signal: errors, expect: value > 0.05}\n", "")
    assert moments(held(folder, book).json["now"], start) == [(61, 77)]


def test_a_change_is_held_against_what_it_changes(folder: Path, start: int) -> None:
    """Both versions over the same moments."""
    session(folder, runbook=BOOK)
    Repo(folder).commit({})
    heard = held(folder, BOOK.replace("value > 0.05", "value > 0.15"), base="HEAD")
    assert moments(heard.json["base"], start) == [(60, 77), (150, 157), (MINUTES - 5, None)]
    assert moments(heard.json["now"], start) == [(61, 77), (150, 157), (MINUTES - 5, None)]
    said = held(folder, BOOK.replace("value > 0.05", "value > 0.15"), base="HEAD", output="markdown")
    text = said.out.getvalue()
    assert "- **change**: 1 at other moments" in text
    assert "| same |" in text


def test_a_new_runbook_has_nothing_before_it(folder: Path) -> None:
    """And a revision that is none is said."""
    Repo(folder).commit({"a": "x", "runbooks/other.yaml": BOOK.replace("name: errors", "name: other")})
    heard = held(folder, base="HEAD", output="text")
    assert "there was no such runbook" in heard.out.getvalue()
    with pytest.raises(UnknownRevision, match="--base nowhere: the repository has no commit nowhere"):
        held(folder, base="nowhere")


def test_text_tells_the_numbers_and_the_moments(folder: Path) -> None:
    """For somebody who reads it in a terminal."""
    said = held(folder, output="text").out.getvalue()
    plain = " ".join(said.split())
    assert "started 3 times; verified twice, after 7m to 17m; 1 still there at the end" in plain
    assert "rollback, scale?" in plain
    assert "no samples of its own" in plain


def test_a_query_that_the_server_refuses_tells_nothing(folder: Path) -> None:
    """Exit 4: nothing is taken for health."""
    alert = BOOK[BOOK.index("  - alert") : BOOK.index("  - {id: errors_high")]
    broken = BOOK.replace("or vector(0)", "or )").replace(alert, "")
    heard = held(folder, broken, Exit.UNDETERMINED)
    assert "parse error" in heard.json["now"]["unknown"][0]["reason"]


def test_what_no_prometheus_keeps_is_said(folder: Path) -> None:
    """A runbook without a measured symptom has no past to be looked at."""
    probe = "{id: errors_high, uses: tcp.connect, with: {host: 127.0.0.1, port: 1}, expect: not reachable}"
    symptoms, rest = BOOK.split("triage:")
    book = f"{symptoms.split('symptoms:')[0]}symptoms:\n  - {probe}\ntriage:{rest}"
    with pytest.raises(UsageError, match="no symptom of errors is measured"):
        held(folder, book)


def test_a_server_out_of_reach_is_an_error(folder: Path) -> None:
    """Not an empty past."""
    config = folder / "runbook.yaml"
    config.write_text(config.read_text().partition("prometheus:")[0] + "prometheus: {url: 'http://127.0.0.1:9'}\n")
    with pytest.raises(Unreachable, match=r"Prometheus cannot be asked: 127\.0\.0\.1:9 refused") as refused:
        held(folder)
    assert refused.value.hint == "is it up, and is its address in runbook.yaml right?"


@pytest.mark.parametrize(
    ("options", "said"),
    [({"since": "3y"}, "--since"), ({"step": "0s"}, "--step"), ({"since": "300d", "step": "10s"}, "more than 200,000")],
)
def test_what_cannot_be_looked_at_is_said_before_anything_is_asked(
    folder: Path, options: dict[str, str], said: str
) -> None:
    """With a step that would do."""
    with pytest.raises(UsageError, match=said):
        held(folder, **options)
