"""The YAML parser's complaints in words that say what to change, and the hints shared with `source.py`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from runbook.document.broken_text import broken_text
from runbook.document.findings import Finding

if TYPE_CHECKING:
    from yaml import YAMLError

TOP: Final = "a document starts with 'apiVersion: runbook/v1' and 'kind: …'"
ANCHOR: Final = "write the values out, so that a diff of this file shows every change of what runs"
TAG: Final = "remove it; a value's type follows from how it is written"
TEXT_WITH_A_BANG: Final = "quote the value if text is meant, else remove the tag"
QUOTE_TEMPLATE: Final = 'quote the template: "{{ … }}"'

_WORD: Final = re.compile(r"[^\s,\[\]{}\"'\\]+(?=\s*(?:[,\]}]|$))")
_UNQUOTED_TEMPLATE: Final = re.compile(r"(?:[:\-\[,]\s+|\[)\{\{")

# libyaml's `problem` -> (message, hint); several mean "the structure broke above this line".
_WORDS: Final = {
    "did not find expected key": (
        "this line does not fit the mapping around it",
        "check its indentation, and that the value above it is complete",
    ),
    "did not find expected '-' indicator": (
        "expected '-' here, or less indentation",
        "entries of a list start with '-' in one column",
    ),
    "mapping values are not allowed in this context": (
        "a ':' may not stand here",
        "quote text that contains ': ', or check the indentation of the line",
    ),
    "block sequence entries are not allowed in this context": (
        "a list may not start on this line",
        "put its first '-' on a line of its own",
    ),
    "could not find expected ':'": ("this key has no ':' after it", "write 'key: value'"),
    "did not find expected ',' or ']'": ("the list opened with '[' is not closed", "add ',' or ']'"),
    "did not find expected ',' or '}'": ("the mapping opened with '{' is not closed", "add ',' or '}'"),
    "did not find expected node content": ("expected a value here", "write one, or quote the text"),
    "found unknown escape character": (
        "unknown escape in a double-quoted text",
        "write '\\\\' for a backslash, or use single quotes",
    ),
    "found invalid Unicode character escape code": (
        "this escape is not a character",
        "surrogates (U+D800 to U+DFFF) cannot stand alone",
    ),
    "found a tab character that violates indentation": (
        "a tab may not indent a line in YAML",
        "indent with spaces",
    ),
    "did not find expected alphabetic or numeric character": (
        "'&' and '*' at the start of a value are anchors and aliases in YAML",
        "quote it, if text is meant",
    ),
    "found unexpected end of stream": ("the text that starts here is never closed", "add the closing quote"),
}
_AT_CONTEXT: Final = frozenset(
    {
        "found unexpected end of stream",
        "did not find expected ',' or ']'",
        "did not find expected ',' or '}'",
        "could not find expected ':'",
    }
)


def explained(error: YAMLError, text: str, path: str) -> Finding:
    """A parser's error as a finding at the place that has to be changed."""
    problem: str = getattr(error, "problem", None) or str(error)
    mark: Any = getattr(error, "problem_mark", None)
    begun = getattr(error, "context_mark", None) if problem in _AT_CONTEXT else None
    place = begun or mark
    line, column = (place.line, place.column) if place else (0, 0)
    written = _line(text, line)
    fix = None
    message, hint = _WORDS.get(problem, (f"the file is not YAML: {problem}", None))
    if template := _UNQUOTED_TEMPLATE.search(written):
        message, hint = "'{{ … }}' without quotes is a mapping in YAML", QUOTE_TEMPLATE
        column = written.index("{{", template.start())
        from runbook.document.slips import quoted_template

        fix = quoted_template(text, _index(text, line) + column)
    elif problem == "found character that cannot start any token":
        message, hint = _stray(written, column)
    elif mark and (told := broken_text(problem, _line(text, mark.line), mark.column)):
        (message, hint), column = told
        line = mark.line
    edits = (fix,) if fix else ()
    return Finding(path=path, line=line + 1, column=column + 1, code="RB004", message=message, hint=hint, fix=edits)


def _index(text: str, line: int) -> int:
    """Where a line, counted from 0, begins."""
    return sum(len(one) + 1 for one in text.split("\n")[:line])


def _line(text: str, line: int) -> str:
    lines = text.split("\n")
    return lines[line] if line < len(lines) else ""


def _stray(written: str, column: int) -> tuple[str, str]:
    character = written[column : column + 1]
    if character == "\t":
        return "a tab may not indent a line in YAML", "indent with spaces"
    word = _WORD.match(written, column)
    return f"a value may not start with '{character}'", f'quote it: "{word[0]}"' if word else "quote the whole value"


def spoken_type(value: object) -> str:
    """What a value is, in the words of messages."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"


def wrong_key(written: str, key: object) -> tuple[str, str]:
    """Message and hint for a key that YAML does not read as text."""
    if not written:
        return "keys are text, but this one is empty", "write a key before ':'"
    read_as = "a boolean" if isinstance(key, bool) else "null" if key is None else "a number"
    return f"keys are text, but {written} is read as {read_as}", f'quote it: "{written}"'


def spoken_tag(tag: str) -> str:
    """A tag as people write it: `!!set` for YAML's own."""
    return "!!" + tag.removeprefix("tag:yaml.org,2002:") if tag.startswith("tag:yaml.org,2002:") else tag
