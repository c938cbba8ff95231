"""A person's words at a gate become a decision only when they are one."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.cli import asking
from runbook.cli.asking import Asked, Dialogue, destructive_names
from runbook.core.changes import Change, Target
from runbook.core.terms import Terms
from runbook.document.model import BreakGlass, Person, Policy
from runbook.document.words import Effect
from runbook.hosts.said import Leave, Reply, Said, Stop, Vote
from runbook.policy.people import People

PEOPLE = {"ann": Person(user="ann"), "bob": Person(user="bob")}
POLICY = Policy(people=PEOPLE)
TERMS = Terms(required=1, timeout=60.0, from_=("ann",), asks="1 of ann")


class Talk:
    """A dialogue with a person who types these lines and then nothing more."""

    def __init__(self, *typed: str, user: str = "ann", policy: Policy = POLICY) -> None:
        self._typed: Iterator[str] = iter(typed)
        self.prompts: list[str] = []
        self.told: list[str] = []
        self.dialogue = Dialogue(People(policy, user), self._read, self.told.append)

    def _read(self, prompt: str) -> str | None:
        self.prompts.append(prompt)
        return next(self._typed, None)

    def gate(self, terms: Terms = TERMS, *, names: tuple[str, ...] = (), closed: str | None = None) -> Said:
        return self.dialogue.gate(Asked("k", "d", terms, ["ann"], names, closed))


def test_yes_is_a_grant() -> None:
    """In both spellings, whatever the case."""
    assert Talk("y").gate() == Talk("YES").gate() == Vote("k", "grant", "ann")


def test_nothing_but_the_offered_words_decides() -> None:
    """An empty line or a stray word asks again."""
    talk = Talk("", "yep", "ye", "yes")
    assert talk.gate() == Vote("k", "grant", "ann")
    assert talk.told == ["That is none of the answers; nothing was decided."] * 2
    assert talk.prompts[0] == "Apply this? yes / no / skip / wait / abort: "


def test_a_destructive_change_asks_for_the_name_of_its_target() -> None:
    """`yes` does not do it, nor another name."""
    talk = Talk("yes", "Api", "api")
    assert talk.gate(names=("api",)) == Vote("k", "grant", "ann")
    assert talk.told == ["Type the name to go on: api", "That is none of the answers; nothing was decided."]


def test_every_destructive_target_is_named() -> None:
    """One name does not stand for two."""
    assert Talk("api", "wrong", "api", "db").gate(names=("api", "db")) == Vote("k", "grant", "ann")


def test_a_no_needs_a_reason() -> None:
    """Without one nothing was said."""
    assert Talk("no", "", "n", "too early").gate() == Vote("k", "deny", "ann", "too early")


def test_skip_wait_and_abort_are_three_things() -> None:
    """The next option, later, and the end."""
    assert Talk("skip").gate() == Vote("k", "skip", "ann")
    assert Talk("w").gate() == Leave("k")
    assert Talk("abort", "wrong service").gate() == Stop("ann", "wrong service")


def test_the_end_of_input_decides_nothing() -> None:
    """Ctrl-D leaves the gate as it is."""
    assert Talk().gate() == Leave("k")


def test_a_gate_that_asks_for_a_reason_takes_no_yes_without() -> None:
    """And says so."""
    terms = Terms(required=1, timeout=60.0, from_=("ann",), reason_required=True)
    assert Talk("y", "", "y", "checked").gate(terms) == Vote("k", "grant", "ann", "checked")


def test_somebody_who_may_not_answer_is_told_who_may() -> None:
    """They can wait or abort; a yes of theirs is no answer."""
    talk = Talk("yes", "wait", user="bob")
    assert talk.gate() == Leave("k")
    assert talk.told[0] == "You cannot open this gate: bob may not answer this gate; it asks for 1 of ann."
    assert talk.prompts[0] == "What now? wait / abort: "


def test_breaking_the_glass_is_offered_where_it_is_needed_and_allowed() -> None:
    """Only where a plain yes cannot open the gate, and never without a reason."""
    policy = Policy(people=PEOPLE, break_glass=BreakGlass(from_=("ann",)))
    talk = Talk("yes", "break the glass", "", "break the glass", "all is down", policy=policy)
    assert talk.gate(closed="changes are frozen") == Vote("k", "grant", "ann", "all is down", break_glass=True)
    assert "break the glass" in talk.prompts[0]
    assert "yes" not in talk.prompts[0]
    open_gate = Talk("break the glass", policy=policy)
    assert open_gate.gate() == Leave("k")
    assert "break the glass" not in open_gate.prompts[0]


def test_names_are_asked_for_where_nothing_brings_it_back() -> None:
    """Of destructive changes only, each target once."""
    target = Target(connection="c", kind="Deployment", name="api")
    changes = [
        Change(kind="k", target=target, summary="", effect=effect)
        for effect in (Effect.CHANGE, Effect.DESTRUCTIVE, Effect.DESTRUCTIVE)
    ]
    assert destructive_names(changes[:1]) == ()
    assert destructive_names(changes) == ("api",)


def test_a_manual_step_is_done_or_failed() -> None:
    """A beginning is enough where it is clear; what failed may be described."""
    assert Talk("d").dialogue.question("k", "manual", "string", ("done", "failed")) == Reply("k", "done", "ann")
    failed = Talk("failed", "no access").dialogue.question("k", "manual", "string", ("done", "failed"))
    assert failed == Reply("k", "failed", "ann", "no access")


def test_a_question_takes_its_choices_or_its_type() -> None:
    """Anything else is asked for again."""
    talk = Talk("us", "eu")
    assert talk.dialogue.question("k", "question", "string", ("eu", "asia")) == Reply("k", "eu", "ann")
    assert talk.told == ["Please say one of eu, asia."]
    assert Talk("x", "3").dialogue.question("k", "question", "integer", ()) == Reply("k", 3, "ann")


def test_saying_that_it_helped_needs_what_was_seen() -> None:
    """An attested verdict carries its reason; looking again needs none."""
    choices = ("extend", "pass", "fail")
    assert Talk("e").dialogue.question("k", "verification", "string", choices) == Reply("k", "extend", "ann")
    talk = Talk("pass", "", "pass", "dashboard is green")
    assert talk.dialogue.question("k", "verification", "string", choices) == Reply(
        "k", "pass", "ann", "dashboard is green"
    )


def test_a_reason_that_was_given_is_not_asked_for_again() -> None:
    """`approve --reason TEXT` on a terminal."""
    terms = Terms(required=1, timeout=60.0, from_=("ann",), reason_required=True)
    talk = Talk("y")
    said = talk.dialogue.gate(Asked("k", "d", terms, ["ann"], reason="checked"))
    assert said == Vote("k", "grant", "ann", "checked")
    assert len(talk.prompts) == 1


def test_what_is_said_at_a_gate_fits_the_terminal_and_commands_stay_whole() -> None:
    """No word is broken at the edge, and nothing is put into a line that is pasted."""
    told: list[str] = []
    dialogue = Dialogue(People(POLICY, "bob"), lambda _: "wait", told.append, 40)
    dialogue.gate(Asked("k", "d", TERMS, ["ann"]))
    assert [len(line) <= 40 for line in told[0].splitlines()] == [True, True]
    assert told[0].replace("\n", " ").endswith("bob may not answer this gate; it asks for 1 of ann.")
    command = "  runbook approve 01kaqs3zq4v5w6x7y8z9a0b1c2 --digest c7e893f6b96d"
    assert asking._fitted(f"others answer with\n{command}", 40).splitlines()[1] == command
