"""Addresses of steps taken apart: `resolution/defragment/defrag[https://etcd-1:2379]/healthy`.

A repeated step has the key of its item in brackets, and a key may hold a '/', but no bracket.
"""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"/(?![^\[\]]*\])")
_ITEM = re.compile(r"\[[^\[\]]*\]")


def parts(path: str) -> list[str]:
    """The parts of an address: `resolution`, `defragment`, `defrag[https://etcd-1:2379]`, `healthy`."""
    return _BETWEEN.split(path)


def last(path: str) -> str:
    """The last part of an address: mostly a step's id."""
    return path.rsplit("/", 1)[-1] if "[" not in path else parts(path)[-1]


def whole(name: str) -> str:
    """An address or id without the keys of items: what all items of a loop have in common."""
    return _ITEM.sub("", name) if "[" in name else name


def item(path: str) -> str | None:
    """The key of the item in an address; None where no loop is in it."""
    found = _ITEM.search(path)
    return found[0][1:-1] if found else None


def called(path: str) -> tuple[str, ...]:
    """What a person may call the step at this address, the most exact first; of all items of a loop the last ones.

    A probe between two items is told apart by the item before it: `healthy[etcd-1]`.
    """
    own = last(path)
    item = _ITEM.search(path)
    exact = [path, own] if item is None or "[" in own else [path, f"{own}{item[0]}", own]
    return tuple(dict.fromkeys([*exact, whole(path), whole(own)]))
