"""Faults of approvals and of answers, met by the whole engine: commands as they are typed, in a project on disk.

What holds which fault: tests/faults.md.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from runbook.policy.identity import os_user
from support.projects import Project, Said, applied, steps
from support.stack import free_address, until

pytestmark = pytest.mark.integration

RUNBOOK = """
name: gated
title: A change that asks
owners: [tests]
resolution:
  - id: one
    title: One
    approval: {TERMS}
    steps:
      - {id: change, uses: command.run, with: {argv: [sh, change.sh]}}
  - id: two
    title: Two
    steps:
      - {id: more, uses: command.run, with: {argv: [touch, more]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {id: changed, uses: command.run, with: {argv: [test, -e, more], effect: read}}
"""


# --- C: approval --------------------------------------------------------------------------------------------------


class Approvals:
    """A project with a gated runbook, whose OS user is one of its people; which of them, the policy says."""

    def __init__(self, folder: Path, terms: str) -> None:
        self.project = Project(folder, "policy: policy.yaml\n")
        self.project.runbook(RUNBOOK.replace("TERMS", terms))
        (folder / "change.sh").write_text("touch changed\n")
        self.i_am("ann")

    def i_am(self, me: str, sre: str = "ann, bob, eve") -> None:
        """From now on whoever types here is this person; the group is as given."""
        people = ", ".join(f"{name}: {{user: {os_user() if name == me else name}}}" for name in ("ann", "bob", "eve"))
        self.project.policy(f"people: {{{people}}}\ngroups: {{sre: [{sre}]}}\n")

    def started(self, *words: str) -> dict[str, Any]:
        """A run that waits at its first gate."""
        said = self.project.run("gated", *words)
        assert (said.exit, said.run["status"]) == (6, "waiting"), said.err
        return said.run

    def says_yes(self, run: dict[str, Any]) -> Said:
        """To what waited when this was shown."""
        return self.project.does("approve", run["run"], "--digest", run["approvals"][-1]["digest"])

    def resumed(self, run: dict[str, Any]) -> Said:
        """Go on."""
        return self.project.does("resume", run["run"], "--output", "json")


@pytest.fixture
def gated(tmp_path: Path) -> Callable[[str], Approvals]:
    """A project for a gate with these terms."""
    return lambda terms: Approvals(tmp_path / "project", terms)


@pytest.mark.fault(42)
def test_nobody_approves_their_own_run(gated: Callable[[str], Approvals]) -> None:
    """C42: where the gate excludes who started it; also for `--yes`, which leaves it waiting."""
    here = gated("from: [sre], exclude_initiator: true")
    run = here.started("--yes")
    said = here.says_yes(run)
    assert said.exit == 8
    assert "ann started, resumed or settled this run, and this gate asks for somebody else" in said.err


@pytest.mark.fault(42)
def test_two_people_are_never_one_os_user(gated: Callable[[str], Approvals]) -> None:
    """C42: the policy is refused (3), because nobody could say which of them has approved."""
    here = gated("from: [sre]")
    here.project.policy(f"people: {{ann: {{user: {os_user()}}}, bob: {{user: {os_user()}}}}}\ngroups: {{sre: [ann]}}\n")
    said = here.project.run("gated", "--yes")
    assert said.exit == 3
    assert "have the same user" in said.err


@pytest.mark.fault(43)
def test_a_yes_of_somebody_who_has_left_opens_nothing(gated: Callable[[str], Approvals]) -> None:
    """C43: a vote is judged by the policy of the moment at which it is counted."""
    here = gated("from: [sre], exclude_initiator: true")
    run = here.started()
    here.i_am("bob")
    assert here.says_yes(run).exit == 0
    here.i_am("ann", sre="ann, eve")
    said = here.resumed(run)
    assert (said.exit, applied(said.run)) == (6, []), said.err


@pytest.mark.fault(44, 50)
def test_a_gate_that_expires_is_a_no(gated: Callable[[str], Approvals]) -> None:
    """C44, C50: a late yes is refused, and nothing is ever granted by time."""
    here = gated("from: [sre], timeout: 1s")
    run = here.started("--option", "one")
    deadline = datetime.fromisoformat(run["approvals"][0]["deadline"])
    until(lambda: datetime.now(UTC) > deadline, "the gate's deadline")
    late = here.says_yes(run)
    assert late.exit == 8
    assert "the gate's deadline has passed" in late.err
    said = here.resumed(run)
    assert (said.exit, said.run["outcome"], applied(said.run)) == (7, "denied", []), said.err


@pytest.mark.fault(45)
def test_a_no_after_a_yes_wins(gated: Callable[[str], Approvals]) -> None:
    """C45: whichever came first; the yes that stands beside it opens nothing."""
    here = gated("from: [sre]")
    run = here.started("--option", "one")
    assert here.says_yes(run).exit == 0
    assert here.project.does("deny", run["run"], "--reason", "not now").exit == 0
    said = here.resumed(run)
    assert (said.exit, said.run["outcome"], applied(said.run)) == (7, "denied", []), said.err
    assert said.run["approvals"][0]["reason"] == "not now"


@pytest.mark.fault(46, 49)
def test_a_digest_opens_its_own_gate_only(gated: Callable[[str], Approvals]) -> None:
    """C46, C49: what was approved for one gate is worth nothing at the next, nor are digits that nobody has seen."""
    here = gated("from: [sre]")
    run = here.started()
    assert here.project.does("approve", run["run"], "--digest", "0123456789ab").exit == 8
    assert here.says_yes(run).exit == 0
    second = here.resumed(run)
    assert (second.exit, applied(second.run), len(second.run["approvals"])) == (6, ["change"], 2), second.err
    assert here.says_yes(run).exit == 8


@pytest.mark.fault(47)
def test_what_changed_since_is_asked_for_again(gated: Callable[[str], Approvals]) -> None:
    """C47: a script that was edited between the yes and its use voids the yes, and the difference is shown."""
    here = gated("from: [sre]")
    run = here.started("--option", "one")
    assert here.says_yes(run).exit == 0
    (here.project.folder / "change.sh").write_text("rm -rf everything\n")
    said = here.resumed(run)
    assert (said.exit, applied(said.run)) == (6, []), said.err
    first, again = said.run["approvals"]
    assert (first["decision"], again["decision"], again["attempt"]) == ("granted", None, 2)
    assert first["digest"] != again["digest"]


@pytest.mark.fault(48)
@pytest.mark.parametrize("terms", ["from: []", "from: [sr]", "required: 0"], ids=["nobody", "unknown", "no number"])
def test_a_gate_for_nobody_is_an_error_of_the_document(terms: str, gated: Callable[[str], Approvals]) -> None:
    """C48: said before anything is run (3), and never open to everybody."""
    here = gated(terms)
    said = here.project.run("gated", "--yes")
    assert said.exit == 3, said.out
    assert here.project.does("runs", "--output", "json").json["runs"] == []


@pytest.mark.fault(51)
def test_one_person_is_not_two(gated: Callable[[str], Approvals]) -> None:
    """C51: a second yes of the same person counts once; somebody else's opens the gate."""
    here = gated("from: [sre], required: 2")
    run = here.started("--option", "one")
    here.says_yes(run)
    here.says_yes(run)
    assert here.resumed(run).exit == 6
    here.i_am("bob")
    assert here.says_yes(run).exit == 0
    said = here.resumed(run)
    assert applied(said.run) == ["change"], said.err
    assert sorted(said.run["approvals"][0]["by"]) == ["ann", "bob"]


# --- F: answers that are none -------------------------------------------------------------------------------------

MEASURED = """
name: measured
title: What is measured decides
owners: [tests]
symptoms:
  - id: errors
    uses: prometheus.query
    with: {query: errors}
    expect: value < 0.5 or value > 0.05 or not value
resolution:
  - id: act
    title: Act
    steps:
      - {id: acted, uses: command.run, with: {argv: [touch, acted]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {id: gone, uses: prometheus.query, with: {query: errors}, expect: value == 0}
"""


def vector(*samples: tuple[float, str], **more: Any) -> bytes:
    """An answer as Prometheus gives it, with a series for each sample."""
    result = [{"metric": {"n": str(n)}, "value": list(sample)} for n, sample in enumerate(samples)]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}, **more}).encode()


NOW = time.time()
BAD = {
    "no series (75)": (200, vector()),
    "NaN (76)": (200, vector((NOW, "NaN"))),
    "infinity (76)": (200, vector((NOW, "+Inf"))),
    "two series (77)": (200, vector((NOW, "0.1"), (NOW, "0.2"))),
    "a string (77)": (200, b'{"status":"success","data":{"resultType":"string","result":[1,"0.1"]}}'),
    "a warning (78)": (200, vector((NOW, "0.1"), warnings=["partial response"])),
    "an error with data (78)": (200, vector((NOW, "0.1")).replace(b"success", b"error")),
    "an old sample (79)": (200, vector((NOW - 86400, "0.1"))),
    "400 (80)": (400, b'{"status":"error","errorType":"bad_data","error":"parse error"}'),
    "429 (80)": (429, b""),
    "502, a page (80)": (502, b"<html><h1>Bad gateway</h1></html>"),
    "503 (80)": (503, b'{"status":"error","errorType":"timeout","error":"query timed out"}'),
    "200, a page (80)": (200, b"<html>Please log in</html>"),
    "to a login (80)": (302, b""),
    "JSON, cut off (80)": (200, vector((NOW, "0.1"))[:-20]),
    "JSON of somebody else (80)": (200, b'{"status":"success"}'),
    "nothing (80)": (200, b""),
}


@pytest.fixture
def bad(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of something that answers every query with this."""
    status, body = request.param

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/login")
            self.send_header("Content-Type", "application/json" if body.startswith(b"{") else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.fault(75, 76, 77, 78, 79, 80)
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys(), indirect=True)
def test_no_bad_answer_is_acted_on(bad: str, tmp_path: Path) -> None:
    """F75–F80: neither trouble nor its absence: undetermined (4), with the reason, although any number would do."""
    project = Project(tmp_path / "project", f"connections: {{prometheus: {{url: {bad}, timeout: 2s}}}}\n")
    project.runbook(MEASURED)
    said = project.run("measured", "--yes")
    assert (said.exit, said.run["outcome"]) == (4, "undetermined"), said.err
    seen = steps(said.run)["errors"]
    assert (seen["verdict"], bool(seen["reason"])) == ("unknown", True)
    assert not (project.folder / "acted").exists()


@pytest.fixture
def unseen(tmp_path: Path) -> Project:
    """The same with a Prometheus at whose address nobody listens."""
    url = f"http://{free_address()}"
    project = Project(tmp_path / "project", f"connections: {{prometheus: {{url: {url}, timeout: 2s}}}}\n")
    project.runbook(MEASURED)
    return project


@pytest.mark.fault(80)
def test_a_plan_says_what_it_could_not_read(unseen: Project) -> None:
    """F80: every option is planned all the same; exit 4, because the plan does not say everything."""
    said = unseen.does("plan", "measured", "--output", "json")
    assert (said.exit, steps(said.run)["acted"]["status"]) == (4, "planned"), said.err
    assert steps(said.run)["errors"]["verdict"] == "unknown"
    assert not (unseen.folder / "acted").exists()


def test_a_person_may_see_what_prometheus_cannot_say(unseen: Project) -> None:
    """F80: with their reason on record the run goes on; whether it helped is for a person to say, too (6)."""
    said = unseen.run("measured", "--yes", "--confirm-symptoms", "customers call")
    assert (said.exit, applied(said.run)) == (6, ["acted"]), said.err
    [answer] = unseen.records(said.run["run"], "answer.given")
    assert (answer["data"]["value"], answer["data"]["reason"]) == ("yes", "customers call")
