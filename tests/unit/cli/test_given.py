"""What is typed becomes values that the runbook accepts, or a sentence that says which and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli import given
from runbook.core.words import Verdict
from runbook.document.model import Option, Parameter, Runbook, Step, Verification
from runbook.errors import DocumentError, ParameterError, UsageError

STEP = Step(id="gone", uses="command.run")
BOOK = Runbook(
    name="practice",
    title="Practice",
    parameters={
        "path": Parameter(type="string", default="/", from_alert="labels.path"),
        "count": Parameter(type="integer", default=1),
    },
    resolution=(Option(id="remove", steps=()), Option(id="restart", steps=())),
    verification=Verification(checks=(STEP,)),
)


def test_later_sources_win_over_earlier_ones(tmp_path: Path) -> None:
    """Defaults, then a plan, the alert, the file, and at last what was typed."""
    (tmp_path / "p.yaml").write_text("path: /file\ncount: 3\n")
    alert = {"labels": {"path": "/alert"}}
    assert given.parameters(BOOK, (), None, None) == {"path": "/", "count": 1}
    assert given.parameters(BOOK, (), None, None, {"path": "/plan"})["path"] == "/plan"
    assert given.parameters(BOOK, (), None, alert, {"path": "/plan"})["path"] == "/alert"
    assert given.parameters(BOOK, (), tmp_path / "p.yaml", alert) == {"path": "/file", "count": 3}
    assert given.parameters(BOOK, ("count=5",), tmp_path / "p.yaml", alert) == {"path": "/file", "count": 5}


def test_a_value_may_contain_equals_signs() -> None:
    """Only the first one separates."""
    assert given.parameters(BOOK, ("path=a=b",), None, None)["path"] == "a=b"


@pytest.mark.parametrize(
    ("pair", "error", "said"),
    [
        ("count", UsageError, "NAME=VALUE"),
        ("=1", UsageError, "NAME=VALUE"),
        ("count=many", ParameterError, "'count' expects a whole number"),
        ("cuont=1", ParameterError, "did you mean 'count'"),
    ],
)
def test_what_the_runbook_does_not_accept_is_said(pair: str, error: type[Exception], said: str) -> None:
    """Before anything is opened, with the nearest name."""
    with pytest.raises(error, match=said):
        given.parameters(BOOK, (pair,), None, None)


def test_a_parameter_that_is_typed_twice_is_refused() -> None:
    """At night nobody knows which of two was meant."""
    with pytest.raises(UsageError, match="count is given twice"):
        given.parameters(BOOK, ("count=1", "count=2"), None, None)


def test_a_file_of_parameters_is_read_by_the_rules_of_documents(tmp_path: Path) -> None:
    """A key that stands twice is as wrong there as in a runbook; JSON is YAML."""
    (tmp_path / "p.json").write_text('{"count": 1, "count": 2}')
    with pytest.raises(DocumentError, match="second time"):
        given.from_file(tmp_path / "p.json")


def test_options_are_known_by_name() -> None:
    """A misspelt one is not silently left out."""
    assert given.options(BOOK, ["restart", "remove"], "--option") == ("restart", "remove")
    with pytest.raises(UsageError, match="--skip: practice has no option 'remvoe'") as caught:
        given.options(BOOK, ["remvoe"], "--skip")
    assert caught.value.hint == "did you mean 'remove'?"


def test_an_attestation_names_a_check_a_verdict_and_a_reason() -> None:
    """A person's word is recorded with the person and the reason."""
    assert given.attested(BOOK, ["gone=pass"], "seen", "ann") == {"gone": (Verdict.PASS, "seen", "ann")}
    assert given.attested(BOOK, ["verification/gone=fail"], "seen", "ann")["gone"][0] is Verdict.FAIL
    for pair, reason, said in (
        ("gone=maybe", "seen", "ID=pass or ID=fail"),
        ("gnoe=pass", "seen", "no check 'gnoe'"),
        ("gone=pass", " ", "needs a reason"),
    ):
        with pytest.raises(UsageError, match=said):
            given.attested(BOOK, [pair], reason, "ann")


def test_an_answer_has_the_type_that_was_asked_for() -> None:
    """`true` is no text where a yes or no is asked for."""
    assert given.value_of("integer", "7") == 7
    assert given.value_of("boolean", "true") is True
    assert given.value_of("string", "true") == "true"
    with pytest.raises(UsageError, match="expects a whole number"):
        given.value_of("integer", "seven")


def test_what_must_be_given_is_said_with_how_to_give_it() -> None:
    """Ready to be typed behind what was typed; nothing is added where something else is wrong."""
    book = Runbook(
        name="x", title="X", parameters={"host": Parameter(type="string"), "port": Parameter(type="integer")}
    )
    with pytest.raises(ParameterError) as missing:
        given.parameters(book, (), None, None)
    assert missing.value.hint == "add -p host=VALUE -p port=VALUE"
    with pytest.raises(ParameterError) as wrong:
        given.parameters(book, ("host=a", "port=1", "prot=2"), None, None)
    assert wrong.value.hint is None
