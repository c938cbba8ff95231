"""Quotes around a variable of a script, where nobody can have wanted the shell to cut it into words.

`curl $FLAGS` may be right, and `printf '%s\\n' $LINES` is an idiom: such a script is left to its author. So is one in
which it cannot be told what is quoted, as within `"$(…)"`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from runbook.document.expressions import ExpressionError
from runbook.document.model import Parameter
from runbook.document.templates import template
from runbook.lint.contents.scripts import calls_of

if TYPE_CHECKING:
    from runbook.document.findings import Edit
    from runbook.lint.contents.commands import Command
    from runbook.lint.rule import About

_SEVERAL: Final = re.compile(r"(?i)(?:.*S|.*(?:LIST|CMD|COMMAND|OPT|FLAG|ARG|EXTRA|VERBOSE|DRY_?RUN)\d*)")
_SAID: Final = re.compile(
    r"(?i)spaces?\b|separated|several|list|options?\b|flags?\b|arguments?\b|empty|glob|pattern|\*"
)
_WORD: Final = re.compile(r"[^\s*?]+")
_UNSURE: Final = re.compile(r"`|\$'|\\\n|\bcase\b|\beval\b|\bset\b[^\n;]*\$|\bprintf\b|\bxargs\b|\"[^\"]*\$\(")


def is_one_word(name: str, value: str, parameters: Mapping[str, Parameter]) -> bool:
    """Whether a value is one parameter, or one label of the alert, that is never empty and never several words."""
    try:
        parts = template(value).parts
    except ExpressionError:
        return False
    if _SEVERAL.fullmatch(name) or len(parts) != 1 or isinstance(parts[0], str):
        return False
    path = parts[0][1].text.strip().split(".")
    if path[:2] == ["alert", "labels"]:
        return len(path) == 3 and not _SEVERAL.fullmatch(path[2])
    parameter = parameters.get(path[1]) if len(path) == 2 and path[0] == "params" else None
    if parameter is None or parameter.type != "string" or _SEVERAL.fullmatch(path[1]):
        return False
    known = [*parameter.examples, *(() if parameter.required else (parameter.default,)), *(parameter.enum or ())]
    return not _SAID.search(parameter.description or "") and all(_WORD.fullmatch(str(one)) for one in known)


def quoting(about: About, command: Command, name: str, bare: str) -> list[Edit]:
    """Quotes around every use of a variable in `bare`, the script without what is whole; none where that is unsure."""
    script = str(command.script)
    if _UNSURE.search(script):
        return []
    edits, mended, last = [], "", 0
    for used in re.finditer(rf"\$(?:{name}\b|\{{{name}[%#/:]?[^{{}}\s\"'$]*\}})", bare):
        around = script[used.start() - 1 : used.start()] + script[used.end() : used.end() + 1]
        edit = about.replacing_within(command.place, *used.span(), f'"{used[0]}"')
        if edit is None or re.search(r"[\"'$]", around):
            return []
        edits.append(edit)
        mended += f'{script[last : used.start()]}"{used[0]}"'
        last = used.end()
    uses = len(re.findall(rf"\$(?:{name}\b|\{{{name}\b)", bare))
    runs = calls_of(script)
    same = (
        runs
        and runs == calls_of(mended + script[last:])
        and not any(re.search(rf"\$\{{?{name}\b", call.argv[0]) for call in runs)
    )
    return edits if same and len(edits) == uses else []
