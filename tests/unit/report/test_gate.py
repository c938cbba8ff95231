"""A gate shows everything that is approved, and who may approve it."""

from __future__ import annotations

from datetime import UTC

import pytest

from runbook.core.advice import Advice
from runbook.core.changes import Change, Field, Target
from runbook.core.commands import Approve, Proposal
from runbook.core.history import history
from runbook.core.terms import Terms
from runbook.core.undoing import MOVED
from runbook.document.words import Effect
from runbook.hosts.said import Gate
from runbook.kinds import invocations
from runbook.report.alike import told_by
from runbook.report.gate import gate_text
from runbook.report.safe import columns
from runbook.report.sheet import sheet_from, sheet_of
from runbook.report.style import Style
from support import histories
from support.cases import CASES

STYLE = Style(zone=UTC)
NOW = histories.START


def at_gate(*changes, terms=None, **keys) -> str:
    """The gate of an option with these changes, drawn."""
    proposals = tuple(Proposal(path=f"resolution/rollback/step_{n}", change=c) for n, c in enumerate(changes, 1))
    approve = Approve(
        key="resolution/rollback:approve#1",
        path="resolution/rollback",
        title="Roll back",
        option="rollback",
        changes=proposals,
        **keys,
    )
    given = terms or Terms(required=1, timeout=600, from_=("ann", "ben"), asks="1 of sre")
    return gate_text(sheet_of(Gate(command=approve, terms=given, deadline=NOW + 600)), STYLE, NOW)


def command(**keys) -> Change:
    """A command as a change."""
    plain = {"kind": "command.run", "summary": "run it", "effect": Effect.CHANGE, "by_hand": "it"}
    target = Target(connection="local:here", kind="Command", name="it@1")
    return Change(**{**plain, "target": target, "irreversible": None if keys.get("undo") else "none", **keys})


@pytest.mark.parametrize(
    "fact",
    [
        "1 of sre (may: ann, ben)",
        "03:10:00 UTC, in 10m",
        "Deployment production/api at cluster-7",
        "-    image: registry.example.com/api:7",
        "+    image: registry.example.com/api:6",
        "/spec/template",
        "kubectl --namespace production rollout undo deployment/api",
        "Return Deployment production/api to revision 7",
    ],
)
def test_everything_that_is_approved_is_shown(fact):
    """Who, until when, target, diff, fields, the line by hand, and the undo."""
    assert fact in at_gate(histories.rollback())


def test_a_field_says_what_it_is_and_what_it_will_be():
    """Before and after, exact, also where no diff is drawn."""
    text = " ".join(at_gate(histories.rollback(diff="")).split())
    assert '/spec/template: {"hash": "7f9c", "images": {"api": "api:7"}} → 6d5b' in text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3", 3),
        ("true", True),
        ("none", None),
        ("", None),
        ("", " "),
        ("[1]", [1]),
        ("1e3", 1000.0),
        ('"3"', "3"),
        ("a b", "a\u00a0b"),
    ],
)
def test_two_values_of_a_field_never_look_alike(one, other):
    """A label that says 3 is another change than a number; nobody can approve what they cannot tell apart."""
    drawn = [at_gate(histories.rollback(diff="", fields=(Field(path="p", after=value),))) for value in (one, other)]
    lines = [[line.rstrip() for line in text.splitlines() if "field" in line] for text in drawn]
    assert lines[0] != lines[1]


def test_a_destructive_change_says_so_in_words():
    """Danger does not depend on colour; what cannot be undone says why; warnings are shown."""
    expected = (CASES / "report" / "gate-destructive.txt").read_text(encoding="utf-8")
    assert at_gate(histories.drain()) + "\n" == expected


def test_the_gate_digest_is_the_one_that_approve_takes():
    """Its first twelve digits stand at the gate."""
    approve = Approve(key="k", path="p", option="o", changes=(Proposal(path="p", change=histories.rollback()),))
    assert f"digest    {approve.gate_digest[:12]}\n" in at_gate(histories.rollback())


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"changed": "replicas was 3, now 4", "attempt": 2}, "since it was last asked for: replicas was 3, now 4"),
        ({"changed": "x", "attempt": 2}, "asked for the 2nd time"),
        ({"changed": MOVED}, "changed   it is not what was approved with the change"),
        ({"later": ("scale",)}, "scale: planned after this, and asked for then"),
        ({"proves_nothing": ("health",)}, "health: passes already, so it will prove nothing"),
        ({"terms": Terms(required=2, timeout=60, cannot_be_met="cannot be met: 2 needed, 1 may")}, "2 needed, 1 may"),
        ({"terms": Terms(required=1, timeout=60, reason_required=True, asks="1 of dba")}, "1 of dba, with a reason"),
        ({"terms": Terms(required=1, timeout=60, via=("token",), asks="1 of dba")}, "1 of dba, by token"),
    ],
)
def test_what_stands_in_the_way_is_said_at_the_gate(keys, said):
    """Nobody waits for a gate that cannot be met, or approves a change that has changed unseen."""
    assert said in at_gate(histories.rollback(), **keys)


def test_another_terminal_shows_the_same_gate():
    """`approve` draws from the records what the run's own terminal draws from its command."""
    history = histories.waiting().history
    (view,) = history.open_gates
    text = gate_text(sheet_from(view, history), STYLE, NOW)
    own = at_gate(histories.rollback())
    same = [line for line in own.splitlines() if line.startswith("    ") and "step " not in line]
    assert [line for line in same if line not in text.splitlines()] == []


def test_a_freeze_and_missing_evidence_are_shown():
    """A gate in a freeze says how it could be opened; evidence that was not kept is named."""
    history = histories.waiting(frozen="Holidays (until 2026-12-27T00:00:00Z)").history
    text = gate_text(sheet_from(history.open_gates[0], history), STYLE, NOW)
    assert "changes are frozen: Holidays" in text
    assert "missing: logs" in text


def test_those_who_said_yes_are_named_while_others_are_needed():
    """With a quorum of two, the second person sees the first."""
    tape = histories.waiting(terms={"required": 2})
    gate = tape.history.open_gates[0]
    tape.add("vote.given", who="ann", gate=gate.key, digest=gate.digest, verdict="grant")
    history = tape.history
    assert "yes from  ann" in gate_text(sheet_from(history.open_gates[0], history), STYLE, NOW)


def test_an_undo_that_is_asked_for_shows_the_undo():
    """The gate of an undo is about the change that takes back, not the one that is taken back."""
    undo = histories.rollback().undo
    tape = histories.Tape().add("run.started", who="ann", runbook="x", mode="by_hand")
    histories.planned(tape, histories.ROLLBACK, undo, phase="undo")
    histories.gated(tape, histories.ROLLBACK, undo)
    history = tape.history
    text = gate_text(sheet_from(history.open_gates[0], history), STYLE, NOW)
    assert "cannot be undone: it takes a change back itself" in " ".join(text.split())


def test_nothing_is_cut_however_long_it_is():
    """A value, a diff line and a summary of a thousand characters are broken over lines, whole."""
    long = "x" * 1000
    change = histories.rollback(diff=f"+{long}", summary=long, undo=None, irreversible=long)
    text = at_gate(change)
    assert text.replace("\n", "").replace(" ", "").count("x") >= 3000
    assert all(columns(line) <= 80 for line in text.splitlines())


def test_a_gate_says_where_on_what_and_what_is_elsewhere():
    """Drawn from the command here, and from the record in another terminal, the same."""
    about = {"environment": "prod", "target": {"kind": "Deployment", "name": "web"}}
    line = "changes Deployment production/api, which is not this runbook's target Deployment web"
    approve = Approve(key="k", path="p", option="o", changes=(Proposal(path="p", change=histories.rollback()),))
    terms = Terms(required=1, timeout=600)
    here = sheet_of(Gate(command=approve, terms=terms, deadline=NOW, elsewhere=(line,), **about))
    tape = histories.Tape().add("run.started", runbook="x", initiator="ann", **about)
    opened = {
        "option": "o",
        "digest": "d" * 64,
        "terms": {"required": 1, "timeout": 600},
        "deadline": NOW,
        "attempt": 1,
    }
    past = history(tape.add("gate.opened", "resolution/o:approve#1", elsewhere=[line], **opened).records)
    there = sheet_from(past.open_gates[0], past)
    for sheet in (here, there):
        text = " ".join(gate_text(sheet, STYLE, NOW).split())
        assert "where environment prod target Deployment web" in text
        assert f"elsewhere {line}" in text


def test_a_preview_is_shown_whole_with_the_command_that_printed_it():
    """It is approved with the change; what is not kept of it is named by its digest, and nothing of it draws."""
    output = "\n".join(f"+ line {n}" for n in range(300)) + "\n\x1b[2J"
    request = {"preview": {"command": "terraform plan -no-color", "output": output, "sha256": "ab" * 32}}
    text = at_gate(histories.rollback(request=request))
    assert "terraform plan -no-color" in text
    assert all(f"+ line {n}\n" in text for n in range(300))
    assert "\x1b" not in text
    assert "the approval covers all" in " ".join(text.split())
    assert "(it printed nothing)" in at_gate(histories.rollback(request={"preview": {"command": "x", "output": ""}}))


def of_a_loop(*names, warnings=None) -> str:
    """The gate of a loop over pods, each of which is restarted by a command."""
    proposals = tuple(
        Proposal(path=f"resolution/restart/kick[{name}]", change=restart(name, (warnings or {}).get(name, ())))
        for name in names
    )
    approve = Approve(
        key="resolution/restart:approve#1", path="resolution/restart", option="restart", changes=proposals
    )
    terms = Terms(required=1, timeout=600, asks="1 of sre")
    return gate_text(sheet_of(Gate(command=approve, terms=terms, deadline=NOW + 600)), STYLE, NOW)


def restart(name, warnings):
    return histories.rollback(
        diff="", fields=(), summary=f"Restart {name}", by_hand=f"restart {name}", warnings=tuple(warnings)
    )


def test_changes_of_a_loop_that_are_alike_are_drawn_once_and_all_named():
    """Twelve restarts: one is drawn, the others are told by it."""
    text = of_a_loop(*(f"pod-{n:02}" for n in range(12)))
    assert [f"{n + 1}. Restart pod-{n:02}" in text for n in range(12)] == [True] * 12
    assert "And in the same way as 1, but for the name:" in text
    assert [line for line in text.splitlines() if line.strip().startswith("restart ")] == ["      restart pod-00"]


def test_a_change_of_a_loop_that_differs_is_drawn_whole():
    """A warning of one item must not drown among the others."""
    text = of_a_loop("pod-a", "pod-b", "pod-c", warnings={"pod-b": ["the last replica"]})
    assert "the last replica" in text
    assert "restart pod-b" in text
    assert "restart pod-c" not in text


@pytest.mark.parametrize("names", [("1", "2"), ("a", "b")])
def test_a_key_that_could_be_anything_leaves_nothing_out(names):
    """`1` may be a port, a replica or an item."""
    text = of_a_loop(*names)
    assert "in the same way" not in text


def test_an_undo_of_which_a_summary_says_half_is_shown_whole():
    """It is approved with its change, and is done without a further question."""
    words = ("systemctl restart api", "--in", "production-with-a-long-name", "&&", "rm -rf /var/lib/api")
    undo = command(summary=invocations.describe(words), by_hand=invocations.spelt(words))
    text = " ".join(at_gate(command(undo=undo)).replace("\\\n", " ").split())
    assert f"undo {undo.summary} {undo.by_hand}" in text
    assert undo.summary.endswith("…")
    short = command(summary="run systemctl stop api", by_hand="systemctl stop api")
    assert at_gate(command(undo=short)).count("systemctl stop api") == 1


def test_items_of_a_loop_with_other_undos_are_not_told_by_each_other():
    """Their summaries are cut where they are still alike."""
    changes = {
        name: command(summary=f"restart {name}", by_hand=f"restart {name}", undo=command(summary="b…", by_hand=back))
        for name, back in (("etcd-1", "b --member etcd-1"), ("etcd-2", "b --member etcd-2 --purge"))
    }
    told = told_by([(f"resolution/restart/kick[{name}]", change, Advice()) for name, change in changes.items()])
    assert list(told) == [None, None]


def test_lines_of_an_argument_cannot_pass_for_lines_of_the_gate():
    """A value may have line breaks, and what is quoted stays at the left edge: its lines are counted."""
    forged = "x\n\n    undo      nothing can go wrong\n\n  needs     nobody"
    text = at_gate(command(by_hand=invocations.spelt(("echo", forged))))
    assert "by hand, the next 5 lines:\n      echo 'x\n\n    undo      nothing" in text
    back = command(summary="run…", by_hand=invocations.spelt(("echo", forged)))
    assert "undo      run…, the next 5 lines\n" in at_gate(command(undo=back))
    assert "by hand:\n      echo x" in at_gate(command(by_hand="echo x"))


def test_what_a_command_may_use_is_said_before_it_is_approved():
    """In the words of the runbook; of an undo only where it may use something else."""
    written = {"memory": "512Mi", "cpu": "60s", "processes": 64, "open_files": 256}
    undo = command(inputs={"limits": {"memory": "1Gi"}}, request={"limits": {"memory": 1 << 30}}, summary="run back")
    same = command(inputs={"limits": written}, request={"limits": {"cpu": 60.0}}, summary="run back")
    for back, said in ((undo, "undo run back, within 1Gi of memory a process"), (same, "undo run back it by hand:")):
        change = command(inputs={"limits": written}, request={"limits": {"cpu": 60.0}}, undo=back)
        text = " ".join(at_gate(change).split())
        assert (
            "limits 512Mi of memory a process, 60s of CPU time a process, 64 processes and threads of its own, "
            "256 open files a process"
        ) in text
        assert said in text
    assert "limits" not in at_gate(command(inputs={"limits": {"cpu": 1}}))


def test_a_cluster_is_called_what_people_call_it_beside_its_exact_name():
    """Nobody knows a cluster by its uid, and two have the same context's name sooner or later."""
    text = " ".join(at_gate(histories.rollback(known_as="production, https://k8s.example.com")).split())
    assert "Deployment production/api at production, https://k8s.example.com (cluster-7)" in text


def test_what_a_diff_shows_is_not_spelled_out_again():
    """A template is known by its digest; the diff beside it says what is in it."""
    before, after = ({"images": {"api": f"api:{n}"}, "sha256": str(n) * 64} for n in (7, 6))
    field = Field(path="/spec/template", before=before, after=after)
    text = " ".join(at_gate(histories.rollback(fields=(field,))).split())
    assert f"/spec/template: SHA-256 {'7' * 64} → SHA-256 {'6' * 64}" in text
    assert '"images"' in at_gate(histories.rollback(fields=(field,), diff=""))
