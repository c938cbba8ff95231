"""What is wrong with exceptions and switches themselves: RB100.

One that cannot be read, gives no reason, names a rule that is not there, or allows what is not found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Edit, Finding, Severity
from runbook.document.suggest import did_you_mean

if TYPE_CHECKING:
    from runbook.document.model import Config
    from runbook.document.source import Source
    from runbook.lint.exceptions import Allowed
    from runbook.lint.library import Entry
    from runbook.lint.rule import Rule

CODE: Final = "RB100"


def unsound(
    one: Allowed,
    vain: Sequence[tuple[str, str]],
    source: Source,
    rules: Sequence[Rule],
    asked: Collection[str],
    unusable: Collection[str],
) -> Iterator[Finding]:
    """What is wrong with an exception. `vain`: its names and codes for which nothing was found that it allows.

    `asked` are the rules that would have found it, `unusable` codes of what makes the document unusable.
    """
    if not one.names:
        yield _finding(one, source, "this exception cannot be read", "write `# lint: allow(CODE): reason`")
        return
    if not one.reason:
        names = ", ".join(one.names)
        hint = f"write `# lint: allow({names}): ` and why it is right here"
        yield _finding(one, source, f"an exception to {names} without a reason does not hold", hint)
        return
    for name, code in vain:
        if code in unusable:
            message = f"{name} says what makes the document unusable; no exception allows it"
            yield _finding(one, source, message, "mend what it says, and remove the exception")
        elif code in asked:
            hint = "remove it" if len(one.names) == 1 else f"remove {name} from it"
            needless = [name for name, code in vain if code in asked]
            fix = _without(one, needless, source)
            yield _finding(one, source, f"{name} finds nothing here that needs an exception", hint, fix)
        elif not _is_known(code, rules):
            yield _finding(one, source, f"there is no rule '{name}'", _nearest(name, rules))


def unknown_rules(entry: Entry, config: Config, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Rules that a configuration switches and that are not there."""
    names = {rule.name for rule in rules}
    for name in config.lint.rules:
        if name not in names and not _is_known(name, rules):
            place = ("lint", "rules", name)
            message, hint = f"there is no rule '{name}'", _nearest(name, rules)
            yield entry.source.finding(place, CODE, message, hint, key=True, severity=Severity.WARNING)


def _is_known(code: str, rules: Sequence[Rule]) -> bool:
    return code.startswith("RB0") or any(rule.code == code for rule in rules)


def _nearest(name: str, rules: Sequence[Rule]) -> str | None:
    known = [rule.code if name.startswith("RB") else rule.name for rule in rules]
    return did_you_mean(name, known) or "`runbook explain` and a code says what a rule is about"


def _without(one: Allowed, names: Collection[str], source: Source) -> tuple[Edit, ...]:
    """The text without some names of an exception; without the comment if these are all, and its line if it is alone.

    Every finding about an exception has the same edit, so one is enough for all.
    """
    text = source.text
    kept = [name for name in one.names if name not in names]
    if kept:
        start = text.index("(", one.start) + 1
        end = text.index(")", start)
        return (Edit(start, end, text[start:end], ", ".join(kept)),)
    begins = text.rfind("\n", 0, one.start) + 1
    before = text[begins : one.start].rstrip(" \t")
    start, end = begins + len(before), one.end
    if not before:
        end = text.find("\n", end) + 1 or len(text)
    return (Edit(start, end, text[start:end], ""),)


def _finding(one: Allowed, source: Source, message: str, hint: str | None, fix: tuple[Edit, ...] = ()) -> Finding:
    return Finding(
        path=source.path,
        line=one.line,
        column=one.column,
        code=CODE,
        message=message,
        severity=Severity.WARNING,
        hint=hint,
        fix=fix,
    )
