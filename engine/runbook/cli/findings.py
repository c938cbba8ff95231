"""Findings in the words of whoever asked: a person at a terminal, an editor, a workflow, a service that keeps them.

What others read has paths from the root of the repository, wherever the command was typed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runbook.cli.session import Session

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.lint.codes import Code
    from runbook.lint.lint import LintResult


def shown_as(session: Session, form: str, result: LintResult, fail_on: str) -> None:
    """Print findings, in any form but `json`; nothing for people where there are none."""
    if form == "text":
        if result.findings:
            session.print(_drawn(session, result.findings))
        return
    root = _root()
    findings = [_anchored(finding, root) for finding in result.findings]
    if form == "github":
        from runbook.report.lint_github import annotated

        if findings:
            session.annotate(annotated(findings))
    elif form == "junit":
        from runbook.document.findings import Severity
        from runbook.report.lint_junit import junit

        paths = [_from_root(path, root) for path in result.paths]
        session.print(junit(paths, findings, fail_on=Severity(fail_on)))
    else:
        _for_services(session, form, findings, _texts(result.findings, root))


def _for_services(session: Session, form: str, findings: Sequence[Finding], texts: Mapping[str, str]) -> None:
    import runbook
    from runbook.lint.codes import DOCS

    home = DOCS.partition("/blob/")[0]
    codes = _codes(findings)
    if form == "sarif":
        from runbook.report.lint_sarif import sarif

        session.write(sarif(findings, codes, texts, version=runbook.__version__, home=home))
    else:
        from runbook.report.lint_rdjson import rdjson

        session.write(rdjson(findings, codes, texts, home=home))


def _codes(findings: Sequence[Finding]) -> dict[str, Code]:
    from runbook.lint.codes import code

    found = {finding.code: code(finding.code) for finding in findings}
    return {name: about for name, about in found.items() if about}


def _drawn(session: Session, findings: Sequence[Finding]) -> str:
    """With the lines that they are about on a terminal; one line for each elsewhere, for grep and editors."""
    from runbook.report.findings import findings_text
    from runbook.report.safe import shown

    if not session.stdout.isatty():
        return "\n".join(shown(finding) for finding in findings)
    return findings_text(findings, session.out_style, _texts(findings, None))


def _texts(findings: Sequence[Finding], root: Path | None) -> dict[str, str]:
    """The files that findings are about, by their path, or by that from the root."""
    paths = {finding.path for finding in findings if Path(finding.path).is_file()}
    read = {path: Path(path).read_bytes().decode("utf-8-sig", "replace") for path in paths}
    return {_from_root(path, root) if root else path: text for path, text in read.items()}


def _root() -> Path:
    """The repository that we stand in, or the working directory."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def _from_root(path: str, root: Path) -> str:
    """A path from the root, with slashes; the whole path of what lies outside."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - a link in the repository keeps its own name
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else whole.as_posix()


def _anchored(finding: Finding, root: Path) -> Finding:
    import msgspec

    return msgspec.structs.replace(finding, path=_from_root(finding.path, root))
