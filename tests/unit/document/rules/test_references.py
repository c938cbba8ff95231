"""Which steps an expression may refer to, by where it stands; what else is wrong is in `tests/cases`."""

from __future__ import annotations

import pytest

from support.cases import HEAD, codes

PROBE = "uses: prometheus.query, with: {query: up}"


def document(place: str, name: str) -> str:
    """A runbook with a step in every phase; the one at `place` refers to the step `name`."""

    def at(where: str, key: str = "expect") -> str:
        said = f"steps.{name}.verdict == 'pass'" if where == place else "value > 1"
        return f"{key}: {said}" if where == place or key == "expect" else ""

    when = at("option", "when")
    return HEAD + (
        f"symptoms: [{{id: symptom, {PROBE}, {at('symptom')}}}]\n"
        f"triage:\n  - {{id: triage, {PROBE}, {at('triage')}}}\n  - {{id: beside, {PROBE}}}\n"
        "resolution:\n"
        f"  - id: one\n{'    ' + when + chr(10) if when else ''}"
        f"    steps: [{{id: step, {PROBE}, {at('step')}}}, {{id: later, {PROBE}, {at('later')}}}]\n"
        f"  - id: two\n    steps: [{{id: next, {PROBE}, {at('next')}}}]\n"
        f"verification: {{checks: [{{id: check, {PROBE}, {at('check')}}}, {{id: other, {PROBE}, expect: value}}]}}\n"
        f"finally: [{{id: last, {PROBE}, {at('last')}}}, {{id: end, {PROBE}}}]\n"
    )


ALLOWED = {
    "symptom": "",
    "triage": "symptom beside",
    "option": "symptom triage beside",
    "step": "symptom triage beside",
    "later": "symptom triage beside step",
    "next": "symptom triage beside step later",
    "check": "symptom triage beside step later next",
    "last": "symptom triage beside step later next check other",
}
STEPS = [*ALLOWED["last"].split(), "last", "end"]


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("place", ALLOWED)
def test_an_expression_refers_to_steps_that_come_before_it(place: str, name: str) -> None:
    """In the order of a run: symptoms, triage (beside each other), options, verification, the end."""
    found = [code.split()[1] for code in codes(document(place, name))]
    if name in ALLOWED[place].split():
        assert found == []
    else:
        assert found == ["RB034" if name == place else "RB033"]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("alert.labels.anything == 'x' and alert.annotations.more", None),
        ("incident.severity == 'SEV1' and not incident.user_facing", None),
        ("incident.severty == 'SEV1'", "RB032"),
        ("run.initiator == 'ann' or run.mode == 'auto'", None),
        ("run.intiator == 'ann'", "RB032"),
        ("'api' in runbook.tags and runbook.user_facing", None),
        ("runbook.taggs", "RB032"),
        ("env.whatever == 'prod'", None),
        ("params.count > 3 and params.names | length > 1", None),
        ("params.count == 'three'", "RB032"),
        ("params.secret == 'x'", None),
        ("nothing", "RB032"),
        ("[1, 2", "RB031"),
        ("open('/etc/passwd')", "RB031"),
        ("''.__class__", "RB031"),
    ],
)
def test_names_are_known_with_their_types(expression: str, code: str | None) -> None:
    """What always exists is typed; an alert and the environment are whatever they bring."""
    text = HEAD + (
        "parameters: {count: {type: integer}, names: {type: array}, secret: {type: string, secret: true}}\n"
        f'communication: [{{at: start, to: a, template: initial, when: "{expression}"}}]\n'
    )
    assert [found.split()[1] for found in codes(text)] == ([code] if code else [])


def test_two_separate_cycles_are_told_apart() -> None:
    """Each is told once, at its first step, with the way round."""
    steps = [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"), ("e", "a")]
    text = (
        HEAD
        + "triage:\n"
        + "".join(
            f"  - {{id: {id_}, uses: prometheus.query, with: {{query: 'up > {{{{ steps.{other}.value }}}}'}}}}\n"
            for id_, other in steps
        )
    )
    assert codes(text) == ["6:5 RB034", "8:5 RB034"]
