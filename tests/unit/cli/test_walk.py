"""A Markdown runbook is walked through as a run like any other, with or without a terminal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from runbook.cli import answer, log, resume, walk, watch
from runbook.cli import exec as execs
from runbook.errors import Exit, Refused, UsageError
from support.sessions import Heard, session

TEXT = """\
# Fix it

What this is about.

## Look

```sh
df -h <mount>
```

## Do

1. First {{ thing }}
2. Second
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fix.md").write_text(TEXT)
    return tmp_path


def walks(folder: Path, **more: Any) -> tuple[Exit, Heard]:
    heard = session(folder)
    return walk.walk(heard, walk.Options(Path("fix.md"), output="json", **more)), heard


def said(folder: Path, run: str, step: str, value: str) -> Heard:
    """Answer a step, and go on."""
    answer.answer(session(folder), answer.Options(run, step, value, "because"))
    heard = session(folder)
    resume.resume(heard, resume.Options(run, output="json"))
    return heard


def test_off_a_terminal_it_waits_at_each_step_and_answers_go_on(folder: Path) -> None:
    """Exit 6; what did not work stops nobody; at the end the person says whether it is over."""
    exit_, heard = walks(folder)
    run = heard.json["run"]
    assert (exit_, heard.json["waiting"][0]["text"]) == (Exit.WAITING, "```sh\ndf -h <mount>\n```")
    heard = said(folder, run, "look", "failed")
    assert heard.json["waiting"][0]["text"] == "First {{ thing }}"
    said(folder, run, "do_first_thing", "skipped")
    said(folder, run, "do_second", "done")
    heard = said(folder, run, "over", "done")
    steps = {step["id"]: (step["status"], step["output"].get("note")) for step in heard.json["steps"]}
    assert (heard.json["outcome"], steps) == (
        "resolved",
        {
            "look": ("failed", "because"),
            "do_first_thing": ("skipped", "because"),
            "do_second": ("succeeded", "because"),
            "over": ("succeeded", "because"),
        },
    )


def test_trouble_that_is_not_over_is_not_resolved(folder: Path) -> None:
    """However many steps were done."""
    run = walks(folder)[1].json["run"]
    for step in ("look", "do_first_thing", "do_second"):
        said(folder, run, step, "done")
    assert said(folder, run, "over", "failed").json["exit"] == {"code": 5, "name": "not_resolved"}


def test_the_file_as_it_was_is_in_the_record(folder: Path) -> None:
    """What is changed afterwards changes nothing; the record verifies."""
    run = walks(folder)[1].json["run"]
    (folder / "fix.md").write_text("# Another\n\nx\n")
    assert said(folder, run, "look", "done").json["waiting"][0]["text"] == "First {{ thing }}"
    heard = session(folder)
    log.show(heard, log.Options(run, output="json"))
    documents = heard.json["records"][0]["data"]["documents"]
    assert (documents["markdown"]["text"], documents["markdown"]["path"]) == (TEXT, "fix.md")
    assert log.verify(session(folder), log.Options()) == Exit.OK


def test_a_second_walk_of_the_same_file_is_refused(folder: Path) -> None:
    """And says how to go on with the first."""
    run = walks(folder)[1].json["run"]
    with pytest.raises(Refused) as caught:
        walks(folder)
    assert f"runbook resume {run}" in str(caught.value.hint)


def test_a_dry_run_says_which_steps_there_are_and_starts_nothing(folder: Path) -> None:
    """With what must be replaced; no store is made."""
    exit_, heard = walks(folder, dry_run=True)
    steps = heard.json["steps"]
    assert (exit_, [step["id"] for step in steps]) == (Exit.OK, ["look", "do_first_thing", "do_second"])
    assert steps[0]["blocks"] == [{"language": "sh", "text": "df -h <mount>", "placeholders": ["<mount>"]}]
    text = session(folder)
    walk.walk(text, walk.Options(Path("fix.md"), dry_run=True))
    for word in ("Fix it", "1 Look (1 block to run)", "to be replaced: <mount>", "3 Do: Second"):
        assert word in text.out.getvalue()
    assert not (folder / ".runbook").exists()


def test_secrets_in_the_file_are_masked(folder: Path) -> None:
    """In the record, and so in what is shown; the walk goes on after a resume as before."""
    (folder / "fix.md").write_text("## Log in\n\nType correct-horse-battery.\n\n## Then\n\nDo.\n")
    heard = session(folder)
    heard.project.journal.masker.add("correct-horse-battery")
    assert walk.walk(heard, walk.Options(Path("fix.md"), output="json")) == Exit.WAITING
    assert "horse" not in heard.out.getvalue() + heard.err.getvalue().replace("holds secrets", "")
    assert said(folder, heard.json["run"], "log_in", "done").json["waiting"][0]["text"] == "Do."


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("none.md", None, "there is no file"),
        ("empty.md", b"", "cannot be walked through: it is empty"),
        ("bytes.md", b"\xff\xfe", "is not UTF-8"),
        ("large.md", b"x" * (1024 * 1024 + 1), "larger than 1 MiB"),
        (".", None, "not a regular file"),
    ],
)
def test_what_cannot_be_walked_through_is_a_usage_error(folder: Path, name: str, data: bytes | None, why: str) -> None:
    """Which names the file."""
    if data is not None:
        (folder / name).write_bytes(data)
    with pytest.raises(UsageError, match=why):
        walk.walk(session(folder), walk.Options(Path(name)))


def test_five_hundred_steps_are_a_walk(folder: Path) -> None:
    """Long, and no longer than it must take."""
    (folder / "fix.md").write_text("1. Do this\n" * 500)
    run = walks(folder)[1].json["run"]
    assert said(folder, run, "do_this", "done").json["waiting"][0]["commands"][0].endswith("do_this_2 done")
    heard = session(folder)
    watch.watch(heard, watch.Options(run, output="json"))
    assert len(heard.json["steps"]) == 2


def test_a_walk_and_its_blocks_are_in_one_environment(folder: Path) -> None:
    """What is done by hand is done where its run is, whatever the default is by then."""
    (folder / "runbook.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///.runbook/journal.db\n"
        "environments: {eu: {default: true}, us: {}}\n"
    )
    _, heard = walks(folder, environment="us")
    done = session(folder)
    execs.exec_(done, execs.Options(heard.json["run"], ("true",), read=True, step="look", output="json"))
    assert [found.json["environment"] for found in (heard, done)] == ["us", "us"]


def test_a_file_whose_name_is_no_text_is_walked_through(folder: Path) -> None:
    """The record spells it, and the walk is one like any other."""
    name = os.fsdecode(b"caf\xe9.md")
    (folder / name).write_text("# Tea\n\nDrink it.\n")
    heard = session(folder)
    assert walk.walk(heard, walk.Options(Path(name))) == Exit.WAITING
    assert "caf\\xe9" in heard.err.getvalue()
