"""Plain data as the text of a document, which reads back as exactly that data.

Every string is quoted or a block, so that no `no`, `1e3` or `0o14` ever becomes anything but itself. What a document
may not hold as it stands (invisible characters, those that turn the direction of text) is written as an escape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from runbook.document.characters import MAX_LINE, is_plain
from runbook.errors import UsageError

_WIDTH = 110
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[ .-][A-Za-z0-9_]+)*")
_NOT_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_BRACES = re.compile(r"\{\{|\{%")


def emitted(data: Mapping[str, Any]) -> str:
    """The YAML text of a document; UsageError for a word that is longer than a line may be."""
    dumper = _Plain if is_plain("".join(_strings(data))) else _Escaped
    text: str = yaml.dump(
        data,
        Dumper=dumper,
        allow_unicode=dumper is _Plain,
        width=_WIDTH,
        sort_keys=False,
        default_flow_style=False,
    )
    if max(map(len, text.split("\n"))) > MAX_LINE:
        raise UsageError(f"a line of it is longer than {MAX_LINE} characters", hint="put it into a file, and name that")
    return text


def literal(text: str) -> str:
    """The template that gives exactly this text: braces in it are not ours to read."""
    return _BRACES.sub(lambda found: f"{{{{ '{found[0]}' }}}}", text)


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for entry in value.values() for text in _strings(entry)]
    return [text for entry in value for text in _strings(entry)] if isinstance(value, list | tuple) else []


class _Plain(yaml.CSafeDumper):
    """Strings that stand as they are, blocks for those of several lines."""

    def ignore_aliases(self, data: Any) -> bool:
        """No anchors: a document may not have them."""
        del data
        return True


class _Escaped(_Plain):
    """Everything beyond ASCII as an escape, which only quoted strings can hold."""


def _string(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style: str | None = '"'
    if _WORDS.fullmatch(text) and text.lower() not in _NOT_WORDS:
        style = None
    elif "\n" in text and isinstance(dumper, _Plain) and _is_block(text):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: yaml.CSafeDumper, entries: Any) -> yaml.SequenceNode:
    """Words stand on one line, as an argv is read."""
    short = all(isinstance(entry, str | int | float) and "\n" not in str(entry) for entry in entries)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", entries, flow_style=short)


def _is_block(text: str) -> bool:
    """Whether a block can hold it, without counting on how white space at its edges is kept."""
    lines = text.split("\n")
    return (
        bool(lines[0].strip())
        and not any(line != line.rstrip() or "\t" in line for line in lines if line)
        and not text.startswith((" ", "\n"))
        and not text.endswith("\n\n")
    )


for _dumper in (_Plain, _Escaped):
    _dumper.add_representer(str, _string)
    _dumper.add_representer(list, _list)
