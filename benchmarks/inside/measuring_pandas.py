"""The same measures of the same incidents, by pandas: n, median, p90, min, max and mean, of all and by group.

Without what pandas does not know by itself: what is missing and why, histograms, uptime between failures. Arguments: a
file of incidents (JSON lines), rounds. Prints JSON: a list of milliseconds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas as pd

PAIRS = {
    "mttd": (["impact_started"], ["detected", "alerted"]),
    "mtta": (["alerted", "detected"], ["acknowledged"]),
    "mttm": (["impact_started"], ["mitigated"]),
    "mttr_resolve": (["detected", "alerted", "declared"], ["resolved"]),
    "mttr_recovery": (["impact_started"], ["resolved"]),
    "mttr_respond": (["alerted", "detected"], ["resolved"]),
    "mttr_repair": (["mobilised", "acknowledged"], ["resolved"]),
}


def measured(rows: pd.DataFrame) -> list[pd.DataFrame]:
    began = rows["impact_started"].fillna(rows[["detected", "alerted", "declared"]].min(axis=1))
    month = pd.to_datetime(began, unit="s", utc=True).dt.strftime("%Y-%m")
    tables = []
    for starts, ends in PAIRS.values():
        took = rows[ends].bfill(axis=1).iloc[:, 0] - rows[starts].bfill(axis=1).iloc[:, 0]
        took = took[took >= 0]
        for by in (pd.Series(0, index=rows.index), rows["severity"], rows["service"], rows["type"], month):
            grouped = took.groupby(by[took.index], dropna=False)
            tables.append(grouped.agg(["count", "median", "min", "max", "mean"]).assign(p90=grouped.quantile(0.9)))
    return tables


def main() -> None:
    rows = pd.read_json(Path(sys.argv[1]), lines=True)
    taken = []
    for _ in range(int(sys.argv[2]) + 1):
        begun = time.perf_counter()
        measured(rows)
        taken.append((time.perf_counter() - begun) * 1000)
    print(json.dumps({"pandas": taken[1:]}))


main()
