"""Lines of `by_hand` as somebody can paste them: what a template would fill in becomes a variable of the shell.

    kubectl -n '{{ params.namespace }}' get pods          kubectl -n "$NAMESPACE" get pods
    'count({job="{{ params.job }}"})'                     'count({job="'"$JOB"'"})'

What only a run can know (`{{ steps.leader.value }}`) becomes a placeholder, `<steps.leader.value>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import UNSET

from runbook.document.expressions import ExpressionError, Unknown, parse_inner
from runbook.document.language import values
from runbook.document.language.braces import Hole, split
from runbook.document.model import Local

# Names that a shell, or every program that it starts, takes for its own.
_TAKEN: Final = re.compile(
    r"CDPATH|DISPLAY|EDITOR|ENV|EUID|HISTFILE|HOME|HOSTNAME|IFS|LANG|LC_\w+|LOGNAME|OPTARG|OPTIND|PATH|PPID|PS\d|PWD|"
    r"SECONDS|SHELL|TERM|TMPDIR|UID|USER|USERNAME"
)
_ONE: Final = re.compile(r"(params|target)\.([a-z][a-z0-9_]*)(?:\s*\|\s*(?:string|int|float|trim))?")
_MARK: Final = re.compile(r"\{\{rb(\d+)\}\}")
_PLAIN_IN_DOUBLE: Final = re.compile(r"[^\"$`\\!]*")
_STEP: Final = re.compile(r"\bsteps\.([a-z][a-z0-9_]*)")
_PARAMETER: Final = re.compile(r"\bparams\.([a-z][a-z0-9_]*)")
_WHOLE: Final = re.compile(r"\{\{\s*((?:(?!\}\}).)*?)\s*\}\}", re.DOTALL)
_DEEPEST: Final = 3  # targets name parameters; a hole never leads further


def variable(name: str) -> str:
    """What a parameter is called in a shell: `namespace` → `NAMESPACE`, and never `PATH`."""
    upper = name.upper()
    return f"MY_{upper}" if _TAKEN.fullmatch(upper) else upper


class Names:
    """What stands in the place of templates on one page; `target` is the runbook's, templates and all."""

    def __init__(self, target: Mapping[str, str] | None = None) -> None:
        self._target = dict(target or {})
        self._local: Local | None = None
        self._outer = self

    def within(self, local: Local | None) -> Names:
        """What stands there for a step that was taken in from another document: its names are not the runbook's."""
        if local is None:
            return self
        made = Names(self._target)
        made._local, made._outer = local, self.within(local.outer)
        return made

    def expression(self, text: str) -> str:
        """A bare expression in the names of the runbook."""
        local = self._local
        if local is None:
            return text
        ours = _STEP.sub(lambda found: f"steps.{local.steps.get(found[1], found[1])}", text)
        return self._outer.expression(_PARAMETER.sub(self._said, ours))

    def _said(self, found: re.Match[str]) -> str:
        """What a parameter of the other document is given, as part of an expression."""
        given = self._given(found[1])
        if given is UNSET:
            return found[0]
        whole = _WHOLE.fullmatch(given) if isinstance(given, str) else None
        if whole is None:
            return json.dumps(given, ensure_ascii=False)
        return f"({whole[1]})" if " " in whole[1] else whole[1]

    def _given(self, name: str) -> Any:
        """The value or template of a parameter of the other document; UNSET where the name is the runbook's own."""
        return UNSET if self._local is None or self._local.params is None else self._local.params.get(name, UNSET)

    def line(self, by_hand: Callable[[Mapping[str, Any]], str], inputs: Mapping[str, Any]) -> str:
        """The line that a kind gives for the inputs of a step, ready to be pasted."""
        holes: list[str] = []
        return _filled(by_hand(self._marked(inputs, holes, 0)), holes)

    def prose(self, text: str) -> str:
        """A text for people: `$NAMESPACE` in the place of `{{ params.namespace }}`."""
        holes: list[str] = []
        return _MARK.sub(lambda found: _spoken(holes[int(found[1])]), self._marked(text, holes, 0))

    def _marked(self, value: Any, holes: list[str], depth: int) -> Any:
        """The value with a mark for each hole in it; what stands for it is put into `holes`."""
        if isinstance(value, Mapping):
            return {key: self._marked(entry, holes, depth) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self._marked(entry, holes, depth) for entry in value]
        if not isinstance(value, str) or "{{" not in value:
            return value
        try:
            parts = list(split(value))
        except ExpressionError:  # a template of messages, which may hold statements
            return value
        return "".join(part if isinstance(part, str) else self._hole(part, holes, depth) for part in parts)

    def _hole(self, hole: Hole, holes: list[str], depth: int) -> str:
        one = _ONE.fullmatch(hole.text)
        if one and one[1] == "params" and (given := self._given(one[2])) is not UNSET:
            return str(self._outer._marked(given, holes, depth))
        if one and self._outer is not self:
            return self._outer._hole(hole, holes, depth)
        if one and one[1] == "target" and one[2] in self._target and depth < _DEEPEST:
            return str(self._marked(self._target[one[2]], holes, depth + 1))
        constant = _constant(hole.text)
        if constant is not None:
            return constant
        holes.append(f"${variable(one[2])}" if one and one[1] == "params" else f"<{self.expression(hole.text)}>")
        return f"{{{{rb{len(holes) - 1}}}}}"


def _constant(text: str) -> str | None:
    """What an expression without any name says: braces that are meant as such."""
    try:
        expression = parse_inner(text)
        return None if expression.references else values.text(expression.evaluate({}))
    except (ExpressionError, Unknown):
        return None


def _spoken(name: str) -> str:
    """A placeholder that no reader of Markdown takes for a tag."""
    return name if name.startswith("$") else f"‹{name[1:-1]}›"


def _filled(line: str, holes: list[str]) -> str:
    """The line with variables in double quotes, wherever their marks stand."""
    made: list[str] = []
    for piece in _pieces(line):
        text = _MARK.sub(lambda found: holes[int(found[1])], piece) if piece[:1] != "'" else _quoted(piece[1:-1], holes)
        if text == "''" and made and not made[-1][-1:].isspace():
            continue
        if made and (joined := _joined(made[-1], text)) is not None:
            made[-1] = joined
        else:
            made.append(text)
    return "".join(made)


def _quoted(piece: str, holes: list[str]) -> str:
    """What stood in single quotes, with its variables: in double quotes if that changes nothing else."""
    names = [holes[int(found[1])] for found in _MARK.finditer(piece)]
    if any(name.startswith("$") for name in names):
        plain = _MARK.sub("", piece) + "".join(name.removeprefix("$") for name in names)
        if _PLAIN_IN_DOUBLE.fullmatch(plain):
            return '"' + _MARK.sub(lambda found: _braced(holes[int(found[1])], piece, found.end()), piece) + '"'
    return f"'{_MARK.sub(lambda found: _spliced(holes[int(found[1])]), piece)}'"


def _braced(name: str, piece: str, end: int) -> str:
    """`${NAME}` where a letter follows, `$NAME` elsewhere."""
    follows = piece[end : end + 1]
    return f"${{{name[1:]}}}" if name.startswith("$") and (follows.isalnum() or follows == "_") else name


def _spliced(name: str) -> str:
    """What interrupts single quotes for a variable; a placeholder only where it has quotes of its own."""
    return f"'\"{name}\"'" if name.startswith("$") else name.replace("'", "'\"'\"'")


def _joined(before: str, after: str) -> str | None:
    """Two neighbours as one pair of double quotes, where one of them has such and nothing changes by it."""
    if len(before) < 2 or len(after) < 2 or before[-1] not in "\"'" or after[0] not in "\"'":
        return None
    if before[0] != before[-1] or before[0] == after[0] == "'":
        return None
    plain = [part[1:-1] for part in (before, after) if part[0] == "'"]
    return f'"{before[1:-1]}{after[1:-1]}"' if all(map(_PLAIN_IN_DOUBLE.fullmatch, plain)) else None


def _pieces(line: str) -> list[str]:
    """The line cut at its quotes; quoted pieces keep theirs."""
    pieces: list[str] = []
    start = at = 0
    while at < len(line):
        character = line[at]
        end = line.find(character, at + 1) if character in "\"'" else -1
        if end > 0:
            pieces += [line[start:at], line[at : end + 1]]
            start = at = end + 1
        else:
            at += 2 if character == "\\" else 1
    return [piece for piece in [*pieces, line[start:]] if piece]
