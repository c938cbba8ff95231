"""What an editor is told, at a cursor that is written as `|` into the text."""

from __future__ import annotations

import pytest

from runbook.authoring.editing.cursor import Spot, spot
from runbook.authoring.editing.hints import Elsewhere, definition, hover
from runbook.authoring.editing.offers import offers
from runbook.authoring.editing.outline import outline
from runbook.kinds import specs

SPECS = specs()
BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: api
title: The API fails
parameters:
  namespace: {type: string, default: shop}
triage:
  - id: errors
    title: How many fail
    uses: prometheus.query
    with:
      query: sum(rate(errors[5m]))
    expect: value < 1
  - {id: port, uses: tcp.connect, with: {host: api, port: 80}}
resolution:
  - id: restart
    when: steps.errors.verdict == 'fail'
    steps:
      - id: again
        uses: kubernetes.rollout_restart
        with: {deployment: api}
"""


def at(text: str) -> tuple[str, int, int]:
    """A text without its cursor, and where that was."""
    before, bar, after = text.partition("|")
    assert bar
    return before + after, before.count("\n"), len(before.rpartition("\n")[2])


def offered(text: str) -> list[str]:
    return [one.text for one in offers(*at(text), SPECS)]


def put(old: str, new: str) -> str:
    assert old in BOOK
    return BOOK.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "path", "key"),
    [
        ("a:\n  b:\n    |", ("a", "b"), None),
        ("a:\n  - b: 1\n    c|", ("a", "[]"), None),
        ("a:\n- b: 1\n  c: |", ("a", "[]"), "c"),
        ("a:\n  - b:\n      - c: 1\n        d:\n          e: |", ("a", "[]", "b", "[]", "d"), "e"),
        ("x: 1\na:\n  - {b: {c: |", ("a", "[]", "b"), "c"),
        ("a: {b: [{c: 1}, {d: 2, |", ("a", "b", "[]"), None),
        ("- a:\n  - b: |", ("[]", "a", "[]"), "b"),
        ("|", (), None),
    ],
)
def test_a_place_is_found_in_a_text_that_is_not_whole(text: str, path: tuple[str, ...], key: str | None) -> None:
    """By indentation, dashes and brackets."""
    found = spot(*at(text))
    assert (found.path, found.key) == (path, key)


def test_what_stands_beside_is_of_the_same_mapping() -> None:
    """Above and below, and of no neighbour."""
    text = "a:\n  - id: one\n    uses: x\n  - id: two\n    |\n    uses: y\n    with:\n      id: no\n  - id: three\n"
    assert spot(*at(text)) == Spot(("a", "[]"), None, "", "", {"id": "two", "uses": "y", "with": ""})


def test_kinds_are_offered_with_what_they_do() -> None:
    """As far as they are typed."""
    assert offered(put("uses: tcp.connect", "uses: tcp.|")) == ["tcp.connect"]
    assert "prometheus.query" in offered(put("uses: prometheus.query", "uses: |"))
    [one] = offers(*at(put("uses: tcp.connect", "uses: tcp.|")), SPECS)
    assert one.detail == SPECS["tcp.connect"].summary


def test_inputs_of_the_steps_own_kind_are_offered() -> None:
    """In lines and in braces; not those that are there."""
    found = offered(put("      query: sum(rate(errors[5m]))\n", "      query: x\n      |\n"))
    assert set(found) == set(SPECS["prometheus.query"].inputs["properties"]) - {"query"}
    assert offered(put("{host: api, port: 80}", "{host: api, p|")) == ["port"]


def test_required_keys_come_first() -> None:
    """What a document cannot do without."""
    assert offered("apiVersion: runbook/v1\nkind: Runbook\n|")[:2] == ["name", "title"]


def test_listed_values_are_offered() -> None:
    """Of an input, and of a key of the document."""
    found = offered(put("uses: tcp.connect, with: {host: api, port: 80}", "uses: dns.lookup, with: {type: |"))
    assert "AAAA" in found
    assert "Runbook" in offered("apiVersion: runbook/v1\nkind: |")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("when: steps.|", ["errors", "port", "again"]),
        ("when: steps.port.|", [*SPECS["tcp.connect"].outputs["properties"], "verdict", "status"]),
        ("when: params.n|", ["namespace"]),
        ("title: It is {{ params.|", ["namespace"]),
    ],
)
def test_names_that_an_expression_may_use_are_offered(typed: str, found: list[str]) -> None:
    """Steps, their outputs, parameters: behind a key that holds code, and within braces."""
    assert offered(put("when: steps.errors.verdict == 'fail'", typed)) == found


def test_an_expectation_sees_its_own_outputs() -> None:
    """Without naming the step."""
    assert "value" in offered(put("expect: value < 1", "expect: |"))


def test_a_text_is_no_expression() -> None:
    """Nothing is offered in the middle of a sentence."""
    assert offered(put("title: How many fail", "title: How many steps.|")) == []


def test_a_kind_says_what_it_takes_and_gives() -> None:
    """Under the cursor, as a page."""
    text, line, column = at(put("prometheus.query", "prome|theus.query"))
    page = hover(text, line, column, SPECS) or ""
    assert page.startswith("**prometheus.query**")
    assert "`query` (required)" in page
    assert "`value`" in page


def test_a_key_says_what_it_means() -> None:
    """As the schema has it; an input as its kind has it."""
    assert "Probes that run in parallel" in (hover(*at(put("triage:", "tri|age:")), SPECS) or "")
    assert hover(*at(put("      query: sum", "      qu|ery: sum")), SPECS)


def test_a_step_that_is_named_leads_to_it() -> None:
    """From an expression; a parameter too; another document by its kind and name."""
    found = definition(*at(put("steps.errors.verdict", "steps.err|ors.verdict")))
    assert found
    assert (found.name, BOOK.splitlines()[found.line]) == ("errors", "  - id: errors")  # type: ignore[union-attr]
    found = definition(*at(put("'fail'", "params.name|space")))
    assert getattr(found, "line", None) == 5
    assert definition(*at("evidence: stand|ard\n")) == Elsewhere("EvidencePlan", "standard")
    assert definition(*at("title: no|thing\n")) is None


def test_the_outline_names_steps_options_and_parameters() -> None:
    """In lines and in braces."""
    assert [(one.what, one.name, one.uses) for one in outline(BOOK)] == [
        ("parameter", "namespace", None),
        ("step", "errors", "prometheus.query"),
        ("step", "port", "tcp.connect"),
        ("option", "restart", None),
        ("step", "again", "kubernetes.rollout_restart"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "]]]}}}", "a: {", "- - -\n", '"', "'", "a: |\n", "\t", "{{", "é: ü"])
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    """A server that dies takes the editor's patience with it."""
    lines = text.split("\n")
    for line, row in enumerate(lines):
        for column in range(len(row) + 2):
            offers(text, line, column, SPECS)
            hover(text, line, column, SPECS)
            definition(text, line, column)
    outline(text)
