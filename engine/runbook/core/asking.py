"""What a person may answer to a manual step, and what their answer stands for.

The choices of `manual.choose` may be what a run has found, so they are judged when it is asked: what is no list, or
empty, asks nobody anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CHOOSE = "manual.choose"
SKIPPED = "skipped"  # what a person answers to a manual step that they leave out, where it may be


class NothingToChoose(Exception):
    """The choices are none; the message says what they are instead."""


def purpose(uses: str, inputs: Mapping[str, Any]) -> str:
    """What a question is about, in the words of `Ask`."""
    if uses == CHOOSE:
        return "choice"
    return "question" if "question" in inputs else "manual"


def answers(about: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Each answer as it is said, with the value that it stands for; none in particular to an open question."""
    if about == "choice":
        return _choices(inputs.get("choices"))
    if inputs.get("choices"):
        return {str(choice): str(choice) for choice in inputs["choices"]}
    if about == "question":
        return {}
    words = ("done", "failed", SKIPPED) if inputs.get("may_skip") else ("done", "failed")
    return dict(zip(words, words, strict=True))


def _choices(given: Any) -> dict[str, Any]:
    if not isinstance(given, list | tuple):
        raise NothingToChoose(f"the choices are {_spoken(given)}, not a list")
    if not given:
        raise NothingToChoose("the list of choices is empty")
    for choice in given:
        if not isinstance(choice, str | int | float) or choice == "":
            raise NothingToChoose(f"a choice is {_spoken(choice)}, where text or a number is needed")
    return {_said(choice): choice for choice in given}


def _said(choice: Any) -> str:
    return {True: "true", False: "false"}[choice] if isinstance(choice, bool) else str(choice)


def _spoken(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return {"": "empty", None: "nothing"}.get(value, f"'{value}'")
