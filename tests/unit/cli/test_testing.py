"""`runbook test`: what differs and why, in order, whoever plays it; what is reached; nothing waits."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from runbook.cli import playing, processes
from runbook.cli import test as command
from runbook.cli.test import Options
from runbook.errors import Exit, UsageError
from runbook.hosts.driver import Driver
from support.rehearsals import document, scenario, trial

DENIED = scenario("nobody wants it", expect={"outcome": "denied"})
BROKEN = "apiVersion: runbook/v1\nkind: Scenario\nrunbook: practice\nscenarios: [{name: a}]\n"


def test_what_differs_is_told_with_its_line_and_what_led_there(tmp_path: Path) -> None:
    """Off a terminal with `-` and `+`, each finding in one line."""
    heard = trial(tmp_path, scenario(), DENIED)
    assert command.test(heard, Options()) == Exit.INVALID
    lines = [line.strip() for line in heard.out.getvalue().splitlines()]
    assert lines[:2] == ["ok   practice: it helps (40s)", "FAIL practice: nobody wants it (40s)"]
    [place] = [line for line in lines if line.endswith(": outcome")]
    path, line, _ = place.split(":")
    assert "expect" in (tmp_path / path).read_text().splitlines()[int(line) - 2]
    assert {"- denied", "+ resolved", "what led there", "+40s ✓ granted by ann"} <= set(lines)
    assert lines[-1] == "play it: runbook run practice --rehearse 'nobody wants it'"
    assert heard.err.getvalue() == "1 passed, 1 failed\n"


def test_on_a_terminal_it_is_told_in_words(tmp_path: Path) -> None:
    """And colours, for those who see them."""
    heard = trial(tmp_path, DENIED)
    heard.stdout.isatty = lambda: True  # type: ignore[method-assign]
    command.test(heard, Options())
    text = heard.out.getvalue()
    assert "expected    \x1b[0m\x1b[31mdenied" in text
    assert "came        \x1b[0m\x1b[33mresolved" in text


def test_what_cannot_be_played_does_not_stop_the_others(tmp_path: Path) -> None:
    """A broken file, a runbook that is not there, a step that is not there: each with its place, exit 3."""
    heard = trial(tmp_path, scenario(), scenario("typo", given={"lok": {"exit_code": 0}}))
    (tmp_path / "runbooks" / "a.yaml").write_text(BROKEN)
    (tmp_path / "runbooks" / "b.yaml").write_text(document(scenario("gone"), of="practise"))
    assert command.test(heard, Options()) == Exit.INVALID
    lines = [line.strip() for line in heard.out.getvalue().splitlines()]
    assert "ok   practice: it helps (40s)" in lines
    said = [line.rpartition("runbooks/")[2] for line in lines if "RB0" in line]
    assert [line.partition(": RB")[2] for line in said] == [
        "022: the key 'expect' is missing in scenario 'a'; add 'expect:'",
        "052: there is no runbook 'practise'; did you mean 'practice'?",
        "053: the runbook 'practice' has no step 'lok'; did you mean 'look'?",
    ]
    assert heard.err.getvalue() == "1 passed, 3 failed\n"


def test_documents_that_include_each_other_in_a_circle_are_an_error_with_a_place(tmp_path: Path) -> None:
    """Nothing is followed for ever."""
    heard = trial(tmp_path, scenario())
    book = tmp_path / "runbooks" / "practice.yaml"
    book.write_text(book.read_text().replace("triage:\n", "triage:\n  - {include: one, as: one}\n"))
    part = "apiVersion: runbook/v1\nkind: Steps\nname: {}\nsteps:\n  - {{include: {}, as: other}}\n"
    (tmp_path / "runbooks" / "one.yaml").write_text(part.format("one", "two"))
    (tmp_path / "runbooks" / "two.yaml").write_text(part.format("two", "one"))
    assert command.test(heard, Options(coverage=True)) == Exit.INVALID
    assert ".yaml:" in heard.out.getvalue()
    assert "RB0" in heard.out.getvalue()


def test_many_processes_say_what_one_says(tmp_path: Path) -> None:
    """In the order of paths, whoever is ready first."""
    said = []
    for jobs in (1, 3):
        scenarios = [scenario(f"number {number}") for number in range(20)]
        heard = trial(tmp_path, *scenarios, DENIED)
        assert command.test(heard, Options(jobs=jobs)) == Exit.INVALID
        said.append(heard.out.getvalue())
    assert said[0] == said[1]


def test_a_scenario_that_its_process_dies_of_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are played all the same, and it is said how to look closer."""
    monkeypatch.setattr(processes.threading, "active_count", lambda: 1)  # whatever other tests have left behind
    play, us = playing.Player.play, os.getpid()

    def dies(player: playing.Player, one: playing.Case) -> object:
        assert os.getpid() != us
        if one.number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return play(player, one)

    monkeypatch.setattr(playing.Player, "play", dies)
    heard = trial(tmp_path, *[scenario(f"number {number}") for number in range(12)])
    assert command.test(heard, Options(jobs=2, output="json")) == Exit.INVALID
    failed = [(one["name"], one["error"]) for one in heard.json["scenarios"] if not one["passed"]]
    why = {"message": "the process that played it was ended by SIGKILL", "hint": "play it alone: --jobs 1"}
    assert failed == [("number 1", why)]
    assert heard.json["passed"] == 11


def test_only_scenarios_with_a_word_in_their_name(tmp_path: Path) -> None:
    """In whatever case; a word that is in none is a mistake of whoever typed it."""
    heard = trial(tmp_path, scenario(), DENIED)
    assert command.test(heard, Options(filters=("HELPS",))) == Exit.OK
    assert heard.err.getvalue() == "1 passed, 0 failed\n"
    with pytest.raises(UsageError, match="none of 2 scenarios has 'xyz' in its name"):
        command.test(heard, Options(filters=("xyz",)))


def test_nothing_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours of a scenario are no time at all: the driver never comes to where it would wait."""
    monkeypatch.setattr(Driver, "_patience", lambda *_: pytest.fail("it waits"))
    slow = {"right": {"verdict": "fail"}, "look": {"exit_code": 1}}
    answers = {"confirm": {"answer": True, "after": "50m"}}
    heard = trial(tmp_path, scenario(given=slow, answers=answers, expect={"outcome": "not_resolved"}))
    assert command.test(heard, Options()) == Exit.OK


def test_what_no_scenario_reaches_is_told_with_its_line(tmp_path: Path) -> None:
    """Of every runbook, one without a scenario among them; every one of them must reach enough."""
    heard = trial(tmp_path, scenario())
    other = (tmp_path / "runbooks" / "practice.yaml").read_text().replace("name: practice", "name: other")
    (tmp_path / "runbooks" / "other.yaml").write_text(other)
    assert command.test(heard, Options(coverage=True)) == Exit.OK
    lines = heard.out.getvalue().splitlines()
    [never] = [line for line in lines if "option scale" in line and "practice.yaml" in line]
    place, *words = never.split()
    text = (tmp_path / "runbooks" / "practice.yaml").read_text().splitlines()
    assert "id: scale" in text[int(place.rpartition(":")[2]) - 1]
    assert words == ["option", "scale", "never", "tried"]
    assert [line.split(",")[0] for line in lines if "scenario" in line][:1] == ["other: 0 %"]
    assert command.test(heard, Options(fail_under=1)) == Exit.INVALID
    assert "other: 0 % is reached, 1 % must be" in heard.err.getvalue()


def test_coverage_is_json_too(tmp_path: Path) -> None:
    """With every point that is missing."""
    heard = trial(tmp_path, scenario())
    assert command.test(heard, Options(fail_under=20, output="json")) == Exit.OK
    coverage = heard.json["coverage"]
    [one] = coverage["runbooks"]
    assert coverage["percent"] == one["percent"] == round(100 * one["reached"] / one["points"], 2)
    assert {"about": "gate", "of": "resolution/restart", "what": "denied", "line": 20} in one["missing"]
    assert len(one["missing"]) == one["points"] - one["reached"]


def test_junit_counts_failures_and_errors_apart(tmp_path: Path) -> None:
    """As the readers of it expect: suites by runbook, cases with file and line, the difference as text."""
    odd = scenario("odd \u0007 <&> name", expect={"outcome": "denied"})
    heard = trial(tmp_path, scenario(), odd, scenario("typo", given={"lok": {"exit_code": 0}}))
    assert command.test(heard, Options(output="junit", fail_under=99)) == Exit.INVALID
    root = Xml.fromstring(heard.out.getvalue())
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("4", "2", "1")
    suite, coverage = root.findall("testsuite")
    assert (suite.attrib["name"], coverage.attrib["name"]) == ("practice", "coverage")
    passed, failed, typo = suite.findall("testcase")
    assert 1 < int(passed.attrib["line"]) < int(failed.attrib["line"]) < int(typo.attrib["line"])
    assert failed.attrib["name"] == r"odd \x07 <&> name"
    assert failed.find("failure").text.count("- denied") == 1  # type: ignore[union-attr]
    assert "RB053" in typo.find("error").attrib["message"]  # type: ignore[union-attr]


def test_a_scenario_of_an_unknown_environment_says_so(tmp_path: Path) -> None:
    """It is not played in another one."""
    heard = trial(tmp_path, scenario(environment="moon"))
    assert command.test(heard, Options(output="json")) == Exit.INVALID
    assert "'moon'" in heard.json["scenarios"][0]["error"]["message"]


def test_what_is_wrong_with_a_runbook_is_told_once(tmp_path: Path) -> None:
    """All of its scenarios fail of it, and the reason stands at the first."""
    heard = trial(tmp_path, scenario("one"), scenario("two"))
    (tmp_path / "runbooks" / "practice.yaml").write_text("apiVersion: runbook/v1\nkind: Runbook\nname: practice\n")
    assert command.test(heard, Options()) == Exit.INVALID
    lines = [line.strip() for line in heard.out.getvalue().splitlines()]
    assert lines[0] == "FAIL practice: one"
    assert "RB022" in lines[1]
    assert lines[-2:] == ["FAIL practice: two", "as above"]


@pytest.mark.parametrize("data", [b"\xff\xfe", b"kind: Scenario\n", b'"kind": Policy\n"apiVersion": runbook/v1\n'])
def test_a_file_that_does_not_say_what_it_is_is_not_passed_over(tmp_path: Path, data: bytes) -> None:
    """Its name says that it has scenarios."""
    heard = trial(tmp_path, scenario())
    (tmp_path / "runbooks" / "odd.scenarios.yaml").write_bytes(data)
    assert command.test(heard, Options()) == Exit.INVALID
    assert "runbooks/odd.scenarios.yaml" in heard.out.getvalue()
    assert heard.err.getvalue() == "1 passed, 1 failed\n"
