"""RB126: a loop over changes without a look in between."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE, VERIFICATION
from support.rulings import said

CHANGE = "uses: command.run, with: {argv: [a, '{{ item }}']}"
READ = "uses: command.run, with: {argv: [a, '{{ item }}'], effect: read}"
LOOK = "{id: l, uses: tcp.connect, with: {host: a.example.com, port: 1}}"


def step(does: str, loop: str) -> tuple[str, ...]:
    return TRIAGE, f"resolution: [{{id: o, steps: [{{id: s, {does}, for_each: {{{loop}}}}}]}}]\n", VERIFICATION


def option(loop: str, *steps: str) -> tuple[str, ...]:
    return TRIAGE, f"resolution: [{{id: o, for_each: {{{loop}}}, steps: [{', '.join(steps)}]}}]\n", VERIFICATION


@pytest.mark.parametrize("items", ["items: [a, b]", "items: params.hosts", "items: [a, b], on_failure: continue"])
def test_several_items_are_changed_blindly(items):
    """However many an expression gives."""
    parameters = "parameters: {hosts: {type: array, items: {type: string}, default: [a]}}\n"
    assert said("RB126", parameters, *step(CHANGE, items)) == [
        "'s' changes one item after the other, and nobody looks in between"
    ]


@pytest.mark.parametrize(
    ("does", "loop"),
    [
        (CHANGE, f"items: [a, b], between: [{LOOK}]"),
        (CHANGE, "items: [a]"),
        (READ, "items: [a, b]"),
        ("uses: manual.do, with: {text: 'Do {{ item }}.'}", "items: [a, b]"),
    ],
)
def test_a_look_one_item_or_no_change_is_fine(does, loop):
    """There is nothing that could go on breaking."""
    assert said("RB126", *step(does, loop)) == []


def test_an_option_that_is_repeated_may_look_in_its_steps():
    """A probe that judges, or a person; one that only reads stops nothing."""
    change = f"{{id: s, {CHANGE}}}"
    assert len(said("RB126", *option("items: [a, b]", change))) == 1
    reading = "{id: r, uses: prometheus.query, with: {query: up}}"
    assert len(said("RB126", *option("items: [a, b]", change, reading))) == 1
    assert said("RB126", *option("items: [a, b]", change, LOOK)) == []
    person = "{id: m, uses: manual.ask, with: {question: Is it up?}}"
    assert said("RB126", *option("items: [a, b]", change, person)) == []
    assert said("RB126", *option(f"items: [a, b], between: [{LOOK}]", change)) == []
