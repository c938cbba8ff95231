"""Ten thousand incidents, measured by us and by pandas: every number is the same.

The reference is written from the definitions, in whole columns, and shares no code with what it checks.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import msgspec
import numpy as np
import pandas as pd
import pytest

from runbook.incident.metrics.compute import Breakdown, Group, Metrics, Question, metrics
from runbook.incident.metrics.samples import BUCKETS, Sample
from support.measured import DAY, SEVERITIES, START, generated

NOW = START + DAY
SINCE = START - 2 * 365 * DAY
PAIRS = {  # measure: start, then what may stand in for it; end, then what may stand in for that
    "mttd": (["impact_started"], ["detected", "alerted"]),
    "mtta": (["alerted", "detected"], ["acknowledged"]),
    "mttm": (["impact_started"], ["mitigated"]),
    "mttr_resolve": (["detected", "alerted", "declared"], ["resolved"]),
    "mttr_recovery": (["impact_started"], ["resolved"]),
    "mttr_respond": (["alerted", "detected"], ["resolved"]),
    "mttr_repair": (["mobilised", "acknowledged"], ["resolved"]),
}
BY = [("severity",), ("service",), ("type",), ("month",), ("severity", "service")]
CASES = [(by, measure) for by in [(), *BY] for measure in PAIRS]


@cache
def frame() -> pd.DataFrame:
    rows = pd.DataFrame([msgspec.structs.asdict(one) | {"status": str(one.status)} for one in generated(10_000)])
    noticed = rows[["detected", "alerted", "declared"]].min(axis=1)
    rows["began"] = rows["impact_started"].fillna(noticed)
    rows["month"] = pd.to_datetime(rows["began"], unit="s", utc=True).dt.strftime("%Y-%m")
    return rows[~rows["imported"]]


@cache
def ours() -> Metrics:
    question = Question(by=BY, since=SINCE, severities=SEVERITIES, targets={"mttd": 300, "mttr": 1800})
    return metrics(generated(10_000), question, NOW)


def groups(by: tuple[str, ...]) -> list[tuple[Group, pd.DataFrame]]:
    """Our groups, each with the rows that belong to it."""
    found = Breakdown((), [ours().whole]) if not by else next(one for one in ours().breakdowns if one.by == by)
    rows = frame()
    rows = rows[(rows["began"] >= SINCE) & (rows["began"] < NOW)]
    pairs = []
    for group in found.groups:
        part = rows
        for name, word in zip(by, group.key, strict=True):
            part = part[part[name].isna()] if word is None else part[part[name] == word]
        pairs.append((group, part))
    assert sum(len(part) for _, part in pairs) == len(rows)
    return pairs


def lengths(rows: pd.DataFrame, measure: str) -> pd.Series:
    starts, ends = PAIRS[measure]
    return rows[ends].bfill(axis=1).iloc[:, 0] - rows[starts].bfill(axis=1).iloc[:, 0]


def close(one: float | None, other: float) -> bool:
    return one is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("by", "measure"), CASES, ids=lambda value: value if isinstance(value, str) else "+".join(value)
)
def test_every_number_of_every_group_is_that_of_pandas(by, measure):
    """n, median, p90, least, most, mean, and the histogram."""
    for group, rows in groups(by):
        sample, took = group.samples[measure], lengths(rows, measure)
        known = took[took >= 0]
        assert (group.incidents, sample.n) == (len(rows), len(known))
        if len(known):
            numbers = [known.median(), known.quantile(0.9), known.min(), known.max(), known.mean()]
            our = [sample.median, sample.p90, sample.least, sample.most, sample.mean]
            assert all(close(a, b) for a, b in zip(our, numbers, strict=True))
        cut = pd.cut(known, [-math.inf, *BUCKETS, math.inf]).value_counts(sort=False)
        assert sample.histogram == cut.tolist()


@pytest.mark.parametrize("measure", PAIRS)
def test_what_is_not_known_adds_up(measure):
    """Measured, missing, open and impossible are all incidents, and each is what it is called."""
    [(group, rows)] = groups(())
    sample, took = group.samples[measure], lengths(rows, measure)
    starts, ends = PAIRS[measure]
    assert sample.n + sample.missing + sample.open + len(sample.invalid) == len(rows)
    assert {one.incident for one in sample.invalid} == set(rows[took < 0]["id"])
    without = rows[starts].isna().all(axis=1)
    running = rows["status"] != "resolved" if ends == ["resolved"] else rows["status"] == "open"
    if ends[0] not in ("mitigated", "resolved"):
        running &= False
    assert sample.open == int((~without & rows[ends].isna().all(axis=1) & running).sum())
    assert sample.lacks.get(starts[0], 0) == int(without.sum())


def test_shares_within_the_target_are_those_of_numpy():
    """Shorter than the target, not as long as it."""
    [(group, rows)] = groups(())
    for measure, target in (("mttd", 300), ("mttr_resolve", 1800)):
        took = lengths(rows, measure).to_numpy()
        assert ours().target(measure) == target
        assert group.samples[measure].below(target) == int(np.count_nonzero((took >= 0) & (took < target)))


def downtimes(rows: pd.DataFrame) -> dict[str, list[tuple[float, float]]]:
    """Failures of each service, those that overlap or touch as one; by a running maximum of ends."""
    rows = rows[rows["service"].notna()].copy()
    rows["end"] = rows["mitigated"].fillna(rows["resolved"])
    rows = rows[rows["end"] >= rows["began"]].sort_values(["service", "began", "end"])
    merged: dict[str, list[tuple[float, float]]] = {}
    for service, part in rows.groupby("service"):
        reach = part["end"].cummax().shift(fill_value=-math.inf)
        number = (part["began"] > reach).cumsum()
        both = part.groupby(number).agg({"began": "min", "end": "max"})
        merged[service] = list(both.itertuples(index=False, name=None))
    return merged


def test_uptime_between_failures_is_that_of_pandas():
    """Overlapping impact merged, per service; stretches by the failure that ended them, uptime of the whole window."""
    merged = downtimes(frame())
    stretches = [b[0] - a[1] for each in merged.values() for a, b in pairwise(each) if SINCE <= b[0] < NOW]
    down = sum(max(0, min(end, NOW) - max(begin, SINCE)) for each in merged.values() for begin, end in each)
    failures = sum(SINCE <= begin < NOW for each in merged.values() for begin, _ in each)
    between = ours().whole.between
    assert (between.sample.n, between.failures, between.services) == (len(stretches), failures, len(merged))
    assert close(between.sample.median, float(np.median(stretches)))
    assert close(between.downtime, down)
    assert close(between.uptime, len(merged) * (NOW - SINCE) - down)


def test_uptime_by_month_adds_up_to_that_of_all_months():
    """A month counts the failures that began in it, and its own hours."""
    whole, [months] = ours().whole.between, [one for one in ours().breakdowns if one.by == ("month",)]
    betweens = [group.between for group in months.groups]
    assert sum(one.failures for one in betweens) == whole.failures
    assert sum(one.sample.n for one in betweens) == whole.sample.n
    assert close(sum(one.downtime for one in betweens), whole.downtime)


def test_every_quantile_is_numpys_to_the_last_bit():
    """Type 7, computed in the same order of additions."""
    values = sorted(value for one in ours().whole.samples.values() for value in one.values[:300])
    for length in (1, 2, 3, 10, 299, 2000):
        sample = Sample(values[:length])
        for share in (0.0, 0.05, 0.5, 0.9, 0.99, 1.0):
            assert sample.quantile(share) == np.quantile(np.array(values[:length]), share)
