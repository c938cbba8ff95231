"""How it is known that it helped, beside what it was; and whether a check can pass while its symptom is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runbook.authoring.diff import promql
from runbook.authoring.diff.logic import meet, touching
from runbook.authoring.diff.meaning import Meaning, Spot, same
from runbook.authoring.diff.steps import told_steps
from runbook.authoring.diff.uses import Use
from runbook.document.model import Runbook, Signal, Step, Verification

_Signals = tuple[Mapping[str, Signal], Mapping[str, Signal]]


def told_verification(
    spot: Spot, before: Verification | None, after: Verification | None, signals: _Signals
) -> Iterator[Meaning]:
    """Checks, and the time in which they must pass."""
    if before is None or after is None:
        if before is not None:
            checks = [check.id for check in before.checks]
            yield spot.tells("verification-removed", "nothing is checked any more", checks, "none")
        elif after is not None:
            yield spot.tells("stricter", "it is checked whether it helped", None, [check.id for check in after.checks])
        return
    yield from told_steps(spot, "checks", before.checks, after.checks, lambda _: Use.CHECK, "check", signals)
    if before.hold != after.hold:
        code = "verification-loosened" if after.hold < before.hold else "stricter"
        words = f"it must hold for {'less time' if after.hold < before.hold else 'longer'}"
        yield spot.at("hold").tells(code, words, before.hold, after.hold)
    if before.within != after.within:
        words = f"it is given {'more' if after.within > before.within else 'less'} time to pass"
        yield spot.at("within").tells("verification-waits", words, before.within, after.within)
    if before.every != after.every:
        yield spot.at("every").tells(
            "verification-waits", "it is looked at in another rhythm", before.every, after.every
        )


def told_meetings(spot: Spot, before: Runbook | None, after: Runbook) -> Iterator[Meaning]:
    """Checks of the head that pass while a symptom on the same reading is there, unless they did so before."""
    known = set(_meetings(before)) if before is not None else set()
    for symptom, check, exactly in _meetings(after):
        if (symptom, check, exactly) in known or (exactly and (symptom, check, False) in known):
            continue
        one = next(each.probe for each in after.symptoms if each.id == symptom)
        other = next(each for each in after.checks if each.id == check)
        assert one is not None  # noqa: S101 - it has met the check
        how = f"'{check}' passes as soon as '{symptom}' is not there: nothing stands between"
        if not exactly:
            how = f"'{check}' can pass while '{symptom}' is there"
        code = "verification-no-stricter" if exactly else "verification-meets-symptom"
        here = spot.at("verification").among("checks", check, f"check '{check}'")
        yield here.tells(code, how, f"symptom: {one.expect}", f"check: {other.expect}")


def _meetings(book: Runbook) -> Iterator[tuple[str, str, bool]]:
    """Symptom, check, and whether they only touch."""
    for symptom in book.symptoms:
        for check in book.checks:
            probe = symptom.probe
            if probe is None or probe.expect is None or check.expect is None or not _one_reading(probe, check):
                continue
            if meet(probe.expect, check.expect):
                yield symptom.id, check.id, False
            elif touching(probe.expect, check.expect):
                yield symptom.id, check.id, True


def _one_reading(one: Step, other: Step) -> bool:
    if one.uses != other.uses or one.connection != other.connection:
        return False
    if same(one.inputs, other.inputs):
        return True
    queries = one.inputs.get("query"), other.inputs.get("query")
    rest = ({key: value for key, value in step.inputs.items() if key != "query"} for step in (one, other))
    both = one.uses.startswith("prometheus.") and all(isinstance(query, str) for query in queries)
    return both and same(*rest) and promql.same(str(queries[0]), str(queries[1]))
