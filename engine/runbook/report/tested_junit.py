"""Scenarios as JUnit XML, in the dialect that GitLab, Jenkins and the actions of GitHub read alike.

A runbook is a suite, a scenario a case; a scenario that could not be played is an `error`, one that came out otherwise
a `failure`. `time` is real seconds; how long it took in the simulated world is a property.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from runbook.report.reached import Covered, percent
from runbook.report.safe import shown
from runbook.report.style import Style
from runbook.report.tested import Played, played_text

_PLAIN = Style(width=120)


def junit_text(played: Sequence[Played], short: Sequence[Covered] = (), under: float | None = None) -> str:
    """The whole file. `short` are the runbooks whose coverage is below `under`; each fails a case of its own."""
    suites = [(name, list(of)) for name, of in groupby(played, key=lambda one: one.runbook or one.path)]
    failures = sum(bool(one.differences) for one in played) + len(short)
    errors = sum(not one.passed and not one.differences for one in played)
    seconds = sum(one.seconds for one in played)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    counts = _attributes(tests=len(played) + len(short), failures=failures, errors=errors, time=f"{seconds:.3f}")
    lines.append(f"<testsuites{_attributes(name='runbook test')}{counts}>")
    for name, cases in suites:
        lines += _suite(name, cases)
    lines += _coverage(short, under)
    return "\n".join([*lines, "</testsuites>"])


def _suite(name: str, cases: Sequence[Played]) -> list[str]:
    failures = sum(bool(one.differences) for one in cases)
    errors = sum(not one.passed and not one.differences for one in cases)
    seconds = sum(one.seconds for one in cases)
    head = _attributes(name=name, tests=len(cases), failures=failures, errors=errors, skipped=0, time=f"{seconds:.3f}")
    return [f"  <testsuite{head}>", *(line for one in cases for line in _case(one)), "  </testsuite>"]


def _case(one: Played) -> list[str]:
    name = one.name if one.name is not None else "the file can be used"
    where = _attributes(
        classname=one.runbook or one.path, name=name, file=one.path, line=one.line, time=f"{one.seconds:.3f}"
    )
    simulated = (
        f"      <properties><property{_attributes(name='simulated_seconds', value=f'{one.took:g}')}/></properties>"
    )
    lines = [f"    <testcase{where}>", simulated]
    if not one.passed:
        tag = "failure" if one.differences else "error"
        text = escape(shown(played_text(one, _PLAIN, terminal=False), lines=True))
        lines.append(f"      <{tag}{_attributes(message=_summary(one), type=tag)}>{text}</{tag}>")
    return [*lines, "    </testcase>"]


def _summary(one: Played) -> str:
    """One line for a list of what failed."""
    if one.differences:
        return "; ".join(f"{d.what}: expected {d.expected}, came {d.came}" for d in one.differences)
    return "; ".join([str(finding) for finding in one.findings] + ([one.trouble] if one.trouble else []))


def _coverage(short: Sequence[Covered], under: float | None) -> list[str]:
    if not short:
        return []
    head = _attributes(name="coverage", tests=len(short), failures=len(short), errors=0, skipped=0, time="0.000")
    lines = [f"  <testsuite{head}>"]
    for one in short:
        where = _attributes(classname="coverage", name=one.runbook, file=one.path, time="0.000")
        message = f"{percent(one.coverage)} of it is reached by scenarios, {under:g} % must be"
        lines.append(f"    <testcase{where}><failure{_attributes(message=message, type='failure')}/></testcase>")
    return [*lines, "  </testsuite>"]


def _attributes(**values: object) -> str:
    """Attributes of an element; what XML cannot hold is an escape, as everywhere in our output."""
    return "".join(f" {name}={quoteattr(shown(value))}" for name, value in values.items())
