"""What was typed, as values: parameters from flags, files and alerts, names of options, attested verdicts.

Everything is held to the runbook before anything is started; every problem is said with the nearest known name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from runbook.bootstrap import read
from runbook.core.words import Verdict
from runbook.document.model import Runbook
from runbook.document.parameters import from_text, validate_parameters, values_from_alert
from runbook.document.suggest import did_you_mean
from runbook.errors import ParameterError, UsageError


def parameters(
    book: Runbook,
    pairs: Sequence[str],
    file: Path | None,
    alert: Mapping[str, Any] | None,
    planned: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Every parameter's value: defaults, a plan's, the alert's, the file's, `-p`; each over the one before."""
    given = dict(planned or {}) | (values_from_alert(book.parameters, alert) if alert else {})
    given |= from_file(file) if file else {}
    given |= _typed(book, pairs)
    missing = [f"-p {name}=VALUE" for name, one in book.parameters.items() if one.required and name not in given]
    try:
        return validate_parameters(book.parameters, given)
    except ParameterError as error:
        hint = error.hint or (f"add {' '.join(missing)}" if missing else None)
        raise ParameterError(error.message, hint=hint) from None


def known(book: Runbook, pairs: Sequence[str], file: Path | None) -> dict[str, Any]:
    """The values that were given, each held to its parameter; those that were not are left out."""
    values = (from_file(file) if file else {}) | _typed(book, pairs)
    strange = values.keys() - book.parameters.keys()
    declared = {name: one for name, one in book.parameters.items() if name in values}
    return validate_parameters(book.parameters if strange else declared, values)


def _typed(book: Runbook, pairs: Sequence[str]) -> dict[str, Any]:
    """`NAME=VALUE` as values of the types that the runbook says."""
    values: dict[str, Any] = {}
    problems = []
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name:
            raise UsageError(f"-p takes NAME=VALUE, got {pair!r}")
        if name in values:
            raise UsageError(f"-p {name} is given twice", hint="say one value")
        try:
            values[name] = from_text(book.parameters[name], text) if name in book.parameters else text
        except ValueError as error:
            problems.append(f"the parameter '{name}' {error}")
    if problems:
        raise ParameterError("\n".join(problems))
    return values


def from_file(path: Path) -> dict[str, Any]:
    """A mapping of names to values in a JSON or YAML file, with the rules that documents are read by."""
    from runbook.document.source import parse

    return dict(parse(read(path), str(path)).data)


def options(book: Runbook, names: Iterable[str], flag: str) -> tuple[str, ...]:
    """Names of options, each known; UsageError with the nearest."""
    known = [option.id for option in book.resolution]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known, what="options are")
            raise UsageError(f"{flag}: {book.name} has no option {name!r}", hint=hint)
    return tuple(names)


def attested(book: Runbook, pairs: Sequence[str], reason: str | None, person: str) -> dict[str, Attested]:
    """`ID=VERDICT` by id: verdict, reason, person. A person's word needs a reason."""
    from runbook.core.addresses import last, whole

    said: dict[str, Attested] = {}
    for pair in pairs:
        id_, _, verdict = pair.partition("=")
        id_ = last(id_)
        if verdict not in ("pass", "fail"):
            raise UsageError(f"--attest takes ID=pass or ID=fail, got {pair!r}")
        if whole(id_) not in (known := _observed(book)):
            hint = did_you_mean(id_, known, what="its checks are")
            raise UsageError(f"--attest: {book.name} has no check {id_!r}", hint=hint)
        if not (reason or "").strip():
            raise UsageError("--attest needs a reason", hint="add --reason TEXT: what did you see, and where?")
        said[id_] = (Verdict(verdict), str(reason), person)
    return said


Attested = tuple[Verdict, str, str]


def _observed(book: Runbook) -> list[str]:
    steps = [symptom.probe for symptom in book.symptoms if symptom.probe] + list(book.triage)
    steps += [step for option in book.resolution for step in option.every]
    steps += book.checks
    return [step.id for step in steps] + [symptom.id for symptom in book.symptoms if symptom.probe is None]


def value_of(type_: str, text: str) -> Any:
    """An answer's text as the type that the question asks for; UsageError with what it expects."""
    from runbook.document.model import Parameter

    try:
        return from_text(Parameter(type=type_), text)
    except (ValueError, json.JSONDecodeError) as error:
        raise UsageError(f"the answer {error}") from error
