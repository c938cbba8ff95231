"""Write the pages of the rules of lint, and their index, from the rules' modules: `python docs/lint/write.py`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from runbook import kinds
from runbook.lint.examples import findings_of
from runbook.lint.rule import Rule
from runbook.lint.ruling import every_rule
from runbook.report.rule_page import index, page

HERE = Path(__file__).parent


def text_of(rule: Rule) -> str:
    """A rule's page, with what is really found in its failing example."""
    with TemporaryDirectory() as folder:
        return page(rule, findings_of(rule.bad, Path(folder), kinds.specs()))


def pages() -> dict[Path, str]:
    """Every page, with its file."""
    rules = every_rule()
    return {HERE / "README.md": index(rules), **{HERE / f"{rule.code}.md": text_of(rule) for rule in rules}}


def main() -> None:
    """Write them, and remove those of rules that are gone."""
    written = pages()
    for path in HERE.glob("*.md"):
        if path not in written:
            path.unlink()
    for path, text in written.items():
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
