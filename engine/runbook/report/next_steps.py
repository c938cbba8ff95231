"""What to type next: for everything that waits in a run, the commands that go on with it.

The same list feeds the report, JSON, lists and the desk, so that all of them say the same. Commands are whole and
can be pasted; what a person must fill in stands in capitals.
"""

from __future__ import annotations

import json
import shlex
from typing import NamedTuple

from runbook.core.addresses import last
from runbook.core.advice import Advice
from runbook.core.gates import SHORTEST_DIGEST
from runbook.core.history import History, address, short
from runbook.core.views import GateView, QuestionView
from runbook.core.words import RunOutcome, Status
from runbook.hosts.actors import ENGINE

CLAIMS = ("applied", "not_applied")


class Command(NamedTuple):
    """One command and what it does, in few words where it does not say so itself."""

    does: str
    line: str


class Waits(NamedTuple):
    """One thing that waits: `about` is `approval`, `question`, `doubt` or `runner`; `brief` says it in a few words.

    `deadline` in seconds since the epoch, or None. `advice` is what its author says to whoever answers.
    """

    about: str
    key: str
    brief: str
    text: str
    deadline: float | None
    commands: tuple[Command, ...]
    advice: tuple[Advice, ...] = ()


def waiting(
    history: History, run: str, *, alive: bool, now: float | None = None, program: str = "runbook"
) -> list[Waits]:
    """Everything that an open run waits for, doubts first: while one is open nothing else is done.

    With `now`, nobody is asked for a word that comes too late to count.
    """
    if history.finished is not None:
        return []
    found = [_doubt(history, run, key, why, program) for key, why in history.doubts.items()]
    found += [_gate(history, run, gate, program) for gate in history.open_gates]
    found += [_question(history, run, question, program) for question in history.open_questions]
    if now is not None and not alive:
        found = [_over(one, run, program) if one.deadline is not None and one.deadline < now else one for one in found]
    if history.status(alive=alive) is Status.INTERRUPTED:
        text = "nobody runs it now; it is safe to go on from where it was"
        if begun := history.in_flight:
            was = ", ".join(short(address(key)) for key in begun)
            text = f"nobody runs it now, and {was} may have been applied: to go on looks first, and does nothing twice"
        found.append(Waits("runner", "", text, text, None, (Command("go on", f"{program} resume {run}"),)))
    return found


def _over(one: Waits, run: str, program: str) -> Waits:
    """Its time ran out while nobody ran the run: what was said by then counts, and nothing that is said now."""
    name = one.brief.partition(" is open")[0].removesuffix(" waits for an answer")
    text = f"{name}: its time is over; to go on counts what was said until then"
    return Waits("runner", one.key, text, text, None, (Command("go on", f"{program} resume {run}"),))


def handed_over(run: str, runbook: str, program: str = "runbook") -> Waits:
    """A run has ended, and the runbook that it goes on with was not started: whoever ran it was gone by then."""
    text = f"it goes on with {runbook}, which has not been started yet"
    return Waits("runner", "", text, text, None, (Command("go on", f"{program} resume {run}"),))


def undo_command(history: History, run: str, program: str = "runbook") -> str | None:
    """What takes back that which is still changed; None where nothing is, or none of it can be."""
    left = history.applied
    if any(change.lost is not None for change in left):
        return None
    if not history.rehearsal and any(change.change.undo is not None for change in left):
        return f"{program} undo {run}"
    return None


def confirm_command(history: History, program: str = "runbook") -> str | None:
    """What starts a finished run anew on somebody's word that its symptoms are there; None where nobody lacked it."""
    asked = [question for question in history.questions.values() if question.purpose == "symptoms"]
    if history.outcome is not RunOutcome.UNDETERMINED or history.rehearsal:
        return None
    if not any(question.answer and question.answer.get("by") == ENGINE.id for question in asked):
        return None
    given = dict(history.started.get("parameters") or {})
    words = [program, "run", history.runbook, *(["--env", history.environment] if history.environment else [])]
    for name, value in given.items():
        words += ["-p", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    return shlex.join([*words, "--confirm-symptoms", "REASON"])


def abort_command(run: str, program: str = "runbook") -> str:
    """What ends an open run."""
    return f"{program} abort {run} --reason TEXT"


def _gate(history: History, run: str, gate: GateView, program: str) -> Waits:
    same = [other for other in history.open_gates if other.option == gate.option]
    name = gate.option if len(same) == 1 else gate.key
    named = f" --gate {shlex.quote(name)}" if len(history.open_gates) > 1 else ""
    approve = f"{program} approve {run}{named}"
    why = " --reason TEXT" if gate.terms.reason_required else ""
    commands = (
        Command("look and decide, on a terminal", approve),
        Command("say yes to exactly this", f"{approve} --digest {gate.digest[:SHORTEST_DIGEST]}{why}"),
        Command("say no", f"{program} deny {run}{named} --reason TEXT"),
    )
    cautions = tuple(Advice(caution=caution) for caution in gate.cautions)
    text = f"gate {gate.option} is open, it needs {gate.terms.asks or gate.terms.required}"
    return Waits("approval", gate.key, text, text, gate.deadline, commands, cautions)


def _question(history: History, run: str, question: QuestionView, program: str) -> Waits:
    name = _asked(history, question)
    step = shlex.quote(name)
    values = [shlex.quote(choice) for choice in question.choices] or ["VALUE"]
    seen = ("pass", "fail") if question.purpose == "verification" else ()
    commands = [
        Command("", f"{program} answer {run} {step} {value}{' --reason TEXT' if value in seen else ''}")
        for value in values
    ]
    brief = f"{name} waits for an answer"
    return Waits(
        "question", question.key, brief, question.question, question.deadline, tuple(commands), (question.advice,)
    )


def _asked(history: History, question: QuestionView) -> str:
    """A question by its step's id, by the last word of its address where that is enough, else by all of it."""
    path = address(question.key)
    name = last(path)
    same = [other for other in history.open_questions if last(address(other.key)) == name]
    return question.id or (name if len(same) == 1 else short(path))


def _doubt(history: History, run: str, key: str, why: str, program: str) -> Waits:
    path = address(key)
    step = shlex.quote(_named(history, path))
    commands = [Command("look again", f"{program} resume {run}")]
    running = history.still_running.get(key)
    if running:
        commands.append(Command("end what still runs of it", f"{program} resume {run} --end {step}"))
    commands += [
        Command(_MEANS[claim], f"{program} resume {run} --settle {step}={claim} --reason TEXT") for claim in CLAIMS
    ]
    still = f"; {running} of it still runs: wait for it or end it first" if running else ""
    brief = f"{short(path)} may have been applied"
    return Waits("doubt", key, brief, f"{brief}: {why}{still}", None, tuple(commands))


_MEANS = {"applied": "you have looked: it was applied", "not_applied": "you have looked: it was not"}


def _named(history: History, path: str) -> str:
    """A step's bare id where no other step of the run has it, else its address."""
    id_ = last(path)
    same = [row.path for row in history.rows.values() if row.id == id_]
    return id_ if same == [path] else path
