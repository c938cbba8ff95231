"""Logs of pods, within limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.kinds import pod_logs
from runbook.testing.world import FakeWorld


class Speaking:
    """A client whose containers all say one thing."""

    timeout = 5.0

    def __init__(self, said: str) -> None:
        self.said = said.encode()

    def text(self, path: str, *, cap: int, **more: Any) -> tuple[str, bool]:
        return self.said[:cap].decode(errors="replace"), len(self.said) > cap


def collected(folder: Path, said: str, each: int, *names: str) -> pod_logs.Collected:
    world = FakeWorld(folder, clients={"kubernetes": Speaking(said)})
    (folder / "token").write_text("s3cr3t-token")
    world.secret({"file": "token"})
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": name} for name in names]}}
    return pod_logs.collect([pod], "shop", world, pod_logs.Asked(each=each, most=1000))


@pytest.mark.parametrize("each", range(1, 30))
def test_no_part_of_a_secret_is_left_at_a_cut(tmp_path: Path, each: int) -> None:
    """Wherever it falls."""
    (log,) = collected(tmp_path, "a s3cr3t-token b", each, "c").logs
    assert "s3" not in log["text"]
    assert log["truncated"] is (each < 16)


def test_containers_are_those_of_the_spec_before_any_has_started() -> None:
    """Init containers first, ephemeral ones last; the status knows how often each was started anew."""
    spec = {part: [{"name": part[0]}] for part in ("containers", "initContainers", "ephemeralContainers")}
    assert list(pod_logs.containers({"spec": spec})) == [("i", 0), ("c", 0), ("e", 0)]
    status = {"containerStatuses": [{"name": "c", "restartCount": 2}]}
    assert list(pod_logs.containers({"spec": spec, "status": status}))[1] == ("c", 2)


def test_together_each_line_says_whose_it_is() -> None:
    """Also that it is from before the last restart; a log without lines has none."""
    about = {"pod": "p", "container": "c", "truncated": False}
    logs = [about | {"previous": True, "text": "x\ny"}, about | {"previous": False, "text": "z\n\n"}]
    logs.append(about | {"previous": False, "text": ""})
    assert pod_logs.together(logs)[0] == "p/c (previous): x\np/c (previous): y\np/c: z\np/c: \n"


def test_together_the_beginning_and_the_end_are_kept() -> None:
    """That something is left out is said."""
    log = {"pod": "p", "container": "c", "previous": False, "text": "x\n" * 1000}
    text, cut = pod_logs.together([log], cap=200)
    assert cut
    assert "bytes left out" in text
