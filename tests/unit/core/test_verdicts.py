from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from runbook.core.changes import Error, Observation
from runbook.core.verdicts import all_of, any_of, judge, silence, truth
from runbook.core.words import Verdict
from runbook.document.words import Series

P, F, U = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
ROWS = [{"value": 3}, {"value": 7}]


@pytest.mark.parametrize("verdicts", list(product([P, F, U, None], repeat=3)))
def test_any_of_them_passes_when_one_does_and_fails_when_all_do(verdicts: tuple[Verdict | None, ...]) -> None:
    """Whatever has no verdict is as good as unknown."""
    expected = P if P in verdicts else F if set(verdicts) == {F} else U
    assert any_of(verdicts) is expected


@pytest.mark.parametrize("verdicts", list(product([P, F, U, None], repeat=3)))
def test_all_of_them_fail_when_one_does_and_pass_when_all_do(verdicts: tuple[Verdict | None, ...]) -> None:
    """One failure decides whatever else is unknown."""
    expected = F if F in verdicts else P if set(verdicts) == {P} else U
    assert all_of(verdicts) is expected


def test_of_no_symptoms_none_is_there() -> None:
    """Nothing at all is a fail for `any`, and nothing that fails for `all`."""
    assert any_of([]) is F
    assert all_of([]) is P


@pytest.mark.parametrize(
    ("expect", "seen", "verdict", "reason"),
    [
        ("value > 5", {"output": {"value": 7}}, P, None),
        ("value > 5", {"output": {"value": 3}}, F, None),
        ("value > 5", {"output": {"value": None}}, U, "compare"),
        ("value > 5", {"output": {"value": float("nan")}}, U, "NaN"),
        ("value > 5", {"unknown": "no data", "output": {"value": 7}}, U, "no data"),
        ("value > 5", {"verdict": U, "output": {"value": 7}}, U, None),
        ("value > 5", {"error": Error(code="unreachable", message="timed out")}, U, "timed out"),
        ("reachable", {"verdict": F, "output": {"reachable": False}}, F, None),
        ("status == 200", {"verdict": P, "output": {"status": 503}}, F, None),
        (None, {"verdict": P}, P, None),
        (None, {"output": {"value": 7}}, None, None),
        (None, {"unknown": "several series"}, None, "several series"),
    ],
)
def test_a_row_of_what_one_observation_says(expect: str | None, seen: Any, verdict: Any, reason: str | None) -> None:
    """An error and silence are unknown, a refusal that was asked about is an answer, `expect` judges the rest."""
    found, why = judge(expect, Series.ONE, Observation(**seen), {})
    assert found is verdict
    assert (reason in (why or "")) if reason else why is None


@pytest.mark.fault(77)
@pytest.mark.parametrize(
    ("series", "expect", "rows", "verdict"),
    [
        (Series.ONE, "value > 5", ROWS, U),
        (Series.ONE, "value > 5", ROWS[1:], P),
        (Series.ANY, "value > 5", ROWS, P),
        (Series.ANY, "value > 9", ROWS, F),
        (Series.ANY, "value > 9", [*ROWS, {"value": None}], U),
        (Series.ALL, "value > 5", ROWS, F),
        (Series.ALL, "value > 1", ROWS, P),
        (Series.ALL, "value > 1", [*ROWS, {"value": None}], U),
        (Series.ANY, "value > 5", ["odd", {"value": 7}], P),
    ],
)
def test_several_series_are_judged_as_the_step_says(series: Series, expect: str, rows: Any, verdict: Verdict) -> None:
    """One where several come is unknown; `any` and `all` judge each by itself."""
    seen = Observation(output={"value": 7, "rows": rows})
    assert judge(expect, series, seen, {})[0] is verdict


def test_why_several_series_are_unknown_is_said() -> None:
    """The first reason among those that decided, or what to write."""
    seen = Observation(output={"rows": [{"value": None}, {"value": 1}]})
    assert "null" in str(judge("value > 0", Series.ALL, seen, {})[1])
    assert judge("value > 0", Series.ONE, seen, {})[1] == "2 series where one is expected; say `series: any` or `all`"


def test_the_outputs_of_the_step_itself_hide_names_of_the_run() -> None:
    """In `expect` the step's own outputs are bare names."""
    assert judge("value == 1", Series.ONE, Observation(output={"value": 1}), {"value": 2})[0] is P


@pytest.mark.parametrize(
    ("when", "verdict", "reason"),
    [
        (None, P, None),
        ("n > 1", P, None),
        ("n > 5", F, "when: n > 5"),
        ("missing > 5", U, "missing"),
        ("n > 1 or missing", P, None),
        ("n > 5 and missing", F, "when: n > 5 and missing"),
    ],
)
def test_a_when_goes_skips_or_cannot_tell(when: str | None, verdict: Verdict, reason: str | None) -> None:
    """The reason is recorded; what was decided before the unknown part was reached is decided."""
    found, why = truth(when, {"n": 2})
    assert found is verdict
    assert (reason in (why or "")) if reason else why is None


@pytest.mark.parametrize(
    ("expect", "output", "verdict"),
    [
        ("not reachable", {"reachable": False, "error": "refused"}, Verdict.PASS),
        ("error or status >= 500", {"status": None, "error": "refused"}, Verdict.PASS),
        ("days_left < 21", {"valid": False, "days_left": 5}, Verdict.PASS),
        ("reachable", {"reachable": False}, Verdict.FAIL),
        ("status != 500", {"status": None}, Verdict.FAIL),
        ("status == none", {"status": None}, Verdict.FAIL),
        ("days_left > 21", {"valid": False, "days_left": 5}, Verdict.FAIL),
    ],
)
def test_a_silent_server_passes_only_what_asks_for_its_silence(expect, output, verdict):
    """`not reachable` is a symptom that can be there; what silence cannot tell is never taken for well."""
    seen = Observation(output=output, verdict=Verdict.FAIL)
    assert judge(expect, Series.ONE, seen, {})[0] is verdict


@pytest.mark.parametrize(
    ("expect", "code", "printed", "verdict"),
    [
        ("stdout == ''", 1, "", U),  # of a cluster out of reach, "nothing is left" is not known
        ("stdout == ''", 0, "", P),
        ("stdout == 'inactive'", 3, "inactive", P),
        ("exit_code == 0 and stdout == ''", 1, "", F),
        ("exit_code in [0, 1] and stdout == ''", 1, "", P),
        ("exit_code == 1", 1, "", P),
        ("stderr == ''", 1, "", P),
        ("stdout == '' and exit_code == 0", 1, "", F),
    ],
)
def test_a_command_that_failed_and_printed_nothing_has_answered_only_by_its_exit_code(
    expect: str, code: int, printed: str, verdict: Verdict
) -> None:
    """An `expect` that looks at the exit code judges the text too; any other cannot tell what it would have been."""
    seen = Observation(output={"exit_code": code, "stdout": printed, "stderr": ""})
    assert judge(expect, Series.ONE, seen, {})[0] is verdict


@pytest.mark.parametrize(
    ("expect", "code", "silent"),
    [
        ("exit_code == 0", 1, True),  # the default: it says that the command failed
        ("exit_code in [0, 1]", 1, False),
        ("exit_code in [0, 1]", 2, True),
        ("exit_code in [0, 1] and 'x' in stdout", 1, False),
        ("exit_code in params.fine", 1, False),
        ("stderr == ''", 1, True),
        (None, 1, True),
        (None, 0, False),
    ],
)
def test_its_empty_text_is_data_where_the_step_takes_its_exit_code(expect: str | None, code: int, silent: bool) -> None:
    """`grep` that found nothing has answered; what its own step calls a failure has not."""
    why = silence(expect, {"params": {"fine": [0, 1]}}, {"exit_code": code, "stdout": "", "stderr": ""})
    assert why == (f"it exited with {code} and printed nothing" if silent else None)
