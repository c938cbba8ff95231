"""`runbook answer`: answer a question, or say that a manual step is done, from any terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.options import examples, key_option, output, reason, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit, Refused, UsageError

if TYPE_CHECKING:
    from runbook.core.history import History
    from runbook.core.views import QuestionView
    from runbook.hosts.said import Reply


class Options(NamedTuple):
    """What `answer` was asked for."""

    run: str
    step: str
    value: str | None = None
    reason: str | None = None
    output: str = "text"
    key: Path | None = None


@click.command(
    "answer",
    epilog=examples("answer 01jd provider_off done", "answer 01jd region eu-west-1", "answer 01jd symptoms yes"),
)
@run_argument
@click.argument("step", metavar="STEP")
@click.argument("value", required=False, metavar="[VALUE]")
@reason("What to add; stands in the record.")
@key_option
@output()
@click.pass_obj
def command(
    session: Session, run: str, step: str, value: str | None, reason: str | None, key: Path | None, output: str
) -> int:
    """Answer what STEP of RUN asks. Without VALUE you are asked on the terminal.

    A manual step takes `done` or `failed`; a question one of its choices, or a value of its type.
    """
    return answer(session, Options(run, step, value, reason, output, key))


def answer(session: Session, options: Options) -> Exit:
    """Record an answer of the type asked for."""
    from runbook.cli.environments import place_of
    from runbook.cli.given import value_of
    from runbook.hosts import guests, lookup

    run = lookup.find_run(session.project.journal, options.run)
    place = place_of(session, run)
    history, alive = lookup.seen(place, run)
    question = _question(run, history, options.step)
    if options.value is None:
        said = _asked(session, question)
        if said is None:
            session.say("nothing was answered")
            return Exit.OK
        typed, reason = said.value, said.reason or options.reason
    else:
        typed, reason = value_of(question.type, options.value), options.reason
    guests.answer(place, run, question.key, typed, reason=reason, key=options.key)
    if options.output == "json":
        session.result({"run": run, "question": question.key, "value": typed, "alive": alive})
    session.say(f"recorded: {options.step} {typed}")
    session.say("the run goes on by itself" if alive else f"nobody runs it now; it goes on with `runbook resume {run}`")
    return Exit.OK


def _question(run: str, history: History, step: str) -> QuestionView:
    from runbook.core.addresses import last
    from runbook.core.history import address, short
    from runbook.document.suggest import did_you_mean

    waiting = history.open_questions
    if history.finished is not None:
        raise Refused(f"run {run} is finished: {history.outcome}", hint=f"`runbook log show {run}` tells what happened")
    named: dict[str, QuestionView] = {}
    for question in waiting:
        path = address(question.key)
        for name in (question.key, path, short(path), last(path), question.id or path):
            named[name] = question
    if step in named:
        return named[step]
    hint = did_you_mean(step, [q.id or short(address(q.key)) for q in waiting], what="these wait:") or "none waits"
    raise UsageError(f"no question {step!r} of run {run} waits for an answer", hint=hint)


def _asked(session: Session, question: QuestionView) -> Reply | None:
    """The answer, from the terminal; None when nothing was said."""
    from runbook.cli.asking import Dialogue
    from runbook.cli.keyboard import Keyboard
    from runbook.hosts.said import Reply
    from runbook.report.advice import advice_lines
    from runbook.report.layout import paragraph

    if not session.interactive:
        values = " or ".join(question.choices) or f"a value ({question.type})"
        raise UsageError("off a terminal, VALUE says what is answered", hint=f"it takes {values}")
    style = session.err_style
    for line in [*paragraph(question.question, style), *advice_lines(question.advice, style)]:
        session.say(line)
    keyboard = Keyboard(session.stdin.fileno(), session.show)
    keyboard.forget()
    dialogue = Dialogue(session.place.people, keyboard.line, session.say, session.err_style.width)
    said = dialogue.question(question.key, question.purpose, question.type, question.choices, may_leave=False)
    return said if isinstance(said, Reply) else None
