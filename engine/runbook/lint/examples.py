"""The examples of a rule, linted as the project that they are: for its page, its test, and `runbook explain`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding
from runbook.lint.alert_rules import alerts_in
from runbook.lint.lint import lint
from runbook.lint.rule import EXAMPLES_DAY, Rulebook
from runbook.lint.ruling import every_rule

if TYPE_CHECKING:
    from runbook.document.spec import Specs

ALERT_RULES: Final = ".rules.yaml"


def findings_of(files: Mapping[str, str], folder: Path, specs: Specs) -> list[Finding]:
    """What all rules find in files that are written into an empty folder, which counts as a repository of its own.

    Findings have the paths that `files` has.
    """
    (folder / ".git").mkdir()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    documents = [folder / name for name in files if name.endswith(".yaml") and not name.endswith(ALERT_RULES)]
    rule_files = [folder / name for name in files if name.endswith(ALERT_RULES)]
    rulebook = Rulebook(every_rule(), EXAMPLES_DAY, alerts_in(rule_files) if rule_files else None)
    result = lint(documents, specs, jobs=1, rules=rulebook)
    return [_within(folder, finding) for finding in result.findings]


def _within(folder: Path, finding: Finding) -> Finding:
    import msgspec

    def plain(text: str) -> str:
        return text.replace(f"{folder}/", "")

    hint = plain(finding.hint) if finding.hint else None
    return msgspec.structs.replace(finding, path=plain(finding.path), message=plain(finding.message), hint=hint)
