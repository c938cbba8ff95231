"""Past incidents of other tools, row by row."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.errors import UsageError
from runbook.incident.importing import FORMS, Ready, Terms, ready, rows_of
from support.incidents import CATALOG

KEYS = ("id", "title", "severity", "declared", "times", "roles", "commander", "at", "priority", "acknowledgements")
NOW = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
HEAD = "id,title,severity,declared,resolved,service,user_facing\n"


def read(text: str, origin: str = "csv", **mapped: str) -> tuple[list[Ready], list[str]]:
    """What is ready, and the problems as `line: message`."""
    rows, problems = rows_of(text.encode(), origin)
    found, wrong = ready(rows, Terms(CATALOG, mapped, origin, "import of x", NOW))
    return found, [f"{one.line}: {one.message}" for one in sorted([*problems, *wrong])]


def test_a_csv_has_a_header_and_an_incident_a_line() -> None:
    """In any order of columns, with or without a mark at its beginning; the earliest incident comes first."""
    text = (
        "\ufeff"
        + HEAD
        + ('7,"Down, again",sev1,2025-03-01T10:00Z,2025-03-01T11:00Z,shop,yes\n6,Slow,SEV2,2025-02-01T10:00+01:00,,,\n')
    )
    found, problems = read(text)
    assert problems == []
    assert [(one.id, one.declaration.severity, one.declaration.title) for one in found] == [
        ("6", "SEV2", "Slow"),
        ("7", "SEV1", "Down, again"),
    ]
    last = found[1].declaration
    assert (last.service, last.user_facing, last.imported) == ("shop", True, {"from": "csv", "id": "7"})
    assert last.when.source == "import of x" and last.ends[-1][0] == "incident.resolved"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,T,SEV1,2025-03-01T10:00,,,", "2: 1: declared 2025-03-01T10:00 has no time zone"),
        ("1,T,P9,2025-03-01T10:00Z,,,", "2: 1: there is no severity 'P9'"),
        ("1,,SEV1,2025-03-01T10:00Z,,,", "2: 1: 'title' is missing"),
        ("1,T,SEV1,2025-03-01T10:00Z,2025-03-01T09:00Z,,", "2: 1: declared at .* would be after resolved"),
        ("1,T,SEV1,2025-02-29T10:00Z,,,", "2: 1: declared .* is no time that there is"),
        ("1,T,SEV1,2027-01-01T10:00Z,,,", "2: 1: declared .* is in the future"),
        ("1,T,SEV1,2025-03-01T10:00Z,,,perhaps", "2: 1: 'user_facing' is 'perhaps'"),
        ("1,T,SEV1,2025-03-01T10:00Z,,,,more", "2: 8 cells, and 7 columns"),
        (",T,SEV1,2025-03-01T10:00Z,,,", "2: 'id' is missing"),
    ],
)
def test_each_row_that_is_wrong_is_named_by_its_line(row: str, problem: str) -> None:
    """What is wrong, and where; the others are looked at all the same."""
    import re

    found, problems = read(HEAD + row + "\n2,Good,SEV1,2025-03-01T10:00Z,,,\n")
    assert [one.id for one in found][-1:] == ["2"]
    assert len(problems) == 1 and re.match(problem, problems[0]), problems


def test_lines_are_those_of_the_file_where_a_cell_has_several() -> None:
    """A title over two lines counts as two."""
    _, problems = read(HEAD + '1,"a\nb",SEV1,2025-03-01T10:00Z,,,\n2,T,SEV9,2025-03-01T10:00Z,,,\n')
    assert problems == ["4: 2: there is no severity 'SEV9'"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["0: the file is empty"]),
        ("id,titel,severity,declared\n", ["1: the column 'title' is missing", "1: there is no column 'titel'"]),
        ("id,title,severity,declared,id\n", ["1: the column 'id' is there twice"]),
        (HEAD + "1,T,SEV1,2025-03-01T10:00Z,,,\n1,U,SEV1,2025-03-01T10:00Z,,,\n",
         ["3: the id '1' is used a second time; the first is at line 2"]),
    ],
)  # fmt: skip
def test_a_file_that_has_another_form_says_what_is_missing(text: str, problems: list[str]) -> None:
    """The header names what follows; an id names one incident."""
    assert read(text)[1] == problems


def test_json_is_the_list_of_another_store() -> None:
    """With the columns' names, or as `incident list --output json` prints it; lines are those of the file."""
    listed = {
        "incidents": [
            {
                "incident": "INC-4",
                "title": "Down",
                "severity": "SEV1",
                "status": "resolved",
                "times": {
                    "declared": {"at": "2025-03-01T10:00:00.000Z"},
                    "mitigated": {"at": "2025-03-01T10:30:00.000Z"},
                },
                "roles": {"commander": {"person": "ana", "since": "2025-03-01T10:00:00.000Z"}},
            },
            {"id": "x", "title": "Slow", "severity": "SEV9", "declared": "2025-03-02T10:00Z", "colour": "red"},
        ]
    }
    found, problems = read(json.dumps(listed, indent=1), "json")
    assert [(one.id, one.line, one.declaration.roles) for one in found] == [("INC-4", 3, {"commander": "ana"})]
    assert problems == ["23: unknown key 'colour'", "23: x: there is no severity 'SEV9'"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[{]", "1: it is no JSON"),
        ('{"a": 1}', "1: it holds no list"),
        ('[1, {"id": "2"}]', "0: an incident is an object"),
    ],
)
def test_json_of_another_shape_is_told(text: str, problem: str) -> None:
    """Nothing is guessed."""
    assert any(one.startswith(problem) for one in read(text, "json")[1])


def test_what_a_list_hid_says_how_it_is_listed_whole() -> None:
    """An incident that was confidential has no title in a list for others."""
    hidden = {"incident": "INC-1", "severity": "SEV1", "status": "open", "confidential": True}
    listed = {"incidents": [{**hidden, "times": {"declared": {"at": "2025-03-01T10:00:00.000Z"}}}]}
    rows, _ = rows_of(json.dumps(listed).encode(), "json")
    _, [wrong] = ready(rows, Terms(CATALOG, {}, "json", "import of x", NOW))
    assert wrong.hint is not None and "incident list --confidential --output json" in wrong.hint


def page(**more: Any) -> str:
    """A page of PagerDuty's answer, as its API documents it."""
    one = {
        "id": "PT4KHLK",
        "type": "incident",
        "summary": "[#1234] The server is on fire.",
        "incident_number": 1234,
        "title": "The server is on fire.",
        "created_at": "2025-10-06T21:30:42Z",
        "status": "resolved",
        "html_url": "https://subdomain.pagerduty.com/incidents/PT4KHLK",
        "service": {"id": "PIJ90N7", "type": "service_reference", "summary": "My Mail Service"},
        "priority": {"id": "P53ZZH5", "type": "priority_reference", "summary": "P2"},
        "urgency": "high",
        "acknowledgements": [{"at": "2025-10-06T21:32:42Z", "acknowledger": {"summary": "Ana"}}],
        "last_status_change_at": "2025-10-06T21:38:23Z",
        "resolved_at": "2025-10-06T21:38:23Z",
    }
    return json.dumps({"incidents": [{**one, **more}], "limit": 1, "offset": 0, "more": False})


def test_pagerdutys_answer_is_read_as_it_comes() -> None:
    """Priority as severity, by a map; created as alerted; the link back is kept."""
    [one], problems = read(page(), "pagerduty", P2="SEV2")
    assert problems == []
    said = one.declaration
    assert (said.severity, said.service, said.imported) == (
        "SEV2",
        "My Mail Service",
        {"from": "pagerduty", "id": "PT4KHLK"},
    )
    assert said.times.keys() == {"alerted", "acknowledged"}
    assert [type_ for type_, _ in said.ends] == ["incident.linked", "incident.resolved"]
    assert said.ends[1][1]["at"] == "2025-10-06T21:38:23.000000Z"


def test_a_priority_that_nobody_mapped_is_a_problem_with_the_flag_to_add() -> None:
    """Without a priority the urgency is looked at."""
    rows, _ = rows_of(page(priority=None).encode(), "pagerduty")
    _, [problem] = ready(rows, Terms(CATALOG, {}, "pagerduty", "s", NOW))
    assert problem.message == "PT4KHLK: there is no severity 'high'"
    assert "--map 'high=SEV1'" in str(problem.hint)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


@pytest.mark.parametrize("origin", ["json", "pagerduty"])
@given(data=ODD)
def test_whatever_json_holds_is_rows_or_problems(origin: str, data: Any) -> None:
    """A key may hold anything, also where we look into it."""
    rows, problems = rows_of(json.dumps({"incidents": data}).encode(), origin)
    _, wrong = ready(rows, Terms(CATALOG, {}, origin, "s", NOW))
    assert all(problem.message for problem in [*problems, *wrong])


@pytest.mark.parametrize("origin", FORMS)
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_whatever_a_file_holds_is_rows_or_problems(origin: str, data: bytes) -> None:
    """No bytes of somebody else's tool end in a traceback."""
    try:
        rows, problems = rows_of(data, origin)
    except UsageError:
        return
    ready(rows, Terms(CATALOG, {}, origin, "s", NOW))
    assert all(problem.message for problem in problems)
