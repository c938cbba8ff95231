"""RB123: a signal that nobody measures."""

from __future__ import annotations

import pytest

from support.rulings import said

SIGNAL = "signals: {queue: {uses: prometheus.query, with: {query: sum(queue)}}}\n"
STEP = "{id: s, signal: queue, expect: value < 5}"
OPTION = "resolution: [{id: o, steps: [{id: d, uses: command.run, with: {argv: [a]}}, %s]}]\n"


def test_a_query_of_its_own_does_not_measure_it():
    """Even if it is the same."""
    assert said("RB123", SIGNAL, "triage: [{id: s, uses: prometheus.query, with: {query: sum(queue)}}]\n") == [
        "no step measures the signal 'queue'"
    ]


@pytest.mark.parametrize(
    "part",
    [
        f"symptoms: [{STEP}]\n",
        f"triage: [{STEP}]\n",
        OPTION % "{id: e, uses: manual.do, with: {text: Do.}}" + f"verification: {{checks: [{STEP}]}}\n",
        OPTION % STEP + "verification: {checks: [{id: c, uses: tcp.connect, with: {host: a.example.com, port: 1}}]}\n",
        f"finally: [{STEP}]\n",
        "resolution: [{id: o, steps: [{id: d, uses: command.run, with: {argv: [a]}, for_each: {items: [a, b], "
        f"between: [{STEP}]}}}}]}}]\nverification: {{checks: [{{id: c, uses: tcp.connect, "
        "with: {host: a.example.com, port: 1}}]}\n",
    ],
)
def test_any_step_may_measure_it(part):
    """Wherever it stands."""
    assert said("RB123", SIGNAL, part) == []
