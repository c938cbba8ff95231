"""The measures: which two times of an incident each is made of, and what stands in for a time that is missing.

MTTR is four measures that share a name, and are told apart by where the clock starts; all of them stop when the
incident is resolved. What stops earlier, when users do not suffer any more, is MTTM. MTBF is made of all incidents of a
service together, and is in `outages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

RESOLVE: Final = "mttr_resolve"


class Measure(NamedTuple):
    """Seconds from one time to another; the first of `starts` and `ends` that is known counts."""

    name: str
    label: str
    title: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]

    @property
    def start(self) -> str:
        """The time that it is meant to begin with."""
        return self.starts[0]

    @property
    def end(self) -> str:
        """The time that it is meant to end with."""
        return self.ends[0]


# An alert is a detection, and who was told of nothing else was told when it was detected: these may stand in, and are
# counted. That something was mitigated when it was resolved is true, and still no time of it: that would only lengthen.
MEASURES: Final = (
    Measure("mttd", "MTTD", "time to detect", ("impact_started",), ("detected", "alerted")),
    Measure("mtta", "MTTA", "time to acknowledge", ("alerted", "detected"), ("acknowledged",)),
    Measure("mttm", "MTTM", "time to mitigate", ("impact_started",), ("mitigated",)),
    Measure("mttr_resolve", "MTTR (resolve)", "time to resolve", ("detected", "alerted", "declared"), ("resolved",)),
    Measure("mttr_recovery", "MTTR (recovery)", "time to recovery", ("impact_started",), ("resolved",)),
    Measure("mttr_respond", "MTTR (respond)", "time to respond", ("alerted", "detected"), ("resolved",)),
    Measure("mttr_repair", "MTTR (repair)", "time to repair", ("mobilised", "acknowledged"), ("resolved",)),
)
BY_NAME: Final[Mapping[str, Measure]] = {measure.name: measure for measure in MEASURES}
MTTR: Final = tuple(measure.name.removeprefix("mttr_") for measure in MEASURES if measure.name.startswith("mttr_"))


def target_of(name: str, targets: Mapping[str, float], mttr: str) -> float | None:
    """What a measure is to stay below, in seconds; that of MTTR holds for the one that is used. None without one."""
    if name.startswith("mttr_"):
        return targets.get(name, targets.get("mttr") if name == mttr else None)
    return targets.get(name)
