"""A Markdown document as a runbook: one option, a manual step for each thing to do."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook import kinds
from runbook.authoring.markdown import outline
from runbook.authoring.walk import OVER, document, name_of, step_ids
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.document.templates import render_value
from runbook.errors import UsageError


def book(text: str, file: str = "fix.md") -> Runbook:
    loaded = load(document(outline(text.encode()), file), kinds.specs(), by_hand=True).document
    assert isinstance(loaded, Runbook)
    return loaded


def test_every_step_is_done_by_a_person_who_may_skip_it() -> None:
    """One that fails stops nobody; whether the trouble is over is asked at the end, and decides."""
    made = book("# Fix\n\nIntro.\n\n## A\n\nDo {{ this }}.\n\n## B\n\nAnd that.\n")
    [option] = made.resolution
    *steps, over = option.steps
    assert (made.name, made.title, made.about, made.verification) == ("fix", "Fix", "Intro.", None)
    assert [(s.id, s.uses, str(s.on_failure), s.inputs["may_skip"]) for s in steps] == [
        ("a", "manual.do", "continue", True), ("b", "manual.do", "continue", True),
    ]  # fmt: skip
    assert render_value(steps[0].inputs["text"], {}) == "Do {{ this }}."
    assert (over.id, str(over.on_failure)) == (OVER, "stop")


def test_ids_are_of_titles_and_unique() -> None:
    """What `runbook answer` is typed with."""
    found = outline("## Prüfen\n\nx\n\n## Over\n\nx\n\n## 数据库\n\nx\n\n## Prüfen\n\nx\n\n## 3 times\n\nx\n".encode())
    assert step_ids(found) == ["prufen", "over_2", "step_3", "prufen_2", "step_5"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Restart DB (prod).md", "restart-db-prod"),
        ("README", "readme"),
        ("数据.md", "walk"),
        (".md", "md"),
        ("x" * 99, "x" * 63),
    ],
)
def test_the_name_is_that_of_the_file(file: str, name: str) -> None:
    """As far as a runbook may be called so."""
    assert name_of(file) == name
    assert book("Do it.", file).name == name


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=200))
def test_whatever_the_text_it_is_shown_as_it_was_written(text: str) -> None:
    """Nothing in it is a template, breaks the document or vanishes."""
    try:
        found = outline(text.encode("utf-8", "replace"))
    except UsageError:
        return
    made = load(document(found, "x.md"), kinds.specs(), by_hand=True).document
    assert isinstance(made, Runbook)
    shown = [render_value(step.inputs["text"], {}) for step in made.resolution[0].steps[:-1]]
    assert shown == [step.text for step in found.steps]


def test_what_no_document_can_hold_is_said() -> None:
    """Before anything is started."""
    with pytest.raises(UsageError, match="holds braces and is longer"):
        document(outline(b"## A\n\n" + b"{{ x }} " * 2000), "x.md")
    with pytest.raises(UsageError, match="longer than 16384"):
        document(outline(b"x" * 20_000), "x.md")
