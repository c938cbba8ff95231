"""The desk asks one thing at a time, and takes back what nobody needs answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from runbook.cli.desk import TerminalDesk
from runbook.cli.keyboard import Withdrawn
from runbook.cli.watching import View
from runbook.core.commands import Approve, Ask
from runbook.core.terms import Terms
from runbook.hosts.said import Gate, Leave, Question, Reply, Said
from runbook.policy.people import People
from runbook.report.style import Style
from support.sessions import Heard, session


class Hand:
    """A keyboard on which the test types; `asked` has the prompts."""

    def __init__(self) -> None:
        self.asked: SimpleQueue[str] = SimpleQueue()
        self.typed: SimpleQueue[str | type[Withdrawn]] = SimpleQueue()

    def line(self, prompt: str) -> str | None:
        self.asked.put(prompt)
        word = self.typed.get(timeout=10)
        if isinstance(word, str):
            return word
        raise word

    def withdraw(self) -> None:
        self.typed.put(Withdrawn)

    def ready(self) -> None:
        """Nothing is left over."""

    def forget(self) -> None:
        """Nothing was typed ahead."""


class Sitting:
    """A desk with somebody at it."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self.hand = Hand()
        self.said: SimpleQueue[Said] = SimpleQueue()
        view = View(heard, None, lambda: 0.0)
        self.desk = TerminalDesk(
            self.hand,  # type: ignore[arg-type]
            view,
            People(None, "ann"),
            "01jd",
            style=Style(),
            say=heard.say,
            now=lambda: 0.0,
        )

    def opens(self, key: str) -> None:
        question = Ask(key=key, path=key, purpose="question", question=f"{key}?", choices=("eu", "us"), id=key)
        self.desk.opened(Question(question), self.said.put)


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    made = Sitting(session(tmp_path))
    yield made
    made.desk.close()


def test_questions_are_asked_one_after_the_other(sitting: Sitting) -> None:
    """The second waits until the first is answered and closed."""
    sitting.opens("one")
    sitting.opens("two")
    sitting.hand.asked.get(timeout=5)
    assert sitting.hand.asked.empty()
    sitting.hand.typed.put("eu")
    assert sitting.said.get(timeout=5) == Reply("one", "eu", "ann")
    sitting.desk.closed("one")
    sitting.hand.asked.get(timeout=5)
    sitting.hand.typed.put("us")
    assert sitting.said.get(timeout=5) == Reply("two", "us", "ann")


def test_what_is_answered_elsewhere_is_withdrawn_and_the_next_is_asked(sitting: Sitting) -> None:
    """Nothing is said for it from here."""
    sitting.opens("one")
    sitting.hand.asked.get(timeout=5)
    sitting.opens("two")
    sitting.desk.closed("one")
    sitting.hand.asked.get(timeout=5)
    sitting.hand.typed.put("us")
    assert sitting.said.get(timeout=5) == Reply("two", "us", "ann")
    assert "decided elsewhere" in sitting.heard.err.getvalue()


def test_what_is_left_is_not_asked_again(sitting: Sitting) -> None:
    """Who said wait is let go."""
    sitting.opens("one")
    sitting.hand.asked.get(timeout=5)
    sitting.hand.typed.put("wait")
    assert sitting.said.get(timeout=5) == Leave("one")
    sitting.desk.close()
    assert sitting.hand.asked.empty()


def test_closing_ends_a_question_without_a_word(sitting: Sitting) -> None:
    """And leaves no thread behind."""
    sitting.opens("one")
    sitting.hand.asked.get(timeout=5)
    sitting.desk.close()
    assert sitting.said.empty()
    assert [thread for thread in threading.enumerate() if thread.name == "desk"] == []


def test_a_gate_has_one_heading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The view has it already when the gate opens; without a view that has, the gate brings its own."""
    sitting = Sitting(session(tmp_path))
    gate = Gate(Approve(key="k", path="p", option="one", changes=()), Terms(required=1, timeout=60.0), 60.0)
    told: list[str] = []
    for stands in (True, False):
        monkeypatch.setattr(View, "under", lambda self, heading, stands=stands: told.append(heading) or stands)
        sitting.desk.opened(
            gate._replace(command=Approve(key=f"k{stands}", path="p", option="one", changes=())), sitting.said.put
        )
        sitting.hand.asked.get(timeout=10)
        sitting.hand.typed.put("wait")
        sitting.said.get(timeout=10)
    sitting.desk.close()
    assert told == ["Gate one", "Gate one"]
    assert sitting.heard.err.getvalue().count("Gate one") == 1
