"""RB127: many steps, and some without a title."""

from __future__ import annotations

from runbook.lint.samples import VERIFICATION
from support.rulings import said

CONNECT = "  - {id: s%d, uses: tcp.connect, with: {host: a.example.com, port: 1}%s}\n"


def triage(count: int, titled: int = 0) -> str:
    return "triage:\n" + "".join(CONNECT % (i, ", title: It is there" * (i < titled)) for i in range(count))


def test_a_long_list_needs_words():
    """One finding for the list, at the first that has none."""
    assert said("RB127", triage(7, titled=4)) == ["3 of 7 steps of triage have no 'title', 's4' first"]


def test_a_short_one_explains_itself():
    """Five are taken in at a glance."""
    assert said("RB127", triage(5)) == []
    assert said("RB127", triage(6, titled=6)) == []


def test_a_signals_title_a_description_and_what_is_told_to_a_person_are_words():
    """Whatever the gate shows."""
    signal = "signals: {q: {title: The queue, uses: prometheus.query, with: {query: q}}}\n"
    described = CONNECT % (8, ", description: It is there.")
    assert said("RB127", signal, triage(5, titled=5), "  - {id: q, signal: q}\n", described) == []
    steps = ", ".join(f"{{id: m{i}, uses: manual.do, with: {{text: Do.}}}}" for i in range(7))
    assert said("RB127", f"resolution: [{{id: o, steps: [{steps}]}}]\n", VERIFICATION) == []


def test_lists_are_counted_one_by_one():
    """Four here and four there are not eight."""
    steps = ", ".join((CONNECT % (i, ""))[4:-1] for i in range(10, 14))
    assert said("RB127", triage(4), f"resolution: [{{id: o, steps: [{steps}]}}]\n", VERIFICATION) == []
