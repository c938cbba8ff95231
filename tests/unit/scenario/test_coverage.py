"""What there is to be rehearsed in a runbook is known from its document alone."""

from __future__ import annotations

import msgspec
import yaml

from runbook import kinds
from runbook.scenario.coverage import Coverage, Point, places, points
from support.rehearsals import BOOK, book


def about(what: str) -> list[str]:
    return [
        f"{one.of.removeprefix('resolution/')} {one.what}" for one in points(book(), kinds.specs()) if one.about == what
    ]


def test_options_gates_undo_paths_and_loops_are_points() -> None:
    """Each with everything that can come of it; an option without a `when` cannot be skipped."""
    assert about("option") == ["restart tried", "restart skipped", "scale tried"]
    assert about("gate") == ["restart approved", "restart denied", "scale approved", "scale denied"]
    assert about("undo") == ["restart when it did not help", "scale after a failure"]
    assert about("loop") == ["restart/defrag over no item", "restart/defrag over several items"]


def test_a_verdict_is_a_point_where_something_hangs_on_it() -> None:
    """`look` is read by a `when`; `after` only looks; a change has none."""
    of = {name.rpartition(" ")[0] for name in about("verdict")}
    assert of == {"symptoms/wrong", "triage/members", "triage/look", "verification/right"}
    assert [name for name in about("verdict") if "right" in name] == [
        "verification/right pass", "verification/right fail", "verification/right unknown"
    ]  # fmt: skip


def test_what_is_only_shown_asks_for_no_verdict() -> None:
    """An advisory check decides nothing."""
    verification = book().verification
    assert verification is not None
    check = msgspec.structs.replace(verification.checks[0], advisory=True)
    changed = msgspec.structs.replace(verification, checks=(check,))
    found = points(msgspec.structs.replace(book(), verification=changed), kinds.specs())
    assert [one.what for one in found if one.of == "verification/right"] == ["done"]


def test_every_point_has_a_place_in_its_document() -> None:
    """The line that nobody reached can be opened."""
    known = places(book(), yaml.safe_load(BOOK))
    assert {one.of for one in points(book(), kinds.specs())} <= known.keys()
    assert known["resolution/restart/defrag"] == ("resolution", 0, "steps", 0)


def test_what_was_taken_from_elsewhere_stands_where_it_is_included() -> None:
    """The other document is another's."""
    from runbook.document.model import Include

    include = Include(name="db", prefix="db", place=("triage", 2), ids=("db_lag",))
    assert places(msgspec.structs.replace(book(), includes=(include,)), yaml.safe_load(BOOK))["triage/db_lag"] == (
        "triage", 2
    )  # fmt: skip


def test_the_percentage_counts_points_of_the_document_only() -> None:
    """Whatever else a run came to does not help; nothing to reach is all of it."""
    one, two = Point("step", "a", "done"), Point("step", "b", "done")
    assert Coverage((one, two), frozenset({one, Point("step", "c", "done")})).percent == 50
    assert Coverage((one, two), frozenset({one})).missing == (two,)
    assert Coverage((), frozenset()).percent == 100
