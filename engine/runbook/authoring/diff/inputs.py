"""The inputs of a step: what a change sends, and where to; what a read asks.

Of a change, some inputs say where it goes, some how far, some how it is taken back or looked up; every other one is
part of what is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runbook.authoring.diff import promql
from runbook.authoring.diff.fields import changed
from runbook.authoring.diff.meaning import Meaning, Spot, same
from runbook.authoring.diff.messages import told_notice
from runbook.authoring.diff.sides import Side
from runbook.authoring.diff.uses import Use, does, effect_of, is_ungated
from runbook.document.durations import Duration
from runbook.document.model import Step
from runbook.document.words import Effect

_WHERE: Final = {
    *("namespace", "deployment", "statefulset", "daemonset", "pod", "node", "host", "url", "name", "kind", "uid"),
    *("api_version", "container", "selector", "from_cronjob", "matchers", "service_account"),
}
_FAR: Final = {"replicas", "duration", "force", "delete_emptydir_data", "grace_period", "retries", "deadline", "only"}
_DANGEROUS: Final = frozenset({"destructive"})
_WORDS: Final = frozenset({"comment", "created_by"})
_LONGEST_PATH: Final = 1000
_BACK: Final = frozenset({"undo"})
_LOOKS: Final = {"confirm": "confirmation-removed", "preview": "preview-changed", "on_error": "confirmation-removed"}


def told_inputs(spot: Spot, before: Step, after: Step, use: Use) -> Iterator[Meaning]:
    """Every input that differs, by what it does in a step that is for this."""
    if use is Use.NOTICE:
        yield from told_notice(spot, before.inputs, after.inputs)
        return
    ungated = is_ungated(after, spot.world.after.specs) and is_ungated(before, spot.world.before.specs)
    for key in dict.fromkeys([*after.inputs, *before.inputs]):
        old, new = before.inputs.get(key), after.inputs.get(key)
        if same(old, new) or key == "effect" or _same_files(spot, old, new):
            continue
        here = spot.at("with", key)
        if use is Use.CHANGE:
            yield from _of_change(here, after.id, key, old, new)
        elif ungated:
            sentence = changed(f"'{key}' of '{after.id}', which counts as a read,", old, new)
            yield here.differs("ungated-command-changed", sentence, old, new)
        elif key in ("query", "statement") and isinstance(old, str) and isinstance(new, str):
            is_promql = after.uses.startswith("prometheus.")
            yield from told_query(here, f"the query of '{after.id}'", old, new, use.value.query, parsed=is_promql)
        else:
            yield from _of_read(here, after, key, old, new, use)


def _same_files(spot: Spot, old: Any, new: Any) -> bool:
    """Whether two inputs differ in the names of files only, which hold the same: that is told of the files."""
    return same(_by_content(old, spot.world.before), _by_content(new, spot.world.after))


def _by_content(value: Any, side: Side) -> Any:
    if isinstance(value, str):
        digest = side.digest(side.within(value)) if value and len(value) < _LONGEST_PATH else None
        return value if digest is None else {"file": digest}
    if isinstance(value, list | tuple):
        return [_by_content(each, side) for each in value]
    return {key: _by_content(each, side) for key, each in value.items()} if isinstance(value, Mapping) else value


def told_query(spot: Spot, what: str, before: str, after: str, code: str, *, parsed: bool) -> Iterator[Meaning]:
    """A query that asks something else; nothing where only the spelling of PromQL differs."""
    if not parsed or not promql.same(before, after):
        how = "; ".join(promql.differences(before, after)) if parsed else ""
        yield spot.differs(code, f"{what} changed" + (f": {how}" if how else ""), before, after)


def _of_read(spot: Spot, step: Step, key: str, old: Any, new: Any, use: Use) -> Iterator[Meaning]:
    if use is Use.MANUAL and key == "may_skip":
        code = "guard-loosened" if new else "stricter"
        yield spot.tells(
            code, f"'{step.id}' may {'now' if new else 'no longer'} be skipped by the person who does it", old, new
        )
        return
    if step.uses == "wait.until" and key == "for" and isinstance(old, str) and isinstance(new, str):
        code = "guard-loosened" if _seconds(new) < _seconds(old) else "timing-changed"
        yield spot.tells(code, f"'{step.id}' waits for another time", old, new)
        return
    yield spot.differs(use.value.rest, changed(f"'{key}' of '{step.id}'", old, new), old, new)


def _of_change(spot: Spot, name: str, key: str, old: Any, new: Any) -> Iterator[Meaning]:
    what = changed(f"'{key}' of '{name}'", old, new)
    if key in _BACK:
        gone = new is None
        sentence = f"'{name}' no longer says how it is taken back" if gone else what
        yield spot.differs(
            "undo-removed" if gone else "stricter" if old is None else "request-changed", sentence, old, new
        )
    elif key in _LOOKS:
        yield spot.differs("stricter" if old is None else _LOOKS[key], what, old, new)
    elif key in _WORDS:
        yield spot.differs("words-changed", what, old, new)
    elif key in _DANGEROUS:
        code = "effect-raised" if new else "stricter"
        yield spot.differs(code, f"'{name}' may {'now' if new else 'no longer'} destroy", old, new)
    elif key in _WHERE:
        yield spot.differs("target-changed", f"'{name}' goes elsewhere: " + changed(f"'{key}'", old, new), old, new)
    elif key in _FAR:
        yield from _far(spot, name, key, old, new)
    else:
        yield spot.differs("request-changed", what, old, new)


def _far(spot: Spot, name: str, key: str, old: Any, new: Any) -> Iterator[Meaning]:
    """How far a change goes: more is further, and less may be nothing at all."""
    if _is_number(old) and _is_number(new) and key == "replicas" and 0 < new < old:
        yield spot.tells("request-changed", f"'{name}' sets fewer replicas", old, new)
        return
    nothing = key == "replicas" and new == 0
    code = "effect-raised" if nothing else "stricter" if new in (None, False) else "reach-widened"
    words = f"'{name}' now scales to nothing" if nothing else changed(f"'{key}' of '{name}'", old, new)
    yield spot.differs(code, words, old, new)


def told_effect(spot: Spot, before: Step, after: Step, use: Use) -> Iterator[Meaning]:
    """Another kind of step, or another claim of what it does."""
    old, new = effect_of(before, spot.world.before.specs), effect_of(after, spot.world.after.specs)
    if before.uses != after.uses:
        code = "effect-raised" if old is not new and old.at_least(new) is new else "request-changed"
        code = code if old.changes or new.changes else use.value.rest
        if is_ungated(after, spot.world.after.specs) and not is_ungated(before, spot.world.before.specs):
            code = "claims-to-read"
        sentence = f"'{after.id}' is now {after.uses} ({new}), and was {before.uses} ({old})"
        yield spot.at("uses").tells(code, sentence, does(before), does(after))
    elif old is not new and old.at_least(new) is new:
        yield spot.at("with", "effect").tells(
            "effect-raised", f"'{after.id}' is now a {new}, and was a {old}", old, new
        )
    elif old is not new and new is Effect.READ:
        sentence = f"'{after.id}' says that it only reads: it runs without a gate"
        yield spot.at("with", "effect").tells("claims-to-read", sentence, old, new)
    elif old is not new:
        yield spot.at("with", "effect").tells("gate-weakened", f"'{after.id}' counts as less dangerous", old, new)


def _seconds(text: str) -> float:
    try:
        return float(Duration.parse(text))
    except ValueError:
        return 0.0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def words_of(inputs: Mapping[str, Any]) -> Iterator[str]:
    """Every text within inputs, however deep."""
    stack: list[Any] = [inputs]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            stack += value.values()
        elif isinstance(value, list | tuple):
            stack += value
