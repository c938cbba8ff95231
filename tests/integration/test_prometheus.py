"""The Prometheus client and kinds against a real Prometheus: faults F75 to F80 as the server really answers them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook import clients
from runbook.clients.prometheus import PrometheusClient
from runbook.core.changes import Observation
from runbook.errors import Unreachable, WorldError
from runbook.kinds import prometheus_alerts, prometheus_compare, prometheus_query, prometheus_range
from runbook.testing.world import FakeWorld
from support.prometheus import prometheus, samples

pytestmark = pytest.mark.integration

RULES = """
groups:
  - name: api
    rules:
      - alert: ApiErrorRateHigh
        expr: sum by (service) (rate(http_requests_total{status="500"}[5m])) > 0.1
        labels: {severity: page}
      - alert: ApiDown
        expr: sum(rate(http_requests_total[5m])) == 0
"""
RATIO = 'sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))'


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that has seen 8 good and 2 bad requests a second for half an hour."""
    history = samples(time.time(), s200=8, s500=2)
    with prometheus(tmp_path_factory.mktemp("prometheus"), history, RULES) as running:
        yield running


@pytest.fixture
def client(url: str) -> PrometheusClient:
    found: PrometheusClient = clients.connect("prometheus", {"url": url, "timeout": "10s"}, str)
    return found


@pytest.fixture
def observe(client: PrometheusClient, tmp_path: Path) -> Callable[..., Observation]:
    def observe(kind: Any = prometheus_query, **inputs: Any) -> Observation:
        seen: Observation = kind.observe(inputs, FakeWorld(tmp_path, clients={"prometheus": client}))
        return seen

    return observe


def test_the_check_names_version_and_place(client: PrometheusClient, url: str) -> None:
    """The line is what `doctor` shows."""
    said = client.check(5)
    assert said.startswith("Prometheus 2.") or said.startswith("Prometheus 3.")
    assert said.endswith(f" at {url}")


def test_a_ratio_is_a_value(observe: Callable[..., Observation]) -> None:
    """Two of ten requests fail."""
    seen = observe(query=RATIO)
    assert (round(seen.output["value"], 3), seen.unknown, seen.output["labels"]) == (0.2, None, {})


def test_a_moment_in_the_past_is_another_value(observe: Callable[..., Observation]) -> None:
    """Before the first sample there is no data; ten minutes ago there was."""
    now = time.time()
    assert observe(query="sum(http_requests_total)", at=now - 7200).unknown == prometheus_query.EMPTY
    assert observe(query="sum(http_requests_total)", at=now - 600).output["value"] > 0


@pytest.mark.fault(75)
@pytest.mark.parametrize("query", ["no_such_metric", "http_requests_total > 1e12"], ids=["gone", "compared away"])
def test_no_series_is_no_data(query: str, observe: Callable[..., Observation]) -> None:
    """F75: a metric that is gone and a comparison that is false give the same answer; both are unknown."""
    assert observe(query=query).unknown == prometheus_query.EMPTY


def test_empty_means_zero_while_the_metric_is_there(observe: Callable[..., Observation]) -> None:
    """F75: only what `present` vouches for."""
    none = 'sum(rate(http_requests_total{status="503"}[5m]))'
    there = observe(query=none, empty_means=0, present="http_requests_total")
    gone = observe(query=none, empty_means=0, present="no_such_metric")
    assert (there.output["value"], there.unknown) == (0, None)
    assert gone.output["value"] is None
    assert gone.unknown == "no data: the query has no series, and none for `present`"


@pytest.mark.fault(76)
@pytest.mark.parametrize(("query", "text"), [("0/0", "NaN"), ("1/0", "+Inf"), ("vector(-1)/0", "-Inf")])
def test_what_is_no_finite_number_is_unknown(query: str, text: str, observe: Callable[..., Observation]) -> None:
    """F76: as scalar and as vector."""
    seen = observe(query=query)
    assert (seen.output["value"], seen.unknown) == (None, f"the value is {text}")


def test_several_series_are_rows(observe: Callable[..., Observation]) -> None:
    """F77: every one with its labels, none of them the value."""
    seen = observe(query="sum by (status) (http_requests_total)")
    assert sorted(row["labels"]["status"] for row in seen.output["rows"]) == ["200", "500"]
    assert (seen.output["value"], seen.output["count"], seen.unknown) == (None, 2, None)


def test_topk_keeps_its_order(observe: Callable[..., Observation]) -> None:
    """The largest comes first, as in Prometheus' own console."""
    seen = observe(query="topk(2, sum by (status) (http_requests_total))")
    assert [row["labels"]["status"] for row in seen.output["rows"]] == ["200", "500"]


@pytest.mark.parametrize(("query", "kind"), [('"text"', "string"), ("http_requests_total[1m]", "matrix")])
def test_a_result_without_a_value_now_is_unknown(query: str, kind: str, observe: Callable[..., Observation]) -> None:
    """F77: a string and a range."""
    assert f"gives a {kind}" in str(observe(query=query).unknown)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sum(rate(http_requests_total[5m])", r"1:\d+: parse error: unclosed left parenthesis"),
        ("http_requests_total * on() http_requests_total", "many-to-many matching not allowed"),
    ],
    ids=["400", "422"],
)
def test_prometheus_s_own_words_come_through(query: str, said: str, observe: Callable[..., Observation]) -> None:
    """F80: a query that cannot be answered is an error with line and column, not an empty result."""
    with pytest.raises(WorldError, match=f"Prometheus cannot answer this query: .*{said}") as refused:
        observe(query=query)
    assert not isinstance(refused.value, Unreachable)


def test_a_long_query_is_asked_whole(observe: Callable[..., Observation]) -> None:
    """Longer than any URL may be."""
    query = f'label_replace(vector(5), "long", "{"x" * 70_000}", "", "")'
    assert observe(query=query).output["value"] == 5


def test_a_range_is_summed_up(observe: Callable[..., Observation]) -> None:
    """The counter grows, so its last value is its largest."""
    seen = observe(prometheus_range, query='http_requests_total{status="500"}', **{"for": "10m"})
    assert seen.unknown is None
    assert 38 <= len(seen.output["series"][0]["points"]) <= 41
    assert seen.output["first"] == seen.output["min"] < seen.output["mean"] < seen.output["last"]


def test_a_range_without_data_is_unknown(observe: Callable[..., Observation]) -> None:
    """F75 over time."""
    assert observe(prometheus_range, query="no_such_metric", **{"for": "10m"}).unknown


def test_an_alert_fires(observe: Callable[..., Observation]) -> None:
    """By name and labels; one whose condition is false does not."""
    deadline = time.monotonic() + 20
    while not observe(prometheus_alerts, name="ApiErrorRateHigh", labels={"service": "api"}).output["firing"]:
        assert time.monotonic() < deadline, "the alert did not fire"
        time.sleep(0.1)
    assert not observe(prometheus_alerts, name="ApiErrorRateHigh", labels={"service": "web"}).output["firing"]
    assert not observe(prometheus_alerts, name="ApiDown").output["firing"]
    found = observe(prometheus_alerts, name="ApiErrorRateHigh").output["alerts"][0]
    assert (found["state"], found["labels"]["severity"], round(found["value"])) == ("firing", "page", 2)
    assert found["active_at"].endswith("Z")


def test_now_is_compared_with_ten_minutes_ago(observe: Callable[..., Observation]) -> None:
    """A counter has grown by its rate; each series is compared with itself."""
    seen = observe(prometheus_compare, query='http_requests_total{status="200"}', before="10m")
    assert seen.unknown is None
    assert 4700 <= seen.output["difference"] <= 4900
    assert seen.output["now"] / seen.output["then"] == pytest.approx(seen.output["ratio"])
    both = observe(prometheus_compare, query="sum by (status) (http_requests_total)", before="10m")
    assert [row["difference"] > 0 for row in both.output["rows"]] == [True, True]


def test_a_time_before_the_first_sample_is_no_data_then(observe: Callable[..., Observation]) -> None:
    """Two hours ago there was nothing yet; the reason says on which side."""
    seen = observe(prometheus_compare, query="sum(http_requests_total)", before="2h")
    assert seen.unknown == f"then: {prometheus_query.EMPTY}"
