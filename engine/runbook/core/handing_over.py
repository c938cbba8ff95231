"""The option that goes on with another runbook: what that one is given, and that this run ends with it.

Nothing is started here. The host records the run that follows in the transaction that ends this one, and starts it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runbook.core.commands import Flow
from runbook.core.context import Run
from runbook.core.target import named
from runbook.core.words import Ended
from runbook.document.expressions import Unknown
from runbook.document.model import HandOver, Option
from runbook.document.parameters import validate_parameters, values_from_alert
from runbook.document.templates import render_value
from runbook.errors import ParameterError


class Continued(msgspec.Struct, frozen=True, kw_only=True):
    """The runbook that a run goes on with, its parameters, defaults included, and what it works on."""

    runbook: str
    parameters: dict[str, Any]
    target: dict[str, str] | None = None


def handed_over(run: Run, option: Option, over: HandOver) -> Flow:
    """Choose the option: gives `Continued`, or None where what the other runbook needs cannot be told."""
    path = f"resolution/{option.id}"
    continued, why = settled(run, over)
    if continued is None:
        reason = f"cannot go on with {over.runbook}: {why}"
        yield from run.note(path, "option", option=option.id, ended=str(Ended.FAILED), reason=reason)
        return None
    reason = f"goes on with {over.runbook}"
    yield from run.note(path, "option", option=option.id, ended=str(Ended.CONTINUED), reason=reason)
    return continued


def settled(run: Run, over: HandOver) -> tuple[Continued | None, str | None]:
    """What the other runbook is given, as far as can be told now; else why not."""
    book = run.others[over.runbook]
    alert = run.situation.alerts[0] if run.situation.alerts else {}
    try:
        given = values_from_alert(book.parameters, alert) | render_value(over.parameters, run.scope())
        parameters = validate_parameters(book.parameters, given)
        target = named(book, parameters=parameters, alert=alert, env=run.situation.env)
    except Unknown as unknown:
        return None, unknown.reason
    except ParameterError as error:
        return None, error.message.replace("\n", "; ")
    return Continued(runbook=over.runbook, parameters=parameters, target=target), None
