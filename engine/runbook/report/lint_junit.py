"""Findings as JUnit XML: each a failed test of its file, or a skipped one where it does not fail lint.

A test's name has no line, so that GitLab knows it again when the file grows; a file without findings has one test
that passes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.report.safe import shown

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def junit(paths: Sequence[str], findings: Sequence[Finding], *, fail_on: Severity) -> str:
    """The report of a lint of files, as text."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    with_findings = {finding.path for finding in findings}
    clean = [path for path in paths if path not in with_findings]
    failed = [one for one in findings if _fails(one, fail_on)]
    counts = {
        "name": "runbook lint",
        "tests": str(len(clean) + len(findings)),
        "failures": str(len(failed)),
        "errors": "0",
        "skipped": str(len(findings) - len(failed)),
        "time": "0",
    }
    root = Element("testsuites", counts)
    suite = SubElement(root, "testsuite", counts)
    for path in clean:
        _case(suite, path, "runbook lint")
    named: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        name = shown(f"{finding.code}: {finding.message}")
        named[finding.path, name] += 1
        again = named[finding.path, name]
        case = _case(suite, finding.path, f"{name} ({again})" if again > 1 else name)
        word = "failure" if _fails(finding, fail_on) else "skipped"
        said = SubElement(case, word, {"message": name})
        if word == "failure":
            said.set("type", finding.code)
        said.text = shown(finding)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _fails(finding: Finding, fail_on: Severity) -> bool:
    return fail_on is Severity.WARNING or finding.severity is Severity.ERROR


def _case(suite: Element, path: str, name: str) -> Element:
    from xml.etree.ElementTree import SubElement

    path = shown(path)
    return SubElement(suite, "testcase", {"classname": path, "name": name, "file": path, "time": "0"})
