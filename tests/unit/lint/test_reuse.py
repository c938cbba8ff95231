"""Documents that take others in, or go on with them, checked together."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.lint.lint import lint
from support.specs import SPECS

HEAD = "apiVersion: runbook/v1\nkind: {}\nname: {}\n"
PROBE = "  - {id: up, uses: tcp.connect, with: {host: db, port: 1}}\n"
CHECK = "verification:\n  checks: [{id: ok, uses: prometheus.query, with: {query: up}, expect: value > 1}]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def steps(name: str, body: str = PROBE) -> None:
    Path(f"{name}.yaml").write_text(HEAD.format("Steps", name) + "steps:\n" + body)


def book(name: str, body: str) -> None:
    Path(f"{name}.yaml").write_text(HEAD.format("Runbook", name) + f"title: {name}\n" + body)


def hands_over(name: str, to: str, more: str = "") -> None:
    book(name, f"resolution:\n  - {{id: on, continue_with: {{runbook: {to}{more}}}}}\n")


def lines(*paths: str) -> list[str]:
    return [str(finding) for finding in lint([Path(path) for path in paths or (".",)], SPECS).findings]


def test_a_runbook_is_checked_with_the_steps_that_it_includes() -> None:
    """Also when it is checked alone, and they stand beside it; scenarios may name what they became."""
    steps("db")
    body = "triage:\n  - {include: db, as: a}\n  - {id: q, uses: prometheus.query, with: {query: up}, when: %s}\n"
    book("x", body % "steps.a_up.reachable")
    scenario = "scenarios: [{name: n, given: {triage/a_up: {reachable: true}, a_down: {x: 1}}, expect: {option: q}}]\n"
    head = "apiVersion: runbook/v1\nkind: Scenario\nrunbook: x\n"
    Path("x.scenarios.yaml").write_text(head + scenario)
    assert [line for line in lines("x.scenarios.yaml") if "a_" in line] == [
        "x.scenarios.yaml:4:63: RB053: the runbook 'x' has no step 'a_down'; it has a_up, q"
    ]
    book("x", body % "steps.a_up.rechable")
    found = ["x.yaml:7:73: RB032: 'when' in step 'q': steps.a_up has no 'rechable'; did you mean 'reachable'?"]
    assert lines("x.yaml") == found


def test_what_is_wrong_with_steps_is_said_where_they_stand_and_that_they_cannot_be_included() -> None:
    """Whoever lints only the runbook must not be told that it is fine."""
    steps("db", PROBE.replace("tcp.connect", "tcp.conect"))
    steps("net", "  - {include: db, as: db}\n")
    book("x", "triage:\n  - {include: net, as: net}\n")
    assert [line.split(";")[0] for line in lines("x.yaml")] == [
        "x.yaml:6:15: RB070: the steps 'db' cannot be used as they are written",
    ]
    assert [line.split(": ")[:2] for line in lines()] == [
        ["db.yaml:5:20", "RB027"],
        ["net.yaml:5:15", "RB070"],
        ["x.yaml:6:15", "RB070"],
    ]


def test_steps_that_misuse_others_spoil_whoever_includes_them() -> None:
    """Their own trouble with other documents counts as well."""
    steps("db")
    steps("net", "  - {include: db, as: db, with: {no: 1}}\n")
    book("x", "triage:\n  - {include: net, as: net}\n")
    assert [line.split("; ")[0] for line in lines("x.yaml")] == [
        "x.yaml:6:15: RB070: 'net' cannot be used as it is written"
    ]


def test_a_circle_is_spelt_out_in_each_of_its_files() -> None:
    """Steps that include themselves, and runbooks that hand over to each other."""
    steps("a", "  - {include: b, as: b}\n")
    steps("b", "  - {include: a, as: a}\n")
    hands_over("one", "two")
    hands_over("two", "one")
    assert [line.split(": ", 2)[2].split(";")[0] for line in lines()] == [
        "the steps 'a' include themselves: a → b → a",
        "the steps 'b' include themselves: b → a → b",
        "runbooks that hand over to each other: one → two → one",
        "runbooks that hand over to each other: two → one → two",
    ]


def test_a_hand_over_leads_to_a_runbook_that_is_there_and_takes_what_it_is_given() -> None:
    """Its name, the names of its parameters, their types."""
    book("two", "parameters:\n  cluster: {type: string}\n  count: {type: integer, default: 1}\n")
    hands_over("one", "two", ", parameters: {cluster: main, count: '{{ run.id }}'}")
    assert [line.split(": ", 1)[1] for line in lines("one.yaml")] == [
        "RB048: 'count' in option 'on' expects a number, but the template gives a string; "
        "turn it into a number with `| int`"
    ]
    hands_over("one", "two", ", parameters: {clster: main}")
    assert [line.split(": ", 1)[1].split(";")[0] for line in lines("one.yaml")] == [
        "RB053: the runbook 'two' needs the parameter 'cluster', which is not given",
        "RB053: the runbook 'two' has no parameter 'clster'",
    ]
    hands_over("one", "tow")
    assert lines("one.yaml")[0].endswith("RB052: there is no runbook 'tow'; runbooks are one")
    book("two", "titel: X\n")
    hands_over("one", "two")
    assert [line.split(": ", 1)[1].split(";")[0] for line in lines("one.yaml")] == [
        "RB070: the runbook 'two' cannot be used as it is written"
    ]


def test_a_neighbour_that_was_read_for_another_name_is_still_found_by_its_own() -> None:
    """Both of two runbooks that hand over to each other's neighbour include the same steps."""
    steps("net")
    book("b", "triage:\n  - {include: net, as: net}\n")
    book("x", "triage:\n  - {include: net, as: net}\nresolution:\n  - {id: on, continue_with: {runbook: b}}\n")
    assert lines("x.yaml") == []


def test_names_of_steps_are_unique_in_a_library() -> None:
    """Else nobody could tell which ones are meant."""
    steps("db")
    Path("other.yaml").write_text(Path("db.yaml").read_text())
    assert lines() == ["other.yaml:3:7: RB051: the name 'db' is taken by db.yaml; "
                       "names are unique in a library; rename one of them"]  # fmt: skip


def test_a_scenario_may_expect_only_hand_overs_that_there_are() -> None:
    """Else it would fail for a reason that nobody can mend."""
    book("two", "")
    hands_over("one", "two")
    head = "apiVersion: runbook/v1\nkind: Scenario\nrunbook: one\nscenarios:\n"
    Path("one.scenarios.yaml").write_text(head + "  - {name: a, expect: {continues: two}}\n")
    assert lines() == []
    Path("one.scenarios.yaml").write_text(head + "  - {name: a, expect: {continues: tow}}\n")
    assert lines() == [
        "one.scenarios.yaml:5:35: RB053: the runbook 'one' has no runbook to go on with, 'tow'; did you mean 'two'?"
    ]
