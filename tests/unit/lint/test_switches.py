"""Rules switched by the configuration, and findings allowed by comments with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.document.findings import Severity
from support.linted import CONFIG, QUEUE, linted, said

OWNED = QUEUE.replace("triage:", "owners: [payments]\ntriage:")


def config(rules: str) -> str:
    return f"{CONFIG}lint:\n  rules: {rules}\n"


@pytest.mark.parametrize("name", ["RB101", "no-owner"])
def test_a_rule_that_is_off_is_not_asked(tmp_path: Path, name: str) -> None:
    """By its code or by its name."""
    files = {"runbook.yaml": config(f"{{{name}: off}}"), "runbooks/queue.yaml": QUEUE}
    assert said(linted(tmp_path, files), "RB100", "RB101") == []


def test_a_rule_is_as_severe_as_the_project_wants_it(tmp_path: Path) -> None:
    """What is a warning by itself may fail a pull request here."""
    result = linted(tmp_path, {"runbook.yaml": config("{no-owner: error}"), "runbooks/queue.yaml": QUEUE})
    assert [one.severity for one in result.findings if one.code == "RB101"] == [Severity.ERROR]


def test_each_file_is_held_to_the_configuration_of_its_own_project(tmp_path: Path) -> None:
    """Two projects in one repository do not switch each other's rules."""
    files = {"a/runbook.yaml": config("{RB101: off}"), "a/queue.yaml": QUEUE, "b/queue.yaml": QUEUE}
    found = [one for one in linted(tmp_path, files).findings if one.code == "RB101"]
    assert [Path(one.path).parent.name for one in found] == ["b"]


def test_a_rule_that_is_not_there_cannot_be_switched(tmp_path: Path) -> None:
    """A misspelt name would leave the rule as it was, and nobody would know."""
    result = linted(tmp_path, {"runbook.yaml": config("{no-owners: off}"), "queue.yaml": OWNED})
    assert said(result, "RB100") == ["RB100 4:11 there is no rule 'no-owners'"]
    [finding] = [one for one in result.findings if one.code == "RB100"]
    assert finding.hint == "did you mean 'no-owner'?"


def test_what_makes_a_document_unusable_cannot_be_switched_off(tmp_path: Path) -> None:
    """`run` would refuse it all the same."""
    broken = QUEUE.replace("query: 'sum", "qery: 'sum")
    files = {"runbook.yaml": config("{RB021: off}"), "queue.yaml": "# lint: allow(RB021): it is late\n" + broken}
    assert "RB021" in {one.code for one in linted(tmp_path, files).findings}


def test_a_warning_of_documents_can_be_switched_off_too(tmp_path: Path) -> None:
    """A connection that is configured elsewhere, say."""
    plain, quiet = ({"runbook.yaml": text, "queue.yaml": OWNED} for text in (CONFIG, config("{RB056: off}")))
    assert [said(linted(tmp_path, files), "RB056") != [] for files in (plain, quiet)] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "# lint: allow(RB101): moves in May\n" + QUEUE,
        "# ours\n# lint: allow(no-owner): moves in May\n\n" + QUEUE,
        "# lint:allow( RB101 , RB999x ):moves in May\n" + QUEUE,
        QUEUE.replace("runbook/v1\n", "runbook/v1  # lint: allow(RB101): moves in May\n"),
    ],
)
def test_a_comment_with_a_reason_allows_what_is_found(tmp_path: Path, text: str) -> None:
    """At the top for the whole file, or on the line itself; by code or by name."""
    result = linted(tmp_path, {"queue.yaml": text})
    assert (said(result, "RB101"), result.allowed) == ([], 1)


def test_an_exception_without_a_reason_does_not_hold(tmp_path: Path) -> None:
    """Both are said: what is found, and that nobody knows why it should be right."""
    result = linted(tmp_path, {"queue.yaml": "# lint: allow(RB101)\n" + QUEUE})
    assert said(result, "RB100", "RB101") == [
        "RB100 1:1 an exception to RB101 without a reason does not hold",
        "RB101 2:1 nobody owns 'queue-stuck'",
    ]


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("allow(RB101): moved", "RB101 finds nothing here that needs an exception"),
        ("allow(no-owners): moved", "there is no rule 'no-owners'"),
        ("allow RB101: moved", "this exception cannot be read"),
        ("disable(RB101): moved", "this exception cannot be read"),
        ("allow(): moved", "this exception cannot be read"),
    ],
)
def test_an_exception_that_is_not_needed_or_not_understood_is_said(tmp_path: Path, comment: str, message: str) -> None:
    """It would hide the next mistake, or hides nothing."""
    result = linted(tmp_path, {"queue.yaml": f"# lint: {comment}\n{OWNED}"})
    assert said(result, "RB100") == [f"RB100 1:1 {message}"]


def test_an_exception_to_this_rule_itself_holds_as_well(tmp_path: Path) -> None:
    """For a file that is written by a program, say."""
    text = "# lint: allow(RB100): written by a program\n# lint: allow(RB101): some have no owner\n" + OWNED
    assert said(linted(tmp_path, {"queue.yaml": text}), "RB100") == []


def test_what_looks_like_an_exception_inside_a_text_is_text(tmp_path: Path) -> None:
    """A script may hold any comment."""
    about = "about: |\n  # lint: allow(RB101): in a text\n  That is all.\nimpact: 'one # lint: allow(RB101): x'\n"
    result = linted(tmp_path, {"queue.yaml": QUEUE.replace("triage:", f"{about}triage:")})
    assert said(result, "RB100", "RB101") == ["RB101 1:1 nobody owns 'queue-stuck'"]


def test_an_exception_to_a_rule_that_is_off_is_nobodys_mistake(tmp_path: Path) -> None:
    """Whether it would be needed is not known."""
    files = {"runbook.yaml": config("{RB101: off}"), "queue.yaml": "# lint: allow(RB101): moves\n" + OWNED}
    assert said(linted(tmp_path, files), "RB100") == []


def test_a_document_that_cannot_be_used_says_nothing_of_its_exceptions(tmp_path: Path) -> None:
    """Its rules were not asked, so nobody knows which of them are needed."""
    text = "# lint: allow(RB101): moves\n" + QUEUE + "  - {include: nothing, as: n}\n"
    result = linted(tmp_path, {"queue.yaml": text})
    assert (result.errors > 0, said(result, "RB100", "RB101")) == (True, [])
