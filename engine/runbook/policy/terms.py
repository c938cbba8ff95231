"""The terms of a gate: the runbook's and the policy's, the stricter of each.

A policy that says nothing about `destructive` has its terms for `change` applied: the more dangerous effect
is never the easier one. Where several people or somebody else are needed and no list names them, those who
may run may approve. Whether the people known can meet the terms at all is found out here, so that nobody
waits for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from runbook.core.terms import Terms, one_of_each
from runbook.document.model import Approval
from runbook.document.words import Effect
from runbook.policy.people import People

DEFAULT_TIMEOUT = 900.0


def effective_terms(
    approval: Approval | None, effect: Effect, people: People, initiators: Collection[str] = ()
) -> Terms:
    """What a gate asks for in front of a change of this effect.

    `approval` is the option's, or None. `initiators` have started, resumed or settled the run; empty (in
    lint, in `doctor`) when nobody has. DocumentError for a person or group that the policy does not know.
    """
    sides = [side for side in (approval, _of_policy(people, effect)) if side is not None]
    each = tuple(dict.fromkeys(name for side in sides for name in side.from_each))
    required = max([1, len(each), *(side.required or 1 for side in sides)])
    exclude = effect is Effect.DESTRUCTIVE or any(side.exclude_initiator for side in sides)
    may = _may(sides, each, people, others=exclude or required > 1)
    terms = Terms(
        required=required,
        timeout=min((float(side.timeout) for side in sides if side.timeout is not None), default=DEFAULT_TIMEOUT),
        from_=None if may is None else tuple(sorted(may)),
        from_each=_each(each, may, people),
        exclude_initiator=exclude,
        reason_required=any(side.reason_required for side in sides),
        via=_via(sides),
        asks=_asks(required, sides, each, exclude, may, people),
    )
    return _judged(terms, each, people, initiators or {people.me})


def _of_policy(people: People, effect: Effect) -> Approval | None:
    written = people.policy.approvals if people.policy else {}
    if effect is Effect.DESTRUCTIVE and effect not in written:
        return written.get(Effect.CHANGE)
    return written.get(effect)


def _may(sides: list[Approval], each: tuple[str, ...], people: People, *, others: bool) -> frozenset[str] | None:
    """Who may approve; None for the initiator alone. Without a policy no list says anything."""
    if people.policy is None:
        return None
    lists = [people.members(side.from_) for side in sides if side.from_ is not None]
    if lists:
        return frozenset.intersection(*lists)
    if each:
        return people.members(each)
    return people.runners() if others else None


def _each(names: tuple[str, ...], may: frozenset[str] | None, people: People) -> tuple[tuple[str, ...], ...]:
    if may is None:
        return ()
    return tuple(tuple(sorted(people.members([name]) & may)) for name in names)


def _via(sides: Iterable[Approval]) -> tuple[str, ...] | None:
    asked = [frozenset(side.via) for side in sides if side.via is not None]
    return tuple(sorted(frozenset.intersection(*asked))) if asked else None


def _asks(
    required: int,
    sides: list[Approval],
    each: tuple[str, ...],
    exclude: bool,
    may: frozenset[str] | None,
    people: People,
) -> str:
    """The terms in one line: in the words of the list that decides, by persons where two lists narrow it."""
    if may is None and required == 1 and not exclude:
        return "a yes from who started the run"
    written = [side.from_ for side in sides if side.from_ is not None and people.members(side.from_) == may]
    names = ", ".join(written[0] if written else sorted(may or ()))
    if each:
        who = "one of each of " + ", ".join(each)
        who += f", {required} people in all" if required > len(each) else ""
    else:
        who = f"{required} of {names}" if names else f"{required} {'person' if required == 1 else 'people'}"
    return who + (", other than who started the run" if exclude else "")


def _judged(terms: Terms, each: tuple[str, ...], people: People, initiators: Collection[str]) -> Terms:
    may = terms.may(initiators)
    if terms.via == ():
        why = "no way of saying yes is accepted by both the runbook and the policy"
    elif len(may) < terms.required:
        why = f"{terms.required} needed, {len(may)} may"
        why += "" if people.policy else " (without a policy the OS user is everyone)"
    elif not one_of_each(terms.from_each, may):
        counts = (f"{len(may.intersection(who))} of {name}" for name, who in zip(each, terms.from_each, strict=True))
        why = f"{len(each)} different people needed, one of each list; may: {', '.join(counts)}"
    else:
        return terms
    return replace(terms, cannot_be_met=f"cannot be met: {why}")
