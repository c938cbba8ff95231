"""Commands work in the environment that is chosen, and go on in the one that a run was started in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.cli import approvals, approve, resume, runs, undo, walk
from runbook.cli import exec as by_hand
from runbook.cli import run as run_command
from runbook.errors import Exit, ParameterError, Refused, UnknownEnvironment, UsageError
from runbook.hosts.claims import AlreadyOpen
from support.environments import BOOK, CONFIG, heard, of_all, policy, project, started
from support.sessions import session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with two environments, and a marker in each."""
    return project(tmp_path)


def alert(folder: Path, **labels: str) -> str:
    group = {"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": "A", **labels}}]}
    (folder / "alert.json").write_text(json.dumps(group))
    return str(folder / "alert.json")


def without(folder: Path, name: str) -> None:
    """Take an environment out of the configuration."""
    head, _, rest = CONFIG.partition(f"  {name}:\n")
    (folder / "runbook.yaml").write_text(head + (rest[rest.index("  prod:") :] if name == "staging" else ""))


def test_a_run_takes_place_in_the_environment_that_is_named(folder: Path) -> None:
    """Its values, its target, its name in expressions; nothing of the other one is touched."""
    run = started(folder, yes=True)
    assert (run["outcome"], run["environment"]) == ("resolved", "prod")
    assert run["target"] == {"kind": "Marker", "name": "marker-of-prod"}
    assert run["steps"][0]["change"]["inputs"]["env"] == {"WHERE": "prod"}
    assert [path.name for path in folder.glob("marker-*")] == ["marker-of-staging"]


def test_where_and_on_what_is_said_first_and_last(folder: Path) -> None:
    """On the first screen, and in the report."""
    here = heard(folder)
    run_command.run(here, run_command.Options("practice", yes=True, environment="prod"))
    for said in (here.err.getvalue(), here.out.getvalue()):
        assert "where     environment prod" in said
        assert "target    Marker marker-of-prod" in said


def test_nothing_is_run_where_nobody_says_which(folder: Path) -> None:
    """The environments are listed."""
    with pytest.raises(UsageError, match="there are staging, prod"):
        started(folder, environment=None)
    assert of_all(folder) == []


def test_nothing_is_run_in_an_environment_that_is_not_there(folder: Path) -> None:
    """Exit 3 with the nearest."""
    with pytest.raises(UnknownEnvironment, match="there is no environment 'prood'") as error:
        started(folder, environment="prood")
    assert error.value.hint == "did you mean 'prod'?"
    assert of_all(folder) == []


def test_an_alert_chooses_by_its_labels(folder: Path) -> None:
    """Nobody is there at night to name it."""
    assert started(folder, environment=None, alert=alert(folder, stage="staging"))["environment"] == "staging"


def test_a_target_that_cannot_be_named_starts_nothing(folder: Path) -> None:
    """All keys that have no text, before anything is recorded."""
    (folder / "runbook.yaml").write_text(CONFIG.replace("marker: marker-of-prod", "other: x"))
    with pytest.raises(ParameterError, match=r"'target\.name' cannot be told"):
        started(folder)
    assert of_all(folder) == []


def test_one_target_takes_one_run_whatever_else_is_given(folder: Path) -> None:
    """In its environment; the other one has a marker of its own."""
    open_ = started(folder)["run"]
    with pytest.raises(AlreadyOpen, match="on Marker marker-of-prod in prod is open") as error:
        started(folder, parameters=("reason=another",))
    assert error.value.run == open_
    assert started(folder, environment="staging")["environment"] == "staging"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"target": "marker-of-prod"}, ["prod"]),
        ({"target": "Marker marker-of-staging"}, ["staging"]),
        ({"target": "marker"}, []),
        ({"environment": "prod"}, ["prod"]),
    ],
    ids=str,
)
def test_runs_are_found_by_target_and_environment(folder: Path, options: dict[str, str], found: list[str]) -> None:
    """Both stand in the list, too."""
    for name in ("prod", "staging"):
        started(folder, environment=name)
    here = heard(folder)
    runs.runs(here, runs.Options(output="json", **options))
    assert [row["environment"] for row in here.json["runs"]] == found
    assert [row["target"]["name"] for row in here.json["runs"]] == [f"marker-of-{name}" for name in found]


def test_the_list_says_where_and_on_what_below_each_run(folder: Path) -> None:
    """Beside it there is no room for the names that people give."""
    started(folder, yes=True)
    here = heard(folder)
    runs.runs(here, runs.Options())
    assert here.out.getvalue().splitlines()[2:] == ["  in prod, on Marker marker-of-prod"]


def test_a_run_goes_on_in_its_environment_by_the_policy_of_today(folder: Path) -> None:
    """Nobody has to name it again; the policy that came since holds, in this environment only."""
    mine, other = started(folder)["run"], started(folder, environment="staging")["run"]
    (folder / "nobody.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Policy\npeople: {ann: {user: nobody-here}}\nrun: {from: [ann]}\n"
    )
    (folder / "runbook.yaml").write_text(CONFIG.replace("  prod:\n", "  prod:\n    policy: nobody.yaml\n"))
    with pytest.raises(Refused, match="may not"):
        resume.resume(heard(folder), resume.Options(mine, yes=True))
    here = heard(folder)
    assert resume.resume(here, resume.Options(other, yes=True, output="json")) == Exit.OK
    assert (here.json["environment"], here.json["target"]["name"]) == ("staging", "marker-of-staging")


def test_values_are_those_of_the_start(folder: Path) -> None:
    """What was planned and shown is what is done, whatever the configuration says since."""
    run = started(folder)["run"]
    (folder / "runbook.yaml").write_text(CONFIG.replace("marker-of-prod", "marker-of-staging"))
    here = heard(folder)
    assert resume.resume(here, resume.Options(run, yes=True, output="json")) == Exit.OK
    assert [path.name for path in folder.glob("marker-*")] == ["marker-of-staging"]


@pytest.mark.parametrize("what", ["resume", "approve", "deny", "undo"])
def test_nothing_goes_on_in_an_environment_that_vanished(folder: Path, what: str) -> None:
    """Its connections and its policy are gone: exit 3, and nothing is recorded."""
    run = started(folder, environment="staging", yes=what == "undo")["run"]
    without(folder, "staging")
    does = {
        "resume": lambda here: resume.resume(here, resume.Options(run, yes=True)),
        "approve": lambda here: approve.approve(here, approve.Options(run, digest="0" * 12)),
        "deny": lambda here: approve.deny(here, approve.Options(run, reason="no")),
        "undo": lambda here: undo.undo(here, undo.Options(run, yes=True)),
    }
    with pytest.raises(UnknownEnvironment, match="'staging', which is not in the configuration any more"):
        does[what](heard(folder))
    assert len(of_all(folder)) == 1


def test_an_undo_takes_place_where_the_run_did(folder: Path) -> None:
    """And is about the same target."""
    run = started(folder, yes=True)["run"]
    here = heard(folder)
    assert undo.undo(here, undo.Options(run, yes=True, output="json")) == Exit.OK
    assert (here.json["environment"], here.json["target"]["name"]) == ("prod", "marker-of-prod")
    assert (folder / "marker-of-prod").exists()


def test_connections_of_an_environment_go_before_the_others(folder: Path) -> None:
    """By their name."""
    here = heard(folder)
    for name, url in (("prod", "https://prod.example.com"), ("staging", "https://shop.example.com")):
        here.enter(next(one for one in here.project.config.environments if one.name == name))
        assert here.place.connections.named("http", None).settings == {"url": url}


def test_one_journal_is_kept_for_all_environments(folder: Path) -> None:
    """Locks and brakes count over all of it."""
    here = heard(folder)
    opened = []
    for environment in here.project.config.environments:
        here.enter(environment)
        opened.append(here.place.journal)
    assert opened[0] is opened[1]


def test_a_run_takes_place_in_one(folder: Path) -> None:
    """`all` is for looking."""
    with pytest.raises(UsageError, match="a run takes place in one environment"):
        started(folder, environment="all")


def test_what_waits_says_where_and_on_what(folder: Path) -> None:
    """Whoever approves must not take staging for production."""
    started(folder)
    here = heard(folder)
    approvals.approvals(here, approvals.Options())
    assert "  in prod, on Marker marker-of-prod\n" in here.out.getvalue()
    approvals.approvals(here, approvals.Options(output="json"))
    [waits] = here.json["approvals"]
    assert (waits["environment"], waits["target"]["name"]) == ("prod", "marker-of-prod")


def test_what_is_done_by_hand_within_a_run_takes_place_where_the_run_does(folder: Path) -> None:
    """Its connections, its policy, its name for the thing."""
    run = started(folder)["run"]
    here = heard(folder)
    by_hand.exec_(here, by_hand.Options(run, argv=("true",), yes=True, output="json"))
    assert (here.json["within"], here.json["environment"]) == (run, "prod")


def test_a_walk_takes_place_in_an_environment_too(folder: Path) -> None:
    """What is run on the way goes through that one's policy."""
    (folder / "fix.md").write_text("# Fix\n\n1. Look at it.\n")
    with pytest.raises(UsageError, match="which environment"):
        walk.walk(heard(folder), walk.Options(Path("fix.md")))
    here = heard(folder)
    assert walk.walk(here, walk.Options(Path("fix.md"), environment="staging", output="json")) == Exit.WAITING
    assert here.json["environment"] == "staging"


SYMPTOM = """\
symptoms:
  - id: there
    uses: command.run
    with: {argv: [test, -e, "{{ target.name }}"], effect: read}
resolution:
"""


def by_itself(folder: Path, environment: str) -> tuple[str, str | None]:
    """What came of a run that the policy approves, and the reason at its gate."""
    (folder / f"marker-of-{environment}").touch()
    here = session(folder, runbook=BOOK.replace("resolution:\n", SYMPTOM))
    options = run_command.Options("practice", auto=True, environment=environment, output="json")
    run_command.run(here, options)
    return here.json["outcome"], here.json["approvals"][0]["reason"]


def test_brakes_count_per_environment_and_target(folder: Path) -> None:
    """The second run on the same thing is held; one in another environment is the first there."""
    (folder / "policy.yaml").write_text(policy())
    (folder / "runbook.yaml").write_text(CONFIG + "policy: policy.yaml\n")
    assert by_itself(folder, "prod")[0] == "resolved"
    outcome, reason = by_itself(folder, "prod")
    assert (outcome, "cooldown of 1h" in str(reason)) == ("blocked", True)
    assert by_itself(folder, "staging")[0] == "resolved"
