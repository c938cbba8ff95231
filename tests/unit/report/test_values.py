"""Values fit on a line, and what is approved is never rounded."""

from __future__ import annotations

import pytest

from runbook.journal.port import PayloadRef
from runbook.report.values import pairs, seen, value, whole


@pytest.mark.parametrize(
    ("given", "said"),
    [(None, "none"), (True, "true"), (0.12, "0.12"), (12.0, "12"), ("a\x1b", "a\\x1b"), ([1, "b"], '[1, "b"]')],
)
def test_every_kind_of_value_has_one_line(given, said):
    """Nothing of Python's own spelling shows."""
    assert value(given) == said


def test_what_is_seen_may_be_rounded_but_a_field_is_exact():
    """Six digits read well; a threshold that is approved has all of them."""
    assert value(0.123456789) == "0.123457"
    assert whole(0.123456789) == "0.123456789"
    assert whole("x" * 200) == "x" * 200


def test_the_outputs_that_are_judged_come_first():
    """With `expect`, what it names is shown; without, what says most."""
    output = {"status": 200, "body": "…", "elapsed_seconds": 0.1}
    assert seen(output, "elapsed_seconds < 1") == "elapsed_seconds 0.1"
    assert seen({"rows": [1], "value": 3.1, "at": None}) == "value 3.1"
    command = {"exit_code": 0, "stdout": "done\n", "stderr": "", "truncated": False, "duration_seconds": 1.0}
    assert seen(command) == "exit_code 0, stdout done"
    assert seen({"elapsed_seconds": 1.0, "days_left": 9}) == "days_left 9"


def test_a_value_too_large_for_its_record_stands_by_its_digest():
    """Nothing is fetched to be drawn."""
    assert value(PayloadRef("sha256:ab", 9, "text/plain")) == "(9 bytes, sha256:ab)"


def test_half_a_character_does_not_stop_a_report():
    """Command output may hold anything."""
    assert value({"stdout": "\ud83d"}) == '{"stdout": "\\ud83d"}'


def test_parameters_read_as_they_are_typed():
    """`name=value`, in order."""
    assert pairs({"namespace": "production", "replicas": 10}) == "namespace=production replicas=10"


def test_what_a_kind_says_of_all_its_outputs_is_shown_before_any_of_them():
    """`paused false` tells nobody what was released; where the author expects something, that is shown."""
    output = {"paused": False, "count": 3, "message": "revision 7 (api:7); a rollback returns to 6 (api:6)"}
    assert seen(output) == output["message"]
    assert seen(output, "paused == false") == "paused false"


def test_what_is_expected_and_not_there_is_said_with_why():
    """A status of none tells nobody that the name of the host is wrong."""
    output = {"status": None, "body": None, "error": "no such host: shop.invalid"}
    assert seen(output, "status == 200") == "status none, error no such host: shop.invalid"
    assert seen(output | {"status": 503}, "status == 200") == "status 503"
