"""One suite, twice: against the scripted API server, and against the cluster that RUNBOOK_TEST_KUBECONFIG names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.kube_cluster import Cluster, real, scripted
from support.real_cluster import KUBECONFIG, needs_a_cluster


@pytest.fixture(params=["scripted", pytest.param("real", marks=needs_a_cluster)])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    with scripted(tmp_path) if request.param == "scripted" else real(tmp_path, KUBECONFIG) as made:
        yield made
