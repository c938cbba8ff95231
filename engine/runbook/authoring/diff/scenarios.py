"""Scenarios beside what they were: those that are gone, and those that expect less.

What a scenario of the base makes of the head's runbook is played, and told, elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from runbook.authoring.diff.fields import changed, matched, told
from runbook.authoring.diff.meaning import Meaning, Spot, same
from runbook.authoring.diff.renaming import new_names, renamed
from runbook.document.model import ScenarioCase, Scenarios

_GIVEN = "scenario-changed"


def told_scenarios(spot: Spot, before: Scenarios, after: Scenarios) -> Iterator[Meaning]:
    """All scenarios of a document."""
    books = spot.world.before.runbooks().get(before.runbook), spot.world.after.runbooks().get(after.runbook)
    names = new_names(books[0], books[1]) if books[0] is not None and books[1] is not None else {}
    cases = [renamed(case, names) for case in before.scenarios]
    lists = matched(cases, after.scenarios, lambda case: case.name)
    for case in lists.gone:
        twin = next((one for one in lists.new if same(_nameless(one), _nameless(case))), None)
        here = spot.among("scenarios", case.name, f"scenario '{case.name}'")
        if twin is None:
            yield here.tells("scenario-removed", f"the scenario '{case.name}' is gone")
        else:
            lists.new.remove(twin)
            yield here.tells("words-changed", f"'{case.name}' is called '{twin.name}' now")
    for case in lists.new:
        here = spot.among("scenarios", case.name, f"scenario '{case.name}'")
        yield here.tells("scenario-added", f"the scenario '{case.name}' is new")
    for old, new in lists.pairs:
        here = spot.among("scenarios", new.name, f"scenario '{new.name}'")
        yield from _expectations(here.at("expect"), old, new)
        table = dict.fromkeys((field for field in ScenarioCase.__struct_fields__), _GIVEN)
        yield from told(here, old, new, table, skip=("name", "expect"))
    yield from told(spot, before, after, {"runbook": "scenario-loosened"}, skip=("scenarios",))


def _expectations(spot: Spot, old: ScenarioCase, new: ScenarioCase) -> Iterator[Meaning]:
    """One line for each expectation that is gone or another one; a new one is stricter."""
    for key in old.expect.__struct_fields__:
        was, is_ = getattr(old.expect, key), getattr(new.expect, key)
        if same(was, is_):
            continue
        code = "stricter" if was is None else "scenario-loosened"
        if key == "within" and was is not None and is_ is not None and is_ < was:
            code = "stricter"
        words = changed(f"what '{new.name}' expects of '{key}'", was, is_)
        yield spot.at(key).differs(code, words, was, is_)


def _nameless(case: ScenarioCase) -> object:
    return {field: getattr(case, field) for field in case.__struct_fields__ if field != "name"}
