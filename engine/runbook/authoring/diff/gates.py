"""The terms of a gate beside what they were: fewer people, other people, more time, less to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runbook.authoring.diff.fields import told
from runbook.authoring.diff.meaning import Meaning, Spot
from runbook.document.model import Approval, Policy
from runbook.policy.terms import DEFAULT_TIMEOUT


def told_gate(spot: Spot, what: str, before: Approval | None, after: Approval | None) -> Iterator[Meaning]:
    """Each term that is weaker, each that is stricter."""
    if after is None and before is not None and _asks(before):
        words = f"{what} asks for nothing of its own any more; it asked for {_spoken(before)}"
        yield spot.tells("gate-removed", words, _spoken(before), "what the policy asks, or whoever started the run")
        return
    old, new = before or Approval(), after or Approval()
    yield from _number(spot, what, old, new)
    yield from _who(spot, what, old, new)
    yield from _flags(spot, what, old, new)
    yield from _time(spot, what, old, new)
    done = ("required", "from_", "from_each", "exclude_initiator", "reason_required", "via", "timeout")
    yield from told(spot, old, new, {}, skip=done)


def _asks(terms: Approval) -> bool:
    """Whether it asks for anything that is not asked for anyway."""
    return (
        (terms.required or 1) > 1
        or terms.from_ is not None
        or bool(terms.from_each)
        or terms.exclude_initiator
        or terms.reason_required
        or terms.via is not None
    )


def _number(spot: Spot, what: str, old: Approval, new: Approval) -> Iterator[Meaning]:
    was, is_ = old.required or 1, new.required or 1
    if was != is_:
        code = "gate-weakened" if is_ < was else "stricter"
        yield spot.at("required").tells(code, f"{what} asks for {is_} instead of {was}", was, is_)


def _who(spot: Spot, what: str, old: Approval, new: Approval) -> Iterator[Meaning]:
    if new.from_ is None and old.from_ is not None:
        yield spot.at("from").tells(
            "gate-weakened", f"{what} no longer says who may say yes", old.from_, "anybody who may run"
        )
    elif old.from_ is None and new.from_ is not None:
        yield spot.at("from").tells("stricter", f"{what} says who may say yes", None, new.from_)
    elif old.from_ is not None and new.from_ is not None and set(old.from_) != set(new.from_):
        known = _people(spot.world.before.policy, old.from_), _people(spot.world.after.policy, new.from_)
        more = sorted(known[1] - known[0])
        code, words = "gate-weakened", f"{what} may be answered by {', '.join(more)} too"
        if not more:
            same = known[0] == known[1]
            code = "words-changed" if same else "stricter"
            words = f"{what} may be answered by {'the same' if same else 'fewer'} people"
        yield spot.at("from").tells(code, words, old.from_, new.from_)
    gone = [name for name in old.from_each if name not in new.from_each]
    if gone:
        words = f"{what} no longer asks for one of {', '.join(gone)}"
        yield spot.at("from_each").tells("gate-weakened", words, old.from_each, new.from_each)
    elif set(old.from_each) != set(new.from_each):
        yield spot.at("from_each").tells("stricter", f"{what} asks for one of each", old.from_each, new.from_each)


def _flags(spot: Spot, what: str, old: Approval, new: Approval) -> Iterator[Meaning]:
    for key, lost, won in (
        ("exclude_initiator", "whoever started the run may say yes", "whoever started the run may not say yes"),
        ("reason_required", "a yes needs no reason", "a yes needs a reason"),
    ):
        was, is_ = getattr(old, key), getattr(new, key)
        if was != is_:
            words = f"{what}: {won if is_ else lost}"
            yield spot.at(key).tells("stricter" if is_ else "gate-weakened", words, was, is_)
    if old.via is not None and (new.via is None or set(new.via) - set(old.via)):
        yield spot.at("via").tells("gate-weakened", f"{what} counts more ways of saying yes", old.via, new.via or "any")
    elif old.via != new.via:
        yield spot.at("via").tells("stricter", f"{what} counts fewer ways of saying yes", old.via or "any", new.via)


def _time(spot: Spot, what: str, old: Approval, new: Approval) -> Iterator[Meaning]:
    was, is_ = (float(one.timeout) if one.timeout is not None else DEFAULT_TIMEOUT for one in (old, new))
    if was != is_:
        code = "gate-open-longer" if is_ > was else "stricter"
        words = f"{what} stays open for {'longer' if is_ > was else 'less time'}"
        yield spot.at("timeout").tells(code, words, old.timeout or "15m", new.timeout or "15m")


def _people(policy: Policy | None, names: Iterable[str]) -> set[str]:
    """The persons of a list, groups opened; a name that the policy does not know stands for itself."""
    groups = policy.groups if policy is not None else {}
    return {person for name in names for person in groups.get(name, (name,))}


def _spoken(terms: Approval) -> str:
    words = [f"{terms.required or 1} of {', '.join(terms.from_)}" if terms.from_ else f"{terms.required or 1}"]
    words += [f"one of each of {', '.join(terms.from_each)}"] if terms.from_each else []
    words += ["not whoever started it"] if terms.exclude_initiator else []
    words += ["a reason"] if terms.reason_required else []
    words += [f"by {', '.join(terms.via)}"] if terms.via else []
    return ", ".join(words)
