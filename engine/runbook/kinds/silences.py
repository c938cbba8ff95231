"""A silence as a change: what is approved of it, its undo, and how both are found again among Alertmanager's own.

The comment ends with the intent of the change that made it (`[runbook RUN/KEY]`), so a lost answer can be settled. Its
id is not known when the undo is planned, and need not be: the run, the matchers and the comment are, in any run that
takes this one back. So an undo is approved before the silence exists, and its digest stays what it was.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from runbook.core.changes import Change, Target
from runbook.document.durations import Duration, spoken
from runbook.document.words import Effect
from runbook.errors import ParameterError
from runbook.kinds import alertmanager_matchers as matching
from runbook.kinds.alertmanager_matchers import Matcher
from runbook.kinds.protocol import Inputs

if TYPE_CHECKING:
    from runbook.clients.alertmanager import Silence

KIND = "alertmanager.silence"
TAKES_BACK = "takes_back"  # among the inputs of a planned undo: the run whose silences are expired
NO_UNDO = "it takes a silence back; to have it again, run the step again"
_AMTOOL = 'amtool --alertmanager.url="$ALERTMANAGER_URL"'


def planned(inputs: Inputs, connection: str, *, created_by: str, run: str) -> Change:
    """The silence that a step's inputs ask for; ParameterError for inputs that say none."""
    matchers, comment = matching.read(inputs["matchers"]), _text(inputs, "comment")
    seconds, author = _seconds(inputs["duration"]), _text(inputs, "created_by") or created_by
    if not comment:
        raise ParameterError("step input 'comment' must say why, and is empty")
    back = {"matchers": [str(matcher) for matcher in matchers], "comment": comment, TAKES_BACK: run}
    lasting = {"duration": spoken(seconds), "created_by": author}
    return Change(
        kind=KIND,
        target=_target(connection, matchers),
        summary=f"Silence {spelt(matchers)} for {spoken(seconds)}",
        effect=Effect.CHANGE,
        inputs=dict(inputs),
        request={
            "matchers": [matcher.wire for matcher in matchers],
            "duration": seconds,
            "comment": comment,
            "created_by": author,
        },
        undo=undoing(back, connection),
        by_hand=amtool(back | lasting),
    )


def undoing(inputs: Inputs, connection: str) -> Change:
    """The end of the silences that a run has made with these matchers and this comment."""
    matchers = matching.read(inputs["matchers"])
    return Change(
        kind=KIND,
        target=_target(connection, matchers),
        summary=f"End the silence of {spelt(matchers)}",
        effect=Effect.CHANGE,
        inputs=dict(inputs),
        request={
            "expire": {"run": inputs[TAKES_BACK], "comment": inputs["comment"]},
            "matchers": [matcher.wire for matcher in matchers],
        },
        irreversible=NO_UNDO,
        by_hand=f"{_AMTOOL} silence expire $({_AMTOOL} silence query --quiet {_words(inputs)})",
    )


def ours(undo: Change, silences: tuple[Silence, ...]) -> list[Silence]:
    """The silences that an undo is for, those that have ended among them."""
    run, comment = undo.inputs[TAKES_BACK], undo.inputs["comment"]
    start = f"{comment} {mark(run + '/')[:-1]}"
    return [one for one in silences if same(one, undo) and one.comment.startswith(start)]


def same(silence: Silence, change: Change) -> bool:
    """Whether it is for the same alerts, as far as the matchers say."""
    wanted = sorted(map(_key, change.request["matchers"]))
    return sorted(map(_key, silence.matchers)) == wanted


def _key(matcher: Mapping[str, Any]) -> tuple[str, str, bool, bool]:
    return matcher["name"], matcher["value"], matcher["isRegex"], matcher["isEqual"]


def _target(connection: str, matchers: tuple[Matcher, ...]) -> Target:
    return Target(connection=connection, kind="Silence", name=spelt(matchers))


def mark(intent: str) -> str:
    """What a comment ends with. An intent is the run's id, `/` and the key of the change."""
    return f"[runbook {intent}]"


def amtool(inputs: Inputs) -> str:
    """The line that a person would type."""
    quoted = {name: shlex.quote(str(inputs.get(name))) for name in ("duration", "created_by", "comment")}
    author = f" --author={quoted['created_by']}" if inputs.get("created_by") else ""
    return (
        f"{_AMTOOL} silence add --duration={quoted['duration']}{author} --comment={quoted['comment']} {_words(inputs)}"
    )


def _words(inputs: Inputs) -> str:
    """Matchers as arguments of amtool, templates and all."""
    given = inputs.get("matchers")
    texts = [f"{name}={value}" for name, value in given.items()] if isinstance(given, Mapping) else given
    return shlex.join(map(str, texts)) if isinstance(texts, list | tuple) else str(texts)


def spelt(matchers: Iterable[Matcher]) -> str:
    """Matchers on one line, as amtool reads them."""
    return ", ".join(map(str, matchers))


def _seconds(value: Any) -> float:
    try:
        seconds = float(Duration.parse(value))
    except ValueError as error:
        raise ParameterError(f"step input 'duration': {error}") from error
    if seconds <= 0:
        raise ParameterError(f"step input 'duration' must be longer than nothing, got {value!r}")
    return seconds


def _text(inputs: Inputs, name: str) -> str:
    value = inputs.get(name, "")
    if not isinstance(value, str):
        raise ParameterError(f"step input {name!r} must be text, got {value!r}")
    return value.strip()
