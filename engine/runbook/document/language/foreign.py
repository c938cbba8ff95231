"""Braces that were written for another tool: Go templates, as alerting rules, Helm and kubectl have them.

Asked only about what could not be read as an expression, so nothing that means something here is taken for foreign.
"""

from __future__ import annotations

import re
from typing import Final

from runbook.document.language.errors import ExpressionError

_DATA: Final = re.compile(r"(?:\$|\.)(?P<root>[A-Za-z]\w*)?(?:\.(?P<rest>\w[\w.]*))?")
_WORDS: Final = re.compile(r"-?\s*(?:if|else|end|range|with|define|template|block|include|printf|index|toYaml)\b")
_ALERT: Final = {
    "labels": "labels",
    "Labels": "labels",
    "CommonLabels": "labels",
    "GroupLabels": "labels",
    "annotations": "annotations",
    "Annotations": "annotations",
    "CommonAnnotations": "annotations",
}
_VERBATIM: Final = "for the braces of another tool write {{ '{{' }}"


def foreign(text: str) -> ExpressionError | None:
    """What to write instead of the inside of a Go template; None for what is none."""
    found = _DATA.match(text)
    if found is not None and (text.startswith("$") or found["root"]):
        return ExpressionError(f"'{{{{ {_short(text)} }}}}' is a Go template{_whose(found['root'])}", hint=_hint(found))
    if _WORDS.match(text) and re.search(r"[$.]\w|^end$|^else$|\"", text):
        return ExpressionError(
            f"'{{{{ {_short(text)} }}}}' is a Go template", hint=f"values hold expressions; {_VERBATIM}"
        )
    return None


def _whose(root: str | None) -> str:
    if root in ("Values", "Release", "Chart"):
        return " of Helm"
    return " of Prometheus" if root in ("value", *_ALERT) else ""


def _hint(found: re.Match[str]) -> str:
    root, rest = found["root"], found["rest"]
    if root in _ALERT:
        return f"write {{{{ alert.{_ALERT[root]}.{rest or 'NAME'} }}}}"
    if root == "value":
        return "an alert brings no value with it; measure it in a step, and write {{ steps.ID.value }}"
    if root == "Values":
        name = (rest or "NAME").rpartition(".")[2]
        return f"make it a parameter, and write {{{{ params.{name} }}}}"
    return f"names stand alone, such as params.namespace or alert.labels.instance; {_VERBATIM}"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
