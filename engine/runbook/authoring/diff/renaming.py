"""A scenario of the base in the names of the head: steps and options that only have another id there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from runbook.authoring.diff.fields import matched
from runbook.document.model import Runbook, ScenarioCase


def new_names(before: Runbook, after: Runbook) -> dict[str, str]:
    """Ids of the base by those that the same entries have in the head, where they differ."""
    found: dict[str, str] = {}
    options = matched(before.resolution, after.resolution, lambda option: option.id).pairs
    lists: list[tuple[Iterable[Any], Iterable[Any]]] = [
        (before.symptoms, after.symptoms),
        (before.triage, after.triage),
        (before.checks, after.checks),
        (before.finally_, after.finally_),
        *((old.every, new.every) for old, new in options),
    ]
    pairs = [*options, *(pair for old, new in lists for pair in matched(old, new, lambda entry: entry.id).pairs)]
    for old, new in pairs:
        if old.id != new.id:
            found[old.id] = new.id
    return found


def renamed(case: ScenarioCase, names: Mapping[str, str]) -> ScenarioCase:
    """The scenario, its addresses in these names."""
    if not names:
        return case
    expect = case.expect
    return msgspec.structs.replace(
        case,
        given={_address(key, names): _answers(value, names) for key, value in case.given.items()},
        answers={_address(key, names): value for key, value in case.answers.items()},
        approvals={_address(key, names): value for key, value in case.approvals.items()},
        expect=msgspec.structs.replace(
            expect,
            option=names.get(expect.option, expect.option) if expect.option is not None else None,
            applied=_listed(expect.applied, names),
            undone=_listed(expect.undone, names),
            verdicts=None if expect.verdicts is None else {_address(k, names): v for k, v in expect.verdicts.items()},
        ),
    )


def _listed(entries: tuple[str, ...] | None, names: Mapping[str, str]) -> tuple[str, ...] | None:
    return None if entries is None else tuple(_address(entry, names) for entry in entries)


def _address(address: str, names: Mapping[str, str]) -> str:
    """`resolution/rollback/roll_back`, part by part; an item of a loop keeps its key."""
    return "/".join(names.get(part, part) for part in address.split("/"))


def _answers(value: Any, names: Mapping[str, str]) -> Any:
    """What a step answers, with the change after which it does."""
    if isinstance(value, list):
        return [_answers(each, names) for each in value]
    if isinstance(value, dict) and isinstance(value.get("after"), str):
        return {**value, "after": _address(value["after"], names)}
    return value
