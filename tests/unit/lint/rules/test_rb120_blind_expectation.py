"""RB120: an expectation that does not look at what was read."""

from __future__ import annotations

import pytest

from support.rulings import said

FIRST = "  - {id: first, uses: tcp.connect, with: {host: a.example.com, port: 1}}\n"


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("uses: tcp.connect, with: {host: b.example.com, port: 1}, expect: steps.first.reachable", 1),
        ("uses: tcp.connect, with: {host: b.example.com, port: 1}, expect: reachable and steps.first.reachable", 0),
        ("uses: command.run, with: {argv: [a], effect: read}, expect: params.most > 5", 1),
        ("uses: command.run, with: {argv: [a], effect: read}, expect: (stdout | int) > params.most", 0),
        (
            "uses: command.run, with: {argv: [a], effect: read}, outputs: {n: {line: 1, type: integer}}, expect: n > 1",
            0,
        ),
        ("uses: command.run, with: {argv: [a], effect: read}, expect: 'true'", 0),
    ],
)
def test_it_names_an_output_of_its_own(step, found):
    """A constant is another rule's, declared outputs are outputs."""
    parameters = "parameters: {most: {type: integer, default: 5}}\n"
    assert len(said("RB120", parameters, "triage:\n", FIRST, f"  - {{id: s, {step}}}\n")) == found


def test_a_signal_is_read_by_the_step_that_measures_it():
    """Its kind's outputs are the step's."""
    signal = "signals: {up: {uses: prometheus.query, with: {query: up}}}\n"
    assert said("RB120", signal, "triage: [{id: s, signal: up, expect: value > 0}]\n") == []
    assert (
        len(said("RB120", signal, "triage:\n", FIRST, "  - {id: s, signal: up, expect: steps.first.reachable}\n")) == 1
    )
