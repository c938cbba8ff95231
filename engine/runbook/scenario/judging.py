"""What must come of a scenario against what came: a list of differences that reads like one.

Only what a scenario names is compared, each exactly: a list is all of it, in its order, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from runbook.core.addresses import last
from runbook.core.history import History, address, short
from runbook.core.views import AppliedChange
from runbook.core.words import Status
from runbook.document.durations import spoken
from runbook.document.model import ScenarioChange, ScenarioExpect
from runbook.scenario.answers import names
from runbook.scenario.happened import Moment, out_of_order
from runbook.scenario.sequences import BOTH, MISSING, UNEXPECTED, Line, beside

NONE = "none"


class Difference(msgspec.Struct, frozen=True):
    """One expectation that was not met, in words for people; `key` is its place under `expect`."""

    what: str
    expected: str
    came: str
    lines: tuple[Line, ...] = ()
    key: tuple[str | int, ...] = ()


def differences(
    expect: ScenarioExpect, seen: History, *, took: float, reason: str | None = None, moments: Sequence[Moment] = ()
) -> list[Difference]:
    """Every expectation that was not met, in the order of the documentation.

    `took` is simulated seconds. `reason` is why the run ended, shown beside an unexpected outcome. `moments` are what
    happened, one after the other.
    """
    found = [*_words(expect, seen, reason), *_lists(expect, seen), *_changes(expect, seen), *_tables(expect, seen)]
    found += _ordered(expect, moments)
    if expect.within is not None and took > expect.within:
        found.append(_differs("within", f"at most {expect.within}", spoken(took), ("within",)))
    return found


def _differs(what: str, expected: str, came: str, key: tuple[str | int, ...]) -> Difference:
    return Difference(what, expected, came, (Line(MISSING, expected), Line(UNEXPECTED, came)), key)


def _words(expect: ScenarioExpect, seen: History, reason: str | None) -> Iterator[Difference]:
    """What is one word."""
    outcome = str(seen.outcome) if seen.outcome else NONE
    because = f" ({reason})" if reason else ""
    status = str(Status.FINISHED if seen.finished else Status.WAITING)
    option = (seen.finished or {}).get("option") or NONE
    compared = [
        ("outcome", expect.outcome, outcome, because),
        ("status", expect.status, status, because),
        ("option", expect.option, option, ""),
        ("escalated", expect.escalated, seen.pages[-1]["to"] if seen.pages else NONE, ""),
        ("continues", expect.continues, (seen.continued or {}).get("runbook") or NONE, ""),
    ]
    for what, expected, came, why in compared:
        if expected is not None and expected != came:
            yield _differs(what, expected, f"{came}{why}", (what,))


def _lists(expect: ScenarioExpect, seen: History) -> Iterator[Difference]:
    """What is a list of names: all of it, in order."""
    changes = list(seen.changes.values())
    told = [f"{m['channel']}/{m.get('template') or 'text'}" for m in seen.messages]
    lists = [
        ("applied", expect.applied, [_name(expect.applied, change.path) for change in changes]),
        ("undone", expect.undone, [_name(expect.undone, change.path) for change in changes if change.undone]),
        ("told", expect.told, told),
    ]
    for what, expected, came in lists:
        if expected is not None and list(expected) != came:
            yield Difference(what, _listed(expected), _listed(came), beside(expected, came), (what,))


def _listed(entries: Sequence[str]) -> str:
    return ", ".join(entries) or "nothing"


def _name(expected: tuple[str, ...] | None, path: str) -> str:
    """A step as the scenario calls it: its address where that is what is written, else its id."""
    for alias in (path, short(path)):
        if expected and alias in expected:
            return alias
    return last(path)


# --- changes ------------------------------------------------------------------------------------------------------


def _changes(expect: ScenarioExpect, seen: History) -> Iterator[Difference]:
    """Each change as it is described; of those that came, what nobody described is told in full."""
    if expect.changes is None:
        return
    came = list(seen.changes.values())
    described = {i: one for i, one in enumerate(expect.changes[: len(came)]) if one.step in names(came[i].path)}
    wanted = [_said(one) for one in expect.changes]
    were = [_was(change, described.get(i)) for i, change in enumerate(came)]
    if wanted != were:
        yield Difference("changes", "; ".join(wanted) or "nothing", "; ".join(were) or "nothing", beside(wanted, were),
                         ("changes",))  # fmt: skip


def _said(change: ScenarioChange) -> str:
    parts = [change.target, change.effect, f"applied {change.applied}" if change.applied else None]
    return _described(change.step, parts, change.inputs)


def _was(came: AppliedChange, like: ScenarioChange | None) -> str:
    """A change in the words of its description; all of it where it has none."""
    change, applied = came.change, f"applied {came.outcome.applied}"
    if like is None:
        return _described(last(came.path), [str(change.target), str(change.effect), applied], {})
    parts = [
        str(change.target) if like.target else None,
        str(change.effect) if like.effect else None,
        applied if like.applied else None,
    ]
    return _described(like.step, parts, {name: change.inputs.get(name) for name in like.inputs})


def _described(step: str, parts: Sequence[str | None], inputs: Mapping[str, Any]) -> str:
    plain = [f"{name} {_plain(value)}" for name, value in inputs.items()]
    said = ", ".join([part for part in parts if part] + plain)
    return f"{step}: {said}" if said else step


def _plain(value: Any) -> str:
    """A value as JSON writes it, so that `1` and "1" are not alike, and `12` and `12.0` are."""
    number = isinstance(value, float) and value.is_integer()
    return msgspec.json.encode(int(value) if number else value, order="sorted").decode()


# --- tables and order ---------------------------------------------------------------------------------------------


def _tables(expect: ScenarioExpect, seen: History) -> Iterator[Difference]:
    """What is said by option or by step; only those that are named."""
    gates = {gate.option: gate for gate in seen.gates.values() if address(gate.key) == f"resolution/{gate.option}"}
    decided = {name: str(gate.decision["verdict"]) if gate.decision else "open" for name, gate in gates.items()}
    ended = {name: view.ended for name, view in seen.options.items()}
    for what, wanted, by_option in (("options", expect.options, ended), ("gates", expect.gates, decided)):
        for option, word in (wanted or {}).items():
            came = by_option.get(option) or NONE
            if came != word:
                of = "gate of" if what == "gates" else "option"
                yield _differs(f"{of} {option}", word, came, (what, option))
    verdicts = {path: row.verdict for path, row in seen.rows.items()}
    statuses = {path: str(row.status) for path, row in seen.rows.items()}
    means = {path: finding.say for path, finding in seen.findings.items()}
    by_step = (
        ("verdicts", "verdict of", expect.verdicts, verdicts),
        ("steps", "step", expect.steps, statuses),
        ("means", "what it means:", expect.means, means),
    )
    for what, of, expected, facts in by_step:
        for step, word in (expected or {}).items():
            last_ = [fact for path, fact in facts.items() if step in names(path)]
            came = (last_[-1] if last_ else None) or NONE
            if came != word:
                yield _differs(f"{of} {step}", word, came, (what, step))


def _ordered(expect: ScenarioExpect, moments: Sequence[Moment]) -> Iterator[Difference]:
    """What did not happen when it should have: never, or only before what it should have come after."""
    wrong = out_of_order(expect.order or (), moments)
    if wrong is None or expect.order is None:
        return
    position, earlier = wrong
    name, before = expect.order[position], expect.order[:position]
    came = f"it did, but only before {before[-1]}" if earlier else "it never did"
    after = f"{name} happens after {before[-1]}" if before else f"{name} happens"
    lines = (*(Line(BOTH, one) for one in before), Line(MISSING, after), Line(UNEXPECTED, came))
    yield Difference("order", after, came, lines, ("order", position))
