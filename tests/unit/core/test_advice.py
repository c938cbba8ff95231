"""What an author says beside a decision is shown and recorded, and never decided on."""

from __future__ import annotations

from runbook.core.advice import Advice, advice_of, cautioned, recorded
from runbook.core.commands import Approve, Ask
from runbook.core.words import Mode
from runbook.document.model import Link
from runbook.document.model import Option as Entry
from support.machines import Script, play

BODY = """
caution: "{who}Everybody waits in {{{{ params.where }}}}."
parameters: {{where: {{type: string, default: berlin}}}}
triage: [{{id: x, uses: look}}]
resolution:
  - id: one
    caution: "{who}{{{{ steps.x.value }}}} sessions are lost"
    links: [{{title: Graph, url: "https://g.example.com"}}]
    steps:
      - {{id: hand, uses: manual.do, with: {{text: Look}}, caution: "{who}Touch nothing."}}
      - {{id: a, uses: turn, caution: "{who}It is loud."}}
"""


def test_what_nobody_knows_is_a_word_in_a_caution() -> None:
    """A warning must be seen, whatever is missing in it."""
    run = play(BODY.format(who=""), Script(seen={"x": "unreadable"}), parameters={"where": "berlin"})
    [gate] = run.all(Approve)
    assert (gate.caution, gate.advice.caution) == ("Everybody waits in berlin.", "unknown sessions are lost")


def test_cautions_stand_at_every_gate_that_they_concern() -> None:
    """The runbook's and the option's at the gate, a step's beside its change or where it is done by hand."""
    run = play(BODY.format(who=""), Script(seen={"x": 7}), parameters={"where": "berlin"})
    [gate], [ask] = run.all(Approve), run.all(Ask)
    assert gate.advice == Advice(
        caution="7 sessions are lost", links=(Link(title="Graph", url="https://g.example.com"),)
    )
    assert [proposal.advice.caution for proposal in gate.changes] == ["It is loud."]
    assert ask.advice.caution == "Touch nothing."


def test_another_caution_is_no_other_gate_and_no_other_question() -> None:
    """A record of yesterday's words is not refused because of them, and an approval stays one."""
    one, two = (play(BODY.format(who=who), parameters={"where": "berlin"}) for who in ("", "Dear all. "))
    assert [c.digest for c in one.log] == [c.digest for c in two.log]
    assert one.all(Approve)[0].gate_digest == two.all(Approve)[0].gate_digest


def test_a_caution_beyond_all_bounds_is_shown_as_it_was_written() -> None:
    """Rather the text of the template than no warning."""
    text = "{% for a in params.many %}{{ a }}{% endfor %}"
    assert cautioned(text, {"params": {"many": ["x" * 1024] * 100}}) == text


def test_nothing_is_recorded_where_nothing_is_said() -> None:
    """Records of runbooks without such words stay as they are."""
    assert recorded(advice_of(Entry(id="a", steps=()), {})) == {}
    assert recorded(Advice(caution="x")) == {"advice": {"caution": "x"}}


def test_the_gate_of_an_undo_warns_too() -> None:
    """Taking back is a change like any other."""
    body = BODY.format(who="").replace("  - id: one", "  - id: one\n    when_not_helped: undo")
    seen = {"works": 0}
    run = play(body, Script(seen=seen, gates={"one": ["granted", "granted"]}), parameters={"where": "b"})
    assert run.sent()[-1] == "resolution/one/a:undo#1"


def test_a_dry_run_says_what_its_gates_would_warn_of() -> None:
    """The runbook's and the option's, and those of its steps."""
    run = play(BODY.format(who=""), Script(seen={"x": 7}), mode=Mode.DRY, parameters={"where": "berlin"})
    [note] = run.notes("resolution/one")
    assert note["cautions"] == ["Everybody waits in berlin.", "7 sessions are lost"]
    assert note["step_cautions"] == {"hand": "Touch nothing.", "a": "It is loud."}
