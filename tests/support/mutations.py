"""Valid documents with a few things changed, for properties of whatever reads documents."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from runbook.document.source import parse
from support.cases import VALID

_SEEDS = [parse(file.read_bytes(), file.name).data for file in VALID]
_VALUES = st.sampled_from(
    [None, True, False, 0, 1, -1, 1.0, 1.5, 10**12, "", "a", "1", "90s", "0s", "yes", "2026-13-45", "2026-02-30",
     "a\n", "90s\n", "SEV1", "{{ params.x }}", "{{ x", "steps.a.b", "9٣s", "http.get", "é", [], [1, True], [1, 1.0],
     ["a", "a"], {}, {"env": "X"}, {"a": 1}, {"uses": "tcp.connect"}, [{"id": "a", "uses": "tcp.connect"}]]
)  # fmt: skip
_NEW_KEYS = st.sampled_from(["uses", "with", "effect", "signal", "alert", "titel", "env", "id", "Ä"])


def _places(data: Any, pointer: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield pointer
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield from _places(value, (*pointer, key))


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A valid document with one to three values replaced, keys added, renamed or removed."""
    data = copy.deepcopy(draw(st.sampled_from(_SEEDS)))
    for _ in range(draw(st.integers(1, 3))):
        places = [place for place in _places(data) if place and place != ("kind",)]
        if not places:
            break  # all was taken away
        place = draw(st.sampled_from(places))
        parent = data
        for part in place[:-1]:
            parent = parent[part]
        action = draw(st.sampled_from(["replace", "remove", "add", "rename"]))
        if action == "remove":
            del parent[place[-1]]
        elif action == "replace" or isinstance(parent, list):
            parent[place[-1]] = copy.deepcopy(draw(_VALUES))
        elif action == "rename":
            parent[draw(_NEW_KEYS)] = parent.pop(place[-1])
        else:
            parent[draw(_NEW_KEYS)] = copy.deepcopy(draw(_VALUES))
    return data
