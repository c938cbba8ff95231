"""A rule of lint as a page: why it is there, an example that fails, what is found in it, what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from runbook.report.layout import heading, paragraph
from runbook.report.links import unlinked

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.lint.rule import Rule
    from runbook.report.style import Style

_SWITCHED: Final = """\
## Where it does not hold

For one place, say why on its line or the one above, or at the top of the file for all of it:

    # lint: allow({code}): REASON

For the project, in `runbook.yaml`: `lint: {{rules: {{{name}: off}}}}`, or `error` to fail on it."""

_INDEX: Final = """\
# Rules of lint

What `runbook lint` says about how runbooks are written. None of it keeps a runbook from running; what does is in
[errors.md](../errors.md). `runbook explain CODE` prints a page here. Each page is written from the rule's module by
`python docs/lint/write.py`.

| code | name | | |
|---|---|---|---|
"""


def page(rule: Rule, findings: Iterable[Finding]) -> str:
    """The page of a rule in Markdown. `findings` are those in its failing example."""
    found = [finding for finding in findings if finding.code == rule.code]
    parts = [
        f"# {rule.code}: {rule.title}",
        f"`{rule.name}` · {rule.severity} · [all rules](README.md)",
        rule.why,
        "## What is found",
        *_files(rule.bad),
        "\n".join(f"    {finding}" for finding in found),
        "## What to write",
        rule.instead,
        *_files(rule.good),
        *(("## `lint --fix` mends it", rule.mends) if rule.mends else ()),
        _SWITCHED.format(code=rule.code, name=rule.name),
    ]
    return "\n\n".join(parts) + "\n"


def index(rules: Iterable[Rule]) -> str:
    """The list of all rules, as a page."""
    rows = [_row(rule) for rule in rules]
    return _INDEX + "\n".join(rows) + "\n"


def _row(rule: Rule) -> str:
    title = f"{rule.title} (`lint --fix` mends it)" if rule.mends else rule.title
    return f"| [{rule.code}]({rule.code}.md) | `{rule.name}` | {rule.severity} | {title} |"


def _files(files: Mapping[str, str]) -> list[str]:
    return [f"```yaml\n# {name}\n{text.rstrip()}\n```" for name, text in files.items()]


def told(rule: Rule, findings: Iterable[Finding], style: Style) -> str:
    """The same for a terminal, as wide as it is."""
    said = [finding for finding in findings if finding.code == rule.code]
    lines = [heading(f"{rule.code}: {rule.title}", style), *paragraph(f"{rule.name} · {rule.severity}", style)]
    lines += ["", *paragraph(unlinked(rule.why), style)]
    lines += ["", heading("What is found", style), *_listed(rule.bad, style)]
    lines += [line for one in said for line in paragraph(str(one), style, role="warn")]
    lines += [
        "",
        heading("What to write", style),
        *paragraph(unlinked(rule.instead), style),
        *_listed(rule.good, style),
    ]
    if rule.mends:
        lines += [heading("`lint --fix` mends it", style), *paragraph(unlinked(rule.mends), style)]
    lines += ["", heading("Where it does not hold", style)]
    lines += paragraph("On its line or the one above, or at the top of the file for all of it:", style)
    lines += [f"    # lint: allow({rule.code}): REASON"]
    return "\n".join(lines)


def _listed(files: Mapping[str, str], style: Style) -> list[str]:
    lines = []
    for name, text in files.items():
        lines += ["", f"    {style.paint('dim', f'# {name}')}", *(f"    {line}" for line in text.rstrip().split("\n"))]
    return [*lines, ""]
