"""The policy's limits, freezes, auto and the commands that it believes, beside what they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from runbook.authoring.diff.fields import changed
from runbook.authoring.diff.meaning import Meaning, Spot, said, same
from runbook.document.model import Auto, CommandEntry, Freeze, Policy
from runbook.document.words import Unreviewed

_STRICTNESS: Final = (Unreviewed.ALLOW, Unreviewed.BREAK_GLASS, Unreviewed.REFUSE)


def told_limits(spot: Spot, before: Policy, after: Policy) -> Iterator[Meaning]:
    """`blast_radius`: a denial that is gone, an allowance more, a bound that is further."""
    for name in dict.fromkeys([*after.blast_radius, *before.blast_radius]):
        old, new = before.blast_radius.get(name), after.blast_radius.get(name)
        here = spot.at("blast_radius", name, called=f"limit of {name}")
        if new is None:
            yield here.tells("limit-loosened", f"the limit of {name} is gone", old, "none")
        elif old is None:
            yield here.tells("stricter", f"{name} is limited", None, new)
        else:
            for word in dict.fromkeys([*new, *old]):
                if not same(old.get(word), new.get(word)):
                    yield _limit(here.at(word), name, word, old.get(word), new.get(word))


def _limit(spot: Spot, name: str, word: str, old: Any, new: Any) -> Meaning:
    wider = _wider(word, old, new)
    words = changed(f"'{word}' of {name}", old, new)
    return spot.differs("limit-loosened" if wider else "stricter", words, old, new)


def _wider(word: str, old: Any, new: Any) -> bool:
    if new is None or old is None:
        return new is None
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return bool(set(old) - set(new)) if word == "deny" else bool(set(new) - set(old)) if word == "allow" else True
    if isinstance(old, int | float) and isinstance(new, int | float):
        return new < old if word.startswith("min_") else new > old
    return True


def told_unreviewed(spot: Spot, before: Policy, after: Policy) -> Iterator[Meaning]:
    """What becomes of what was not reviewed."""
    if before.unreviewed is not after.unreviewed:
        looser = _STRICTNESS.index(after.unreviewed) < _STRICTNESS.index(before.unreviewed)
        words = f"what was not reviewed: {after.unreviewed}"
        code = "unreviewed-allowed" if looser else "stricter"
        yield spot.at("unreviewed").tells(code, words, before.unreviewed, after.unreviewed)


def told_freezes(spot: Spot, before: Policy, after: Policy) -> Iterator[Meaning]:
    """Windows in which nothing is changed, by their reason; another reason alone is another word."""
    new = [window for window in after.freeze if window not in before.freeze]
    for old in [window for window in before.freeze if window not in after.freeze]:
        twin = next((one for one in new if _span(one) == _span(old) or one.reason == old.reason), None)
        if twin is None:
            yield spot.at("freeze").tells(
                "freeze-shortened", f"the freeze '{old.reason}' is gone", _spoken(old), "none"
            )
            continue
        new.remove(twin)
        if _span(twin) != _span(old):
            longer = _span(twin)[0] <= _span(old)[0] and _span(twin)[1] >= _span(old)[1]
            words = f"the freeze '{old.reason}' is {'longer' if longer else 'another time'}"
            code = "stricter" if longer else "freeze-shortened"
            yield spot.at("freeze").tells(code, words, _spoken(old), _spoken(twin))
        elif twin.reason != old.reason:
            yield spot.at("freeze").tells("words-changed", "a freeze has another reason", old.reason, twin.reason)
    for window in new:
        yield spot.at("freeze").tells("stricter", f"nothing is changed during '{window.reason}'", None, _spoken(window))


def _span(window: Freeze) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(window.starts), datetime.fromisoformat(window.ends)


def _spoken(window: Freeze) -> str:
    return f"{window.starts} to {window.ends}"


def told_auto(spot: Spot, before: Auto | None, after: Auto | None) -> Iterator[Meaning]:
    """What the policy says yes to itself, and what holds it back."""
    old, new = before or Auto(), after or Auto()
    for key in ("runbooks", "effects"):
        was, is_ = getattr(old, key), getattr(new, key)
        more, less = [one for one in is_ if one not in was], [one for one in was if one not in is_]
        what = "runs" if key == "runbooks" else "what it does,"
        if more:
            words = f"without asking, {what} may now be {', '.join(more)}"
            yield spot.at(key).tells("auto-widened", words, was, is_)
        elif less:
            yield spot.at(key).tells("stricter", f"people are asked again for {', '.join(less)}", was, is_)
    if before is None or after is None:
        return
    if old.cooldown != new.cooldown:
        shorter = new.cooldown < old.cooldown
        words = f"the pause between runs is {'shorter' if shorter else 'longer'}"
        code = "auto-widened" if shorter else "stricter"
        yield spot.at("cooldown").tells(code, words, old.cooldown, new.cooldown)
    if not same(old.max_runs, new.max_runs):
        was, is_ = old.max_runs, new.max_runs
        stricter = is_ is not None and (was is None or (is_.count <= was.count and is_.per >= was.per))
        counts = [f"{one.count} in {one.per}" if one else "any number" for one in (was, is_)]
        yield spot.at("max_runs").tells(
            "stricter" if stricter else "auto-widened", "how many runs it takes to stop changed", *counts
        )


def told_commands(spot: Spot, before: Policy, after: Policy) -> Iterator[Meaning]:
    """Commands that are believed to read."""
    old, new = ([_spelt(one) for one in policy.commands.read] for policy in (before, after))
    for entry in new:
        if entry not in old:
            yield spot.at("commands", "read").tells(
                "reads-believed", "a command more is believed to read only", None, entry
            )
    for entry in old:
        if entry not in new:
            yield spot.at("commands", "read").tells("stricter", "a command less is believed to read only", entry, None)


def _spelt(entry: tuple[str, ...] | CommandEntry) -> str:
    if not isinstance(entry, CommandEntry):
        return said(list(entry))
    more: Mapping[str, Any] = {"host": entry.host, "env": list(entry.env)}
    return said({"argv": list(entry.argv), **{key: value for key, value in more.items() if value}})
