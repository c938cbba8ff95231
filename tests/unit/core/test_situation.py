from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runbook.core.situation import Situation
from runbook.core.words import Mode
from runbook.document.words import Verb

asked = st.lists(st.tuples(st.sampled_from(["triage/a", "triage/b"]), st.sampled_from(list(Verb))))


def situation() -> Situation:
    return Situation(run="r", mode=Mode.BY_HAND, parameters={})


@given(asked)
def test_keys_count_each_path_and_verb_from_one(asked: list[tuple[str, Verb]]) -> None:
    """`path:verb#n`: the n-th of its kind in the run, and so never the same twice."""
    now = situation()
    keys = [now.key(*pair) for pair in asked]
    assert len(set(keys)) == len(keys)
    assert keys == [f"{path}:{verb}#{asked[: i + 1].count((path, verb))}" for i, (path, verb) in enumerate(asked)]


def test_an_alert_that_started_the_run_is_the_first_of_its_alerts() -> None:
    """Those that join come after it."""
    assert Situation(run="r", mode=Mode.AUTO, parameters={}, alert={"status": "firing"}).alerts == [
        {"status": "firing"}
    ]
    assert situation().alerts == []
