"""`import(render(x))`: a page brings its runbook along, and even its text alone keeps every step."""

from __future__ import annotations

import pytest

from runbook import kinds
from runbook.authoring.importing.draft import Draft
from runbook.authoring.importing.markdown import draft
from runbook.authoring.importing.settle import settled
from runbook.authoring.page.build import page
from runbook.authoring.page.markdown import markdown
from runbook.authoring.page.rendering import rendered
from runbook.authoring.page.source import taken_out
from runbook.document.load import load
from runbook.document.model import Runbook, Step
from runbook.document.source import read
from support.books import Book, every, one

IDS = [book.book.name for book in every()]


def steps(book: Runbook) -> list[Step]:
    """Everything that is done or looked at."""
    seen = [symptom.probe for symptom in book.symptoms if symptom.probe]
    options = [step for option in book.resolution for step in option.every]
    return [*seen, *book.triage, *options, *book.checks, *book.finally_]


def imported(text: str, name: str = "page.md") -> Draft:
    return settled(draft(text.encode(), name, kinds.specs()), kinds.specs())


@pytest.mark.parametrize("book", every(), ids=IDS)
@pytest.mark.parametrize("form", ["markdown", "cacao"])
def test_a_page_becomes_exactly_its_runbook_again(book: Book, form: str) -> None:
    """Every step with everything that it says; gates, meanings and loops too."""
    text = rendered(book.book, book.data, kinds.specs(), form, parts=book.parts).text
    if form == "cacao":
        from runbook.authoring.cacao.reading import draft as of_cacao

        made = of_cacao(text.encode(), "x.json")
    else:
        made = imported(text)
    assert made.left == ()
    assert read(made.text("x").encode())[0].data == book.source
    if form == "markdown":  # the steps that it includes and its evidence plan come along
        assert [one.document for one in made.further] == [read(data)[0].data for data in book.parts]


@pytest.mark.parametrize("book", every(), ids=IDS)
def test_the_text_of_a_page_alone_keeps_every_step(book: Book) -> None:
    """By its id, and by its kind where its line is understood; a symptom that is not stands in the background."""
    made = imported(markdown(page(book.book, kinds.specs())))
    back = load(made.text("page.md").encode(), kinds.specs()).document
    assert isinstance(back, Runbook)
    found = {step.id: step.uses for step in steps(back)}
    assert not {include.prefix for include in book.book.includes} & set(found)
    about = {symptom.id for symptom in book.book.symptoms if f"`{symptom.id}`" in (back.about or "")}
    assert {step.id for step in steps(book.book)} - set(found) <= about
    assert [option.id for option in back.resolution] == [option.id for option in book.book.resolution]
    assert (back.title, set(back.parameters)) == (book.book.title, set(book.book.parameters) | set(back.parameters))


def test_nearly_every_line_of_a_page_is_understood() -> None:
    """A kind whose line says all of its inputs is that kind again."""
    said = ("kubernetes.", "tcp.", "dns.", "tls.", "prometheus.query", "manual.do", "ssh.run")
    same, all_ = 0, 0
    for book in every():
        back = load(imported(markdown(page(book.book, kinds.specs()))).text("x").encode(), kinds.specs()).document
        assert isinstance(back, Runbook)
        found = {step.id: step.uses for step in steps(back)}
        wanted = [step for step in steps(book.book) if step.uses.startswith(said)]
        same, all_ = same + sum(found.get(step.id) == step.uses for step in wanted), all_ + len(wanted)
    assert same > 0.95 * all_


def test_what_is_shown_of_a_runbook_is_understood() -> None:
    """Parameters with their defaults, alerts, conditions, messages, whom to page."""
    back = load(
        imported(markdown(page(one("high-api-error-rate").book, kinds.specs()))).text("x").encode(), kinds.specs()
    )
    book = back.document
    assert isinstance(book, Runbook)
    assert {name: one.default for name, one in book.parameters.items()} == {
        "namespace": "production", "deployment": "api", "replicas": 10, "db_pool_size": 50,
        "health_url": "https://api.example.com/health",
    }  # fmt: skip
    assert [symptom.alert for symptom in book.symptoms if symptom.alert] == ["ApiErrorRateHigh"]
    assert [step.expect for step in book.checks] == ["value < 0.01", "value < 0.5", "status == 200"]
    assert [check.advisory for check in book.checks] == [False, True, False]
    assert book.resolution[2].when == "steps.database.verdict == 'pass'"
    assert [(str(m.at), m.to, m.template) for m in book.communication if m.at][:2] == [
        ("start", "incidents", "initial"), ("resolved", "incidents", "resolved"),
    ]  # fmt: skip
    assert book.escalation is not None and (book.escalation.to, book.escalation.after) == ("production", 1200.0)


def test_what_was_changed_on_a_page_by_hand_is_kept_and_named() -> None:
    """The steps are those of the source; the page as it is now stands beside them, for a person to judge."""
    book = one("high-api-error-rate")
    text = rendered(book.book, book.data, kinds.specs(), "markdown").text
    made = imported(text.replace("Redis answers", "Redis answers (ask Kim)", 1))
    [left] = made.left
    assert "changed by hand" in str(left)
    assert "Redis answers (ask Kim)" in made.document["about"]
    assert {**made.document, "about": None} == {**book.source, "about": None}


def test_a_page_without_its_source_says_nothing_of_it() -> None:
    """What was taken out is not text of the page."""
    book = one("disk-space-low")
    text = rendered(book.book, book.data, kinds.specs(), "markdown").text
    assert taken_out(text).text.rstrip() + "\n" == text[: text.index("<!-- runbook source")].rstrip() + "\n"
