"""What was reviewed is what runs: everything of a run comes from one commit, whatever lies in the working tree."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from runbook.cli import doctor, lint, plan, resume, undo
from runbook.cli import run as run_command
from runbook.cli.library import ListOptions, ShowOptions, listed, show
from runbook.errors import Exit, Refused, RunbookError, UsageError
from support.reviewed import BOOK, CHANGED, FILES, Reviewed, reviewed, said


@pytest.fixture
def here(tmp_path: Path) -> Reviewed:
    return reviewed(tmp_path)


@pytest.mark.fault(27)
def test_a_run_uses_nothing_of_the_working_tree(here: Reviewed) -> None:
    """Document, script, what the script opens, checked file, message template: all of the commit."""
    commit = here.clone.git("rev-parse", "origin/main")
    here.clone.write(CHANGED)
    ran = here.run()
    assert (ran.json["outcome"], said(ran.json, "say"), said(ran.json, "heard")) == ("resolved", "reviewed", "reviewed")
    assert (here.store / "told.txt").read_text().startswith("the reviewed template\n")
    first = here.first(ran)
    assert first["title"] == "Greet"
    assert first["documents"]["reviewed"][0]["commit"] == commit
    assert "unreviewed" not in first


def test_the_first_screen_says_commit_age_and_what_is_not_used(here: Reviewed) -> None:
    """Calmly: a fetch that is old is no error."""
    here.clone.write({"notes.txt": "x"})
    lines = " ".join(here.run().err.getvalue().split())
    assert f"origin/main as fetched just now, commit {here.clone.git('rev-parse', 'origin/main')[:12]}" in lines
    assert "the working tree has changes that are not committed; nothing of that is used" in lines


def test_what_is_merged_counts_once_it_is_fetched(here: Reviewed) -> None:
    """Nobody is asked over the network: the run goes by what the clone knows."""
    here.merged(CHANGED, fetched=False)
    assert said(here.run().json, "say") == "reviewed"
    here.clone.git("fetch", "-q")
    assert said(here.run().json, "say") == "changed"


def test_the_plan_names_the_script_of_the_commit(here: Reviewed) -> None:
    """Its digest is that of the bytes which run; a working tree makes no difference to it."""
    plain = plan.Options("greet", output="json")
    told = []
    for files in ({}, CHANGED):
        here.clone.write(files)
        heard = here.heard()
        assert plan.plan(heard, plain) == Exit.OK
        [change] = [step["change"] for step in heard.json["steps"] if step["id"] == "say"]
        told.append(change["request"])
    assert told[0] == told[1]
    assert told[0]["files"] == {"scripts/say.sh": hashlib.sha256(FILES["scripts/say.sh"].encode()).hexdigest()}
    assert told[0]["path"].startswith(str(here.store))


def waiting(here: Reviewed) -> str:
    """A run that waits at its gate."""
    run = here.run(yes=False)
    assert run.json["status"] == "waiting"
    return str(run.json["run"])


@pytest.mark.fault(27)
def test_a_resumed_run_uses_what_it_was_started_with(here: Reviewed) -> None:
    """The ref has moved, and the working tree with it."""
    run = waiting(here)
    here.merged(CHANGED)
    here.clone.git("merge", "-q", "origin/main")
    heard = here.heard()
    assert resume.resume(heard, resume.Options(run, yes=True, output="json")) == Exit.OK
    assert said(heard.json, "say") == "reviewed"


def test_a_changed_file_of_the_private_place_is_written_anew(here: Reviewed) -> None:
    """Whoever got at it: what runs is what was reviewed."""
    run = waiting(here)
    [script] = here.store.glob("journal.db.d/reviewed-*/*/scripts/say.sh")
    script.write_text("#!/bin/sh\necho forged\n")
    (script.parent / "words.sh").unlink()
    heard = here.heard()
    assert resume.resume(heard, resume.Options(run, yes=True, output="json")) == Exit.OK
    assert said(heard.json, "say") == "reviewed"


@pytest.mark.fault(28)
def test_a_run_outlives_the_clone_of_its_library(here: Reviewed, tmp_path: Path) -> None:
    """A library in another repository, which is gone when the run is resumed."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    config = (here.clone.folder / "runbook.yaml").read_text().replace("git: .", f"git: {here.clone.folder}")
    (folder / "runbook.yaml").write_text(config.replace("policy: policy.yaml\n", ""))
    there = here._replace(clone=here.clone.__class__(folder))
    run = waiting(there)
    shutil.rmtree(here.clone.folder)
    heard = there.heard()
    assert resume.resume(heard, resume.Options(run, yes=True, output="json")) == Exit.OK
    assert said(heard.json, "say") == "reviewed"


@pytest.mark.fault(28)
def test_a_lost_place_without_a_clone_is_said(here: Reviewed, tmp_path: Path) -> None:
    """Nothing is run instead."""
    run = waiting(here)
    [place] = here.store.glob("journal.db.d/reviewed-*")
    shutil.rmtree(place)
    here.clone.git("update-ref", "-d", "refs/heads/main")
    (here.clone.folder / ".git" / "objects").rename(tmp_path / "gone")
    with pytest.raises(RunbookError):
        resume.resume(here.heard(), resume.Options(run, yes=True))


def test_a_file_that_is_as_it_was_committed_is_the_reviewed_one(here: Reviewed) -> None:
    """A path from the shell's completion means the same runbook."""
    here.clone.write({"scripts/words.sh": "say() { echo changed; }\n"})
    path = here.clone.folder / "runbooks" / "greet.yaml"
    assert said(here.run(str(path)).json, "say") == "reviewed"


def test_a_changed_file_is_run_as_it_lies_there_and_told(here: Reviewed) -> None:
    """With everything that lies beside it; the record says so."""
    here.clone.write(CHANGED)
    ran = here.run(str(here.clone.folder / "runbooks" / "greet.yaml"))
    assert said(ran.json, "say") == "changed"
    told = here.first(ran)["unreviewed"]
    assert (told["policy"], [Path(one).name for one in told["documents"]]) == ("allow", ["greet.yaml"])
    assert "not from a reviewed commit" in " ".join(ran.err.getvalue().split())


def test_a_policy_refuses_what_was_not_reviewed(here: Reviewed) -> None:
    """Its plan may be looked at; a change of the policy in the working tree means nothing."""
    here.policy("refuse")
    here.clone.write({**CHANGED, "policy.yaml": FILES["policy.yaml"] + "unreviewed: allow\n"})
    path = str(here.clone.folder / "runbooks" / "greet.yaml")
    with pytest.raises(Refused, match="refuses") as caught:
        here.run(path, break_glass=True, reason="all down")
    assert "origin/main" in str(caught.value.hint)
    assert plan.plan(here.heard(), plan.Options(path)) == Exit.OK
    assert here.run().json["outcome"] == "resolved"


def test_the_glass_is_broken_for_what_was_not_reviewed_with_a_reason(here: Reviewed) -> None:
    """By somebody who may; recorded, and told to the policy's channel."""
    here.policy("break_glass")
    here.clone.write(CHANGED)
    path = str(here.clone.folder / "runbooks" / "greet.yaml")
    with pytest.raises(Refused, match="--break-glass"):
        here.run(path)
    with pytest.raises(UsageError, match="needs a reason"):
        here.run(path, break_glass=True)
    told = here.first(here.run(path, break_glass=True, reason="all down"))["unreviewed"]
    assert (told["by"], told["reason"], told["break_glass"]) == ("me", "all down", True)
    assert "me broke the glass to run greet unreviewed: all down" in (here.store / "told.txt").read_text()


def test_authors_work_on_what_lies_there(here: Reviewed) -> None:
    """Lint looks at the working tree, list and show at what would run."""
    here.clone.write({"runbooks/greet.yaml": BOOK.replace("title:", "titel:")})
    heard = here.heard()
    assert lint.lint(heard, lint.Options(output="json")) == Exit.INVALID
    heard = here.heard()
    assert listed(heard, ListOptions("json")) == Exit.OK
    assert [row["path"] for row in heard.json["runbooks"]] == ["origin/main:runbooks/greet.yaml"]
    heard = here.heard()
    show(heard, ShowOptions("greet", "json"))
    assert heard.json["runbook"]["title"] == "Greet"


def test_of_several_libraries_the_first_that_has_a_name_gives_it(here: Reviewed) -> None:
    """And the other place is named."""
    config = (here.clone.folder / "runbook.yaml").read_text()
    (here.clone.folder / "runbook.yaml").write_text(
        config.replace("path: runbooks}\n", "path: runbooks}\n  - drafts\n")
    )
    here.clone.write({"drafts/greet.yaml": BOOK, "drafts/new.yaml": BOOK.replace("name: greet", "name: new")})
    ran = here.run()
    assert here.first(ran)["documents"]["runbook"]["path"] == "origin/main:runbooks/greet.yaml"
    assert "greet stands in origin/main:runbooks/greet.yaml and in" in ran.err.getvalue()
    here.policy("refuse")
    with pytest.raises(Refused):
        here.run("new")


def test_a_policy_that_is_not_in_the_commit_is_said(here: Reviewed) -> None:
    """The one in the working tree does not count."""
    here.merged({"policy.yaml": None})
    here.clone.write({"policy.yaml": FILES["policy.yaml"]})
    with pytest.raises(UsageError, match=r"policy\.yaml is not in origin/main"):
        here.run()


def test_a_runbook_that_uses_no_files_lays_none_out(here: Reviewed) -> None:
    """A large repository costs nothing where a runbook only speaks to servers."""
    probe = "{id: say, uses: tcp.connect, with: {host: 127.0.0.1, port: 1}}"
    book = f"apiVersion: runbook/v1\nkind: Runbook\nname: look\ntitle: Look\ntriage:\n  - {probe}\n"
    here.merged({"runbooks/look.yaml": book})
    ran = here.run("look")
    assert "files" not in here.first(ran)["documents"]["reviewed"][0]
    assert not list(here.store.glob("journal.db.d/reviewed-*"))


@pytest.mark.parametrize(
    ("kind", "said"), [("link", "is a link out of the project"), ("lfs", "is a pointer to Git LFS")]
)
def test_a_step_that_names_what_the_commit_has_not_got_is_said(here: Reviewed, kind: str, said: str) -> None:
    """Before anything is started."""
    script = here.origin.folder / "scripts" / "say.sh"
    if kind == "link":
        script.unlink()
        script.symlink_to("/bin/true")
        here.origin.commit({})
        here.clone.git("fetch", "-q")
    else:
        here.merged({"scripts/say.sh": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"})
    with pytest.raises(UsageError, match=f"step say uses scripts/say.sh, which {said}"):
        here.run()


@pytest.mark.fault(28)
def test_an_unknown_ref_is_said(here: Reviewed) -> None:
    """With what to do about it."""
    config = (here.clone.folder / "runbook.yaml").read_text()
    (here.clone.folder / "runbook.yaml").write_text(config.replace("origin/main", "origin/reviewed"))
    with pytest.raises(UsageError, match="no commit origin/reviewed") as caught:
        here.run()
    assert "git fetch" in str(caught.value.hint)


def test_a_rehearsal_is_of_the_working_tree(here: Reviewed) -> None:
    """An author tries out what is not merged yet."""
    scenario = (
        "apiVersion: runbook/v1\nkind: Scenario\nrunbook: greet\nscenarios:\n  - name: it works\n"
        '    given: {verification/heard: {output: {stdout: "reviewed\\n", exit_code: 0}}}\n'
        "    approvals: {greet: {granted_by: [me]}}\n    expect: {outcome: resolved}\n"
    )
    here.clone.write({**CHANGED, "runbooks/greet.scenarios.yaml": scenario})
    heard = here.heard()
    run_command.run(heard, run_command.Options("greet", rehearse="it works", output="json"))
    assert heard.json["runbook"] == "greet"


def test_the_doctor_looks_at_the_files_of_the_commit(here: Reviewed) -> None:
    """And says how old what it knows of that is."""
    here.clone.write({"scripts/say.sh": None})
    heard = here.heard()
    assert doctor.doctor(heard, doctor.Options("greet", output="json")) == Exit.OK
    told = {check["about"]: check["message"] for check in heard.json["checks"]}
    assert told["library"].startswith("origin/main as fetched just now, commit ")


def test_what_a_run_includes_and_goes_on_with_is_of_the_commit(here: Reviewed) -> None:
    """Steps that are included, a runbook that it hands over to, and the files of that one."""
    part = "apiVersion: runbook/v1\nkind: Steps\nname: look\nsteps:\n  - {id: see, uses: command.run, with: ARGV}\n"
    part = part.replace("ARGV", "{argv: [cat, words.txt], effect: read}")
    first = "apiVersion: runbook/v1\nkind: Runbook\nname: first\ntitle: First\ntriage: [{include: look, as: seen}]\n"
    first += "resolution: [{id: on, continue_with: {runbook: greet}}]\n"
    here.merged({"runbooks/look.yaml": part, "runbooks/first.yaml": first})
    here.clone.write({**CHANGED, "runbooks/look.yaml": "changed"})
    ran = here.run("first")
    assert (ran.json["runbook"], said(ran.json, "say")) == ("greet", "reviewed")
    before = here.heard().project.journal.read(f"run/{ran.json['continued_from']}")
    seen = next(record.data for record in before if record.type == "step.observed" and record.data["id"] == "seen_see")
    assert seen["output"]["stdout"] == "reviewed\n"
    assert ran.json["reviewed"][0]["ref"] == "origin/main"


def test_what_was_not_reviewed_stays_marked(here: Reviewed) -> None:
    """In the report and in the log, for whoever reads them later."""
    here.policy("break_glass")
    here.clone.write(CHANGED)
    path = str(here.clone.folder / "runbooks" / "greet.yaml")
    ran = here.run(path, break_glass=True, reason="all down", output="text")
    assert "me BROKE THE GLASS: all down" in " ".join(ran.out.getvalue().split())


def test_without_a_commit_nothing_was_reviewed(here: Reviewed) -> None:
    """A policy that refuses the rest then refuses every run, and says how to name one."""
    config = here.clone.folder / "runbook.yaml"
    config.write_text(config.read_text().replace("  - {git: ., ref: origin/main, path: runbooks}", "  - runbooks"))
    here.clone.write({"policy.yaml": FILES["policy.yaml"] + "unreviewed: refuse\n"})
    with pytest.raises(Refused, match="refuses") as caught:
        here.run()
    assert "library: [{git: ., ref: origin/main" in str(caught.value.hint)


def test_what_is_taken_back_is_taken_back_as_it_was_reviewed(here: Reviewed) -> None:
    """By the script that was merged when the run was started."""
    line = "argv: [scripts/say.sh, hello]"
    book = BOOK.replace(line, f"{line}, undo: {{argv: [scripts/say.sh, back]}}")
    here.merged({"runbooks/greet.yaml": book})
    run = here.run().json["run"]
    here.merged(CHANGED)
    heard = here.heard()
    assert undo.undo(heard, undo.Options(run, yes=True, output="json")) == Exit.OK
    records = heard.project.journal.read(f"run/{heard.json['run']}")
    [told] = [record.data for record in records if record.type == "change.resulted"]
    assert told["output"]["stdout"] == "reviewed back\n"


def test_glass_that_need_not_be_broken_is_said(here: Reviewed) -> None:
    """And leaves no mark."""
    ran = here.run(break_glass=True, reason="all down")
    assert "--break-glass changes nothing here" in ran.err.getvalue()
    assert ran.json["unreviewed"] is None


def test_a_project_may_stand_below_the_folder_that_is_read(here: Reviewed, tmp_path: Path) -> None:
    """Commands start in its folder, as they do in the working tree; its policy and templates are of the commit."""
    config = (here.clone.folder / "runbook.yaml").read_text().replace("git: ., ", "git: .., ")
    config = config.replace("path: runbooks", "path: ops/runbooks")
    files = {f"ops/{name}": text for name, text in FILES.items()}
    here.origin.write({**files, "ops/runbook.yaml": config})
    (here.origin.folder / "ops/scripts/say.sh").chmod(0o755)
    here.merged({"words.txt": "of the root\n"})
    here.clone.git("merge", "-q", "origin/main")
    here.clone.write({f"ops/{name}": text for name, text in CHANGED.items()} | {"ops/policy.yaml": "broken"})
    below = here._replace(clone=here.clone.__class__(here.clone.folder / "ops"))
    ran = below.run()
    assert (said(ran.json, "say"), said(ran.json, "heard")) == ("reviewed", "reviewed")
    assert (here.store / "told.txt").read_text().startswith("the reviewed template\n")
