"""What a gate is about, by its digest."""

from __future__ import annotations

from typing import Any

import msgspec

from runbook.core.canonical import digest
from runbook.core.changes import Change
from runbook.core.terms import Terms
from runbook.core.views import GateView
from support.policies import change


def gate(*changes: Change) -> GateView:
    """The view of a gate with the digest that an approval of these names."""
    plain: dict[str, Any] = {"key": "k", "option": "o", "deadline": 0.0, "attempt": 1, "opened": 0.0}
    return GateView(digest=digest([one.digest for one in changes]), terms=Terms(required=1, timeout=1), **plain)


def test_a_gate_is_of_the_plans_that_its_digest_was_made_of() -> None:
    """Also where two of them change one object, and the later one's digest says after which."""
    first, other = change(), change(inputs={"replicas": 4}, request={"replicas": 4})
    later = msgspec.structs.replace(other, after=first.digest)
    assert gate(first).is_of([first])
    assert gate(first, later).is_of([first, other])


def test_a_gate_is_of_no_other_plans() -> None:
    """One that was changed, exchanged, left out or dropped: who signs a digest must have seen what it is of."""
    first, other = change(), change(request={"replicas": 4})
    about = gate(first)
    for plans in ([other], [], [None], [first, first]):
        assert not about.is_of(plans)
