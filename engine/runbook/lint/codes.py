"""What a code means: a rule's own words, or the paragraph of `docs/errors.md`, which ships with the engine."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from runbook import shipped
from runbook.document.findings import Severity
from runbook.lint.ruling import every_rule

DOCS: Final = "https://github.com/runbook-engine/runbook-engine/blob/main/docs"
_PARAGRAPH: Final = re.compile(r"^### (RB[02]\d\d)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_TITLE: Final = re.compile(r"[.:;](\s|$)|\n\n")


class Code(NamedTuple):
    """A code with its name, how severe it is unless a project says otherwise, and its page: `text` is Markdown."""

    code: str
    name: str
    severity: Severity
    title: str
    text: str
    url: str


def code(of: str) -> Code | None:
    """What a code means; None for one that does not exist."""
    return _rules().get(of) or _messages().get(of)


def codes() -> list[str]:
    """Every code there is."""
    return sorted([*_rules(), *_messages()])


@cache
def _rules() -> dict[str, Code]:
    return {
        rule.code: Code(
            rule.code,
            rule.name,
            rule.severity,
            rule.title,
            f"{rule.why}\n\n{rule.instead}",
            f"{DOCS}/lint/{rule.code}.md",
        )
        for rule in every_rule()
    }


@cache
def _messages() -> dict[str, Code]:
    page = shipped.messages()
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return {found[1]: _message(found[1], found[2].strip()) for found in _PARAGRAPH.finditer(text)}


def _message(of: str, text: str) -> Code:
    title = " ".join(_TITLE.split(text, maxsplit=1)[0].split())
    of_words = of.startswith("RB21")  # of a postmortem: people know better
    severity = Severity.WARNING if of_words else Severity.ERROR
    return Code(of, of, severity, title, text, f"{DOCS}/errors.md#{of.lower()}")
