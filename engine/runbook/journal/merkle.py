"""Merkle trees as RFC 6962 §2 has them: one hash over a list of leaves, and short proofs about parts of it.

    leaf = SHA-256(00 ‖ data)      node = SHA-256(01 ‖ left ‖ right)      root of nothing = SHA-256("")

A list of n leaves is split after the largest power of two below n. An inclusion proof shows that a leaf stands at its
place in a list of which only the root is known; a consistency proof shows that a longer list begins with a shorter one.
All hashes are 32 bytes. Nothing here knows what a leaf holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256().digest()


def leaf(data: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """The root of a list that grows, kept as the few complete subtrees that it is made of."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []  # one for each bit that is set in `size`, the largest first

    def add(self, data: bytes) -> None:
        """One more leaf with this content."""
        grown, size = leaf(data), self.size
        while size & 1:
            grown, size = node(self._subtrees.pop(), grown), size >> 1
        self._subtrees.append(grown)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root of all leaves so far."""
        if not self._subtrees:
            return EMPTY
        root = self._subtrees[-1]
        for left in reversed(self._subtrees[:-1]):
            root = node(left, root)
        return root


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over the hashes of leaves."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY
    half = _split(len(leaves))
    return node(root(leaves[:half]), root(leaves[half:]))


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The proof that the leaf at `index` is one of these, from its neighbour up to the root."""
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if index < half:
        return [*inclusion(leaves[:half], index), root(leaves[half:])]
    return [*inclusion(leaves[half:], index - half), root(leaves[:half])]


def included(hashed: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether the leaf with this hash stands at `index` among the `size` leaves below the root `expected`."""
    if not 0 <= index < size:
        return False
    found, last = hashed, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            found = node(sibling, found)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            found = node(found, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and found == expected


def consistency(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """The proof that these leaves begin with the first `size` of them; `size` is from 1 to all of them."""
    return _common(leaves, size, whole=True)


def _common(leaves: Sequence[bytes], size: int, *, whole: bool) -> list[bytes]:
    """`whole`: the subtree of the first `size` leaves is the old tree itself, whose root is known."""
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    half = _split(len(leaves))
    if size <= half:
        return [*_common(leaves[:half], size, whole=whole), root(leaves[half:])]
    return [*_common(leaves[half:], size - half, whole=False), root(leaves[:half])]


def consistent(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the `new` leaves below `new_root` begin with the `old` ones below `old_root` (`old` from 1)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            before, after = node(sibling, before), node(sibling, after)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            after = node(after, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return int(1 << ((size - 1).bit_length() - 1))
