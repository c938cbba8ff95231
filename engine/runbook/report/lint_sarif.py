"""Findings as SARIF 2.1.0, as code scanning takes it: addresses relative to the repository, one alert per mistake.

An alert is the same one from push to push where its fingerprint is: it is made of the code, the message without its
numbers and the line without its blanks, so neither a line that moves nor a day that passes makes a new one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from runbook.document.findings import Finding, Severity
from runbook.report.links import linked_from, unlinked
from runbook.report.safe import shown

if TYPE_CHECKING:
    from runbook.lint.codes import Code

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
MOST: Final = 5000  # code scanning keeps no more results of a run, and refuses one of more than 25,000
_LONGEST: Final = 1024  # characters of a rule's descriptions
_BASE: Final = "%SRCROOT%"
_NUMBERS: Final = re.compile(r"\d+")


def sarif(
    findings: Sequence[Finding], codes: Mapping[str, Code], texts: Mapping[str, str], *, version: str, home: str
) -> dict[str, Any]:
    """A log with one run. Paths of findings are relative to the repository; `texts` has the files by them.

    The worst findings come first; what is left out beyond the limit of code scanning is said in the run.
    """
    worst = sorted(findings, key=lambda one: (one.severity is not Severity.ERROR, one))
    kept = worst[:MOST]
    used = [codes[code] for code in sorted({one.code for one in kept} & codes.keys())]
    index = {code.code: at for at, code in enumerate(used)}
    driver = {
        "name": "runbook lint",
        "semanticVersion": version,
        "informationUri": home,
        "rules": [_rule(code) for code in used],
    }
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": "runbook-lint/"},
        "invocations": [_invocation(len(worst) - len(kept))],
        "results": [_result(one, index, texts.get(one.path, ""), seen) for one in kept],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(left_out: int) -> dict[str, Any]:
    said = f"{left_out} more findings are left out: code scanning keeps {MOST} of a run"
    notes = [{"level": "warning", "message": {"text": said}}] if left_out else []
    return {"executionSuccessful": True, "toolExecutionNotifications": notes}


def _rule(code: Code) -> dict[str, Any]:
    plain, linked = unlinked(code.text), linked_from(code.url, code.text)
    return {
        "id": code.code,
        "name": code.name,
        "shortDescription": {"text": code.title[:_LONGEST]},
        "fullDescription": {"text": plain[:_LONGEST]},
        "help": {"text": plain, "markdown": f"{linked}\n\n[{code.code}]({code.url})"},
        "helpUri": code.url,
        "defaultConfiguration": {"level": str(code.severity)},
        "properties": {"tags": ["runbook"], "precision": "high", "problem.severity": str(code.severity)},
    }


def _result(finding: Finding, index: Mapping[str, int], text: str, seen: Counter[str]) -> dict[str, Any]:
    said = shown(f"{finding.message}; {finding.hint}" if finding.hint else finding.message)
    place = {
        "artifactLocation": _artifact(finding.path),
        "region": {"startLine": finding.line, "startColumn": finding.column},
    }
    result = {
        "ruleId": finding.code,
        "level": str(finding.severity),
        "message": {"text": said},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding, text, seen)},
    }
    return result | ({"ruleIndex": index[finding.code]} if finding.code in index else {})


def _artifact(path: str) -> dict[str, str]:
    from urllib.parse import quote

    if path.startswith("/"):
        return {"uri": f"file://{quote(path)}"}
    return {"uri": quote(path), "uriBaseId": _BASE}


def _fingerprint(finding: Finding, text: str, seen: Counter[str]) -> str:
    """As code scanning writes its own: a hash, and which of those with the same one it is in its file."""
    from hashlib import sha256

    lines = text.split("\n")
    line = lines[finding.line - 1] if finding.line <= len(lines) else ""
    parts = (finding.code, _NUMBERS.sub("", finding.message), "".join(line.split()))
    hash_ = sha256("\0".join(parts).encode()).hexdigest()[:16]
    seen[f"{finding.path}\0{hash_}"] += 1
    return f"{hash_}:{seen[f'{finding.path}{chr(0)}{hash_}']}"
