"""Writes where an alert's runbook is into its rule file: one line for each, and not a byte more.

The text is edited in place, by the positions of the YAML parser, so that comments, order and style stay. What comes of
it is read again: it must say what it said before, and the new annotations. An alert that cannot be edited so (in
braces, behind an alias, in the text of a ConfigMap) is left alone, and told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from runbook.errors import DocumentError
from runbook.lint.alert_coverage import ANNOTATION
from runbook.lint.alert_rules import alert_rules

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_~-]*:[A-Za-z0-9./_~?&=+%-]+(?:#[A-Za-z0-9./_~-]+)?")


class Edited(NamedTuple):
    """The text of a file with its annotations, and the lines of alerts that were left alone."""

    text: str
    left: tuple[int, ...]


class _Edit(NamedTuple):
    """Characters that are replaced, by what."""

    start: int
    end: int
    text: str


def annotated(text: str, path: str, urls: Mapping[int, str]) -> Edited:
    """A rule file with a `runbook_url` for the alerts that stand at these lines.

    DocumentError for what is no rule file.
    """
    from yaml import CSafeLoader, compose_all

    before = alert_rules(text.encode(), path)  # holds its depth and its size to their limits first
    found: dict[int, _Edit] = {}
    for document in compose_all(text, Loader=CSafeLoader):
        for node in _mappings(document):
            line = node.start_mark.line + 1
            if line in urls and line not in found and (edit := _edit(text, node, urls[line])) is not None:
                found[line] = edit
    for edit in sorted(found.values(), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    expected = [
        one._replace(annotations={**one.annotations, ANNOTATION: urls[one.line]}) if one.line in found else one
        for one in before
    ]
    _same(expected, alert_rules(text.encode(), path), path)
    return Edited(text, tuple(sorted(set(urls) - found.keys())))


def _mappings(root: Any) -> list[Any]:
    """Every mapping with a key `alert`, once."""
    found, seen, left = [], set(), [root]
    while left:
        node = left.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if node.id == "mapping":
            if any(key.value == "alert" for key, _ in node.value):
                found.append(node)
            left += [part for pair in node.value for part in pair]
        elif node.id == "sequence":
            left += node.value
    return found


def _edit(text: str, alert: Any, url: str) -> _Edit | None:
    """None where a line cannot simply be put in, or exchanged."""
    if alert.flow_style:
        return None
    held = {key.value: (key, value) for key, value in alert.value}
    value = url if _PLAIN.fullmatch(url) else json.dumps(url)
    if "annotations" not in held:
        key, name = held["alert"]
        indent = " " * key.start_mark.column
        return _line_after(text, name, f"{indent}annotations:\n{indent}  {ANNOTATION}: {value}\n")
    annotations = held["annotations"][1]
    if annotations.id != "mapping" or annotations.flow_style or not annotations.value:
        return None
    old = next((value_ for key, value_ in annotations.value if key.value == ANNOTATION), None)
    if old is None:
        first = annotations.value[0][0]
        at = first.start_mark.index - first.start_mark.column
        return _Edit(at, at, f"{' ' * first.start_mark.column}{ANNOTATION}: {value}\n")
    if old.id != "scalar" or old.style in ("|", ">") or old.start_mark.line != old.end_mark.line:
        return None
    return _Edit(old.start_mark.index, old.end_mark.index, value)


def _line_after(text: str, node: Any, line: str) -> _Edit | None:
    if node.start_mark.line != node.end_mark.line:
        return None
    end = text.find("\n", node.end_mark.index)
    if end < 0:
        return _Edit(len(text), len(text), "\n" + line)
    return _Edit(end + 1, end + 1, line)


def _same(expected: list[Any], came: list[Any], path: str) -> None:
    """A file that would say something else is not written."""
    drop = {"line": 0}
    if [one._replace(**drop) for one in expected] != [one._replace(**drop) for one in came]:
        from runbook.document.findings import Finding

        message = "its annotations cannot be written without changing what else it says; nothing was written"
        raise DocumentError([Finding(path=path, line=1, column=1, code="RB050", message=message)])
