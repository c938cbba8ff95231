"""Every rule against its own examples and its page; rules one by one are in `rules/`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook import kinds
from runbook.document.findings import Finding, Severity
from runbook.lint.examples import findings_of
from runbook.lint.rule import Rule
from runbook.lint.rules import MODULES
from runbook.lint.ruling import every_rule
from runbook.report.rule_page import index, page
from support.linted import QUEUE, linted, said

DOCS = Path(__file__).parents[3] / "docs" / "lint"
AGAIN = "run `python docs/lint/write.py`"
RULES = [pytest.param(rule, id=rule.code) for rule in every_rule()]


def unusable(findings: list[Finding]) -> list[str]:
    return [str(one) for one in findings if one.severity is Severity.ERROR and one.code.startswith("RB0")]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_its_bad_example_and_nothing_in_its_good_one(rule: Rule, tmp_path: Path) -> None:
    """Both are documents that work otherwise, so that nothing else stands in the way."""
    for name in ("bad", "good"):
        (tmp_path / name).mkdir()
    bad = findings_of(rule.bad, tmp_path / "bad", kinds.specs())
    good = findings_of(rule.good, tmp_path / "good", kinds.specs())
    assert unusable(bad) == unusable(good) == []
    assert {one.severity for one in bad if one.code == rule.code} == {rule.severity}
    assert [str(one) for one in good if one.code == rule.code] == []


@pytest.mark.parametrize("rule", RULES)
def test_the_page_of_a_rule_is_what_its_module_says(rule: Rule, tmp_path: Path) -> None:
    """Nobody keeps two texts."""
    path = DOCS / f"{rule.code}.md"
    written = path.read_text() if path.exists() else ""
    assert written == page(rule, findings_of(rule.bad, tmp_path, kinds.specs())), AGAIN


def test_the_index_and_the_pages_are_of_the_rules_that_exist() -> None:
    """No page outlives its rule."""
    assert (DOCS / "README.md").read_text() == index(every_rule()), AGAIN
    assert {path.stem for path in DOCS.glob("RB*.md")} == {rule.code for rule in every_rule()}, AGAIN


def test_rules_are_listed_in_the_order_of_their_codes_each_under_its_own_name() -> None:
    """A module, its code and its name say the same."""
    assert [*MODULES] == [f"{rule.code.lower()}_{rule.name.replace('-', '_')}" for rule in every_rule()]
    assert [*MODULES] == sorted(MODULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_why_and_what_instead_in_whole_sentences(rule: Rule) -> None:
    """They stand on a page between headings."""
    assert re.fullmatch(r"RB1\d\d", rule.code)
    assert not rule.title.endswith(".")
    assert [text[-1] for text in (rule.why.strip(), rule.instead.strip())] == [".", "."]


def test_a_runbook_that_is_checked_alone_still_has_its_scenarios(tmp_path: Path) -> None:
    """As an editor does at each save: they are looked for beside it, whatever their file is called."""
    head = "apiVersion: runbook/v1\nkind: Scenario\nrunbook: queue-stuck\n"
    scenarios = f"{head}scenarios:\n  - {{name: x, expect: {{applied: []}}}}\n"
    (tmp_path / "any.yaml").write_text(scenarios)
    alone = linted(tmp_path, {"queue.yaml": QUEUE})
    (tmp_path / "any.yaml").unlink()
    without = linted(tmp_path, {"queue.yaml": QUEUE})
    assert [said(result, "RB130") != [] for result in (alone, without)] == [False, True]


def test_every_rule_has_tests_of_its_own_beside_its_examples() -> None:
    """What it must leave alone is said nowhere else; exceptions are tested with the comments that make them."""
    tested = {path.stem.removeprefix("test_") for path in (Path(__file__).parent / "rules").glob("test_rb1*.py")}
    assert tested == {*MODULES} - {"rb100_unsound_exception"}
