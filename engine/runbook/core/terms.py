"""The terms of one gate: how many, who, how long; what the runbook and the policy together ask for.

Plain data, stored in `gate.opened` and counted against by `core/gates.py`. Made by `policy/terms.py`, which
alone knows people, groups and what a policy says; here everybody is a name.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec


class Terms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"from_": "from"}):
    """What must be said, by whom, before a change is applied.

    `required` distinct persons say yes within `timeout` seconds. `from_` are those who may, sorted; None
    leaves it to whoever started, resumed or settled the run. Of each list in `from_each` one person is
    needed, another one for each list. `via` are the ways of saying yes that count; None: all. `asks` puts the
    terms in one line for people. `cannot_be_met` says, with numbers, why the people known could never meet
    them.
    """

    required: int
    timeout: float
    from_: tuple[str, ...] | None = None
    from_each: tuple[tuple[str, ...], ...] = ()
    exclude_initiator: bool = False
    reason_required: bool = False
    via: tuple[str, ...] | None = None
    asks: str = ""
    cannot_be_met: str | None = None

    def may(self, initiators: Collection[str]) -> frozenset[str]:
        """Those whose yes counts, given who started, resumed or settled the run so far."""
        named = frozenset(initiators if self.from_ is None else self.from_)
        return named - frozenset(initiators) if self.exclude_initiator else named

    def met_by(self, granted: Collection[str], initiators: Collection[str]) -> bool:
        """True when these persons' yes is enough: sufficiently many, and one of each list."""
        counted = self.may(initiators).intersection(granted)
        return len(counted) >= self.required and one_of_each(self.from_each, counted)


def one_of_each(lists: Collection[Collection[str]], persons: Collection[str]) -> bool:
    """True when every list can be given a person of its own.

    Who stands in two lists speaks for one of them, so this is a matching in a bipartite graph, found along
    augmenting paths: a person already placed moves to another list if that makes room.
    """
    wanted = [sorted(set(names).intersection(persons)) for names in lists]
    placed: dict[str, int] = {}

    def place(index: int, asked: set[str]) -> bool:
        for person in wanted[index]:
            if person in asked:
                continue
            asked.add(person)
            if person not in placed or place(placed[person], asked):
                placed[person] = index
                return True
        return False

    return all(place(index, set()) for index in range(len(wanted)))
