"""What a CronJob says of running its task now, by hand: pure functions of the API's raw JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Raw = Mapping[str, Any]


def forbids(cronjob: Raw) -> str | None:
    """Why its task may not be run now: it runs already, and its author forbids two."""
    spec, name, active = cronjob["spec"], cronjob["metadata"]["name"], _active(cronjob)
    if active and spec.get("concurrencyPolicy") == "Forbid":
        return f"CronJob {name} runs now ({', '.join(active)}), and its concurrencyPolicy is Forbid"
    return None


def warnings(cronjob: Raw) -> tuple[str, ...]:
    """What whoever approves should know of it."""
    spec, active = cronjob["spec"], _active(cronjob)
    said = [f"it runs beside {', '.join(active)}, which the schedule started"] if active else []
    if spec.get("suspend"):
        said.append("its schedule is suspended: somebody did not want it to run by itself")
    elif spec.get("concurrencyPolicy", "Allow") != "Allow":
        said.append("its schedule does not know of this Job and may start another one beside it")
    if (spec["jobTemplate"].get("spec") or {}).get("suspend"):
        said.append("its template makes suspended Jobs; this one starts at once")
    return tuple(said)


def _active(cronjob: Raw) -> list[str]:
    return [str(one.get("name", "?")) for one in (cronjob.get("status") or {}).get("active") or []]
