"""The stores that runs are killed over: a project of its own in each, and what follows a runner's death.

A lock on a file ends with its process. A claim in PostgreSQL lasts for seconds more: here it is made to run out at
once, by the server's administrator, as time would.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from support.crash import place
from support.postgres import Server

_numbers = itertools.count(10_000)


class Files:
    """One SQLite file in each project. `sparser`: how many times fewer points a sample takes than it could."""

    sparser = 1

    def config(self) -> str:
        """The configuration of a project with a store of its own."""
        return place.CONFIG

    def died(self) -> None:
        """A runner was killed; the next one may come."""

    def run(self) -> str:
        """An id for a run."""
        return place.run_id(next(_numbers))


class Databases:
    """One database in each project; attempts' files lie together below the home, so that no run has another's id."""

    sparser = 3

    def __init__(self, server: Server) -> None:
        self._server = server

    def config(self) -> str:
        self._name = self._server.database().rpartition("/")[2]
        return place.CONFIG.replace(place.STORE, self._server.url(self._name))

    def died(self) -> None:
        """Whoever ran it is dead, and the claim runs out."""
        self._server.execute("UPDATE runbook.claims SET until = clock_timestamp() - interval '1s'", self._name)

    def run(self) -> str:
        return place.run_id(next(_numbers))


Stores = Files | Databases


@pytest.fixture(params=["sqlite", "postgres"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Either kind, one after the other."""
    yield Files() if request.param == "sqlite" else Databases(request.getfixturevalue("postgres"))
