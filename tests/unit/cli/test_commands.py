"""Commands are functions of plain values that return an exit code; data to stdout, talk to stderr."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from runbook.cli import (
    abort,
    answer,
    approvals,
    approve,
    explain,
    init,
    library,
    lint,
    log,
    plan,
    resume,
    runs,
    schema,
    undo,
    watch,
)
from runbook.cli import run as runs_a_runbook
from runbook.cli.overview import overview
from runbook.document.schema import FILES
from runbook.errors import Exit, Refused, StoreError, UsageError
from support.sessions import PRACTICE, session


def started(folder: Path, *, yes: bool = False) -> str:
    """A run of the practice runbook; its id."""
    (folder / "broken").touch()
    heard = session(folder)
    runs_a_runbook.run(heard, runs_a_runbook.Options("practice", yes=yes, output="json"))
    return str(heard.json["run"])


def test_lint_counts_and_judges(tmp_path: Path) -> None:
    """Warnings are 0; an error is 3, with its place on stdout and the count on stderr."""
    heard = session(tmp_path)
    assert lint.lint(heard, lint.Options()) == Exit.OK
    assert {line.split(": ")[1][:3] for line in heard.out.getvalue().splitlines()} == {"RB1"}
    broken = session(tmp_path, runbook="apiVersion: runbook/v1\nkind: Runbook\nname: practice\n")
    assert lint.lint(broken, lint.Options(output="json")) == Exit.INVALID
    assert broken.json["findings"][0].keys() == {"code", "severity", "message", "path", "line", "column", "hint"}
    assert broken.json["exit"] == {"code": 3, "name": "invalid"}


def test_lint_of_nothing_is_a_usage_error(tmp_path: Path) -> None:
    """Nothing was checked, and a green light for that would be a lie."""
    heard = session(tmp_path, runbook=None)
    (tmp_path / "runbook.yaml").unlink()
    (tmp_path / "runbooks").rmdir()
    with pytest.raises(UsageError, match="nothing to check"):
        lint.lint(heard, lint.Options())


def test_a_broken_config_is_a_finding_of_lint(tmp_path: Path) -> None:
    """Not a reason to check nothing."""
    heard = session(tmp_path)
    (tmp_path / "runbook.yaml").write_text("apiVersion: runbook/v1\nkind: Config\nlibary: [x]\n")
    assert lint.lint(heard, lint.Options(output="json")) == Exit.INVALID
    assert "libary" in heard.json["findings"][0]["message"]


def test_a_runbook_that_cannot_be_used_does_not_hide_the_others(tmp_path: Path) -> None:
    """`list` names it, and how to see what is wrong."""
    heard = session(tmp_path)
    (tmp_path / "runbooks" / "bad.yaml").write_text("apiVersion: runbook/v1\nkind: Runbook\nname: bad\n")
    assert library.listed(heard, library.ListOptions("json")) == Exit.OK
    assert [(row["name"], row["valid"]) for row in heard.json["runbooks"]] == [("bad", False), ("practice", True)]
    assert "runbook lint" in heard.err.getvalue()


def test_show_and_explain_tell_a_runbook(tmp_path: Path) -> None:
    """Its parameters and options; what it does; and both without opening a store."""
    heard = session(tmp_path)
    assert library.show(heard, library.ShowOptions("practice")) == Exit.OK
    assert explain.explain(heard, explain.Options("practice")) == Exit.OK
    for word in ("The marker is there", "labels.marker", "remove", "Remove the marker"):
        assert word in heard.out.getvalue()
    assert not (tmp_path / ".runbook").exists()


def test_explain_tells_kinds(tmp_path: Path) -> None:
    """All of them, one of them with an example, and the nearest to a misspelt one."""
    heard = session(tmp_path)
    explain.explain(heard, explain.Options(output="json"))
    assert "command.run" in [kind["name"] for kind in heard.json["kinds"]]
    explain.explain(heard, explain.Options("http.get"))
    assert "uses: http.get" in heard.out.getvalue()
    with pytest.raises(UsageError, match=r"no kind of step 'htpt\.get'") as caught:
        explain.explain(heard, explain.Options("htpt.get"))
    assert caught.value.hint == "did you mean 'http.get'?"


def test_schemas_are_json_on_stdout_or_files(tmp_path: Path) -> None:
    """One for each kind of document."""
    heard = session(tmp_path)
    assert schema.schema(heard, schema.Options("Policy")) == Exit.OK
    assert json.loads(heard.out.getvalue())["$schema"].startswith("https://json-schema.org/")
    schema.schema(heard, schema.Options(write=tmp_path / "schemas"))
    assert {path.name for path in (tmp_path / "schemas").iterdir()} == set(FILES.values())
    with pytest.raises(UsageError, match="no kind of document 'Runbok'"):
        schema.schema(heard, schema.Options("Runbok"))


@pytest.mark.parametrize("typed", ["evidenceplan", "evidence-plan", "EVIDENCE_PLAN"])
def test_a_kind_is_found_however_it_is_written(tmp_path: Path, typed: str) -> None:
    """As in a document, as its schema's file is called, or in haste; a slip is told the nearest."""
    heard = session(tmp_path)
    assert schema.schema(heard, schema.Options(typed)) == Exit.OK
    assert json.loads(heard.out.getvalue())["title"].startswith("An evidence plan")
    with pytest.raises(UsageError) as error:
        schema.schema(heard, schema.Options("runbok"))
    assert "Runbook" in (error.value.hint or "")


def test_init_makes_a_project_that_lints_clean_and_overwrites_nothing(tmp_path: Path) -> None:
    """Not even a second time."""
    heard = session(tmp_path, runbook=None)
    (tmp_path / ".gitignore").write_text("dist/")
    (tmp_path / "runbook.yaml").write_text("apiVersion: runbook/v1\nkind: Config\npolicy: policy.yaml\n")
    assert init.init(heard, init.Options(tmp_path, "json")) == Exit.OK
    made = ["policy.yaml", "runbooks/first-steps.yaml", "runbooks/first-steps.scenarios.yaml", ".gitignore"]
    assert heard.json["made"] == made
    assert heard.json["kept"] == ["runbook.yaml"]
    assert (tmp_path / ".gitignore").read_text() == "dist/\n.runbook/\n"
    assert lint.lint(heard, lint.Options(fail_on="warning", output="json")) == Exit.OK
    init.init(heard, init.Options(tmp_path, "json"))
    assert heard.json["made"] == []


def test_a_run_without_a_terminal_waits_and_says_how_to_go_on(tmp_path: Path) -> None:
    """Exit 6, one object, and commands with the digest in them."""
    (tmp_path / "broken").touch()
    heard = session(tmp_path)
    assert runs_a_runbook.run(heard, runs_a_runbook.Options("practice", output="json")) == Exit.WAITING
    digest = heard.json["approvals"][0]["digest"]
    assert heard.json["exit"] == {"code": 6, "name": "waiting"}
    assert f"--digest {digest[:12]}" in heard.err.getvalue()
    assert (tmp_path / "broken").exists()


def test_approve_without_a_terminal_names_what_it_approves(tmp_path: Path) -> None:
    """Without a digest it is refused, with the whole command to type."""
    run = started(tmp_path)
    with pytest.raises(UsageError, match="--digest") as caught:
        approve.approve(session(tmp_path), approve.Options(run))
    digest = str(caught.value.hint).rsplit(" ", 1)[-1]
    with pytest.raises(Refused, match="something else"):
        approve.approve(session(tmp_path), approve.Options(run, digest="0" * 12))
    with pytest.raises(UsageError, match=f"no gate 'zzz' of run {run} waits") as unknown:
        approve.approve(session(tmp_path), approve.Options(run, gate="zzz", digest=digest))
    assert unknown.value.hint == "waiting: remove"
    assert approve.approve(session(tmp_path), approve.Options(run, digest=digest)) == Exit.OK
    heard = session(tmp_path)
    assert resume.resume(heard, resume.Options(run, output="json")) == Exit.OK
    assert (heard.json["outcome"], (tmp_path / "broken").exists()) == ("resolved", False)


def test_a_no_ends_the_option(tmp_path: Path) -> None:
    """The run goes on to the next one."""
    run = started(tmp_path)
    assert approve.deny(session(tmp_path), approve.Options(run, reason="not now")) == Exit.OK
    heard = session(tmp_path)
    assert resume.resume(heard, resume.Options(run, output="json")) == Exit.WAITING
    assert [option["ended"] for option in heard.json["options"] if option["id"] == "remove"] == ["denied"]


def test_resume_of_a_finished_run_does_nothing(tmp_path: Path) -> None:
    """And exits with its outcome's code."""
    run = started(tmp_path)
    assert abort.abort(session(tmp_path), abort.Options(run, "enough")) == Exit.OK
    heard = session(tmp_path)
    before = heard.project.journal.head(f"run/{run}")
    assert resume.resume(heard, resume.Options(run, output="json")) == Exit.REFUSED
    assert heard.json["outcome"] == "aborted"
    assert heard.project.journal.head(f"run/{run}") == before


def test_undo_takes_back_once(tmp_path: Path) -> None:
    """As a run of its own; a second one has nothing to do."""
    run = started(tmp_path, yes=True)
    assert not (tmp_path / "broken").exists()
    heard = session(tmp_path)
    assert undo.undo(heard, undo.Options(run, yes=True, output="json")) == Exit.OK
    assert (tmp_path / "broken").exists()
    assert heard.json["run"] != run
    with pytest.raises(Refused, match="taken back already"):
        undo.undo(session(tmp_path), undo.Options(run, yes=True))


def test_lists_leave_dry_runs_out_unless_asked(tmp_path: Path) -> None:
    """Newest first; in exactly the keys that scripts rely on, and more."""
    run = started(tmp_path, yes=True)
    plan.plan(session(tmp_path), plan.Options("practice", output="json"))
    heard = session(tmp_path)
    assert runs.runs(heard, runs.Options(output="json")) == Exit.OK
    [row] = heard.json["runs"]
    assert row.items() >= {"run": run, "runbook": "practice", "status": "finished", "outcome": "resolved"}.items()
    assert row.keys() >= {"started", "finished", "initiator"}
    runs.runs(heard, runs.Options(dry=True, output="json"))
    assert [row["mode"] for row in heard.json["runs"]] == ["dry", "by_hand"]


def test_what_waits_is_listed_with_commands(tmp_path: Path) -> None:
    """In `approvals`, and by `runbook` alone."""
    run = started(tmp_path)
    heard = session(tmp_path)
    approvals.approvals(heard, approvals.Options("json"))
    [row] = heard.json["approvals"]
    assert (row["run"], row["for"]) == (run, "approval")
    assert any("--digest" in command for command in row["commands"])
    alone = session(tmp_path)
    assert overview(alone) == Exit.OK
    assert f"runbook approve {run}" in alone.out.getvalue()


def test_looking_makes_no_store(tmp_path: Path) -> None:
    """Lists of an empty project are empty, and leave nothing behind."""
    heard = session(tmp_path)
    overview(heard)
    runs.runs(heard, runs.Options())
    approvals.approvals(heard, approvals.Options())
    assert not (tmp_path / ".runbook").exists()
    assert "runbook run practice" in heard.out.getvalue()


def test_a_plan_changes_nothing_and_holds_the_run_to_it(tmp_path: Path) -> None:
    """What was planned is applied, anything else is blocked; 4, for no policy vouches for the probe's claim."""
    (tmp_path / "broken").touch()
    file = tmp_path / "plan.json"
    heard = session(tmp_path)
    assert plan.plan(heard, plan.Options("practice", file=file, output="json")) == Exit.UNDETERMINED
    assert ([step["status"] for step in heard.json["steps"][-2:]]) == ["planned", "planned"]
    assert (tmp_path / "broken").exists()
    (tmp_path / "other-marker").touch()
    other = runs_a_runbook.Options("practice", ("marker=other-marker",), yes=True, plan=file)
    with pytest.raises(Refused, match="other parameters"):
        runs_a_runbook.run(session(tmp_path), other)
    text = json.loads(file.read_text())
    text["options"]["remove"]["digest"] = "0" * 64
    del text["options"]["other"]
    (tmp_path / "other.json").write_text(json.dumps(text))
    blocked = runs_a_runbook.Options("practice", yes=True, plan=tmp_path / "other.json", output="json")
    assert runs_a_runbook.run(session(tmp_path), blocked) == Exit.BLOCKED
    assert (tmp_path / "broken").exists()
    assert runs_a_runbook.run(session(tmp_path), blocked._replace(plan=file)) == Exit.OK
    assert not (tmp_path / "broken").exists()


def test_a_file_that_is_no_plan_is_refused(tmp_path: Path) -> None:
    """Whatever it is."""
    for text in ("", "[]", '{"format": 2}', '{"format": 1}'):
        (tmp_path / "plan.json").write_text(text)
        with pytest.raises(UsageError, match="is no plan"):
            plan.read_plan(tmp_path / "plan.json")


def test_auto_without_a_policy_is_refused(tmp_path: Path) -> None:
    """Nobody would have said yes."""
    with pytest.raises(Refused, match="--auto needs a policy"):
        runs_a_runbook.run(session(tmp_path), runs_a_runbook.Options("practice", auto=True))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"auto": True, "yes": True}, "policy"),
        ({"auto": True, "dry_run": True}, "exclude each other"),
        ({"reason": "x"}, "--reason belongs to"),
        ({"only": ("remove",), "skip": ("remove",)}, "nothing to try"),
    ],
)
def test_flags_that_contradict_each_other_are_said(options: dict[str, object], said: str, tmp_path: Path) -> None:
    """Before anything is started."""
    with pytest.raises(UsageError, match=said):
        runs_a_runbook.run(session(tmp_path), runs_a_runbook.Options("practice", **options))  # type: ignore[arg-type]


def test_an_alert_starts_a_run_joins_an_open_one_and_ends_none(tmp_path: Path) -> None:
    """Firing starts it with its labels as parameters; again, it joins; resolved, nothing is started."""
    (tmp_path / "marker").touch()
    labels = {"alertname": "MarkerThere", "service": "practice", "marker": "marker"}
    alert = tmp_path / "alert.json"
    for status, exit_ in (("resolved", Exit.OK), ("firing", Exit.WAITING), ("firing", Exit.OK)):
        alert.write_text(json.dumps({"version": "4", "alerts": [{"status": status, "labels": labels}]}))
        heard = session(tmp_path)
        options = runs_a_runbook.Options("practice", alert=str(alert), output="json")
        assert runs_a_runbook.run(heard, options) == exit_
    assert heard.json["parameters"]["marker"] == "marker"
    events = [record.type for record in heard.project.journal.read(f"run/{heard.json['run']}")]
    assert events.count("alert.joined") == 1
    runs.runs(heard, runs.Options(output="json"))
    assert len(heard.json["runs"]) == 1


@pytest.mark.fault(92)
def test_an_export_onto_what_is_there_replaces_it_whole_or_not_at_all(tmp_path: Path) -> None:
    """A payload that is gone, or Ctrl-C, leaves what was there, and nothing half beside it; the next one succeeds."""
    run = started(tmp_path, yes=True)
    heard = session(tmp_path)
    file = tmp_path / "exports" / "run.jsonl"
    file.parent.mkdir()
    file.write_text("what was there")
    journal = heard.project.journal
    for error in (StoreError("a payload is gone"), KeyboardInterrupt()):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(type(journal), "raw", lambda *_, error=error: failing(error))
            with pytest.raises(type(error)):
                log.export(heard, log.Options(run, file))
        assert (file.read_text(), [each.name for each in file.parent.iterdir()]) == ("what was there", [file.name])
    assert log.export(heard, log.Options(run, file)) == Exit.OK
    assert log.verify(heard, log.Options(str(file))) == Exit.OK


def failing(error: BaseException) -> Iterator[bytes]:
    """Records, of which the second cannot be had."""
    yield b"{}"
    raise error


@pytest.mark.fault(92)
def test_an_export_goes_to_another_disk_and_never_onto_a_device_or_a_folder(tmp_path: Path) -> None:
    """It is written beside its name, so that no other disk is in the way; what is no file stays what it is."""
    run = started(tmp_path, yes=True)
    heard = session(tmp_path)
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as elsewhere:
        link, file = tmp_path / "link", Path(elsewhere, "run.jsonl")
        link.symlink_to(file)
        assert log.export(heard, log.Options(run, link)) == Exit.OK
        assert link.is_symlink()
        assert log.verify(heard, log.Options(str(file))) == Exit.OK
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for what in (pipe, tmp_path):
        with pytest.raises(UsageError, match="cannot be written"):
            log.export(heard, log.Options(run, what))
    assert pipe.is_fifo()


def test_a_record_is_shown_verified_and_taken_out(tmp_path: Path) -> None:
    """The exported file verifies by itself; one changed byte in it does not."""
    run = started(tmp_path, yes=True)
    heard = session(tmp_path)
    assert log.show(heard, log.Options(run, output="json")) == Exit.OK
    assert heard.json["records"][0]["type"] == "run.started"
    assert log.verify(heard, log.Options()) == Exit.OK
    file = tmp_path / "run.jsonl"
    assert log.export(heard, log.Options(run, file)) == Exit.OK
    assert log.verify(heard, log.Options(str(file), output="json")) == Exit.OK
    file.write_bytes(file.read_bytes().replace(b"resolved", b"rezolved"))
    assert log.verify(heard, log.Options(str(file), output="json")) == Exit.INVALID
    assert heard.json["streams"][0]["problem"] in ("chain", "rewritten", "unfinished")


def test_watching_a_run_that_nobody_runs_ends(tmp_path: Path) -> None:
    """Its own code only if asked for."""
    run = started(tmp_path)
    heard = session(tmp_path)
    assert watch.watch(heard, watch.Options(run, output="json")) == Exit.OK
    assert heard.json["status"] == "waiting"
    assert watch.watch(session(tmp_path), watch.Options(run, exit_status=True)) == Exit.WAITING


MANUAL = """\
apiVersion: runbook/v1
kind: Runbook
name: practice
title: By hand
resolution:
  - id: by_hand
    steps:
      - {id: region, uses: manual.ask, with: {question: Which region?, choices: [eu, us]}}
      - {id: turn_off, uses: manual.do, with: {text: Turn it off.}}
verification:
  within: 2s
  every: 1s
  checks: [{id: off, uses: command.run, with: {argv: ["true"], effect: read}}]
"""


REASONED = PRACTICE.replace("    title: Remove the marker\n", "    approval: {reason_required: true}\n", 1)


def test_a_gate_that_asks_for_a_reason_takes_no_yes_without(tmp_path: Path) -> None:
    """Off a terminal the flag is named; `--yes` is a reason of its own."""
    (tmp_path / "broken").touch()
    heard = session(tmp_path, runbook=REASONED)
    runs_a_runbook.run(heard, runs_a_runbook.Options("practice", output="json"))
    run, digest = heard.json["run"], heard.json["approvals"][0]["digest"]
    with pytest.raises(UsageError, match="asks for a reason") as error:
        approve.approve(heard, approve.Options(run, digest=digest[:12]))
    assert error.value.hint == "add --reason TEXT"
    assert approve.approve(heard, approve.Options(run, digest=digest[:12], reason="seen")) == Exit.OK
    resume.resume(heard, resume.Options(run, output="json"))
    assert (heard.json["outcome"], heard.json["approvals"][0]["reason"]) == ("resolved", "seen")
    (tmp_path / "broken").touch()
    assert runs_a_runbook.run(heard, runs_a_runbook.Options("practice", yes=True)) == Exit.OK


UNSEEN = """\
apiVersion: runbook/v1
kind: Runbook
name: practice
title: Nobody can see whether it helped
resolution: [{id: one, steps: [{id: touch, uses: command.run, with: {argv: [touch, done]}}]}]
verification: {within: 1s, every: 1s, checks: [{id: api, uses: prometheus.query, with: {query: up}, expect: value}]}
"""


def test_saying_that_it_helped_needs_a_reason_off_a_terminal_too(tmp_path: Path) -> None:
    """As the terminal asks what was seen; looking again needs none."""
    heard = session(tmp_path, runbook=UNSEEN)
    assert runs_a_runbook.run(heard, runs_a_runbook.Options("practice", yes=True, output="json")) == Exit.WAITING
    run = heard.json["run"]
    assert [line for one in heard.json["waiting"] for line in one["commands"]][1].endswith("pass --reason TEXT")
    with pytest.raises(UsageError, match="needs a reason"):
        answer.answer(heard, answer.Options(run, "verification", "pass"))
    assert answer.answer(heard, answer.Options(run, "verification", "pass", reason="it is green")) == Exit.OK
    resume.resume(heard, resume.Options(run, output="json"))
    assert heard.json["outcome"] == "resolved"


def test_questions_are_answered_from_elsewhere(tmp_path: Path) -> None:
    """By the step's id, with one of the answers that it takes."""
    heard = session(tmp_path, runbook=MANUAL)
    assert runs_a_runbook.run(heard, runs_a_runbook.Options("practice", output="json")) == Exit.WAITING
    run = heard.json["run"]
    with pytest.raises(UsageError, match="no question 'regoin'"):
        answer.answer(heard, answer.Options(run, "regoin", "eu"))
    with pytest.raises(UsageError, match="no answer"):
        answer.answer(heard, answer.Options(run, "region", "moon"))
    with pytest.raises(UsageError, match="VALUE"):
        answer.answer(heard, answer.Options(run, "region"))
    assert answer.answer(heard, answer.Options(run, "region", "eu", output="json")) == Exit.OK
    assert heard.json["value"] == "eu"
    assert resume.resume(heard, resume.Options(run, output="json")) == Exit.WAITING
    assert answer.answer(heard, answer.Options(run, "turn_off", "done")) == Exit.OK
    resume.resume(heard, resume.Options(run, output="json"))
    assert [step["status"] for step in heard.json["steps"]] == ["succeeded", "succeeded", "succeeded"]


def test_no_file_of_the_library_can_draw_on_the_terminal(tmp_path: Path) -> None:
    """Not even one that cannot be used: its name is shown with every character to be seen."""
    heard = session(tmp_path, runbook=None)
    (tmp_path / "runbooks" / "bad.yaml").write_text("kind: Runbook\nname: \x1b]52;c;aGk=\x07\n")
    library.listed(heard, library.ListOptions())
    overview(heard)
    said = heard.out.getvalue() + heard.err.getvalue()
    assert "]52;c;aGk=" in said
    assert "\x1b" not in said
