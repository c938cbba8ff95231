from __future__ import annotations

import pytest

from runbook.core.addresses import called, last, parts, whole

ITEM = "resolution/defragment/defrag[https://etcd-1:2379/x]"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("triage/members", ["triage", "members"]),
        (ITEM, ["resolution", "defragment", "defrag[https://etcd-1:2379/x]"]),
        (f"{ITEM}/healthy", ["resolution", "defragment", "defrag[https://etcd-1:2379/x]", "healthy"]),
        ("verification", ["verification"]),
    ],
)
def test_an_address_is_parted_where_a_slash_is_no_part_of_a_key(path: str, expected: list[str]) -> None:
    """Keys are names of the world, and many of them are addresses themselves."""
    assert parts(path) == expected
    assert last(path) == expected[-1]


def test_without_its_keys_a_name_is_that_of_the_whole_loop() -> None:
    """Which is what stands in the document."""
    assert whole(f"{ITEM}/healthy") == "resolution/defragment/defrag/healthy"
    assert (whole("defrag[a]"), whole("defrag")) == ("defrag", "defrag")


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("triage/members", ("triage/members", "members")),
        ("triage/up[a/b]", ("triage/up[a/b]", "up[a/b]", "triage/up", "up")),
        ("resolution/o/d[a]/ok", ("resolution/o/d[a]/ok", "ok[a]", "ok", "resolution/o/d/ok")),
    ],
)
def test_a_step_is_called_by_its_address_or_id_with_its_item_or_for_all_of_them(
    path: str, names: tuple[str, ...]
) -> None:
    """The most exact name first: it wins."""
    assert called(path) == names
