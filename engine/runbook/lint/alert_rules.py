"""Alerts from Prometheus rule files: which there are, what they ask, where they stand.

A file may be a rule file, a PrometheusRule of the operator, a list of them, a ConfigMap that holds rule files as
text, or several of these one after the other, as `helm template` prints them. What else is in it is left alone. YAML
is read from the parser's events, line by line: depth is bounded, aliases are not followed twice into a bomb.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from runbook.document.findings import Finding
from runbook.errors import DocumentError
from runbook.lint.files import found, read
from runbook.lint.rule import AlertRule

MAX_BYTES: Final = 16 * 1024 * 1024
_MAX_DEPTH: Final = 64
_MAX_NODES: Final = 1_000_000
_RENDERED: Final = "a Helm chart's templates are no YAML before `helm template`"


_LINE: Final = object()  # the key under which a mapping keeps its line; YAML cannot have it


def alerts_in(paths: Iterable[Path]) -> dict[str, AlertRule]:
    """The alerts of files, and of all rule files in folders, each by its name; of several with one name, the first.

    UsageError for a path that is not there; DocumentError for a file that cannot be read, or holds no rules.
    """
    alerts: dict[str, AlertRule] = {}
    for alert in every_alert(paths):
        alerts.setdefault(alert.name, alert)
    return alerts


def every_alert(paths: Iterable[Path]) -> Iterator[AlertRule]:
    """All alerts of files, and of all rule files in folders, in their order, as `alerts_in` reads them."""
    for path, searched in found(list(paths)):
        data = read(path, searched, MAX_BYTES)
        if searched is None or b"groups:" in data:
            yield from alert_rules(data, str(path))


def alert_rules(data: bytes, path: str) -> list[AlertRule]:
    """Every alert of a file, in its order; DocumentError where it cannot be read, or holds no rules at all."""
    if len(data) > MAX_BYTES:
        raise _refusal(path, 1, "RB003", f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB", None)
    groups = list(_groups(_documents(data, path), path))
    if not groups:
        raise _refusal(path, 1, "RB050", "there are no groups of rules in the file", "name rule files of Prometheus")
    return [alert for group in groups for alert in _alerts(group, path)]


def _groups(documents: Iterator[Any], path: str) -> Iterator[Any]:
    """Groups of rules, wherever these documents keep them."""
    for document in documents:
        if not isinstance(document, dict):
            continue
        inner = document.get("spec") if document.get("kind") == "PrometheusRule" else document
        groups = inner.get("groups") if isinstance(inner, dict) else None
        if isinstance(groups, list):
            yield from groups
        elif isinstance(items := document.get("items"), list):
            yield from _groups(iter(items), path)
        elif document.get("kind") == "ConfigMap" and isinstance(texts := document.get("data"), dict):
            for text in texts.values():
                if isinstance(text, str) and "groups:" in text:
                    yield from _groups(_documents(text.encode(), path), path)


def _alerts(group: Any, path: str) -> Iterator[AlertRule]:
    rules = group.get("rules") if isinstance(group, dict) else None
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict) and isinstance(rule.get("alert"), str):
            labels = {**_texts(group.get("labels")), **_texts(rule.get("labels"))}
            yield AlertRule(
                name=rule["alert"],
                expr=str(rule.get("expr", "")),
                labels=labels,
                annotations=_texts(rule.get("annotations")),
                path=path,
                line=rule[_LINE],
            )


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {key: str(text) for key, text in value.items() if isinstance(key, str) and not isinstance(text, dict | list)}


def _documents(data: bytes, path: str) -> Iterator[Any]:
    """The documents of a YAML stream as plain data; every scalar is text, every mapping knows its line."""
    from yaml import YAMLError
    from yaml._yaml import CParser
    from yaml.events import DocumentStartEvent, StreamEndEvent

    try:
        next_ = _counted(CParser(data).get_event, path)
        while not isinstance(event := next_(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                yield _value(next_(), next_, {}, 0, path)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it is not YAML"
        line = mark.line + 1 if mark else 1
        raise _refusal(path, line, "RB004", f"not YAML: {problem}", _RENDERED) from None
    except UnicodeDecodeError:
        raise _refusal(path, 1, "RB001", "the file is not UTF-8", "save it as UTF-8") from None


def _counted(next_: Callable[[], Any], path: str) -> Callable[[], Any]:
    left = _MAX_NODES

    def counted() -> Any:
        nonlocal left
        left -= 1
        event = next_()
        if left < 0:
            raise _refusal(
                path, event.start_mark.line + 1, "RB003", f"the file has more than {_MAX_NODES} values", None
            )
        return event

    return counted


def _value(event: Any, next_: Callable[[], Any], anchors: dict[str, Any], depth: int, path: str) -> Any:
    from yaml.events import AliasEvent, MappingEndEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

    if isinstance(event, AliasEvent):
        return anchors.get(str(event.anchor))  # the same object, not a copy
    if depth > _MAX_DEPTH:
        raise _refusal(path, event.start_mark.line + 1, "RB003", f"nested deeper than {_MAX_DEPTH} levels", None)
    value: Any
    if isinstance(event, ScalarEvent):
        value = event.value
    elif isinstance(event, SequenceStartEvent):
        value = []
        while not isinstance(inner := next_(), SequenceEndEvent):
            value.append(_value(inner, next_, anchors, depth + 1, path))
    else:
        value = {_LINE: event.start_mark.line + 1}
        while not isinstance(inner := next_(), MappingEndEvent):
            key = _value(inner, next_, anchors, depth + 1, path)
            held = _value(next_(), next_, anchors, depth + 1, path)
            if isinstance(key, str):
                value[key] = held
    if getattr(event, "anchor", None):
        anchors[event.anchor] = value
    return value


def _refusal(path: str, line: int, code: str, message: str, hint: str | None) -> DocumentError:
    return DocumentError([Finding(path=path, line=line, column=1, code=code, message=message, hint=hint)])
