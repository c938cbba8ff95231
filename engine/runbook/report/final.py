"""The report at the end of a run, and of an open one what to type next: calm, complete, most important first.

Drawn from the history alone; with the runbook it also says what the checks expected.
"""

from __future__ import annotations

from runbook.core.history import History, short
from runbook.core.views import AppliedChange
from runbook.core.words import Answer, Mode, RunOutcome, Status, Verdict
from runbook.document.model import Runbook
from runbook.report.advice import advice_lines, contacts, reach
from runbook.report.by_hand import by_hand_lines, note_lines
from runbook.report.follow_ups import TITLE, follow_up_lines
from runbook.report.known import Known
from runbook.report.layout import LABEL, command, heading, labelled, marked, paragraph
from runbook.report.meaning import meaning_lines, pointed
from runbook.report.next_steps import Waits, abort_command, confirm_command, undo_command, waiting
from runbook.report.observed import seen_lines
from runbook.report.phrases import DELIVERY, ENDED, MEANING, OUTCOME, STATUS, Mark
from runbook.report.reviewed import recorded_words
from runbook.report.safe import shown, wrapped
from runbook.report.style import Style
from runbook.report.times import by_when, moment, span
from runbook.report.values import pairs
from runbook.report.where import where_lines


def report(
    history: History,
    run: str,
    style: Style,
    now: float,
    *,
    alive: bool = False,
    book: Runbook | None = None,
    program: str = "runbook",
) -> str:
    """The whole report as text. `now` decides how far deadlines are; `alive` whether somebody runs it."""
    known = Known(book)
    waits = waiting(history, run, alive=alive, now=now, program=program)
    sections = [
        _outcome(history, style, alive, waits),
        _about(history, run, style, now),
        _next(history, run, waits, style, now, program, alive),
        _section("Whom to reach", _reach(history, style), style),
        meaning_lines(history.findings.values(), style),
        _section("Seen", seen_lines(history, known, style), style),
        _section("Changed", _changed(history, style, now), style),
        _section("By hand", by_hand_lines(history, style, now, program), style),
        _section("Notes", note_lines(history, style, now), style),
        _section("Options", _options(history, known, style), style),
        _section(TITLE, follow_up_lines(history, style, now), style),
        _section("Told", _told(history, style, now), style),
        _section("Missing", _missing(history, style), style),
        _undo(history, run, style, program),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def _section(title: str, lines: list[str], style: Style) -> list[str]:
    return [heading(title, style), *lines] if lines else []


# --- what came of it ------------------------------------------------------------------------------------------

_OPEN = {
    Status.WAITING: Mark("◌", "warn", "Waiting"),
    Status.INTERRUPTED: Mark("◌", "warn", "Interrupted"),
    Status.RUNNING: Mark("▸", "busy", "Running"),
    Status.FINISHED: Mark("✓", "good", "Finished"),
}


def _outcome(history: History, style: Style, alive: bool, waits: list[Waits]) -> list[str]:
    if history.outcome is None:
        mark = _OPEN[history.status(alive=alive)]
        if history.doubts:
            mark = Mark("?", "danger", "In doubt")
        text = f"{mark.word}: {waits[0].brief if waits else 'it goes on'}"
        return [
            style.paint(mark.role, line) for line in wrapped(f"{mark.sign} {shown(text)}", style.width, hanging="  ")
        ]
    mark = OUTCOME[history.outcome]
    finished = history.finished or {}
    helped = f" by {finished['option']}" if finished.get("option") else ""
    return _headline(mark, f"{mark.word}{helped}: {finished.get('reason') or _meaning(history)}.", style)


def _headline(mark: Mark, text: str, style: Style) -> list[str]:
    lines = wrapped(f"{mark.sign} {shown(text)}", style.width, hanging="  ")
    return [style.paint(mark.role, line) for line in lines]


def _meaning(history: History) -> str:
    """What the outcome means here: whether it was verified, and whether anything was changed."""
    outcome = history.outcome
    assert outcome is not None  # noqa: S101 - asked for finished runs only
    if outcome is RunOutcome.RESOLVED:
        checks = [row for row in history.rows.values() if row.phase == "verification" and row.rounds]
        attested = next((row.reason for row in checks if row.attested and row.reason), None)
        if attested is not None:
            return attested
        return "verified" if checks else f"{MEANING[outcome]}, as far as its steps say; the runbook verifies nothing"
    if outcome is RunOutcome.PLANNED:
        return MEANING[outcome]
    if not history.changes:
        return f"{MEANING[outcome]}. Nothing was changed"
    left = len(history.applied)
    if not left:
        return f"{MEANING[outcome]}. What was changed was taken back"
    return f"{MEANING[outcome]}. {left} {'change is' if left == 1 else 'changes are'} still in place"


def _about(history: History, run: str, style: Style, now: float) -> list[str]:
    started = history.started
    title = f" ({started['title']})" if started.get("title") else ""
    severity = f", {started['severity']}" if started.get("severity") else ""
    how = {str(Mode.AUTO): ", automatically", str(Mode.DRY): ", as a dry run"}.get(str(started.get("mode")), "")
    lines = labelled("run", run, style)
    lines += labelled("runbook", f"{history.runbook}{title}{severity}", style)
    if reviewed := recorded_words(started):
        lines += labelled("reviewed", reviewed, style, role="warn" if started.get("unreviewed") else "plain")
    lines += labelled("by", f"{', '.join(history.initiators)}{how}", style)
    if started.get("undoes"):
        lines += labelled("takes back", f"run {started['undoes'].get('run')}", style, width=LABEL + 2)
    lines += where_lines(history.environment, history.target, style)
    if started.get("continued_from"):
        lines += labelled("goes on", f"from run {started['continued_from']}", style)
    if history.continued:
        next_ = f" as run {history.continued['run']}" if history.continued.get("run") else ""
        lines += labelled("goes on", f"with {history.continued['runbook']}{next_}", style)
    if started.get("parameters"):
        lines += labelled("with", pairs(started["parameters"]), style)
    times = moment(history.started_at, style.zone, now)
    if history.ended_at is not None:
        times += f", {span(history.ended_at - history.started_at)}"
    lines += labelled("started", times, style)
    if history.aborted:
        lines += labelled("aborted", f"by {history.aborted['by']}: {history.aborted.get('reason')}", style, role="warn")
    return lines


# --- what to do next ------------------------------------------------------------------------------------------


def _next(
    history: History, run: str, waits: list[Waits], style: Style, now: float, program: str, alive: bool
) -> list[str]:
    """Everything that waits, with the commands that go on with it; first of all, because somebody must act."""
    if history.finished is not None:
        return _unconfirmed(history, style, program)
    if history.rehearsal:
        return paragraph("A rehearsal ends here: in a real run, people would be asked now.", style, indent=0)
    lines: list[str] = [heading("What to do next", style)] if waits else []
    for one in waits:
        lines += marked("◌" if one.about != "doubt" else "?", "warn", shown(one.text, lines=True), style)
        for advice in one.advice:
            lines += advice_lines(advice, style, indent=4)
        if one.deadline is not None:
            over = "" if alive else "; nobody runs it now, so what is over takes effect when somebody does"
            lines += paragraph(f"until {by_when(one.deadline, now, style.zone)}{over}", style, indent=4)
        for next_ in one.commands:
            lines += [f"    {style.paint('dim', f'{next_.does}:')}"] if next_.does else []
            lines += command(next_.line, style, indent=6)
    if waits and not alive and any(one.about in ("approval", "question") for one in waits):
        lines += paragraph("After that, because nobody runs it now:", style)
        lines += command(f"{program} resume {run}", style, indent=6)
    if lines:
        lines += paragraph("To end it as it is (nothing is undone):", style)
        lines += command(abort_command(run, program), style, indent=6)
    return lines


def _unconfirmed(history: History, style: Style, program: str) -> list[str]:
    """Nobody was there to say that they see the symptoms: how to say so."""
    line = confirm_command(history, program)
    if line is None:
        return []
    return [*paragraph("If you see the symptoms yourself:", style, indent=0), *command(line, style, indent=2)]


# --- what was done ----------------------------------------------------------------------------------------------


def _changed(history: History, style: Style, now: float) -> list[str]:
    lines: list[str] = []
    yes = _granted(history)
    for applied in history.changes.values():
        mark = STATUS[history.rows[applied.path].status]
        partly = " (in part)" if applied.outcome.applied == "partly" else ""
        by = history.undone_by.get(applied.key)
        state = f"taken back{f' by run {by}' if by else ''}" if applied.undone else f"in place{partly}"
        lines += marked(mark.sign, mark.role, shown(applied.change.summary), style)
        detail = [short(applied.path), moment(applied.at, style.zone, now), yes.get(applied.path, ""), state]
        reason = history.rows[applied.path].reason
        lines += paragraph(", ".join(part for part in [*detail, reason or ""] if part), style, indent=4, role="dim")
        lines += _goes_on(history, applied, style)
    for key, why in history.doubts.items():
        lines += marked("?", "danger", shown(f"in doubt: {short(key.rsplit(':', 1)[0])}: {why}"), style)
    return lines


def _goes_on(history: History, applied: AppliedChange, style: Style) -> list[str]:
    """What was started and not seen to end goes on without its run: with the line that stops it."""
    stop = applied.outcome.state.get("stop")
    if not stop or applied.undone or history.rows[applied.path].arrived in (Verdict.PASS, Verdict.FAIL):
        return []
    said = "nobody has seen it end, and it does not end with this run; to stop it:"
    return paragraph(said, style, indent=4, role="warn") + command(str(stop), style, indent=4)


def _granted(history: History) -> dict[str, str]:
    """Whose yes each change has, by its path: the latest one."""
    found: dict[str, str] = {}
    for gate in history.gates.values():
        decision = gate.decision
        if decision and decision["verdict"] == Answer.GRANTED:
            glass = ", with broken glass" if decision.get("break_glass") else ""
            said = f"yes from {', '.join(decision.get('by', ()))}{glass}"
            found |= {str(one["path"]): said for one in gate.changes}
    return found


def _options(history: History, known: Known, style: Style) -> list[str]:
    lines: list[str] = []
    for option in history.options.values():
        ended = ENDED.get(option.ended or "", option.ended or f"applies now: {option.when}")
        why = f": {option.reason}" if option.reason else ""
        sign, role = ("✓", "good") if option.ended == "resolved" else ("·", "plain")
        lines += marked(
            sign, role, shown(f"{known.named(option.id)}{pointed(history.pointed_by(option.id))} - {ended}{why}"), style
        )
    return lines


def _told(history: History, style: Style, now: float) -> list[str]:
    lines: list[str] = []
    for said in [*history.messages, *history.pages]:
        mark = DELIVERY.get(str(said.get("status")), Mark("?", "warn", str(said.get("status"))))
        to = f"page to {said['to']}" if "to" in said else f"message to {said.get('channel')}"
        what = said.get("template") or (said.get("reason") if "to" in said else None)
        text = f"{to}{f' ({what})' if what else ''}: {mark.word}, {moment(said['at'], style.zone, now)}"
        error = said.get("error") or {}
        text += f": {error['message']}" if error.get("message") else ""
        lines += marked(mark.sign, mark.role, shown(text), style)
    return lines


def _reach(history: History, style: Style) -> list[str]:
    """Who can help, where the run has called for somebody."""
    return [line for contact in contacts(history) for line in marked("·", "plain", shown(reach(contact)), style)]


def _missing(history: History, style: Style) -> list[str]:
    lines: list[str] = []
    for id_, kept in history.evidence.items():
        if kept.get("status") != "preserved":
            error = kept.get("error") or {}
            why = kept.get("reason") or error.get("message") or "not kept"
            lines += marked("✗", "warn", shown(f"evidence {id_}: {why}"), style)
    return lines


def _undo(history: History, run: str, style: Style, program: str) -> list[str]:
    """What can be taken back, of a run that is over and left something changed."""
    line = undo_command(history, run, program)
    if history.finished is None or line is None:
        return []
    return [*paragraph("To take back what is still in place:", style, indent=0), *command(line, style, indent=2)]
