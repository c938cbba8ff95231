"""Trees against known answers, and proofs against every other tree of their size."""

from __future__ import annotations

import pytest

from runbook.journal.merkle import (
    EMPTY,
    Growing,
    consistency,
    consistent,
    included,
    inclusion,
    leaf,
    root,
)

INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [  # of the first n inputs: the vectors that implementations of RFC 6962 share
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf(data) for data in INPUTS]
MORE = [leaf(bytes([number])) for number in range(20)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_known_answers(size: int):
    """Computed at once and grown leaf by leaf."""
    grown = Growing()
    for data in INPUTS[:size]:
        grown.add(data)
    assert root(LEAVES[:size]).hex() == ROOTS[size - 1] == grown.root.hex()
    assert grown.size == size


def test_the_root_of_nothing_is_the_hash_of_nothing():
    """Not an error: a log begins empty."""
    assert root([]) == Growing().root == EMPTY
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 21))
def test_a_leaf_is_proven_at_its_place_only(size: int):
    """Of each tree, each leaf; not at another place, in another tree, nor by another or a longer proof."""
    tree, leaves = root(MORE[:size]), MORE[:size]
    for index in range(size):
        proof = inclusion(leaves, index)
        assert included(leaves[index], index, size, proof, tree)
        wrong = [
            included(leaf(b"other"), index, size, proof, tree),
            included(leaves[index], index, size, [*proof, EMPTY], tree),
            included(leaves[index], index, size, proof, EMPTY),
            included(leaves[index], size, size, proof, tree),
            included(leaves[index], -1, size, proof, tree),
            *(included(leaves[index], other, size, proof, tree) for other in range(size) if other != index),
            *(included(leaves[index], index, size, proof[:cut], tree) for cut in range(len(proof))),
        ]
        assert not any(wrong)


@pytest.mark.parametrize("new", range(1, 21))
def test_a_longer_list_is_proven_to_begin_with_a_shorter_one(new: int):
    """For each pair of sizes; not with another shorter list, nor by half of the proof."""
    tree = root(MORE[:new])
    for old in range(1, new + 1):
        proof, before = consistency(MORE[:new], old), root(MORE[:old])
        assert consistent(old, new, proof, before, tree)
        changed = root([*MORE[: old - 1], leaf(b"other")])
        assert not consistent(old, new, proof, changed, tree)
        assert not consistent(old, new, [*proof, EMPTY], before, tree)
        assert not consistent(old, new, proof, before, EMPTY)
        assert not any(consistent(old, new, proof[:cut], before, tree) for cut in range(len(proof)))


def test_sizes_that_cannot_be_are_no_proof():
    """Nothing is taken for consistent with nothing: the empty list begins every list, and proves none."""
    assert not consistent(0, 1, [], EMPTY, MORE[0])
    assert not consistent(2, 1, [], root(MORE[:2]), MORE[0])
    assert not consistent(1, 2, [], EMPTY, root(MORE[:2]))
