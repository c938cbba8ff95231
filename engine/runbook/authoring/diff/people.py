"""People and rights: who may start, approve, attest and override now and could not before; above all the author.

A right is what the policy says for the engine's five questions; groups are opened, so that a name added to a group is
told as what that person may do from now on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from runbook.authoring.diff.gates import told_gate
from runbook.authoring.diff.meaning import Meaning, Spot
from runbook.document.model import Approval, Person, Policy
from runbook.document.words import Effect

_APPROVE: Final = "approve changes"
_DESTROY: Final = "approve destructive changes"
_GLASS: Final = "break the glass"
_RUN: Final = "start and abort runs"
_ATTEST: Final = "attest a check"
_BEFORE: Final = {
    Effect.CHANGE: "every gate before a change",
    Effect.DESTRUCTIVE: "every gate before something is destroyed",
}
_STRONG: Final = (_APPROVE, _DESTROY, _GLASS)


def told_people(spot: Spot, before: Policy, after: Policy) -> Iterator[Meaning]:
    """Rights that persons gained or lost, and other names that they are known by."""
    authors = persons(before, spot.world.authors) | persons(after, spot.world.authors)
    old, new = rights(before), rights(after)
    for person in dict.fromkeys([*after.people, *before.people]):
        gained = [right for right in new.get(person, ()) if right not in old.get(person, ())]
        lost = [right for right in old.get(person, ()) if right not in new.get(person, ())]
        here = spot.at("people", person, called=f"person '{person}'")
        if gained:
            yield _gained(here, person, gained, old.get(person, ()), new.get(person, ()), is_author=person in authors)
        if lost:
            yield here.tells("stricter", f"'{person}' may no longer {' or '.join(lost)}")
        if not gained and not lost and (person in before.people) != (person in after.people):
            words = f"'{person}', who may do nothing, is {'new' if person in after.people else 'gone'}"
            yield here.tells("words-changed", words)
        yield from _known(here, before.people.get(person), after.people.get(person), new.get(person, ()), authors)
    for key in ("run", "attest"):
        if getattr(before, key) is not None and getattr(after, key) is None:
            yield spot.at(key).tells(
                "may-run", f"the policy no longer says who may {'start runs' if key == 'run' else key}"
            )
    yield from _glass_told(spot, before, after)
    yield from _groups(spot, before, after, authors)


def _groups(spot: Spot, before: Policy, after: Policy, authors: frozenset[str]) -> Iterator[Meaning]:
    """Who joined or left a group, where the policy itself gives or takes no right by it: runbooks ask groups, too."""
    old, new = rights(before), rights(after)
    for group in dict.fromkeys([*after.groups, *before.groups]):
        here = spot.at("groups", group, called=f"group '{group}'")
        was, is_ = set(before.groups.get(group, ())), set(after.groups.get(group, ()))
        for person in sorted(is_ ^ was):
            if old.get(person, ()) != new.get(person, ()):
                continue
            joined = person in is_
            code = "stricter" if not joined else "author-gains" if person in authors else "right-gained"
            words = f"'{person}' {'joins' if joined else 'leaves'} '{group}', whom gates of runbooks may ask"
            yield here.tells("added" if joined and group not in before.groups else code, words)
        if is_ == was and (group in before.groups) != (group in after.groups):
            yield here.tells("added" if group in after.groups else "stricter", f"the group '{group}', of nobody")


def _gained(
    spot: Spot, person: str, gained: list[str], old: tuple[str, ...], new: tuple[str, ...], *, is_author: bool
) -> Meaning:
    code = "author-gains" if is_author else "right-gained" if set(gained) & set(_STRONG) else "may-run"
    who = f"'{person}', who wrote this change," if is_author else f"'{person}'"
    return spot.tells(code, f"{who} may {_listed(gained)}", _listed(old) or "nothing", _listed(new))


def _known(
    spot: Spot, before: Person | None, after: Person | None, now: tuple[str, ...], authors: frozenset[str]
) -> Iterator[Meaning]:
    """A person with another login or account is somebody else."""
    if before is None or after is None:
        return
    for key in before.__struct_fields__:
        was, is_ = getattr(before, key), getattr(after, key)
        if was == is_:
            continue
        name = spot.new[-1]
        code = "author-gains" if name in authors and now and key == "user" else "identity-changed"
        rights_ = f", who may {_listed(now)}" if now else ""
        yield spot.at(key).tells(
            code if is_ else "stricter", f"'{name}'{rights_} has another {key}", was or "none", is_ or "none"
        )


def told_terms(spot: Spot, before: Policy, after: Policy) -> Iterator[Meaning]:
    """What the policy asks for at gates, by effect: `destructive` has those of `change` where it has none."""
    for effect in (Effect.CHANGE, Effect.DESTRUCTIVE):
        old, new = _terms(before, effect), _terms(after, effect)
        if effect is Effect.DESTRUCTIVE and effect not in before.approvals and effect not in after.approvals:
            continue
        here = spot.at("approvals", effect, called=f"approvals of {effect}")
        yield from told_gate(here, _BEFORE[effect], old, new)


def rights(policy: Policy) -> Mapping[str, tuple[str, ...]]:
    """What each person may, in the order of the engine's questions."""
    runners = _members(policy, policy.run.from_) if policy.run else frozenset(policy.people)
    change, destroy = _terms(policy, Effect.CHANGE), _terms(policy, Effect.DESTRUCTIVE)
    holders = {
        _RUN: runners,
        _APPROVE: _approvers(policy, change, runners),
        _DESTROY: _approvers(policy, destroy, runners),
        _ATTEST: _members(policy, policy.attest.from_) if policy.attest else runners,
        _GLASS: _members(policy, policy.break_glass.from_) if policy.break_glass else frozenset(),
    }
    return {person: tuple(right for right, who in holders.items() if person in who) for person in policy.people}


def persons(policy: Policy | None, authors: tuple[str, ...]) -> frozenset[str]:
    """The persons of a policy who are these authors: by name, e-mail address or login."""
    wanted = {author.casefold() for author in authors}
    people = policy.people if policy is not None else {}
    return frozenset(
        name
        for name, person in people.items()
        if wanted & {one.casefold() for one in (name, person.email, person.user) if one}
    )


def _approvers(policy: Policy, terms: Approval | None, runners: frozenset[str]) -> frozenset[str]:
    if terms is None or (terms.from_ is None and not terms.from_each):
        return runners
    return _members(policy, terms.from_ if terms.from_ is not None else terms.from_each)


def _terms(policy: Policy, effect: Effect) -> Approval | None:
    if effect is Effect.DESTRUCTIVE and effect not in policy.approvals:
        return policy.approvals.get(Effect.CHANGE)
    return policy.approvals.get(effect)


def _members(policy: Policy, names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(person for name in names for person in policy.groups.get(name, (name,)))


def _glass_told(spot: Spot, before: Policy, after: Policy) -> Iterator[Meaning]:
    """Who is told of a broken glass."""
    old = before.break_glass.notify if before.break_glass else ()
    new = after.break_glass.notify if after.break_glass else ()
    gone = [name for name in old if name not in new]
    if gone and after.break_glass:
        words = f"{', '.join(gone)} is not told any more when the glass is broken"
        yield spot.at("break_glass", "notify").tells("message-changed", words, old, new)
    elif old != new and after.break_glass:
        yield spot.at("break_glass", "notify").tells("stricter", "more are told when the glass is broken", old, new)


def _listed(words: list[str] | tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
