"""What is asked of a person at a gate or about a question, and what their words mean: talk in, a decision out.

Knows nothing of threads or runs: `read` shows a prompt and gives the line that was typed (None: nothing more comes),
`tell` shows a line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from runbook.cli.given import value_of
from runbook.core.changes import Change
from runbook.core.gates import Vote as Counted
from runbook.core.terms import Terms
from runbook.document.words import Effect
from runbook.errors import UsageError
from runbook.hosts.said import Leave, Reply, Said, Stop, Vote
from runbook.policy.people import People
from runbook.policy.rights import may_attest, may_break_glass, may_run, may_vote
from runbook.report.safe import shown, wrapped

Read = Callable[[str], str | None]
Tell = Callable[[str], None]

YES = ("y", "yes")
NO = ("n", "no")
SKIP = ("s", "skip")
WAIT = ("w", "wait")
ABORT = ("a", "abort")
GLASS = "break the glass"


class Asked(NamedTuple):
    """A gate as it is asked about: its key and digest, its terms, and the targets whose names must be typed."""

    key: str
    digest: str
    terms: Terms
    initiators: Collection[str]
    names: tuple[str, ...] = ()
    closed: str | None = None  # why it can only be opened by breaking the glass
    reason: str | None = None  # said already, on the command line


def destructive_names(changes: Collection[Change]) -> tuple[str, ...]:
    """The names to type before what cannot be brought back is done."""
    return tuple(dict.fromkeys(c.target.name for c in changes if c.effect is Effect.DESTRUCTIVE))


def _fitted(text: str, width: int) -> str:
    """Sentences broken at spaces; a line with a command stays whole, to be pasted."""
    lines = [[line] if "runbook " in line else wrapped(line, width) for line in text.split("\n")]
    return "\n".join(part for parts in lines for part in parts)


class Dialogue:
    """Talks with one person until their word is a decision."""

    def __init__(self, people: People, read: Read, tell: Tell, width: int = 80) -> None:
        self._people = people
        self.me = people.me
        self._read = read
        self._tell: Tell = lambda text: tell(_fitted(text, width))

    # --- gates --------------------------------------------------------------------------------------------

    def gate(self, gate: Asked, *, may_leave: bool = True) -> Said:
        """Yes, no, skip, wait or abort. `may_leave`: the run is driven here, and can be left or aborted."""
        can_grant = gate.closed is None and self._may(gate, "grant") is None
        can_break = self._may_break() and not can_grant
        if gate.closed is not None:
            self._tell(f"This gate is closed: {shown(gate.closed)}.")
        elif not can_grant:
            self._tell(f"You cannot open this gate: {shown(self._may(gate, 'grant'))}.")
        while True:
            word = self._read(self._prompt(gate, can_grant, can_break, may_leave))
            if word is None:
                return Leave(gate.key)
            said = self._meant(gate, word.lower(), word, can_grant, can_break, may_leave)
            if said is not None:
                return said

    def _prompt(self, gate: Asked, can_grant: bool, can_break: bool, may_leave: bool) -> str:
        words = []
        if can_grant:
            words.append(f"the name {shown(gate.names[0])}" if gate.names else "yes")
        if self._may(gate, "deny") is None:
            words.append("no")
        if self._may(gate, "skip") is None and may_leave:
            words.append("skip")
        words += ["wait", "abort"] if may_leave else ["wait"]
        if can_break:
            words.append(GLASS)
        question = "Apply this?" if can_grant and not gate.names else "What now?"
        if gate.names and can_grant:
            question = "This cannot be brought back. To apply it, type"
            return f"{question} {words[0]}; else {' / '.join(words[1:])}: "
        return f"{question} {' / '.join(words)}: "

    def _meant(
        self, gate: Asked, word: str, typed: str, can_grant: bool, can_break: bool, may_leave: bool
    ) -> Said | None:
        if can_grant and gate.names and typed == gate.names[0]:
            return self._granted(gate) if self._all_named(gate.names[1:]) else None
        if can_grant and word in YES:
            if not gate.names:
                return self._granted(gate)
            self._tell(f"Type the name to go on: {shown(gate.names[0])}")
        elif word in NO:
            return self._denied(gate)
        elif word in SKIP and may_leave:
            return self._skipped(gate)
        elif word in WAIT:
            return Leave(gate.key)
        elif word in ABORT and may_leave:
            return Stop(self.me, self._read("Why? (may be empty) ") or "aborted at the gate")
        elif can_break and word == GLASS:
            return self._broken(gate)
        elif word:
            self._tell("That is none of the answers; nothing was decided.")
        return None

    def _all_named(self, names: tuple[str, ...]) -> bool:
        for name in names:
            if self._read(f"And {shown(name)}: ") != name:
                self._tell("That is another name; nothing was decided.")
                return False
        return True

    def _granted(self, gate: Asked) -> Said | None:
        reason = gate.reason
        if gate.terms.reason_required and not (reason or "").strip():
            reason = self._read("Why? This gate asks for a reason: ")
            if not reason:
                self._tell("Without a reason it does not count; nothing was decided.")
                return None
        return Vote(gate.key, "grant", self.me, reason)

    def _denied(self, gate: Asked) -> Said | None:
        why_not = self._may(gate, "deny")
        if why_not is not None:
            self._tell(f"{shown(why_not)}.")
            return None
        reason = self._read("Why not? A no needs a reason: ")
        if not reason:
            self._tell("Nothing was decided.")
            return None
        return Vote(gate.key, "deny", self.me, reason)

    def _skipped(self, gate: Asked) -> Said | None:
        why_not = self._may(gate, "skip")
        if why_not is not None:
            self._tell(f"{shown(why_not)}.")
            return None
        return Vote(gate.key, "skip", self.me)

    def _broken(self, gate: Asked) -> Said | None:
        reason = self._read("Why? It is recorded, and those are told who must know: ")
        if not reason or not self._all_named(gate.names):
            self._tell("Nothing was decided.")
            return None
        return Vote(gate.key, "grant", self.me, reason, break_glass=True)

    def breaking(self, gate: Asked, reason: str) -> Said:
        """Their word on breaking the glass, the reason being given: yes, or the names, or it is left."""
        if gate.names:
            named = self._read(f"To break the glass and apply this, type the name {shown(gate.names[0])}: ")
            sure = named == gate.names[0] and self._all_named(gate.names[1:])
        else:
            sure = (self._read("Break the glass and apply this? yes / no: ") or "").lower() in YES
        return Vote(gate.key, "grant", self.me, reason, break_glass=True) if sure else Leave(gate.key)

    def _may(self, gate: Asked, verdict: str) -> str | None:
        """Why their word would not count, reasons aside."""
        vote = Counted(verdict=verdict, by=self.me, digest=gate.digest, at=0.0, reason="asked for")
        return may_vote(self._people, vote, gate.terms, gate.initiators)

    def _may_break(self) -> bool:
        return may_break_glass(self._people, self.me, "asked for") is None

    # --- questions ----------------------------------------------------------------------------------------

    def question(self, key: str, purpose: str, type_: str, choices: tuple[str, ...], *, may_leave: bool = True) -> Said:
        """An answer of the type asked for, or wait, or abort."""
        why_not = self.may_answer(purpose)
        if why_not is not None:
            self._tell(f"You cannot answer this: {shown(why_not)}.")
        answers = list(choices) if choices else [_EXPECTS.get(type_, "an answer")]
        words = ([] if why_not else answers) + ["wait"] + (["abort"] if may_leave else [])
        while True:
            typed = self._read(f"{' / '.join(map(shown, words))}: ")
            if typed is None or (typed.lower() in WAIT and "w" not in choices):
                return Leave(key)
            if typed.lower() in ABORT and may_leave and "a" not in choices:
                return Stop(self.me, self._read("Why? (may be empty) ") or "aborted at a question")
            if why_not is None and typed:
                said = self._answered(key, purpose, type_, choices, typed)
                if said is not None:
                    return said

    def _answered(self, key: str, purpose: str, type_: str, choices: tuple[str, ...], typed: str) -> Said | None:
        chosen = _chosen(typed, choices)
        if choices and chosen is None:
            self._tell(f"Please say one of {', '.join(map(shown, choices))}.")
            return None
        try:
            value = value_of(type_, chosen or typed)
        except UsageError as error:
            self._tell(f"{error.message}.")
            return None
        reason = None
        if purpose == "verification" and value in ("pass", "fail"):
            reason = self._read("What did you see? It is recorded as attested: ")
            if not reason:
                self._tell("Nothing was answered.")
                return None
        if purpose == "manual" and value == "failed":
            reason = self._read("What went wrong? (may be empty) ")
        return Reply(key, value, self.me, reason or None)

    def may_answer(self, purpose: str) -> str | None:
        """Why this person's answer would not count; None if it would."""
        if purpose in ("symptoms", "verification"):
            return may_attest(self._people, self.me)
        return may_run(self._people, self.me)


_EXPECTS = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}


def _chosen(typed: str, choices: tuple[str, ...]) -> str | None:
    """The choice that was meant: as it is written, or, where it is the only one, by how it begins."""
    if typed in choices:
        return typed
    begins = [choice for choice in choices if choice.lower().startswith(typed.lower())]
    return begins[0] if len(begins) == 1 else None
